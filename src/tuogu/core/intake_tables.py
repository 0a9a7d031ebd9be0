"""What stands between a file and the books: raw sheets of text, and the result of standardising them.

In: what `tuogu.files` read, or what a test builds. Out: record types. Never: a cell that is not text.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

import polars as pl

from tuogu.core.motor.tables import MOTOR
from tuogu.core.tables import (
    COORDINATES,
    CUSTOMERS,
    FACTS,
    INSTITUTIONS,
    PEOPLE,
    POLICIES,
    Books,
    Schema,
    empty,
)

ROW = "_row"  # the column that holds the row number as Excel shows it
EXTRA = "_extra"  # cells to the right of the last header (csv): a separator inside a value shifted the row
FACT_ROWS: Schema = {  # a row of the sheet of facts; with its figure read it is a row of FACTS
    "subject": pl.String,  # staff number, or institution code of a department
    "month": pl.Date,  # its first day
    "fact_key": pl.String,  # a key of core.facts.FACT_KEYS
    "figure": pl.String,  # as written
    "source_ref": pl.String,
    "author": pl.String,
}
SHEETS: dict[str, Schema] = {
    "institutions": INSTITUTIONS,
    "people": PEOPLE,
    "customers": CUSTOMERS,
    "policies": POLICIES,
    "coordinates": COORDINATES,
    "facts": FACT_ROWS,
    "motor": MOTOR,
}
BOOKS = ("institutions", "people", "customers", "policies", "coordinates")  # sheets that are tables of Books
COUNTS: Schema = {
    "kind": pl.String,  # a key of SHEETS
    "sheet": pl.String,  # name as written in the file
    "read": pl.Int64,  # rows below the header; = accepted + rejected + the three kinds of skipped
    "accepted": pl.Int64,
    "rejected": pl.Int64,
    "skipped_blank": pl.Int64,
    "skipped_total": pl.Int64,  # 合计, 小计, 总计
    "skipped_header": pl.Int64,  # the header repeated by a page break, or the template's example row
}
NUMBERS: Schema = {"kind": pl.String, "number": pl.String}  # keys that rejected rows held


@dataclass(frozen=True)
class RawSheet:
    """One sheet as read: `_row` (Int64) and text columns, which are the keys of the two dicts."""

    kind: str  # a key of SHEETS
    name: str  # as written in the file
    frame: pl.DataFrame
    headers: dict[str, str]  # frame column → header as written (two columns may share one)
    mapping: dict[str, str]  # frame column → canonical column; columns not in it are kept and ignored
    header_row: int  # as Excel shows it; 0 = the format has no header row


@dataclass(frozen=True)
class RawWorkbook:
    """All sheets of one file or folder, by kind."""

    sheets: dict[str, RawSheet]
    ignored: tuple[str, ...] = ()  # names of sheets that are none of ours
    notes: tuple[str, ...] = ()  # Chinese sentences: what the reader noticed
    format: str = ""  # xlsx | xls | csv | parquet
    data_date: date | None = None  # of rejected rows that come back; None = the file does not say


@dataclass(frozen=True)
class Intake:
    """The result of standardising. Per sheet: accepted + rejected + skipped = read, always."""

    books: Books
    rejects: pl.DataFrame  # REJECTS: one line a reason; a rejected row may carry several
    warnings: pl.DataFrame  # same columns; remarks about accepted rows
    counts: pl.DataFrame  # COUNTS
    rejected_numbers: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=NUMBERS))
    facts: pl.DataFrame = field(default_factory=lambda: empty(FACTS))
    motor: pl.DataFrame = field(default_factory=lambda: empty(MOTOR))
    returned: bool = (
        False  # rejected rows that come back: of what is stored for the same day nothing may change
    )
    refusal: str | None = None  # a Chinese sentence when more rows than allowed were rejected


def plain_sheet(kind: str, frame: pl.DataFrame, name: str | None = None) -> RawSheet:
    """A RawSheet over a frame whose columns already have canonical names (all text); rows count from 2."""
    columns = [c for c in frame.columns if c != ROW]
    frame = frame.with_columns(pl.col(columns).cast(pl.String))
    if ROW not in frame.columns:
        frame = frame.with_row_index(ROW, 2).with_columns(pl.col(ROW).cast(pl.Int64))
    same = {c: c for c in columns}
    return RawSheet(kind, name or kind, frame, same, {c: c for c in columns if c in SHEETS[kind]}, 1)
