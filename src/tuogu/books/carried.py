"""Contracts as they are carried to the door: what one person holds, what a family has, who pays how much, orphans by place.

In: a custodian, a customer, a scope. Out: frames of contracts by number, whole columns at once. Never: a name, a phone or an
address (asked for by number elsewhere), a contract out of scope.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import polars as pl
from django.db.models import Q

from tuogu.books.models import Customer, ListedPolicy, Policy, Rider
from tuogu.books.visible import rows
from tuogu.bulk import in_parts
from tuogu.ledger.kinds import Relation
from tuogu.org.scope import Scope

CARRIED: dict[str, Any] = {
    "policy_number": pl.String, "main_policy_number": pl.String, "product_name": pl.String, "product_type": pl.String,
    "premium_mode": pl.String, "payments_per_year": pl.Int64, "premium_fen": pl.Int64, "sum_insured_fen": pl.Int64,
    "payment_term_years": pl.Int64, "inception_date": pl.Date, "end_date": pl.Date, "state": pl.String,
    "lapse_date": pl.Date, "holder_number": pl.String, "insured_number": pl.String, "subject_id": pl.Int64,
}  # fmt: skip
_HELD = {**CARRIED, "since_date": pl.Date, "came_by": pl.String}
_TERMS = tuple(name for name in CARRIED if name not in ("policy_number", "main_policy_number", "subject_id"))
_PAID = ("holder_number", "premium_mode", "payments_per_year", "premium_fen", "state")
_PLACED = {"policy_number": pl.String, "customer_number": pl.String, "community_code": pl.String}
_AT_ONCE = 5_000  # numbers of one query: below the parameters that a database takes


def carried_by(person: int) -> pl.DataFrame:
    """CARRIED and since_date, came_by of every main policy in this person's custody; by number."""
    mine = Policy.objects.filter(
        subject__holdings__relation=Relation.CUSTODY, subject__holdings__custodian_id=person
    )
    found = mine.order_by("number").values_list(
        "number", *_TERMS, "subject_id", "subject__holdings__since_date", "subject__holdings__entry__kind"
    )
    schema = {name: kind for name, kind in _HELD.items() if name != "main_policy_number"}
    frame = pl.DataFrame(list(found), schema=_ordered(schema), orient="row")
    return frame.with_columns(main_policy_number=pl.lit(None, pl.String)).select(*_HELD)


def family_of(scope: Scope, number: str) -> list[str]:
    """The customer, then everybody else who stands on a policy within scope with the customer, by number."""
    mine = Q(holder_number=number) | Q(insured_number=number)
    found = rows(scope).filter(mine).values_list("holder_number", "insured_number")
    kin = {who for pair in found for who in pair if who is not None} - {number}
    return [number, *sorted(kin)]


def carried_of(scope: Scope, numbers: Iterable[str]) -> pl.DataFrame:
    """CARRIED of the main policies within scope, and their riders, that insure one of these customers (or, where nobody is
    named as insured, are held by one); mains before their riders."""
    wanted = sorted(set(numbers))
    theirs = Q(insured_number__in=wanted) | Q(insured_number__isnull=True, holder_number__in=wanted)
    listed = rows(scope).filter(theirs).values("subject_id")
    mains = Policy.objects.filter(subject_id__in=listed).order_by("number")
    main_rows = [(n, None, *terms) for n, *terms in mains.values_list("number", *_TERMS, "subject_id")]
    riders = Rider.objects.filter(main_policy_number__in=[row[0] for row in main_rows]).order_by("number")
    rider_rows = [(*row, None) for row in riders.values_list("number", "main_policy_number", *_TERMS)]
    return pl.DataFrame([*main_rows, *rider_rows], schema=_ordered(CARRIED), orient="row").select(*CARRIED)


def premiums_of(scope: Scope) -> pl.DataFrame:
    """What `core.high_end` reads, of every policy and rider of the holders with a live policy within scope."""
    holders = rows(scope).filter(live=True).values("holder_number")
    found = [
        row
        for model in (Policy, Rider)
        for row in model.objects.filter(holder_number__in=holders).values_list(*_PAID)
    ]
    schema = {name: CARRIED[name] for name in _PAID}
    return pl.DataFrame(found, schema=schema, orient="row")


def orphans_at(scope: Scope) -> pl.DataFrame:
    """policy_number, customer_number (the holder), community_code of every live orphan policy within scope."""
    found = (
        rows(scope).filter(live=True, orphan=True).values_list("number", "holder_number", "community_code")
    )
    return pl.DataFrame(list(found), schema=_PLACED, orient="row")


def birth_dates(numbers: Iterable[str]) -> pl.DataFrame:
    """number, birth_date, sex of these customers: what an age is counted from."""
    found = Customer.objects.filter(number__in=sorted(set(numbers))).values_list(
        "number", "birth_date", "sex"
    )
    schema = {"number": pl.String, "birth_date": pl.Date, "sex": pl.String}
    return pl.DataFrame(list(found), schema=schema, orient="row")


def live_of(numbers: Iterable[str]) -> dict[str, int]:
    """Live main policies of each of these holders; holders without one are absent."""
    counts: dict[str, int] = {}
    wanted = sorted(set(numbers))
    for part in in_parts(wanted, _AT_ONCE):
        for holder in ListedPolicy.objects.filter(live=True, holder_number__in=part).values_list(
            "holder_number", flat=True
        ):
            counts[holder] = counts.get(holder, 0) + 1
    return counts


def _ordered(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema in the order in which the queries above give their columns."""
    first = [name for name in ("policy_number", "main_policy_number") if name in schema]
    rest = [name for name in schema if name not in (*first, *_TERMS)]
    return {name: schema[name] for name in (*first, *_TERMS, *rest)}
