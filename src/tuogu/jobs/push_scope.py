"""Which rows of a push lie outside the scope of the key that sends them (P-12).

In: a sheet as read (canonical values), a scope. Out: row number → column at fault. Never: a hint whether a number out of
scope exists (a new number in a foreign institution and a known one read alike).
"""

from __future__ import annotations

from collections.abc import Callable

import polars as pl

from tuogu.books import queries as books
from tuogu.core.intake_tables import ROW
from tuogu.org import queries as org
from tuogu.org.scope import Scope

_ROW = pl.col(ROW)


def outside(kind: str, values: pl.DataFrame, scope: Scope) -> dict[int, str]:
    """The rows that this scope may not write, each with the column that says so."""
    return {} if scope.all_rows or values.is_empty() else _JUDGES[kind](values, scope)


def _policies(values: pl.DataFrame, scope: Scope) -> dict[int, str]:
    within = org.institutions_within(scope)
    mains = pl.coalesce("main_policy_number", "policy_number")
    numbers = values.select(mains.alias("n"))["n"].drop_nulls().unique().to_list()
    foreign = books.known_policies(numbers) - books.policies_seen(scope, numbers)
    riders = books.riders_outside(scope, values["policy_number"].drop_nulls().unique().to_list())
    people = _customers_outside(
        values.select(pl.concat_list("holder_number", "insured_number").explode()), scope
    )
    return _first(
        values,
        ("institution_code", ~pl.col("institution_code").is_in(sorted(within)).fill_null(False)),
        ("policy_number", mains.is_in(sorted(foreign)) | pl.col("policy_number").is_in(sorted(riders))),
        ("holder_number", pl.col("holder_number").is_in(people)),
        ("insured_number", pl.col("insured_number").is_in(people)),
    )


def _customers(values: pl.DataFrame, scope: Scope) -> dict[int, str]:
    people = _customers_outside(values.select("customer_number"), scope)
    return _first(values, ("customer_number", pl.col("customer_number").is_in(people)))


def _people(values: pl.DataFrame, scope: Scope) -> dict[int, str]:
    within = sorted(org.institutions_within(scope))
    visible = org.custodians_within(scope) or frozenset()
    known = org.staff_ids(values["staff_number"].drop_nulls().to_list())
    foreign = known.filter(~pl.col("custodian_id").is_in(sorted(visible)))["staff_number"].to_list()
    placed = pl.coalesce("institution_code", "team_code")
    return _first(
        values,
        ("institution_code", ~placed.is_in(within).fill_null(False)),
        ("team_code", ~pl.col("team_code").is_in(within).fill_null(True)),
        ("staff_number", pl.col("staff_number").is_in(foreign)),
    )


def _institutions(values: pl.DataFrame, scope: Scope) -> dict[int, str]:
    within = sorted(org.institutions_within(scope))
    every = org.institutions_within(Scope.everything())
    code, parent = pl.col("institution_code"), pl.col("parent_code")
    known, roots = code.is_in(sorted(every)), sorted(scope.institution_codes)
    return _first(
        values,
        ("institution_code", known & ~code.is_in(within)),
        ("parent_code", ~parent.is_in(within).fill_null(False) & ~code.is_in(roots).fill_null(False)),
    )


def _customers_outside(numbers: pl.DataFrame, scope: Scope) -> list[str]:
    """Customers who have policies, none of which the scope shows."""
    wanted = numbers.to_series().drop_nulls().unique().to_list()
    return sorted(books.customers_seen(Scope.everything(), wanted) - books.customers_seen(scope, wanted))


def _first(values: pl.DataFrame, *judged: tuple[str, pl.Expr]) -> dict[int, str]:
    """Row → the first column whose condition holds."""
    found: dict[int, str] = {}
    for column, wrong in judged:
        for row in values.filter(wrong)[ROW]:
            found.setdefault(row, column)
    return found


_JUDGES: dict[str, Callable[[pl.DataFrame, Scope], dict[int, str]]] = {
    "policies": _policies,
    "customers": _customers,
    "people": _people,
    "institutions": _institutions,
}
