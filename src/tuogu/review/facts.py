"""The facts that penalties are computed from, and the penalties that they give (N-14): the same from the same rows for ever.

In: the rows of this room, the receipts of `cases`, a day. Out: InspectionFacts, PENALTIES. Never: a fact that nobody filed;
numbers of a rulebook that was not in force on the day of the fact.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl

from tuogu.cases import queries as cases
from tuogu.core import inspection
from tuogu.core.inspection.tables import (
    CHECKS,
    FOUND,
    PENALTIES,
    REVERSALS,
    InspectionFacts,
)
from tuogu.core.rulebook import Rulebook
from tuogu.core.tables import conform
from tuogu.org import queries as org
from tuogu.review.models import Check, OutsideFinding, Penalty, PenaltyStep
from tuogu.review.owed import falsified
from tuogu.rules import queries as rules


def facts() -> InspectionFacts:
    """Everything filed so far. Daily marks are left out: no penalty reads them."""
    numbers = dict(org.staff_ids().select("custodian_id", "staff_number").iter_rows())
    receipts = cases.receipts_for_inspection(date.min, date.max)  # S1-34: signed, answered and judged there
    return InspectionFacts(_checks(numbers), receipts, falsified(), reversals(), _found(numbers))


def computed(filed: InspectionFacts, on: date) -> pl.DataFrame:
    """PENALTIES of the facts as judged on a day, and `rulebook`: each by the book in force on the day of its fact."""
    parts = []
    for start, end, book in books(on):
        found = inspection.penalties(filed, book, on)
        within = (pl.col("fact_date") >= start) & (pl.col("fact_date") < end)
        parts.append(found.filter(within).with_columns(rulebook=pl.lit(book.version)))
    return pl.concat(parts).sort("fact_date", "penalty")


def books(on: date) -> list[tuple[date, date, Rulebook]]:
    """(from, until, book) of the rulebooks in force up to a day; before the first adoption the shipped one."""
    adopted = {row["effective_date"] for row in rules.versions() if row["name"] == rules.STANDARD}
    starts = [date.min, *sorted(day for day in adopted if day <= on)]
    return [
        (start, end, rules.applicable(start))
        for start, end in zip(starts, [*starts[1:], date.max], strict=True)
    ]


def filed() -> pl.DataFrame:
    """PENALTIES as they stand in the ledger, reversed ones included."""
    rows = Penalty.objects.order_by("pk").values_list(
        "key", "person_id", "req", "effect", "role", "points", "amount_fen", "from_date", "until_date", "source_kind",
        "source_ref", "fact_date", "detail",
    )  # fmt: skip
    numbers = dict(org.staff_ids().select("custodian_id", "staff_number").iter_rows())
    found = [(key, numbers.get(person), *rest) for key, person, *rest in rows]
    return conform(pl.DataFrame(found, schema=PENALTIES, orient="row"), PENALTIES)


def reversals() -> pl.DataFrame:
    """REVERSALS: every penalty that was reversed, and when."""
    rows = PenaltyStep.objects.filter(state="reversed").values_list("penalty__key", "step_date")
    return conform(pl.DataFrame(list(rows), schema=REVERSALS, orient="row"), REVERSALS).sort("penalty")


def _checks(numbers: dict[int, str]) -> pl.DataFrame:
    rows = Check.objects.exclude(level="supervisor").order_by("pk").values_list(
        "pk", "level", "person_id", "log_date", "checked_date", "by_id", "outcome", "marked_points", "marker_id",
        "found_points", "noted", "recheck_of_id",
    )  # fmt: skip
    found: list[tuple[Any, ...]] = [
        (
            str(pk), level, numbers.get(person), log_date, checked, numbers.get(by), outcome, marked,
            numbers.get(marker) if marker else None, points, noted, str(first) if first else None,
        )
        for pk, level, person, log_date, checked, by, outcome, marked, marker, points, noted, first in rows
    ]  # fmt: skip
    return conform(pl.DataFrame(found, schema=CHECKS, orient="row"), CHECKS)


def _found(numbers: dict[int, str]) -> pl.DataFrame:
    rows = OutsideFinding.objects.order_by("pk").values_list(
        "pk", "person_id", "kind", "found_date", "detail"
    )
    found = [(str(pk), numbers.get(person), *rest) for pk, person, *rest in rows]
    return conform(pl.DataFrame(found, schema=FOUND, orient="row"), FOUND)
