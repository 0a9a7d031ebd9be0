"""Customers that a scope reaches: by whose policies, in which institution, and how much is known of each.

In: a scope, numbers or filters. Out: frames of numbers, codes and yes or no. Never: a name, phone or address, a query for
each customer.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import polars as pl
from django.db.models import F, Q, QuerySet

from tuogu.books.models import Customer
from tuogu.books.visible import rows
from tuogu.bulk import in_parts
from tuogu.org.scope import Scope

REACHED = {"customer_number": pl.String, "institution_code": pl.String}
_AT_ONCE = 5_000  # numbers of one query: below the parameters that a database takes
_FIELDS = {
    "name": "name_sealed", "sex": "sex", "birth_date": "birth_date", "id_number": "id_sealed", "phone": "phone_sealed",
    "address": "address_sealed", "employer": "employer_sealed",
}  # fmt: skip


def reached(
    scope: Scope, *, inside: Scope | None = None, region: str = "", communities: Collection[str] | None = None
) -> pl.DataFrame:
    """REACHED: each holder of a live policy within scope, once, with an institution that manages one of them.

    Narrowed to what `inside` shows as well (an institution, a team, an account manager), to communities whose code begins
    with `region`, and to these `communities`.
    """
    listed = rows(scope).filter(live=True)
    if inside is not None:
        listed = listed & rows(inside).filter(live=True)
    if region:
        listed = listed.filter(community_code__startswith=region)
    if communities is not None:
        listed = listed.filter(community_code__in=sorted(communities))
    return _once(list(listed.values_list("holder_number", "institution_code").distinct()))


def holders_within(scope: Scope) -> QuerySet[Any]:
    """Customer numbers of the holders that a scope shows, as a subquery for the lists of other rooms."""
    return rows(scope).values("holder_number")


def within(scope: Scope, numbers: Sequence[str]) -> pl.DataFrame:
    """REACHED of those of `numbers` that hold, or are insured by, a listed policy within scope."""
    found, wanted = [], sorted(set(numbers))
    for part in in_parts(wanted, _AT_ONCE):
        for role in ("holder_number", "insured_number"):
            listed = rows(scope).filter(**{f"{role}__in": part})
            found += list(listed.values_list(role, "institution_code").distinct())
    return _once(found)


def policy_of(scope: Scope, customer: str) -> str | None:
    """A policy of this customer within scope: what a clear look is counted on. None = out of scope."""
    listed = rows(scope).filter(Q(holder_number=customer) | Q(insured_number=customer))
    return listed.order_by("-live", "number").values_list("number", flat=True).first()


def filled(numbers: Sequence[str] | None = None) -> pl.DataFrame:
    """customer_number and, for each field that can be corrected, true where something is stored, else null."""
    wanted = None if numbers is None else sorted(set(numbers))
    parts = [None] if wanted is None else [wanted[i : i + _AT_ONCE] for i in range(0, len(wanted), _AT_ONCE)]
    found = []
    for part in parts:
        customers = Customer.objects.all() if part is None else Customer.objects.filter(number__in=part)
        there = {f"has_{name}": ~Q(**{f"{column}__isnull": True}) for name, column in _FIELDS.items()}
        found += list(customers.annotate(**there).values_list("number", *there))
    frame = pl.DataFrame(
        found, schema={"customer_number": pl.String, **dict.fromkeys(_FIELDS, pl.Boolean)}, orient="row"
    )
    return frame.with_columns(pl.when(pl.col(name)).then(pl.lit(True)).alias(name) for name in _FIELDS)


def entered_by() -> pl.DataFrame:
    """customer_number and the custodian id of whose import the stored row is."""
    found = list(Customer.objects.annotate(who=F("import_run__by")).values_list("number", "who"))
    return pl.DataFrame(found, schema={"customer_number": pl.String, "who": pl.Int64}, orient="row")


def sold_by(scope: Scope) -> pl.DataFrame:
    """customer_number and staff number of the agents who sold policies within scope to them."""
    listed = rows(scope).filter(agent_number__isnull=False)
    found = list(listed.values_list("holder_number", "agent_number").distinct())
    return pl.DataFrame(found, schema={"customer_number": pl.String, "agent": pl.String}, orient="row")


def communities_of(numbers: Sequence[str] | None = None) -> pl.DataFrame:
    """customer_number, community_code as coded (null: waits for a person)."""
    customers = (
        Customer.objects.all() if numbers is None else Customer.objects.filter(number__in=list(numbers))
    )
    found = list(customers.values_list("number", "community_code"))
    return pl.DataFrame(
        found, schema={"customer_number": pl.String, "community_code": pl.String}, orient="row"
    )


def _once(found: list[tuple[str, str | None]]) -> pl.DataFrame:
    frame = pl.DataFrame(found, schema=REACHED, orient="row").sort(
        "customer_number", "institution_code", nulls_last=True
    )
    return frame.unique("customer_number", keep="first", maintain_order=True)
