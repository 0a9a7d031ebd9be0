"""Separated text that a spreadsheet opens without running anything.

In: text columns. Out: a csv file in UTF-8 with BOM, every risky cell guarded by a leading apostrophe; the
mark in force (`watermark`) is its last line.
Never: a cell that starts with = + - @, tab, return, NUL or their full-width forms. `unguarded` is the exact
inverse of `guarded`, so that what was written reads back unchanged.
"""

from __future__ import annotations

from pathlib import Path

import polars as pl

from tuogu.files.watermark import mark_in_force

_RISKY = r"^'*[=+\-@\t\r\n\x00＝＋－＠]"
_GUARDED = r"^'('*[=+\-@\t\r\n\x00＝＋－＠])"


def guarded(text: pl.Expr) -> pl.Expr:
    """`text` with an apostrophe before anything that a spreadsheet might run."""
    return pl.when(text.str.contains(_RISKY)).then(pl.concat_str(pl.lit("'"), text)).otherwise(text)


def unguarded(text: pl.Expr) -> pl.Expr:
    """`text` as it was before `guarded`."""
    return text.str.replace(_GUARDED, "${1}")


def csv_bytes(frame: pl.DataFrame) -> bytes:
    """Text columns (others are turned to text) as the content of a csv file; the header is guarded as well."""
    texts = frame.select(guarded(pl.col(c).cast(pl.String)).alias(c) for c in frame.columns)
    names = pl.DataFrame({"name": frame.columns}).select(guarded(pl.col("name"))).to_series().to_list()
    texts.columns = names
    mark = mark_in_force()
    if mark is not None and names:
        texts = pl.concat([texts, pl.DataFrame({names[0]: [mark.line]})], how="diagonal")
    content = texts.write_csv(include_bom=True, line_terminator="\r\n", quote_style="necessary")
    return content.encode()


def write_csv(frame: pl.DataFrame, path: str | Path) -> None:
    """Write `csv_bytes` to a file."""
    Path(path).write_bytes(csv_bytes(frame))
