"""Rejected rows that come back corrected: which day they speak of.

In: sheets as read. Out: the data date that `files.rejects` wrote beside each row, None for any other file. Never: a date
guessed where the rows disagree.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import polars as pl

from tuogu.core.intake_tables import RawSheet
from tuogu.files.headers import DATA_DATE_HEADER, RETURNED_HEADERS
from tuogu.files.refusal import FileRefused


def is_returned(sheet: RawSheet) -> bool:
    """Whether the sheet carries the columns that only rows given back have."""
    return set(sheet.headers.values()) >= RETURNED_HEADERS


def returned_data_date(sheets: Iterable[RawSheet]) -> date | None:
    """The one data date of all rows given back; None when there are none. FileRefused where it cannot be read or differs."""
    written: set[str] = set()
    for sheet in filter(is_returned, sheets):
        column = next(c for c, header in sheet.headers.items() if header == DATA_DATE_HEADER)
        days = sheet.frame[column].str.strip_chars().str.head(len("2026-10-31"))
        written |= set(days.filter(days != "").drop_nulls())
    if not written:
        return None
    if len(written) > 1:
        shown = "、".join(sorted(written)[:3])
        raise FileRefused(
            f"拒收行的“{DATA_DATE_HEADER}”不止一个（{shown}），请按日期分成几个文件", "mixed_data_dates"
        )
    text = written.pop()
    day = pl.Series([text]).str.to_date("%Y-%m-%d", strict=False)[0]
    if day is None:
        raise FileRefused(
            f"拒收行的“{DATA_DATE_HEADER}”写着“{text}”，应为 2026-10-31 这样的日期", "bad_data_date"
        )
    return date.fromisoformat(str(day))
