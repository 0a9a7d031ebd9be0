"""The rounding certificate: what each share comes to, what was rounded off, and who got the pieces left over.

In: the facts of one apportionment. Out: a frame of the sheet ROUNDING, rows by key. Never: a float (shares, quotas and
remainders are written out exactly), a tie that decided something and is not marked.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import polars as pl

from tuogu.core.sheets import Column, Sheet
from tuogu.core.ties import tie_rank

Weights = Mapping[str, Fraction | int]
DECIMAL_PLACES = 9  # a fraction that ends within so many places is written as a decimal, any other as n/d


@dataclass(frozen=True)
class Apportionment:
    """`counts` by key, keys in their own order; `left` stays in the pool; `certificate` is a frame of ROUNDING."""

    counts: dict[str, int]
    left: int
    certificate: pl.DataFrame


@dataclass(frozen=True)
class Line:
    """One row of the certificate before it is written out."""

    key: str
    share: Fraction
    quota: Fraction
    count: int
    extra: bool
    tie: bool
    note: str


def rounding_sheet(
    name: str = "rounding", title: str = "尾数分配证明", key_heading: str = "对象", key_kind: str = "text"
) -> Sheet:
    """The certificate as a strategy's table, under the strategy's own name for what gets the pieces."""
    return Sheet(
        name,
        title,
        (
            Column("key", key_heading, key_kind),
            Column("share", "占比", "exact"),
            Column("quota", "应得件数", "exact"),
            Column("floor", "整数部分", "count", total=True),
            Column("remainder", "余数", "exact"),
            Column("extra", "得尾数", "yes"),
            Column("count", "实得件数", "count", total=True),
            Column("tie", "并列", "yes"),
            Column("note", "说明", "text"),
        ),
        note="每个占比应得多少、舍去多少、尾数给了谁；实得件数与池中剩余之和等于总数",
    )


ROUNDING = rounding_sheet()


def checked(total: int, weights: Weights) -> tuple[list[str], list[Fraction]]:
    """Keys in their own order and their shares of the whole; ValueError for anything that cannot be shared by."""
    if isinstance(total, bool) or not isinstance(total, int):
        raise ValueError(f"总数应为整数，不能是 {total!r}")
    if total < 0:
        raise ValueError(f"总数不能为负：{total}")
    if not weights:
        raise ValueError("没有可以分配的对象")
    for key, weight in weights.items():
        if isinstance(weight, bool) or not isinstance(weight, (int, Fraction)):
            raise ValueError(f"{key} 的占比应为整数或分数，不能是 {weight!r}")
        if weight < 0:
            raise ValueError(f"{key} 的占比不能为负：{exact(Fraction(weight))}")
    whole = sum(weights.values())
    if whole == 0:
        raise ValueError("占比全部为零，无从分配")
    keys = sorted(weights)
    return keys, [Fraction(weights[key]) / whole for key in keys]


def ranks(keys: Sequence[str], seed: int) -> list[int]:
    """Where each key stands when weights cannot tell two of them apart: a keyed hash, see `core.ties`."""
    return tie_rank(seed, "apportion", pl.Series(keys, dtype=pl.String)).to_list()


def certificate(lines: Sequence[Line]) -> pl.DataFrame:
    """The frame of ROUNDING, by key."""
    rows = []
    for line in sorted(lines, key=lambda line: line.key):
        floor = line.quota.numerator // line.quota.denominator
        share, quota, remainder = exact(100 * line.share) + "%", exact(line.quota), exact(line.quota - floor)
        rows.append((line.key, share, quota, floor, remainder, line.extra, line.count, line.tie, line.note))
    return pl.DataFrame(rows, schema=ROUNDING.schema, orient="row")


def exact(value: Fraction) -> str:
    """A fraction as text without loss: '1414.2048', or '33 1/3' where no short decimal is exact."""
    scaled = value * 10**DECIMAL_PLACES
    if scaled.denominator == 1:
        digits = f"{abs(scaled.numerator):0{DECIMAL_PLACES + 1}d}"
        whole, places = digits[:-DECIMAL_PLACES], digits[-DECIMAL_PLACES:].rstrip("0")
        return ("-" if value < 0 else "") + whole + ("." + places if places else "")
    whole_part, rest = divmod(abs(value.numerator), value.denominator)
    words = f"{whole_part} {rest}/{value.denominator}" if whole_part else f"{rest}/{value.denominator}"
    return ("-" if value < 0 else "") + words
