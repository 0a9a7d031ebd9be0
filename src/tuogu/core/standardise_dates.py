"""Dates as people and Excel write them become `Date`.

In: text (2011-3-5, 2011/03/05, 2011.3.5, 2011年3月5日, 20110305, with or without a time; serial numbers).
Out: a Date, or bad_date (not decidable: 11-3-5, 3/5/2011, 201103), impossible_date (2月30日),
date_out_of_range.
Never: a guess between day and month or between centuries.
"""

from __future__ import annotations

from datetime import date

import polars as pl

from tuogu.core.standardise_text import Parsed, unwrapped

_FIRST, _LAST = date(1880, 1, 1), date(2200, 12, 31)
_TIME = r"(?:[T\s]*[0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?(?:Z|[+-]00:?00)?)?"
_SEPARATED = rf"^([0-9]{{4}})\s*[-/.年]\s*([0-9]{{1,2}})\s*[-/.月]\s*([0-9]{{1,2}})\s*[日号]?{_TIME}$"
_COMPACT = rf"^((?:18|19|20|21)[0-9]{{2}})([0-9]{{2}})([0-9]{{2}}){_TIME}$"
_SERIAL = r"^([0-9]{5})(?:\.[0-9]+)?$"  # 1927-05-18 … 2173-10-13; four digits could be a year, six a month
_OPEN_END = r"^(?:终身|终生|至终身|保终身|长期|长期有效|终身有效|(?:9999|2999)\D?12\D?31\D?.*)$"
_SERIAL_ZERO = date(1899, 12, 30)
_MONTHS = (
    r"^((?:19|20|21)[0-9]{2})\s*[-/年]\s*([0-9]{1,2})\s*(?:月份?)?$",
    r"^((?:19|20|21)[0-9]{2})\.?([0-9]{2})$",
)


def day(text: pl.Expr) -> Parsed:
    """The Date that `text` names; serial numbers count as in Excel's 1900 system (the reader shifts 1904)."""
    bare = unwrapped(text)
    iso = pl.coalesce(_iso(bare, _SEPARATED), _iso(bare, _COMPACT))
    serial = _serial(bare)
    parsed = pl.coalesce(iso.str.to_date("%Y-%m-%d", strict=False), serial)
    within = parsed.is_between(_FIRST, _LAST)
    problem = (
        pl.when(bare.is_not_null() & iso.is_null() & serial.is_null())
        .then(pl.lit("bad_date"))
        .when(iso.is_not_null() & parsed.is_null())
        .then(pl.lit("impossible_date"))
        .when(~within)
        .then(pl.lit("date_out_of_range"))
    )
    return Parsed(pl.when(within).then(parsed), problem)


def end_day(text: pl.Expr) -> Parsed:
    """Like `day`; 终身, 长期 and 9999-12-31 mean that there is no end (null)."""
    return day(pl.when(~text.str.contains(_OPEN_END)).then(text))


def month(text: pl.Expr) -> Parsed:
    """The first day of the month that `text` names, as a month (2026-10, 2026/10, 2026年10月, 202610) or by any of its days.

    2026.1 is refused: a cell that Excel took for a number may have been 2026.10.
    """
    bare = unwrapped(text)
    year, month_ = (pl.coalesce(bare.str.extract(p, group) for p in _MONTHS) for group in (1, 2))
    named = pl.concat_str([year, month_.str.zfill(2), pl.lit("01")], separator="-")
    first = pl.coalesce(named.str.to_date("%Y-%m-%d", strict=False), day(text).value.dt.month_start())
    within = first.is_between(_FIRST, _LAST)
    problem = pl.when(bare.is_not_null() & ~within.fill_null(False)).then(pl.lit("bad_month"))
    return Parsed(pl.when(within).then(first), problem)


def _iso(text: pl.Expr, pattern: str) -> pl.Expr:
    """yyyy-mm-dd where `text` has the pattern's three groups, else null."""
    parts = text.str.extract_groups(pattern)
    year, month, day_ = (parts.struct.field(str(group)) for group in (1, 2, 3))
    return pl.concat_str([year, month.str.zfill(2), day_.str.zfill(2)], separator="-")


def _serial(text: pl.Expr) -> pl.Expr:
    days = text.str.extract(_SERIAL, 1).cast(pl.Int64, strict=False)
    return pl.lit(_SERIAL_ZERO) + pl.duration(days=days)
