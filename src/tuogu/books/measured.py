"""What figures ask of the books: policies and customers in columns of numbers, days and sums. Imports overwrite them, so
whoever must repeat a figure years later keeps a copy (N-16).

In: weights of the fields of a customer's record. Out: frames. Never: a name, document, phone or address.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl
from django.db import connection

from tuogu.books.models import Policy
from tuogu.bulk import drop, fetch, load

POLICIES: dict[str, Any] = {
    "subject_id": pl.Int64,
    "policy_number": pl.String,
    "customer_number": pl.String,
    "source": pl.String,
    "premium_mode": pl.String,
    "payment_term_years": pl.Int64,
    "yearly_premium_fen": pl.Int64,
    "inception_date": pl.Date,
    "state": pl.String,
    "lapse_date": pl.Date,
    "agent_number": pl.String,
}
BOUGHT: dict[str, Any] = {"customer_number": pl.String, "inception_date": pl.Date, "lapse_date": pl.Date}
CUSTOMERS: dict[str, Any] = {
    "customer_number": pl.String,
    "region_code": pl.String,
    "filled": pl.Int64,
    "fields": pl.Int64,
}
_COLUMNS = {  # field of a customer's record → its column, sealed where it is personal
    "name": "name_sealed",
    "sex": "sex",
    "birth_date": "birth_date",
    "phone": "phone_sealed",
    "address": "address_sealed",
    "employer": "employer_sealed",
}
_POLICIES = """
SELECT subject_id, number, holder_number, source, premium_mode, payment_term_years,
       premium_fen * COALESCE(payments_per_year, 0), {inception_date}, state, {lapse_date}, agent_number
FROM books_policy {which} ORDER BY subject_id
"""
_NARROWED = """
WHERE holder_number IN (SELECT p.holder_number FROM books_policy p JOIN measured_subjects s ON s.subject_id = p.subject_id)
   OR holder_number IN (SELECT number FROM measured_holders)
   OR agent_number IN (SELECT number FROM measured_agents)
"""
_AS_TEXT = "CAST({} AS text)"  # SQLite: a column of days is parsed at once, not row by row on its way here


@dataclass(frozen=True)
class Around:
    """Whose policies are asked for: all of the holders of these subjects, of these holders, and what these agents sold."""

    subjects: pl.Series
    holders: pl.Series
    agents: pl.Series


def policies_measured(around: Around | None = None) -> pl.DataFrame:
    """POLICIES: every main policy, by subject; only those around something."""
    form = _AS_TEXT if connection.vendor == "sqlite" else "{}"
    days = {name: form.format(name) for name in ("inception_date", "lapse_date")}
    with connection.cursor() as cursor:
        if around is None:
            return fetch(cursor, POLICIES, _POLICIES.format(which="", **days))
        load(cursor, "measured_subjects", _column("subject_id", around.subjects, pl.Int64()))
        load(cursor, "measured_holders", _column("number", around.holders, pl.String()))
        load(cursor, "measured_agents", _column("number", around.agents, pl.String()))
        found = fetch(cursor, POLICIES, _POLICIES.format(which=_NARROWED, **days))
        drop(cursor, "measured_subjects", "measured_holders", "measured_agents")
        return found


def _column(name: str, values: pl.Series, kind: pl.DataType) -> pl.DataFrame:
    return pl.DataFrame({name: values.cast(kind).drop_nulls().unique()})


def policies_bought(customers: Iterable[str] | None = None) -> pl.DataFrame:
    """BOUGHT of main policies, by subject (P-07); `customers`: only of these holders."""
    if customers is None:
        return policies_measured().select(*BOUGHT)
    rows = Policy.objects.filter(holder_number__in=sorted(set(customers))).order_by("subject_id")
    fields = rows.values_list("holder_number", "inception_date", "lapse_date")
    return pl.DataFrame(list(fields), schema=BOUGHT, orient="row")


def customers_measured(weights: Mapping[str, int], among: pl.Series | None = None) -> pl.DataFrame:
    """CUSTOMERS, by number; `weights`: field → weight (rulebook completeness.weights, S0-05); `among`: only these."""
    filled = " + ".join(
        f"CASE WHEN {_COLUMNS[field]} IS NULL THEN 0 ELSE {int(weight)} END"
        for field, weight in weights.items()
    )
    which = "" if among is None else "WHERE number IN (SELECT number FROM measured_customers)"
    sql = f"SELECT number, community_code, {filled}, {sum(weights.values())} FROM books_customer {which} ORDER BY number"
    with connection.cursor() as cursor:
        if among is None:
            return fetch(cursor, CUSTOMERS, sql)
        load(cursor, "measured_customers", _column("number", among, pl.String()))
        found = fetch(cursor, CUSTOMERS, sql)
        drop(cursor, "measured_customers")
        return found
