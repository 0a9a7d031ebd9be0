"""Which rows of a file lie outside the scope of whoever imports it, on a page or on the command line (P-12).

In: the sheets of a file as read, a scope. Out: row number → column at fault, by kind of sheet. Never: a row of another
institution that comes in beside own ones; a customer whom only such rows name; an institution that the file only repeats
counted.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import polars as pl

from tuogu.books import queries as books
from tuogu.core.intake import Outside
from tuogu.core.intake_tables import ROW
from tuogu.jobs.push_scope import Within, outside, with_new
from tuogu.org import queries as org
from tuogu.org.scope import Scope

_NAMING = {"policies": ("holder_number", "insured_number"), "motor": ("holder_number",)}
_JUDGED = ("institutions", "people", "customers", "policies", "motor")
Rows = dict[int, str]


def judge_of(scope: Scope | None) -> Outside | None:
    """What intake asks about the rows of a file; None where every row may be written."""
    return None if scope is None or scope.all_rows else partial(_outside, scope)


def _outside(scope: Scope, sheets: Mapping[str, pl.DataFrame]) -> dict[str, Rows]:
    given = sheets.get("institutions")
    within = org.institutions_within(scope) if given is None else with_new(given, scope)
    judged = dict(sheets) | ({} if given is None else {"institutions": _changed(given)})
    found = {kind: outside(kind, judged[kind], scope, within) for kind in _JUDGED if kind in judged}
    if "customers" in sheets:
        found["customers"] = _named_outside(scope, sheets, found) | found["customers"]
    if "facts" in sheets:
        found["facts"] = _facts(scope, sheets, found, within)
    return found


def _changed(given: pl.DataFrame) -> pl.DataFrame:
    """The institutions that are not stored just so: every file repeats the tree above its own."""
    stored = org.institutions()
    return given.join(stored, on=stored.columns, how="anti", nulls_equal=True)


def _named_outside(scope: Scope, sheets: Mapping[str, pl.DataFrame], found: Mapping[str, Rows]) -> Rows:
    """Customers whom only rows out of scope name: without those rows the file has no reason to bring them."""
    foreign, own = set[str](), set[str]()
    for kind, columns in _NAMING.items():
        if kind in sheets:
            barred = _barred(kind, sheets[kind], found[kind])
            foreign |= _numbers(sheets[kind].filter(barred), columns)
            own |= _numbers(sheets[kind].filter(~barred), columns)
    lost = foreign - own
    lost -= books.customers_seen(scope, lost)
    rows = sheets["customers"].filter(pl.col("customer_number").is_in(sorted(lost)))[ROW]
    return dict.fromkeys(rows, "customer_number")


def _barred(kind: str, sheet: pl.DataFrame, found: Rows) -> pl.Expr:
    """The rows that come back: those out of scope, and riders of such main policies."""
    direct = pl.col(ROW).is_in(list(found))
    if kind != "policies":
        return direct
    mains = sheet.filter(direct)["policy_number"].drop_nulls().implode()
    return direct | pl.col("main_policy_number").is_in(mains).fill_null(False)


def _numbers(rows: pl.DataFrame, columns: tuple[str, ...]) -> set[str]:
    return {number for column in columns for number in rows[column].drop_nulls()}


def _facts(
    scope: Scope, sheets: Mapping[str, pl.DataFrame], found: Mapping[str, Rows], within: Within
) -> Rows:
    """Facts about anybody but the people and institutions of the scope, and those that this file brings into it."""
    visible = org.custodians_within(scope) or frozenset()
    staff = org.staff_ids().filter(pl.col("custodian_id").is_in(sorted(visible)))["staff_number"].to_list()
    if "people" in sheets:
        staff += sheets["people"].filter(~pl.col(ROW).is_in(list(found["people"])))["staff_number"].to_list()
    known = pl.col("subject").is_in([*staff, *within])
    rows = sheets["facts"].filter(~known.fill_null(True))[ROW]
    return dict.fromkeys(rows, "subject")
