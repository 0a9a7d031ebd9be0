"""Many processes claim at the same instant through the room of pools: `python tests/pool_race.py WORKERS ARGUMENTS-AS-JSON`.

In: TUOGU_DATABASE_URL of a database with pieces in a pool. Out: JSON, a line with what each process did. Django is set up
once and forked; the children start together when a pipe closes. Never: a connection shared by two.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

from databases import Database


def race(database: Database, workers: int, **arguments: Any) -> list[dict[str, Any]]:
    """Claim `numbers` for `people` (in turn) at once; returns what each process reports."""
    command = [sys.executable, __file__, str(workers), json.dumps(arguments)]
    done = subprocess.run(
        command, env=database.environment, check=True, capture_output=True, text=True, timeout=240
    )
    return [json.loads(line) for line in done.stdout.splitlines()]


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


def main(workers: int, arguments: dict[str, Any]) -> None:
    """Fork, start together, collect one line of JSON from each child."""
    import django

    django.setup()
    from tuogu.pools import actions  # noqa: F401 - loaded once, before the children part

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
                pipe.write(json.dumps(claim(worker, **arguments)) + "\n")
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
    sys.path.insert(0, str(Path(__file__).parent))
    main(int(sys.argv[1]), json.loads(sys.argv[2]))
