"""Many processes claim at the same instant through the room of pools: `python tests/pool_race.py WORKERS ARGUMENTS-AS-JSON`.

In: TUOGU_DATABASE_URL of a database with pieces in a pool. Out: JSON, a line with what each process did. Django is set up
once and forked; the children start together when a pipe closes. Never: a connection shared by two.
"""

from __future__ import annotations

import json
import random
import sys
from datetime import datetime
from typing import Any

from databases import Database
from forked import raced, start_together


def race(database: Database, workers: int, **arguments: Any) -> list[dict[str, Any]]:
    """Claim `numbers` for `people` (in turn) at once; returns what each process reports."""
    return raced(__file__, database, str(workers), **arguments)


def claim(worker: int, numbers: list[str], people: list[int], at: str) -> dict[str, Any]:
    """Claim every number, one by one, in an order of one's own."""
    from tuogu.pools import actions

    person = people[worker % len(people)]
    done = [
        one
        for number in random.Random(worker).sample(numbers, len(numbers))
        for one in actions.claim([number], by=person, at=datetime.fromisoformat(at))
    ]
    return {
        "person": person, "won": [one.number for one in done if one.done],
        "why": [one.why for one in done if not one.done],
    }  # fmt: skip


if __name__ == "__main__":
    start_together(claim, int(sys.argv[1]), json.loads(sys.argv[2]), loaded="tuogu.pools.actions")
