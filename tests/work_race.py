"""Many phones send at the same instant: `python tests/work_race.py WORKERS ARGUMENTS-AS-JSON`.

In: TUOGU_DATABASE_URL of a database with policies in custody. Out: JSON, a line with what each process did. Django is set
up once and forked; the children start together when a pipe closes. Never: a connection shared by two.
"""

from __future__ import annotations

import json
import sys
from datetime import datetime, timedelta
from typing import Any

from databases import Database
from forked import raced, start_together


def race(database: Database, workers: int, **arguments: Any) -> list[dict[str, Any]]:
    """File at once; returns what each process reports."""
    return raced(__file__, database, str(workers), **arguments)


def file(
    worker: int, person: int, other: int, rows: list[dict[str, str]], keys: int, at: str
) -> dict[str, Any]:
    """Worker 0 hands the policies over in the middle of it; the others file the same records, each many times."""
    from tuogu.work import actions

    now = datetime.fromisoformat(at)
    if worker == 0 and other:
        return _hand_over(rows, other, now)
    told: dict[str, int] = {"stored": 0, "again": 0, "moved": 0}
    for number in range(keys):
        row = rows[number % len(rows)]
        said = actions.Said(
            client_key=f"k{number}", customer=row["customer"], kind="call", outcome="reached", reason="explanation",
            happened_at=now - timedelta(minutes=5), offline=True,
        )  # fmt: skip
        try:
            filed = actions.record(said, by=person, at=now)
            told["again" if filed.again else "stored"] += 1
        except actions.Moved:
            told["moved"] += 1
    return told


def _hand_over(rows: list[dict[str, str]], to: int, now: datetime) -> dict[str, Any]:
    import polars as pl

    from tuogu.core.custody import business_date
    from tuogu.ledger import actions as ledger
    from tuogu.ledger import queries as custody
    from tuogu.org import queries as org

    heads = custody.heads_by_number([row["policy"] for row in rows], kind="policy")
    asked = pl.DataFrame(
        [(head.subject_id, to, head.entry_id) for head in heads.values()],
        schema={"subject_id": pl.Int64, "custodian_id": pl.Int64, "expected_head": pl.Int64}, orient="row",
    )  # fmt: skip
    done = ledger.post_batch(
        asked, kind="transfer", relation="custody", key="race", by=org.machine(), approved_by=to,
        effective_date=business_date(now), recorded_at=now, rule="test", reason_code="plan",
    )  # fmt: skip
    return {"posted": done.posted}


if __name__ == "__main__":
    start_together(file, int(sys.argv[1]), json.loads(sys.argv[2]), loaded="tuogu.work.actions")
