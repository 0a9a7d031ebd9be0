"""Which rows of a sheet lie outside the scope of whoever sends them, a key or a person (P-12).

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
from tuogu.renewals import queries as renewals

_ROW = pl.col(ROW)
Within = frozenset[str]  # codes of institutions


def outside(kind: str, values: pl.DataFrame, scope: Scope, within: Within | None = None) -> dict[int, str]:
    """The rows that this scope may not write, each with the column that says so. `within`: the institutions of the scope
    with those that the same file brings below them."""
    if scope.all_rows or values.is_empty():
        return {}
    return _JUDGES[kind](values, scope, org.institutions_within(scope) if within is None else within)


def with_new(institutions: pl.DataFrame, scope: Scope) -> Within:
    """The institutions of the scope, and the new ones of the sheet that hang below them, step by step down."""
    every, found = org.institutions_within(Scope.everything()), set(org.institutions_within(scope))
    pairs = institutions.select("institution_code", "parent_code").drop_nulls().rows()
    new = {code: parent for code, parent in pairs if code not in every}
    while more := {code for code, parent in new.items() if parent in found} - found:
        found |= more
    return frozenset(found)


def _policies(values: pl.DataFrame, scope: Scope, within: Within) -> dict[int, str]:
    mains = pl.coalesce("main_policy_number", "policy_number")
    numbers = values.select(mains.alias("n"))["n"].drop_nulls().unique().to_list()
    foreign = books.known_policies(numbers) - books.policies_seen(scope, numbers)
    riders = books.riders_outside(scope, values["policy_number"].drop_nulls().unique().to_list())
    people = _customers_outside(
        values.select(pl.concat_list("holder_number", "insured_number").explode()), scope
    )
    placed = pl.col("institution_code").is_in(sorted(within))
    return _first(
        values,
        (
            "institution_code",
            ~placed.fill_null(pl.col("kind") == "rider"),
        ),  # a rider lies where its main policy does
        ("policy_number", mains.is_in(sorted(foreign)) | pl.col("policy_number").is_in(sorted(riders))),
        ("holder_number", pl.col("holder_number").is_in(people)),
        ("insured_number", pl.col("insured_number").is_in(people)),
    )


def _motor(values: pl.DataFrame, scope: Scope, within: Within) -> dict[int, str]:
    foreign = renewals.numbers_outside(scope, values["policy_number"].drop_nulls().to_list())
    people = _customers_outside(values.select("holder_number"), scope)
    return _first(
        values,
        ("institution_code", ~pl.col("institution_code").is_in(sorted(within)).fill_null(False)),
        ("policy_number", pl.col("policy_number").is_in(sorted(foreign))),
        ("holder_number", pl.col("holder_number").is_in(people)),
    )


def _customers(values: pl.DataFrame, scope: Scope, _within: Within) -> dict[int, str]:
    people = _customers_outside(values.select("customer_number"), scope)
    return _first(values, ("customer_number", pl.col("customer_number").is_in(people)))


def _people(values: pl.DataFrame, scope: Scope, within: Within) -> dict[int, str]:
    visible = org.custodians_within(scope) or frozenset()
    known = org.staff_ids(values["staff_number"].drop_nulls().to_list())
    foreign = known.filter(~pl.col("custodian_id").is_in(sorted(visible)))["staff_number"].to_list()
    placed = pl.coalesce("institution_code", "team_code")
    return _first(
        values,
        ("institution_code", ~placed.is_in(sorted(within)).fill_null(False)),
        ("team_code", ~pl.col("team_code").is_in(sorted(within)).fill_null(True)),
        ("staff_number", pl.col("staff_number").is_in(foreign)),
    )


def _institutions(values: pl.DataFrame, scope: Scope, _within: Within) -> dict[int, str]:
    own, below = org.institutions_within(scope), with_new(values, scope)
    every = org.institutions_within(Scope.everything())
    code, parent = pl.col("institution_code"), pl.col("parent_code")
    known, roots = code.is_in(sorted(every)), sorted(scope.institution_codes)
    return _first(
        values,
        ("institution_code", known & ~code.is_in(sorted(own))),
        ("parent_code", ~parent.is_in(sorted(below)).fill_null(False) & ~code.is_in(roots).fill_null(False)),
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


_JUDGES: dict[str, Callable[[pl.DataFrame, Scope, Within], dict[int, str]]] = {
    "policies": _policies,
    "customers": _customers,
    "people": _people,
    "institutions": _institutions,
    "motor": _motor,
}
