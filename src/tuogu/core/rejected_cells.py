"""The rejected rows as a list for a page: row, column, the cell as it was (masked), what is wrong, what to do.

In: a RawWorkbook and the REJECTS of its intake. Out: one line a reason. Never: a personal value in clear, nor the cell of
a column that is none of ours.
"""

from __future__ import annotations

import polars as pl

from tuogu.core.intake_columns import RULES
from tuogu.core.intake_tables import ROW, RawSheet, RawWorkbook
from tuogu.core.reason_lines import looks_personal, masked
from tuogu.core.reject_advice import ADVICE

LINES = {
    "kind": pl.String,
    "sheet": pl.String,
    "row": pl.Int64,
    "column": pl.String,  # header as written; null = the whole row
    "value": pl.String,  # masked; null = empty, or no single cell
    "reason": pl.String,
    "wrong": pl.String,
    "advice": pl.String,
    "detail": pl.String,
}
_CELL = {"row": pl.Int64, "column": pl.String, "value": pl.String}
_VALUE_CHARS_MAX = 40  # what fits a column of the rejects file


def rejected_cells(raw: RawWorkbook, rejects: pl.DataFrame) -> pl.DataFrame:
    """LINES by sheet and row."""
    parts = [pl.DataFrame(schema=LINES)]
    for sheet in raw.sheets.values():
        told = rejects.filter(pl.col("sheet") == sheet.name)
        if told.height:
            parts.append(_of_sheet(sheet, told))
    return pl.concat(parts).sort("kind", "row", "column", "reason")


def _of_sheet(sheet: RawSheet, told: pl.DataFrame) -> pl.DataFrame:
    cells = _cells(sheet, told["column"].drop_nulls().unique().to_list())
    wrong = {code: texts[0] for code, texts in ADVICE.items()}
    advice = {code: texts[1] for code, texts in ADVICE.items()}
    return told.join(cells, on=["row", "column"], how="left").select(
        pl.lit(sheet.kind).alias("kind"),
        "sheet",
        "row",
        "column",
        "value",
        "reason",
        pl.col("reason").replace_strict(wrong, default=pl.col("detail")).alias("wrong"),
        pl.col("reason").replace_strict(advice, default="").alias("advice"),
        "detail",
    )


def _cells(sheet: RawSheet, headers: list[str]) -> pl.DataFrame:
    """row, column (header as written), value (masked) of the named columns that are ours; the first of each header."""
    personal, parts, seen = RULES[sheet.kind].personal, [pl.DataFrame(schema=_CELL)], set[str]()
    for name, header in sheet.headers.items():
        if header not in headers or header in seen or name not in sheet.mapping:
            continue
        seen.add(header)
        value = pl.col(name).str.strip_chars()
        hide = pl.lit(True) if sheet.mapping[name] in personal else looks_personal(value)
        shown = pl.when(hide).then(masked(value)).otherwise(value.str.head(_VALUE_CHARS_MAX))
        parts.append(
            sheet.frame.select(
                row=pl.col(ROW),
                column=pl.lit(header),
                value=pl.when(value != "").then(shown),
            )
        )
    return pl.concat(parts)
