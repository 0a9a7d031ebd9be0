"""Chinese resident ID numbers: check digit, birth date, sex, and the 18-digit form of a 15-digit number.

In: an expression of bare, upper-case ID text. Out: expressions. Never: an exception on odd text; a number
accepted whose check digit or birth date is wrong.

An 18-digit number is region (6), birth date (8), sequence (3; odd = male) and check digit; a 15-digit number
has a two-digit year (19yy) and no check digit (GB 11643).
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK_DIGITS = "10X98765432"  # indexed by the weighted sum modulo 11
_PROVINCES = r"(?:1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[1-3]|91)"  # 8x, 91: residence permits
_LONG = rf"^{_PROVINCES}[0-9]{{4}}[0-9]{{8}}[0-9]{{3}}[0-9X]$"
_SHORT = rf"^{_PROVINCES}[0-9]{{4}}[0-9]{{6}}[0-9]{{3}}$"


@dataclass(frozen=True)
class ResidentId:
    """What an ID number says; all null where the shape is wrong."""

    number: pl.Expr  # 18 characters
    shape_ok: pl.Expr  # Boolean: 15 or 18 digits with a known province
    check_ok: pl.Expr  # Boolean: check digit (always true for 15 digits)
    birth_date: pl.Expr  # Date, null where it does not exist
    sex: pl.Expr  # M | F
    upgraded: pl.Expr  # Boolean: came with 15 digits


def resident_id(number: pl.Expr) -> ResidentId:
    """Read the ID numbers of a column."""
    long, short = number.str.contains(_LONG), number.str.contains(_SHORT)
    body = (
        pl.when(long)
        .then(number.str.head(17))
        .when(short)
        .then(pl.concat_str(number.str.head(6), pl.lit("19"), number.str.slice(6, 9)))
    )
    check = _check_digit(body)
    birth = body.str.slice(6, 8).str.to_date("%Y%m%d", strict=False)
    odd = body.str.slice(16, 1).cast(pl.Int64, strict=False) % 2 == 1
    return ResidentId(
        number=pl.concat_str(body, check),
        shape_ok=long | short,
        check_ok=pl.when(long).then(number.str.tail(1) == check).otherwise(short),
        birth_date=birth,
        sex=pl.when(odd).then(pl.lit("M")).when(~odd).then(pl.lit("F")),
        upgraded=short,
    )


def _check_digit(body: pl.Expr) -> pl.Expr:
    """The check digit of 17 digits; null where `body` is null."""
    digits = (body.str.slice(i, 1).cast(pl.Int32, strict=False) * weight for i, weight in enumerate(_WEIGHTS))
    remainder = pl.sum_horizontal(*digits, ignore_nulls=False) % len(_CHECK_DIGITS)
    table = dict(enumerate(_CHECK_DIGITS))
    return remainder.replace_strict(table, default=None, return_dtype=pl.String)
