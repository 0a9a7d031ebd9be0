"""Amounts of money become integer fen, whole numbers become integers; no float takes part.

In: text such as 12,345.67, ¥1200, １２００元, 3.5万元. Out: Int64 fen.
Never: an amount with more than two decimals of a yuan rounded away.
"""

from __future__ import annotations

import polars as pl

from tuogu.core.standardise_text import Parsed

_DECORATION = r"^(?:人民币|RMB|CNY|[¥￥])|(?:元整|圆整|元|圆|整|RMB|CNY)$"
_AMOUNT = r"^([-+]?)([0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.([0-9]*))?(万|亿)?$"
_YUAN_DIGITS, _WAN_DIGITS, _YI_DIGITS = 2, 6, 10  # decimals in fen of a yuan, a 万, a 亿
_DIGITS_MAX = 17  # digits of fen that are safe in Int64


def money(text: pl.Expr, *, in_wan: bool = False) -> Parsed:
    """Fen; `in_wan` says that the header counts in 万元: plain numbers are then multiples of 10,000 yuan."""
    bare = text.str.replace_all(r"[\s'’‘`]", "").str.replace_all(_DECORATION, "")
    bare = bare.str.replace_all(_DECORATION, "")  # both ends: ¥1,200元整
    parts = bare.str.extract_groups(_AMOUNT)
    sign, whole, decimals, unit = (parts.struct.field(str(group)) for group in (1, 2, 3, 4))
    places = (
        pl.when(unit == "万")
        .then(_WAN_DIGITS)
        .when(unit == "亿")
        .then(_YI_DIGITS)
        .otherwise(_WAN_DIGITS if in_wan else _YUAN_DIGITS)
    )
    fraction = decimals.fill_null("").str.pad_end(_YI_DIGITS, "0")
    digits = pl.concat_str([whole.str.replace_all(",", ""), fraction.str.slice(0, places)])
    digits = digits.str.strip_chars_start("0")
    exact = ~fraction.str.slice(places).str.contains("[1-9]")
    fits = exact & (digits.str.len_chars() <= _DIGITS_MAX)
    fen = pl.when(digits == "").then(pl.lit("0")).otherwise(digits).cast(pl.Int64, strict=False)
    negative = (sign == "-") & (fen > 0)
    problem = (
        pl.when(bare.is_not_null() & ~fits.fill_null(False))
        .then(pl.lit("bad_money"))
        .when(negative)
        .then(pl.lit("negative_money"))
    )
    return Parsed(pl.when(problem.is_null()).then(fen), problem)


def whole_number(text: pl.Expr, *, maximum: int) -> Parsed:
    """A whole number between 0 and `maximum`; a trailing 年, 次, 期 or .0 is dropped."""
    bare = text.str.replace_all(r"\s", "").str.replace(r"(?:\.0+)?(?:年|次|期|种|个)?$", "")
    value = bare.str.extract(r"^([0-9]{1,9})$", 1).cast(pl.Int64, strict=False)
    good = value <= maximum
    return Parsed(
        pl.when(good).then(value),
        pl.when(bare.is_not_null() & ~good.fill_null(False)).then(pl.lit("bad_number")),
    )


def degrees(text: pl.Expr, *, low: float, high: float) -> Parsed:
    """A longitude or latitude in decimal degrees within [low, high]."""
    bare = text.str.replace_all(r"[\s°]", "")
    value = bare.str.extract(r"^([0-9]{1,3}(?:\.[0-9]+)?)$", 1).cast(pl.Float64, strict=False)
    good = value.is_between(low, high)
    problem = pl.when(bare.is_not_null() & ~good.fill_null(False)).then(pl.lit("bad_coordinate"))
    return Parsed(pl.when(good).then(value), problem)
