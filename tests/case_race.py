"""Several people step the same case at the same instant: `python tests/case_race.py WORKERS ARGUMENTS-AS-JSON`.

In: TUOGU_DATABASE_URL of a database with a case. Out: JSON, a line with what each process did or was told. Django is set up
once and forked; the children start together when a pipe closes. Never: a connection shared by two.
"""

from __future__ import annotations

import json
import sys
from datetime import datetime
from typing import Any

from databases import Database
from forked import raced, start_together


def race(database: Database, workers: int, **arguments: Any) -> list[dict[str, Any]]:
    """Take the steps at once; returns what each process reports."""
    return raced(__file__, database, str(workers), **arguments)


def step(worker: int, case: int, steps: list[dict[str, Any]], at: str) -> dict[str, Any]:
    """Take the step that is this worker's; who is too late hears why."""
    from tuogu.cases import actions

    mine = steps[worker % len(steps)]
    given = actions.Given(texts=mine.get("texts", {}))
    try:
        done = actions.take(case, mine["name"], given, by=mine["by"], at=datetime.fromisoformat(at))
    except actions.CaseRefused as refused:
        return {"refused": str(refused)}
    return {"state": done.state, "seq": done.seq}


if __name__ == "__main__":
    start_together(step, int(sys.argv[1]), json.loads(sys.argv[2]), loaded="tuogu.cases.actions")
