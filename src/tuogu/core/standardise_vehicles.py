"""Text columns of vehicles become canonical values: plates and frame numbers (S3-01).

In: expressions over `normal` text. Out: `Parsed`. Never: a value that was guessed; a letter that no plate has.
"""

from __future__ import annotations

import polars as pl

from tuogu.core.standardise_text import NO_REASON, Parsed, bare_number

_PROVINCES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"
# Five places, six of a new-energy car; the last may be 挂 or 学. Plates have neither I nor O.
_PLATE = rf"^[{_PROVINCES}][A-HJ-NP-Z](?:[A-HJ-NP-Z0-9]{{5,6}}|[A-HJ-NP-Z0-9]{{4}}[挂学警港澳领])$"
_FRAME = r"^[A-HJ-NPR-Z0-9]{17}$"
_NOT_YET = ("新车", "未上牌", "暂未上牌", "无牌", "待上牌", "*-*", "*")


def plate(text: pl.Expr) -> Parsed:
    """浙B12345; dots and dashes inside are dropped. A car that has no plate yet has none here."""
    bare = bare_number(text).str.to_uppercase()
    none = bare.is_in(list(_NOT_YET))
    value = bare.str.replace_all(r"[·•.\-]", "")
    good = value.str.contains(_PLATE)
    return Parsed(
        pl.when(good & ~none).then(value),
        pl.when(~none & ~good).then(pl.lit("bad_plate")).otherwise(NO_REASON),
    )


def frame(text: pl.Expr) -> Parsed:
    """The 17 characters of the vehicle identification number."""
    value = bare_number(text).str.to_uppercase()
    good = value.str.contains(_FRAME)
    return Parsed(pl.when(good).then(value), pl.when(~good).then(pl.lit("bad_frame")).otherwise(NO_REASON))
