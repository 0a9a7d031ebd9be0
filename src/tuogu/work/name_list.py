"""The name list of the standardised service: what to do for each customer, what came of it (S4-24, S4-25).

In: a person, a day. Out: one row a customer, whoever falls due first at the top. Never: a customer of somebody else,
a fourth result, a birthday before what falls due.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

import polars as pl
from django.db.models import Count, Max, Q

from tuogu.rules import queries as rules
from tuogu.work.customer_service import default_service, held_cases
from tuogu.work.evidence import counting
from tuogu.work.kinds import Outcome

CHOOSE, DONE, NOT_DONE = "choose", "done", "not_done"  # S4-24: exactly these
_SUCCEEDED = (Outcome.MET, Outcome.REACHED, Outcome.SENT)
_MONTHS = 3
_BATCH = 10_000  # numbers of one query: below the parameter limits of both databases


@dataclass(frozen=True)
class NameRow:
    """One customer. `service`: due | birthday | choose; `result`: of this quarter; `records`: ever."""

    customer_number: str
    next_due_date: date | None
    service: str
    result: str
    records: int
    last_date: date | None


def name_list(person: int, on: date) -> list[NameRow]:
    """Everybody of whom the person holds a policy, by due day; without one last."""
    cases = held_cases(person)
    order = rules.applicable(on)["service.default_tasks"]
    rank = pl.col("service_type").replace_strict(
        {name: place for place, name in enumerate(order)}, default=None, return_dtype=pl.Int64
    )
    each = cases.join(default_service(person, on), on="policy_number", how="left").with_columns(rank=rank)
    found = (
        each.group_by("customer_number")
        .agg(
            next_due_date=pl.col("next_due_date").min(),
            service=pl.col("service_type").sort_by("rank", nulls_last=True).first(),
        )
        .sort("next_due_date", "customer_number", nulls_last=True)
    )
    told = _told(found["customer_number"].to_list(), _quarter(on))
    return [
        NameRow(number, due, service or CHOOSE, *told.get(number, (CHOOSE, 0, None)))
        for number, due, service in found.iter_rows()
    ]


def _told(numbers: Iterable[str], since: date) -> dict[str, tuple[str, int, date | None]]:
    """Customer → result since a day, records ever, the newest day."""
    wanted = list(numbers)
    now = Q(happened_date__gte=since)
    found = {}
    for first in range(0, len(wanted), _BATCH):
        rows = counting().filter(customer_number__in=wanted[first : first + _BATCH]).order_by()
        counted = rows.values_list("customer_number").annotate(
            records=Count("pk"), last=Max("happened_date"), tried=Count("pk", filter=now),
            good=Count("pk", filter=now & Q(outcome__in=_SUCCEEDED)),
        )  # fmt: skip
        for number, records, last, tried, good in counted:
            found[number] = DONE if good else NOT_DONE if tried else CHOOSE, records, last
    return found


def _quarter(day: date) -> date:
    return day.replace(month=(day.month - 1) // _MONTHS * _MONTHS + 1, day=1)
