"""What was done, counted: services by type, why customers were not visited, whose birthday it is.

In: a scope, a period. Out: frames. Never: a customer counted twice for one reason; a corrected record.
"""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl
from django.db.models import QuerySet

from tuogu.books import queries as books
from tuogu.core import visit_reasons
from tuogu.org.scope import Scope
from tuogu.rules import queries as rules
from tuogu.work.evidence import counting
from tuogu.work.kinds import Kind, Outcome, Service
from tuogu.work.models import Record

SERVICES = {"service": pl.String, "title": pl.String, "records": pl.Int64, "customers": pl.Int64}
BIRTHDAYS = {"customer_number": pl.String, "day": pl.Date, "custodian_id": pl.Int64, "greeted": pl.Boolean}
_AHEAD = timedelta(days=7)  # a card goes out up to a week before
ATTENDED = {"customer_number": pl.String, "day": pl.Date, "by": pl.Int64, "record_id": pl.Int64}


def no_visit_report(scope: Scope, first: date, last: date) -> tuple[pl.DataFrame, bool]:
    """core.visit_reasons.REPORT by reason (S4-36), and whether more than usual cannot be visited."""
    rows = _within(scope, first, last).exclude(no_visit="")
    told = pl.DataFrame(
        list(rows.order_by("pk").values_list("customer_number", "no_visit", "happened_date")),
        schema=visit_reasons.NO_VISITS, orient="row",
    )  # fmt: skip
    customers = books.contact_stock(scope)["holder_number"].n_unique()
    return visit_reasons.no_visit_report(told, customers, rules.applicable(last))


def service_counts(scope: Scope, first: date, last: date) -> pl.DataFrame:
    """SERVICES in the order of kinds.Service (S1-26): how often each was done, for how many customers."""
    rows = _within(scope, first, last).values_list("customer_number", "services")
    done = [(customer, one) for customer, services in rows for one in services]
    return pl.DataFrame(
        [
            (
                str(one), str(Service(one).label), sum(code == one for _customer, code in done),
                len({customer for customer, code in done if code == one}),
            )
            for one in Service.values
        ],
        schema=SERVICES, orient="row",
    )  # fmt: skip


def birthdays(scope: Scope, first: date, last: date) -> pl.DataFrame:
    """BIRTHDAYS of policyholders within scope from `first` to `last`, by day; whether they were greeted for it (S1-27)."""
    subjects = books.subjects_with_birthday(scope, first, last)
    cases = books.care_cases(subjects=subjects).filter(pl.col("custodian_id").is_not_null())
    one = cases.sort("subject_id").unique("customer_number", keep="first")
    found = one.with_columns(day=visit_reasons.next_anniversary(pl.col("birth_date"), first))
    found = found.filter(pl.col("day") <= last).select("customer_number", "day", "custodian_id")
    greeted = set(
        _within(scope, first - _AHEAD, last)
        .filter(reason="greeting", outcome__in=[Outcome.MET, Outcome.REACHED, Outcome.SENT])
        .values_list("customer_number", flat=True)
    )
    told = found.with_columns(greeted=pl.col("customer_number").is_in(sorted(greeted)))
    return told.select(*BIRTHDAYS).sort("day", "customer_number")


def attended(scope: Scope, first: date, last: date) -> pl.DataFrame:
    """ATTENDED: which customers came to events of customer care, and who received them (S1-27)."""
    rows = (
        _within(scope, first, last).filter(kind=Kind.EVENT, outcome=Outcome.MET).order_by("happened_at", "pk")
    )
    fields = rows.values_list("customer_number", "happened_date", "by_id", "pk")
    return pl.DataFrame(list(fields), schema=ATTENDED, orient="row")


def _within(scope: Scope, first: date, last: date) -> QuerySet[Record]:
    rows = counting().filter(happened_date__gte=first, happened_date__lte=last)
    numbers = books.numbers_within(scope)
    return rows if numbers is None else rows.filter(customer_number__in=numbers)
