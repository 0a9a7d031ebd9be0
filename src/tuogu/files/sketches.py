"""What a file looks like to us, before it is read: sheets, headers, what each was taken for, a few masked samples.

In: parsed sheets and what the clerk said so far. Out: `SheetSketch` values. Never: a refusal (a sketch shows what is
missing), a value in clear: a column that is not ours may hold anything.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from tuogu.core.intake_columns import RULES
from tuogu.core.reason_lines import looks_personal, masked
from tuogu.files.header_search import Header, kind_of_name, likeliest_header, missing_columns
from tuogu.files.mapping import IGNORED, HeaderMapping
from tuogu.files.reader import header_window
from tuogu.files.sandbox import ParsedSheet

_SAMPLES = 3
_SAMPLE_CHARS_MAX = 24
_READ_FOR_SAMPLES = 200  # rows searched for the first filled cells of a column


@dataclass(frozen=True)
class ColumnSketch:
    """One header as written; `column` = the canonical column it means, '' = none of ours."""

    header: str
    column: str
    samples: tuple[str, ...]


@dataclass(frozen=True)
class SheetSketch:
    """One sheet. `kind` '' = not read; `missing` canonical columns that the kind needs and no header means."""

    name: str
    kind: str
    header_row: int  # as Excel shows it; 0 = no header row found or needed
    rows: int
    columns: tuple[ColumnSketch, ...]
    missing: tuple[str, ...]

    @property
    def unknown(self) -> int:
        """How many headers mean none of our columns."""
        return sum(not column.column for column in self.columns)


def sketch(parsed: list[ParsedSheet], mapping: HeaderMapping) -> list[SheetSketch]:
    """One sketch for each visible sheet, in the order of the file."""
    return [_sheet(sheet, mapping) for sheet in parsed if not sheet.hidden and sheet.frame.width > 1]


def _sheet(sheet: ParsedSheet, mapping: HeaderMapping) -> SheetSketch:
    window, groups = header_window(sheet)
    ignored = mapping.kinds.get(sheet.name) == IGNORED
    header = likeliest_header(
        window, sheet.name, groups, _without(mapping, sheet.name) if ignored else mapping
    )
    if header is None:  # nothing is known: the fullest row stands above columns that mean nothing to us
        at = _fullest(window)
        texts = tuple(window[at])
        header = Header(kind_of_name(sheet.name) or "", at, texts, (None,) * len(texts))
        missing: list[str] = []
    else:
        missing = missing_columns(header)
    at, kind, texts, canonical = header.at, header.kind, header.headers, header.canonical
    below = sheet.frame if sheet.header is not None else sheet.frame.slice(at + 1)
    columns = tuple(
        ColumnSketch(text.strip(), column or "", _samples(below, i, kind, column))
        for i, (text, column) in enumerate(zip(texts, canonical, strict=True))
        if text and text.strip()
    )
    row = 0 if sheet.header is not None else int(sheet.frame.to_series(0)[at])
    return SheetSketch(
        sheet.name, "" if ignored else kind, row, below.height, columns, () if ignored else tuple(missing)
    )


def _without(mapping: HeaderMapping, name: str) -> HeaderMapping:
    return HeaderMapping({k: v for k, v in mapping.kinds.items() if k != name}, mapping.columns)


def _fullest(window: Sequence[Sequence[str | None]]) -> int:
    """The row with the most texts, the first of equals: what stands above columns that we do not know."""
    filled = [sum(1 for cell in row if cell and cell.strip()) for row in window]
    return filled.index(max(filled)) if filled else 0


def _samples(below: pl.DataFrame, place: int, kind: str, column: str | None) -> tuple[str, ...]:
    """The first filled cells of a column, each masked unless the column is known to hold nothing personal."""
    cells = below.head(_READ_FOR_SAMPLES)[f"c{place}"].drop_nulls().str.strip_chars()
    values = cells.filter(cells != "").unique(maintain_order=True).head(_SAMPLES).to_frame("value")
    plain = column is not None and column not in RULES[kind].personal
    value = pl.col("value")
    short = (
        pl.when(value.str.len_chars() > _SAMPLE_CHARS_MAX)
        .then(value.str.head(_SAMPLE_CHARS_MAX) + "…")
        .otherwise(value)
    )
    hide = looks_personal(value) if plain else pl.lit(True)
    shown = values.select(shown=pl.when(hide).then(masked(value)).otherwise(short))
    return tuple(shown["shown"].to_list())
