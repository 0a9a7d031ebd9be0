"""Terms of contracts, and who is whose customer, for rooms that act on many at once.

In: subjects as a subquery, or a scope. Out: frames of whole columns. Never: personal data, a subject at a time.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

import polars as pl
from django.db.models import Count, Func, Q, QuerySet, TextField

from tuogu.books.listing import NEVER_DUE
from tuogu.books.models import Customer, ImportRun, ListedPolicy, Policy, Rider
from tuogu.books.visible import rows, visible
from tuogu.ledger import queries as ledger
from tuogu.ledger.kinds import Relation
from tuogu.org import queries as org
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
_YEAR_DAYS = 365  # a look-back of at least a year, not a rule
_YEAR = timedelta(days=_YEAR_DAYS)
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


def stock_mark(scope: Scope) -> str:
    """What a figure about the stock within scope is kept under: changes with the scope, the ledger and the newest import."""
    newest = ImportRun.objects.order_by("-id").values_list("id", flat=True).first() or 0
    return f"{ledger.version()}:{newest}:{visible(scope).digest}"


def held_pieces(scope: Scope) -> list[tuple[int, int, int]]:
    """Custodians within scope, how many of the listed policies that each holds have an instalment to come, and how many have
    none; counted by the database."""
    held = ListedPolicy.objects.filter(
        subject__holdings__relation=Relation.CUSTODY, subject__holdings__custodian__isnull=False
    )
    people = org.custodians_within(scope)
    held = held if people is None else held.filter(subject__holdings__custodian__in=people)
    counted = held.order_by().values_list("subject__holdings__custodian_id")
    never = Count("pk", filter=Q(next_due_date=NEVER_DUE))
    return [(person, every - none, none) for person, every, none in counted.annotate(Count("pk"), none=never)]


def subjects_of_holder(number: str) -> list[int]:
    """Subject ids of the listed policies of this policyholder, live or not."""
    return list(ListedPolicy.objects.filter(holder_number=number).values_list("subject_id", flat=True))


def subjects_with_birthday(scope: Scope, first: date, last: date) -> list[int]:
    """Live listed policies within scope whose holder was born on a day of the year from `first` to `last`; with the 28th
    also the 29th of February, which other years keep on it.

    Cost: one scan of the months and days of all customers; their policies by index.
    """
    found = rows(scope).filter(live=True)
    if last - first < _YEAR:
        begin, end = f"{first:%m-%d}", f"{last:%m-%d}"
        end = "02-29" if end == "02-28" else end
        after, until = Q(of_year__gte=begin), Q(of_year__lte=end)
        born = Customer.objects.annotate(of_year=_MonthDay("birth_date"))
        born = born.filter(after & until if begin <= end else after | until)
        found = found.filter(holder_number__in=born.values("number"))
    return list(found.values_list("subject_id", flat=True))


class _MonthDay(Func):
    """'MM-DD' of a day, made by the database itself."""

    output_field = TextField()

    def as_sqlite(self, compiler: Any, connection: Any, **more: Any) -> Any:
        return self.as_sql(compiler, connection, template="substr(%(expressions)s, 6, 5)", **more)

    def as_postgresql(self, compiler: Any, connection: Any, **more: Any) -> Any:
        return self.as_sql(compiler, connection, template="to_char(%(expressions)s, 'MM-DD')", **more)


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
