"""Small raw sheets for intake tests: rows as a clerk writes them, by canonical column.

In: what a test changes. Out: RawWorkbook. Never: a file.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import polars as pl

from tuogu.core.intake import Intake, standardise
from tuogu.core.intake_tables import ROW, RawSheet, RawWorkbook, plain_sheet
from tuogu.core.intake_titles import SHEET_TITLES, TITLES

DATA_DATE = date(2026, 10, 31)
POLICY = {
    "policy_number": "P1",
    "kind": "主险",
    "premium_mode": "期交",
    "payments_per_year": "年交",
    "premium_fen": "1200",
    "inception_date": "2011-03-05",
    "state": "有效",
    "holder_number": "C1",
}
CUSTOMER = {
    "customer_number": "C1",
    "name": "张三",
    "sex": "女",
    "birth_date": "1949-12-31",
    "id_number": "11010519491231002X",
    "phone": "13800138000",
}
PERSON = {"staff_number": "S1", "name": "李四", "series": "收展"}


def sheet(kind: str, *rows: dict[str, str | None], template: dict[str, str] | None = None) -> RawSheet:
    """Rows 2, 3 … under Chinese headers; each row changes some columns of the kind's template row."""
    base = template or {"policies": POLICY, "customers": CUSTOMER, "people": PERSON}[kind]
    full = [{**base, **row} for row in rows]
    columns = list(dict.fromkeys(c for row in full for c in row))
    frame = pl.DataFrame({c: pl.Series([row.get(c) for row in full], dtype=pl.String) for c in columns})
    plain = plain_sheet(kind, frame)
    headers = {c: TITLES[kind][c] for c in columns}
    return RawSheet(kind, SHEET_TITLES[kind], plain.frame, headers, plain.mapping, 1)


def workbook(*sheets: RawSheet) -> RawWorkbook:
    """A workbook of these sheets."""
    return RawWorkbook({s.kind: s for s in sheets})


def policies(*rows: dict[str, str | None], customers: tuple[dict[str, str | None], ...] = ({},)) -> Intake:
    """Standardise policies over customers (by default one, C1)."""
    return standardise(workbook(sheet("policies", *rows), sheet("customers", *customers)), DATA_DATE)


def customers(*rows: dict[str, str | None]) -> Intake:
    """Standardise customers alone."""
    return standardise(workbook(sheet("customers", *rows)), DATA_DATE)


def reasons(intake: Intake, title: str, *, warnings: bool = False) -> list[tuple[int, str]]:
    """(row, reason) of a sheet's rejects or warnings."""
    lines = intake.warnings if warnings else intake.rejects
    return [(r["row"], r["reason"]) for r in lines.filter(pl.col("sheet") == title).iter_rows(named=True)]


def shuffled(raw: RawWorkbook, seed: int) -> RawWorkbook:
    """The same rows (with their row numbers) in another order of the frame."""
    sheets = {
        kind: replace(sheet_, frame=sheet_.frame.sample(fraction=1, shuffle=True, seed=seed))
        for kind, sheet_ in raw.sheets.items()
    }
    assert all(ROW in s.frame.columns for s in sheets.values())
    return RawWorkbook(sheets)
