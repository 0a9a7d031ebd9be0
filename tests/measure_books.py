"""Small tables for tests of figures: written as text, filled up with what a test does not care about."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl

from tuogu.core.measures.tables import SCHEMAS, Inputs
from tuogu.core.rulebook import Rulebook, parse_rulebook
from tuogu.data.rulebooks import read_shipped

USUAL: dict[str, Any] = {
    "person_id": 1, "institution_code": "T1", "pieces": 1, "filled": 0, "fields": 6, "payment_term_years": 5,
    "yearly_premium_fen": 100_00, "premium_fen": 100_00, "left_by_contract": False, "kept": True,
}  # fmt: skip
TREE = [("B1", "sub", None), ("D1", "department", "B1"), ("T1", "team", "D1"), ("T2", "team", "D1")]


def book() -> Rulebook:
    return parse_rulebook(read_shipped())


def table(name: str, rows: list[dict[str, Any]]) -> pl.DataFrame:
    schema = SCHEMAS[name]
    full = [{column: row.get(column, USUAL.get(column)) for column in schema} for row in rows]
    return pl.DataFrame(full, schema=schema, orient="row")


def inputs(on: date, **tables: list[dict[str, Any]]) -> Inputs:
    """`Inputs` with the rows given and an office, a department and two teams."""
    tree = pl.DataFrame(TREE, schema=SCHEMAS["institutions"], orient="row")
    return Inputs(on=on, institutions=tree, **{name: table(name, rows) for name, rows in tables.items()})
