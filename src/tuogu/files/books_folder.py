"""Books leave as files that the reader takes back without a difference (S0-13).

In: Books, and LOCATED rows of customers where they have been coded. Out: a folder of Parquet or csv files, or
a workbook, with Chinese headers and words, all cells text. Never: a float for money; a lost null.
"""

from __future__ import annotations

from pathlib import Path

import polars as pl

from tuogu.core.intake_tables import BOOKS, SHEETS, RawWorkbook
from tuogu.core.intake_titles import SHEET_TITLES, TITLES
from tuogu.core.standardise_words import CHINESE
from tuogu.core.tables import LOCATED, Books, conform
from tuogu.files.safe_csv import write_csv
from tuogu.files.safe_excel import SHEET_ROWS_MAX, open_workbook, text_format, write_text

_CODED = {  # LOCATED column → header beside the customer
    "community_code": "社区编码",
    "status": "编码状态",
    "reason": "待编码原因",
    "confidence": "编码把握",
    "candidates": "候选社区",
}
_FEN_A_YUAN = 100


def write_books(
    books: Books, path: str | Path, *, located: pl.DataFrame | None = None, form: str = "parquet"
) -> list[Path]:
    """Write `books` to a folder (form parquet or csv) or a workbook (form xlsx, to 1,048,575 rows a sheet).

    `located`: LOCATED rows keyed by customer number, written beside the customers. Raises ValueError for
    another form or for a sheet that does not fit.
    """
    path = Path(path)
    frames = {kind: chinese_text(kind, getattr(books, kind)) for kind in BOOKS}
    if located is not None:
        frames["customers"] = _with_codes(frames["customers"], located)
    if form == "xlsx":
        return [_write_workbook(frames, path)]
    if form not in ("parquet", "csv"):
        raise ValueError(f"form must be parquet, csv or xlsx, not {form!r}")
    path.mkdir(parents=True, exist_ok=True)
    targets = []
    for kind, frame in frames.items():
        target = path / f"{SHEET_TITLES[kind]}.{form}"
        if form == "csv":
            write_csv(frame, target)
        else:
            frame.write_parquet(target, compression="zstd")
        targets.append(target)
    return targets


def read_located(raw: RawWorkbook) -> pl.DataFrame:
    """The LOCATED rows that `write_books` put beside the customers; empty where there are none."""
    sheet = raw.sheets.get("customers")
    if sheet is None or not set(_CODED.values()) <= set(sheet.frame.columns):
        return pl.DataFrame(schema=LOCATED)
    key = next(c for c, canonical in sheet.mapping.items() if canonical == "customer_number")
    columns = {"key": pl.col(key)} | {c: pl.col(header) for c, header in _CODED.items()}
    frame = sheet.frame.select(**columns).with_columns(pl.col("confidence").cast(pl.Float64))
    return conform(frame.filter(pl.col("status").is_not_null()), LOCATED)


def chinese_text(kind: str, frame: pl.DataFrame) -> pl.DataFrame:
    """A canonical frame with Chinese headers and the words that intake reads; every column text."""
    return frame.select(_text(c, frame.schema[c]).alias(TITLES[kind][c]) for c in SHEETS[kind])


def _text(column: str, kind: pl.DataType) -> pl.Expr:
    value = pl.col(column)
    if column.endswith("_fen"):
        return pl.concat_str(
            (value // _FEN_A_YUAN).cast(pl.String),
            pl.lit("."),
            (value % _FEN_A_YUAN).cast(pl.String).str.zfill(2),
        )
    if kind == pl.Boolean:
        return pl.when(value).then(pl.lit("是")).when(~value).then(pl.lit("否"))
    if column in CHINESE:
        return value.cast(pl.String).replace_strict(CHINESE[column], default=value.cast(pl.String))
    if kind == pl.Date:
        return value.dt.to_string("%Y-%m-%d")
    return value.cast(pl.String)


def _with_codes(customers: pl.DataFrame, located: pl.DataFrame) -> pl.DataFrame:
    codes = located.select("key", *(pl.col(c).cast(pl.String).alias(header) for c, header in _CODED.items()))
    key = TITLES["customers"]["customer_number"]
    return customers.join(codes, left_on=key, right_on="key", how="left", maintain_order="left")


def _write_workbook(frames: dict[str, pl.DataFrame], path: Path) -> Path:
    """A row loop: XlsxWriter takes one cell at a time."""
    for kind, frame in frames.items():
        if frame.height >= SHEET_ROWS_MAX:
            raise ValueError(f"{kind}: {frame.height} rows do not fit a worksheet; write Parquet")
    path.parent.mkdir(parents=True, exist_ok=True)
    with open_workbook(path, constant_memory=True) as workbook:
        head, body = workbook.add_format({"bold": True, "num_format": "@"}), text_format(workbook)
        for kind, frame in frames.items():
            page = workbook.add_worksheet(SHEET_TITLES[kind])
            page.set_column(0, frame.width - 1, 16, body)
            for column, title in enumerate(frame.columns):
                write_text(page, 0, column, title, head)
            for number, cells in enumerate(frame.iter_rows(), 1):
                for column, cell in enumerate(cells):
                    if cell is not None:
                        write_text(page, number, column, cell, body)
            page.freeze_panes(1, 1)
    return path
