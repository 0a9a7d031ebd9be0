"""Many people claim the same motor policies at the same instant: `python tests/motor_race.py WORKERS ARGUMENTS-AS-JSON`.

In: TUOGU_DATABASE_URL of a database with listed cases in a pool. Out: JSON, a line with what each process won. Never: a
connection shared by two.
"""

from __future__ import annotations

import json
import sys
from datetime import datetime
from typing import Any

from databases import Database
from forked import raced, start_together


def race(database: Database, workers: int, **arguments: Any) -> list[dict[str, Any]]:
    """Claim at once; returns what each process reports."""
    return raced(__file__, database, str(workers), **arguments)


def act(worker: int, job: str = "claim", **arguments: Any) -> dict[str, Any]:
    """What is raced for: the open round, or the second allocation."""
    return claim(worker, **arguments) if job == "claim" else second(worker, **arguments)


def second(worker: int, people: list[int], subject: int, at: str) -> dict[str, Any]:
    """Each process names one person for the case that its leader has given up."""
    from tuogu.renewals import actions

    person = people[worker]
    try:
        actions.claim_second(subject, person, by=person, at=datetime.fromisoformat(at))
    except (actions.RenewalRefused, actions.RenewalUnknown) as why:
        return {"person": person, "won": False, "why": type(why).__name__}
    return {"person": person, "won": True, "why": ""}


def claim(worker: int, people: list[int], numbers: list[str], at: str) -> dict[str, Any]:
    """Each process is one person and asks for all of them; the last one is the branch's leader who names somebody."""
    from tuogu.org.scope import Scope
    from tuogu.renewals import actions
    from tuogu.renewals.models import MotorPolicy

    now, person = datetime.fromisoformat(at), people[worker % len(people)]
    if worker < len(people):
        done = actions.claim(numbers, by=person, at=now)
        return {
            "person": person,
            "won": [one.number for one in done if one.done],
            "why": [one.why for one in done if one.why],
        }
    won = []
    for subject, number in (
        MotorPolicy.objects.filter(number__in=numbers).order_by("-pk").values_list("pk", "number")
    ):
        try:
            actions.confirm(subject, person, scope=Scope.everything(), by=person, at=now)
            won.append(number)
        except actions.RenewalRefused:
            continue
    return {"person": person, "won": won, "why": []}


if __name__ == "__main__":
    start_together(act, int(sys.argv[1]), json.loads(sys.argv[2]), loaded="tuogu.renewals.actions")
