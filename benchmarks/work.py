"""How long the tasks of a whole branch take: the first roll, the next day, what supervisors ask, against a bare read.

    python -m benchmarks.work [POLICIES]                                      SQLite in a temporary folder; 100000
    python tests/run_on_postgres.py python -m benchmarks.work 100000          PostgreSQL of its own (fsync off)

In: how many policies. Out: seconds, tasks, the ratio to the bare read. The demo branch is made by the product's own flow and
grown as in benchmarks.pages.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

POLICIES = 100_000


def timed(act: Callable[[], Any]) -> tuple[float, Any]:
    """Seconds, and what came of it."""
    begin = time.perf_counter()
    done = act()
    return time.perf_counter() - begin, done


def main(policies: int) -> None:
    """Grow a branch and roll it."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tuogu.settings")
    django.setup()
    from benchmarks.pages import grow
    from branches import make_branch
    from databases import connected, copied

    with tempfile.TemporaryDirectory(prefix="tuogu-work-") as folder, copied(Path(folder)) as database:
        make_branch(Path(folder), url=database.url)
        with connected(database):
            stored = grow(policies)
            print(f"{database.vendor}: {stored:,} policies")
            _measure()


def _measure() -> None:
    from tuogu import clock
    from tuogu.books import queries as books
    from tuogu.core.custody import business_date
    from tuogu.org import queries as org
    from tuogu.org.scope import Scope
    from tuogu.work import actions, queries
    from tuogu.work.ending import open_tasks

    by, at = org.machine(), clock.now()
    read, cases = timed(books.care_cases)
    first, made = timed(lambda: actions.roll(by=by, at=at))
    again, none = timed(lambda: actions.roll(by=by, at=at))
    nextly, more = timed(lambda: actions.roll(by=by, at=at + timedelta(days=1)))
    late, steps = timed(lambda: actions.tick(by=by, at=at + timedelta(days=20)))
    tasks, found = timed(open_tasks)
    everything, day = Scope.everything(), business_date(at + timedelta(days=20))
    cold, _ = timed(lambda: queries.coverage(everything, day))
    kept, (_shares, gaps) = timed(lambda: queries.coverage(everything, day))
    counts, counted = timed(lambda: queries.late(everything, day))
    page, _ = timed(lambda: queries.late_rows(everything, day))
    born, birthdays = timed(lambda: queries.birthdays(everything, day, day + timedelta(days=14)))
    held, _ = timed(lambda: queries.pieces(everything, day))
    print(f"bare read of the cases       {read:7.2f} s   {cases.height:,} rows")
    print(f"first roll                   {first:7.2f} s   {made:,} made   {first / read:.1f} reads")
    print(f"the same day again           {again:7.2f} s   {none:,}   {again / read:.1f} reads")
    print(f"the next day                 {nextly:7.2f} s   {more:,}   {nextly / read:.1f} reads")
    print(f"escalation of what is late   {late:7.2f} s   {steps:,}")
    print(f"bare read of the open tasks  {tasks:7.2f} s   {found.height:,} rows")
    print(
        f"coverage of everybody        {cold:7.2f} s   {gaps.height:,} gaps   {cold / read:.1f} reads; kept {kept:.3f} s"
    )
    print(
        f"what is late, counted        {counts:7.2f} s   {counted['count'].sum():,} late; the first page {page:.3f} s"
    )
    print(f"birthdays of 15 days         {born:7.2f} s   {birthdays.height:,}")
    print(f"assessed and service pieces  {held:7.2f} s")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else POLICIES)
