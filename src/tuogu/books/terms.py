"""Terms of contracts, and who is whose customer, for rooms that act on many at once.

In: subjects as a subquery, or a scope. Out: frames of whole columns. Never: personal data, a subject at a time.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import polars as pl
from django.db.models import Q, QuerySet

from tuogu.books.models import Policy, Rider
from tuogu.books.visible import rows, visible
from tuogu.org.scope import Scope

TERMS: dict[str, Any] = {
    "subject_id": pl.Int64, "number": pl.String, "holder_number": pl.String, "institution_code": pl.String,
    "product_name": pl.String, "product_type": pl.String, "state": pl.String, "inception_date": pl.Date,
    "end_date": pl.Date,
}  # fmt: skip
RIDER_TERMS: dict[str, Any] = {
    "main_policy_number": pl.String, "product_type": pl.String, "state": pl.String, "inception_date": pl.Date,
    "end_date": pl.Date,
}  # fmt: skip
_STOCK: dict[str, Any] = {"subject_id": pl.Int64, "number": pl.String, "holder_number": pl.String}


def contract_terms(
    *, subjects: QuerySet[Any] | None = None, agents: Iterable[str] = ()
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Main policies among `subjects`, or else sold by `agents` (columns TERMS), and their riders (columns RIDER_TERMS)."""
    wanted = Q(agent_number__in=sorted(set(agents))) if subjects is None else Q(subject_id__in=subjects)
    mains = Policy.objects.filter(wanted)
    riders = Rider.objects.filter(main_policy_number__in=mains.values("number")).order_by("number")
    return (
        _frame(mains.order_by("number").values_list(*TERMS), TERMS),
        _frame(riders.values_list(*RIDER_TERMS), RIDER_TERMS),
    )


def visible_subjects(scope: Scope) -> QuerySet[Any] | None:
    """Subject ids of the listed policies within scope, as a subquery; None = all of them (no filter needed)."""
    return None if visible(scope).everything else rows(scope).values("subject_id")


def contact_stock(scope: Scope) -> pl.DataFrame:
    """subject_id, number, holder_number of every live listed policy within scope; by number."""
    found = rows(scope).filter(live=True).order_by("number")
    return _frame(found.values_list(*_STOCK), _STOCK)


def _frame(found: Iterable[tuple[Any, ...]], schema: dict[str, Any]) -> pl.DataFrame:
    columns = list(zip(*found, strict=True)) or [()] * len(schema)
    return pl.DataFrame(
        [
            pl.Series(name, values, dtype=kind)
            for (name, kind), values in zip(schema.items(), columns, strict=True)
        ]
    )
