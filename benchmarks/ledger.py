"""How fast the custody ledger is: opening, releasing, verifying, undoing, on the database of
TUOGU_DATABASE_URL.

    python -m benchmarks.ledger [ROWS]                                    SQLite in a temporary directory
    python tests/run_on_postgres.py python -m benchmarks.ledger [ROWS]    PostgreSQL of its own (fsync off)

In: how many policies. Out: seconds and rows a second of each act, with the limit that the project promises.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import django
import polars as pl

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

ROWS = 500_000
PEOPLE = 400
RELEASE_LIMIT_SECONDS = 60.0
VERIFY_LIMIT_ROWS_PER_SECOND = 200_000


@contextmanager
def _database() -> Iterator[str]:
    from databases import connected, copied

    with (
        tempfile.TemporaryDirectory(prefix="tuogu-bench-") as directory,
        copied(Path(directory)) as database,
        connected(database),
    ):
        yield database.vendor


def _timed(label: str, rows: int, act: Callable[[], Any]) -> tuple[Any, float]:
    started = time.perf_counter()
    result = act()
    seconds = time.perf_counter() - started
    print(f"{label:<28}{rows:>12,} rows {seconds:>8.2f} s {rows / seconds:>12,.0f} rows/s", flush=True)
    return result, seconds


def measure(rows: int = ROWS) -> bool:
    """Run every act once over `rows` policies; True when both limits hold."""
    from ledger_world import later, make_world, moment, open_policies, policies
    from tuogu.ledger import actions, queries
    from tuogu.org.scope import Scope

    with _database() as vendor:
        print(f"ledger on {vendor}")
        world = make_world(PEOPLE)
        day = date(2026, 3, 1)
        frame = policies(rows, None)
        opening = {"by": world.clerk, "recorded_at": moment(day, 8), "rule": "benchmark"}
        _timed("open custody", rows, lambda: actions.open_custody(frame, **opening))
        _timed("open again (nothing new)", rows, lambda: actions.open_custody(frame, **opening))
        _timed("seal", rows, lambda: actions.seal_pending(by=world.clerk, recorded_at=moment(day, 9)))
        held, _ = _timed("read holdings", rows, lambda: queries.holdings(Scope.everything()))
        people = pl.Series("custodian_id", world.people).gather(held["subject_id"] % PEOPLE)
        asked = held.select("subject_id", people, pl.col("head").alias("expected_head"))
        act = {"effective_date": day, **world.signed(day, 10)}
        batch, release_seconds = _timed(
            "release", rows, lambda: actions.post_batch(asked, key="bench", **act)
        )
        _timed("release again (nothing new)", rows, lambda: actions.post_batch(asked, key="bench", **act))
        report, verify_seconds = _timed("verify", 2 * rows, queries.verify)
        print("problems:", list(report.problems))
        one = rows // PEOPLE
        left = {"leave_date": day, **world.alone(later(day, 1))}
        _timed("leave, one person's book", one, lambda: actions.leave(world.people[0], **left))
        _timed(
            "undo",
            rows - one,
            lambda: actions.undo_batch(batch.batch_id, key="u", **world.signed(later(day, 2))),
        )
        _timed("rebuild holdings", rows, actions.rebuild_holdings)
        open_policies(world, 1, None, first=rows)
    fast_enough = 2 * rows / verify_seconds >= VERIFY_LIMIT_ROWS_PER_SECOND
    print(f"release ≤ {RELEASE_LIMIT_SECONDS:.0f} s: {release_seconds <= RELEASE_LIMIT_SECONDS}")
    print(f"verify ≥ {VERIFY_LIMIT_ROWS_PER_SECOND:,} entries/s: {fast_enough}")
    return report.ok and fast_enough and release_seconds <= RELEASE_LIMIT_SECONDS


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tuogu.settings")
    django.setup()
    raise SystemExit(0 if measure(int(sys.argv[1]) if len(sys.argv) > 1 else ROWS) else 1)
