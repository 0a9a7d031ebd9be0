"""How fast facts are filed and read, and how fast the holdings of a plan are read, on the database of TUOGU_DATABASE_URL.

    python -m benchmarks.facts [FACTS] [HELD]                                 SQLite in a temporary directory
    python tests/run_on_postgres.py python -m benchmarks.facts [FACTS] [HELD]  PostgreSQL of its own (fsync off)

In: how many facts, how many policies. Out: seconds and rows a second of each act; the rival of filing is the row-by-row
writing of a hundredth of the facts in the same run.
"""

from __future__ import annotations

import os
import sys
from datetime import date

import django
import polars as pl

from benchmarks.ledger import _database, _timed

FACTS_FILED, POLICIES_HELD = 100_000, 100_000
PEOPLE, RIVAL_SHARE = 1_000, 100


def measure(facts: int = FACTS_FILED, held: int = POLICIES_HELD) -> None:
    """File, correct, file again, read; then open and release policies and read who holds them."""
    from ledger_world import asked, later, make_world, moment, open_policies
    from tuogu.core.tables import FACTS
    from tuogu.ledger import actions
    from tuogu.org.scope import Scope
    from tuogu.plans import queries
    from tuogu.plans.actions import file_facts
    from tuogu.plans.models import EligibilityFact

    with _database() as vendor:
        print(f"facts on {vendor}")
        world, day = make_world(PEOPLE), date(2026, 11, 22)
        sign = {"by": world.clerk, "at": moment(day)}
        rows = [
            (f"T{i % PEOPLE + 2:05}", date(2018 + i // PEOPLE // 12, i // PEOPLE % 12 + 1, 1), "attendance",
             i % 10_001, None, "考勤记录", None)
            for i in range(facts)
        ]  # fmt: skip
        frame = pl.DataFrame(rows, schema=FACTS, orient="row")
        _timed("file", facts, lambda: file_facts(frame, **sign))
        _timed("file the same again", facts, lambda: file_facts(frame, **sign))
        _timed("correct all", facts, lambda: file_facts(frame.with_columns(pl.col("value") + 1), **sign))
        _timed("facts_of", facts, lambda: queries.facts_of(Scope.everything()))
        few = EligibilityFact.objects.filter(number=1)[: facts // RIVAL_SHARE]
        copies = [(f.custodian_id, f.month, f.value) for f in few]

        def one_by_one() -> None:
            for custodian, month, value in copies:
                EligibilityFact.objects.create(
                    custodian_id=custodian, month=month, key="log_pass_rate", number=1, value=value,
                    source_ref="x", filed_by_id=world.clerk, filed_at=moment(day),
                )  # fmt: skip

        _timed("rival: row by row", len(copies), one_by_one)
        subjects = open_policies(world, held, None)
        spring = later(date(2026, 1, 1), 60)
        holders = [world.people[i % len(world.people)] for i in range(held)]
        actions.post_batch(asked(subjects, holders), key="b", effective_date=spring, **world.signed(spring))
        _timed("held_frame", held, queries.held_frame)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tuogu.settings")
    django.setup()
    measure(*(int(word) for word in sys.argv[1:]))
