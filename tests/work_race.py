"""Many phones send at the same instant: `python tests/work_race.py WORKERS ARGUMENTS-AS-JSON`.

In: TUOGU_DATABASE_URL of a database with policies in custody. Out: JSON, a line with what each process did. Django is set
up once and forked; the children start together when a pipe closes. Never: a connection shared by two.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import datetime, timedelta
from typing import Any

from databases import Database


def race(database: Database, workers: int, **arguments: Any) -> list[dict[str, Any]]:
    """File at once; returns what each process reports."""
    command = [sys.executable, __file__, str(workers), json.dumps(arguments)]
    done = subprocess.run(
        command, env=database.environment, check=False, capture_output=True, text=True, timeout=240
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return [json.loads(line) for line in done.stdout.splitlines()]


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


def main(workers: int, arguments: dict[str, Any]) -> None:
    """Fork, start together, collect one line of JSON from each child."""
    import django

    django.setup()
    from tuogu.work import actions  # noqa: F401 - loaded once, before the children part

    gate_out, gate_in = os.pipe()
    children = []
    for worker in range(workers):
        answer_out, answer_in = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(gate_in)
            os.close(answer_out)
            os.read(gate_out, 1)  # returns when the launcher lets everybody go
            with os.fdopen(answer_in, "w") as pipe:
                pipe.write(json.dumps(file(worker, **arguments)) + "\n")
            os._exit(0)
        os.close(answer_in)
        children.append((child, answer_out))
    os.close(gate_out)
    os.close(gate_in)
    for child, answer in children:
        with os.fdopen(answer) as pipe:
            sys.stdout.write(pipe.read())
        _, status = os.waitpid(child, 0)
        if status:
            raise SystemExit(f"worker {child} ended with status {status}")


if __name__ == "__main__":
    main(int(sys.argv[1]), json.loads(sys.argv[2]))
