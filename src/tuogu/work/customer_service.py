"""Whom to call, what to bring along, why to go: from what a person holds and what was done.

In: a person, a day. Out: the call list (S1-24), the default service type (S4-25), suggested reasons (S4-21). Never: a
minor on a call list; a suggestion without its figure.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import polars as pl
from django.db.models import Max, Min

from tuogu.books import queries as books
from tuogu.core import calling, visit_reasons
from tuogu.core.tables import conform
from tuogu.ledger import queries as ledger
from tuogu.rules import queries as rules
from tuogu.work.evidence import counting
from tuogu.work.kinds import Kind, Outcome
from tuogu.work.models import RecordPolicy


def call_list(person: int, on: date) -> pl.DataFrame:
    """core.calling.CALL_LIST of what the person holds, the earliest due first."""
    return calling.call_list(_callable(person), on, rules.applicable(on))


def nobody_to_call(person: int, on: date) -> pl.DataFrame:
    """policy_number, reason of the policies that the call list leaves out."""
    return calling.nobody_to_call(_callable(person), on, rules.applicable(on))


def _callable(person: int) -> pl.DataFrame:
    cases = held_cases(person)
    people = books.care_people({*cases["customer_number"], *cases["insured_number"].drop_nulls()})
    known = people.select("customer_number", "birth_date", "reachable")
    holder = known.rename(
        {"customer_number": "holder_number", "birth_date": "holder_birth", "reachable": "holder_reachable"}
    )
    insured = known.rename(
        {"customer_number": "insured_number", "birth_date": "insured_birth", "reachable": "insured_reachable"}
    )
    frame = (
        cases.select(
            "policy_number",
            "insured_number",
            due_date="next_due_date",
            transfer=pl.when("orphan").then(pl.lit("orphan")).otherwise(pl.lit("stripped")),
            holder_number="customer_number",
        )
        .join(holder, on="holder_number", how="left")
        .join(insured, on="insured_number", how="left")
    )
    return conform(frame.select(*calling.CALLABLE), calling.CALLABLE)


def default_service(person: int, on: date, customers: Iterable[str] | None = None) -> pl.DataFrame:
    """policy_number, service_type: due before birthday (S4-25); null = a person chooses from core.visit_reasons.CHOICES."""
    return visit_reasons.default_type(_served(person, customers), on, rules.applicable(on))


def suggestions(person: int, on: date, customers: Iterable[str] | None = None) -> pl.DataFrame:
    """core.visit_reasons.SUGGESTED of what the person holds (of these customers), the most pressing first."""
    return visit_reasons.suggested(_served(person, customers), on, rules.applicable(on))


def held_cases(person: int) -> pl.DataFrame:
    """CARE of everything that the person holds."""
    subjects = [row["subject_id"] for row in ledger.held_by([person])]
    return books.care_cases(subjects=subjects)


def _served(person: int, customers: Iterable[str] | None) -> pl.DataFrame:
    if customers is None:
        cases = held_cases(person)
    else:
        cases = books.care_cases(holders=customers).filter(pl.col("custodian_id") == person)
    people = books.care_people(cases["customer_number"]).select("customer_number", "info_accurate")
    contacts = _contacts(cases["customer_number"].unique().to_list())
    checks = _checks(cases["subject_id"].to_list())
    frame = (
        cases.join(people, on="customer_number", how="left")
        .join(contacts, on="customer_number", how="left")
        .join(checks, on="subject_id", how="left")
        .with_columns(open_claims=pl.lit(0, pl.Int64), news_date=pl.lit(None, pl.Date))
    )
    return conform(frame.select(*visit_reasons.SERVED), visit_reasons.SERVED)


def _contacts(customers: list[str]) -> pl.DataFrame:
    reached = counting().filter(customer_number__in=customers, outcome__in=[Outcome.MET, Outcome.REACHED])
    last = dict(reached.order_by().values_list("customer_number").annotate(last=Max("happened_date")))
    visits = reached.filter(kind=Kind.VISIT, outcome=Outcome.MET).order_by()
    first = dict(visits.values_list("customer_number").annotate(first=Min("happened_date")))
    return pl.DataFrame(
        [(number, first.get(number), day) for number, day in last.items()],
        schema={"customer_number": pl.String, "first_visit_date": pl.Date, "last_contact_date": pl.Date},
        orient="row",
    )


def _checks(subjects: list[int]) -> pl.DataFrame:
    rows = RecordPolicy.objects.filter(
        subject_id__in=subjects, checked=True, record__corrected_by__isnull=True
    )
    found = rows.order_by().values_list("subject_id").annotate(last=Max("record__happened_date"))
    return pl.DataFrame(list(found), schema={"subject_id": pl.Int64, "check_up_date": pl.Date}, orient="row")
