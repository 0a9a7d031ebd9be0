"""Many processes on one ledger at the same instant: `python tests/ledger_race.py JOB WORKERS
ARGUMENTS-AS-JSON`.

In: TUOGU_DATABASE_URL of a database with open subjects. Out: JSON, a list with what each process did. The
launcher sets Django up once and forks; the children start together when it closes a pipe. Never: a
connection shared by two.
"""

from __future__ import annotations

import json
import random
import sys
import time
from datetime import UTC, datetime
from typing import Any

from databases import Database
from forked import raced, start_together

NOON = datetime(2026, 3, 1, 4, tzinfo=UTC)
RULE = "race"


def race(database: Database, job: str, workers: int, **arguments: Any) -> list[dict[str, Any]]:
    """Run a job of JOBS in `workers` processes at once; returns what each of them reports."""
    return raced(__file__, database, job, str(workers), **arguments)


def claim(worker: int, subjects: list[int], people: list[int], cap: int | None = None) -> dict[str, Any]:
    """Claim every subject, in an order of one's own, for one's own person."""
    from tuogu.ledger import actions

    person, won, lost = people[worker % len(people)], [], []
    for subject in random.Random(worker).sample(subjects, len(subjects)):
        result = actions.claim(subject, person, cap=cap, by=person, recorded_at=NOON, rule=RULE)
        if result.done:
            won.append(subject)
        else:
            lost.append([subject, result.reason, result.custodian_id])
    return {"person": person, "won": won, "lost": lost}


def careless(worker: int, subjects: list[int], people: list[int]) -> dict[str, Any]:
    """Claim as somebody would who knows nothing of locks: look, think, write. Only the database can stop it.

    All processes look at the same policy at the same instant of the clock, so that they do collide.
    """
    from django.db import IntegrityError, connection

    person, won, lost = people[worker % len(people)], [], []
    columns = "relation, effective_date, recorded_at, recorded_date, by_id, rule, reason_code"
    connection.ensure_connection()
    started = time.time() // 1 + 2  # the same whole second for everybody
    for turn, subject in enumerate(subjects):
        time.sleep(max(0.0, started + turn * 0.02 - time.time()))
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT MAX(seq) FROM ledger_entry WHERE subject_id = %s AND relation = 'custody'", [subject]
            )
            (last,) = cursor.fetchone()
            if last > 1:
                lost.append(subject)
                continue
            time.sleep(0.003)
            try:
                cursor.execute(
                    f"INSERT INTO ledger_entry (subject_id, seq, custodian_id, kind, {columns})"
                    f" SELECT subject_id, 2, %s, 'claim', {columns} FROM ledger_entry"
                    " WHERE subject_id = %s AND relation = 'custody' AND seq = 1",
                    [person, subject],
                )
                won.append(subject)
            except IntegrityError:
                lost.append(subject)
    return {"person": person, "won": won, "lost": lost}


def post(worker: int, subjects: list[int], to: int, clerk: int, manager: int) -> dict[str, Any]:
    """Post one and the same release, as several people pressing the same button."""
    import polars as pl

    from tuogu.ledger import actions, queries
    from tuogu.org.scope import Scope

    held = queries.holdings(Scope.everything()).filter(pl.col("subject_id").is_in(subjects))
    rows = held.select("subject_id", pl.lit(to).alias("custodian_id"), pl.col("head").alias("expected_head"))
    signed = {"by": clerk, "approved_by": manager, "recorded_at": NOON, "rule": RULE, "reason_code": "plan"}
    result = actions.post_batch(rows, key="one button", effective_date=NOON.date(), **signed)
    return {"batch": result.batch_id, "already": result.already, "posted": result.posted, "worker": worker}


def storm(
    worker: int, subjects: list[int], people: list[int], clerk: int, manager: int, rounds: int
) -> dict[str, Any]:
    """Everything at once: claims, returns, releases, a leave, seals."""
    import polars as pl

    from tuogu.ledger import actions, queries
    from tuogu.org.scope import Scope

    chance, counts = random.Random(worker), dict.fromkeys(("claim", "return", "release", "seal"), 0)
    alone = {"by": clerk, "recorded_at": NOON, "rule": RULE}
    for turn in range(rounds):
        subject, person = chance.choice(subjects), chance.choice(people)
        act = chance.choice(["claim"] * 6 + ["return"] * 3 + ["release", "seal"])
        if act == "claim":
            counts[act] += actions.claim(subject, person, **alone).done
        elif act == "return":
            counts[act] += actions.return_to_pool(subject, reason_code="storm", **alone).done
        elif act == "seal":
            counts[act] += actions.seal_pending(by=clerk, recorded_at=NOON).entries
        else:
            held = queries.holdings(Scope.everything()).sample(10, seed=chance.randrange(1 << 30))
            rows = held.select(
                "subject_id", pl.lit(person).alias("custodian_id"), pl.col("head").alias("expected_head")
            )
            signed = {**alone, "approved_by": manager, "reason_code": "plan"}
            key = f"{worker}/{turn}"
            counts[act] += actions.post_batch(rows, key=key, effective_date=NOON.date(), **signed).posted
        if worker == 0 and turn == rounds // 2:
            actions.leave(people[0], leave_date=NOON.date(), **alone)
    return counts


JOBS = {"claim": claim, "careless": careless, "post": post, "storm": storm}


if __name__ == "__main__":
    start_together(
        JOBS[sys.argv[1]], int(sys.argv[2]), json.loads(sys.argv[3]), loaded="tuogu.ledger.actions"
    )
