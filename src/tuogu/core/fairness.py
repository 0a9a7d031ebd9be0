"""The fairness account (公平账, N-10): what each person has received month by month, beside what equals have received.

In: released pieces (RELEASED), who was in post in which month among which equals (MEMBERS), the rulebook. Out: ACCOUNT, one
row a person and month in post, and EVENNESS, one row a group and month. Never: a month in which somebody was not in post
held against him, a person without a piece left out, unlike ranks compared.

Four measures: pieces, premium, difficulty (points by nature and service class), distance. Of each the account carries the
month, the running total and how far the total is off what equals had: the sum over the person's months of the mean of
the group in that month. So a newcomer is compared from the first month on.

Evenness is Jain's index of (total ÷ what equals had): (Σr)² ÷ (n·Σr²). It is 100 % when all stand alike and k/n when k of
n have everything in equal parts, whatever the unit and however large the group; a spread or a standard deviation has the
unit's size, and a ratio of most to least breaks at zero.
"""

from __future__ import annotations

import polars as pl

from tuogu.core.rulebook import Rulebook
from tuogu.core.sheets import Column, Sheet
from tuogu.core.tables import Schema, conform

S, I, D = pl.String, pl.Int64, pl.Date
MEASURES = ("pieces", "premium_fen", "difficulty", "distance_m")

RELEASED: Schema = {  # one row a policy behind a released placement
    "number": S,  # the placement's: a policy or a customer; several policies of one customer are one piece
    "staff_number": S,
    "month": D,  # first day of the month in which it was released
    "premium_fen": I,  # of a year, or the whole single premium
    "nature": S,  # normal | hard | problem; null = not classified
    "service_class": S,  # normal | difficult | lapsed; null = not classified
    "distance_m": I,  # home to the customer's community; null = not known
}
MEMBERS: Schema = {"staff_number": S, "month": D, "equals": S}  # one row a person and month in post

_WHOLE = 10_000  # hundredths of a percent
_FINE = 10**12  # parts of a unit, in which the mean of equals is carried: its rounding never shows


ACCOUNT = Sheet(
    "fairness", "公平账",
    (
        Column("staff_number", "人员", "receiver"),
        Column("equals", "同级", "text"),
        Column("month", "月份", "day"),
        Column("pieces", "件数", "count", total=True),
        Column("premium_fen", "保费", "money", total=True),
        Column("difficulty", "难度分", "points", total=True),
        Column("distance_m", "距离", "metres", total=True),
        Column("pieces_total", "累计件数", "count"),
        Column("premium_fen_total", "累计保费", "money"),
        Column("difficulty_total", "累计难度分", "points"),
        Column("distance_m_total", "累计距离", "metres"),
        Column("pieces_off_bp", "件数偏离同级", "rate"),
        Column("premium_fen_off_bp", "保费偏离同级", "rate"),
        Column("difficulty_off_bp", "难度偏离同级", "rate"),
        Column("distance_m_off_bp", "距离偏离同级", "rate"),
    ),
    note="每人每月实得与累计，以及累计比同级同期平均多或少百分之几；只比较在岗的月份，距离不明的件不计距离",
)  # fmt: skip
EVENNESS = Sheet(
    "evenness", "均衡度",
    (
        Column("equals", "同级", "text"),
        Column("month", "月份", "day"),
        Column("people", "人数", "count"),
        Column("pieces_even_bp", "件数均衡度", "rate"),
        Column("premium_fen_even_bp", "保费均衡度", "rate"),
        Column("difficulty_even_bp", "难度均衡度", "rate"),
        Column("distance_m_even_bp", "距离均衡度", "rate"),
    ),
    note="100% 表示同级各人累计所得与应得之比完全相同；n 人中只有 k 人有、且各人相同时为 k/n",
)  # fmt: skip


def account(released: pl.DataFrame, members: pl.DataFrame, rulebook: Rulebook) -> pl.DataFrame:
    """The frame of ACCOUNT, by person and month. ValueError when something was released to somebody not in post."""
    received = _received(conform(released, RELEASED), rulebook)
    grid = conform(members, MEMBERS)
    stray = received.join(grid, on=["staff_number", "month"], how="anti").sort("staff_number", "month")
    if stray.height:
        staff, month = stray.row(0)[:2]
        raise ValueError(f"{staff} 在 {month} 不在岗，却有下发的件")
    rows = grid.join(received, on=["staff_number", "month"], how="left").with_columns(
        pl.col(MEASURES).fill_null(0)
    )
    return conform(_beside_equals(rows).sort("staff_number", "month"), ACCOUNT.schema)


def evenness(accounted: pl.DataFrame) -> pl.DataFrame:
    """The frame of EVENNESS, by group and month; null where the group has received none of the measure. Rounded down:
    100 % means all alike."""
    figures = accounted.group_by("equals", "month").agg(
        pl.len().cast(pl.Int64).alias("people"), *(_jain(name).alias(f"{name}_even_bp") for name in MEASURES)
    )
    return conform(figures.sort("equals", "month"), EVENNESS.schema)


def _received(released: pl.DataFrame, rulebook: Rulebook) -> pl.DataFrame:
    """staff_number, month and the four measures, where anything was received."""
    nature, service = (
        pl.col(column).replace_strict(
            rulebook[f"fairness.{column}_points"], default=None, return_dtype=pl.Int64
        ).fill_null(0)
        for column in ("nature", "service_class")
    )  # fmt: skip
    return released.group_by("staff_number", "month").agg(
        pieces=pl.col("number").n_unique().cast(pl.Int64), premium_fen=pl.col("premium_fen").sum(),
        difficulty=(nature + service).sum(), distance_m=pl.col("distance_m").sum(),
    )  # fmt: skip


def _beside_equals(rows: pl.DataFrame) -> pl.DataFrame:
    """Running totals, and how far they are off the running mean of equals."""
    equals, people = ["equals", "month"], pl.len().cast(pl.Int128)
    means = rows.with_columns(
        ((pl.col(name).sum().cast(pl.Int128) * _FINE) // people).over(equals).alias(f"{name}_mean")
        for name in MEASURES
    ).sort("staff_number", "month")
    sums = means.with_columns(
        *(pl.col(name).cum_sum().over("staff_number").alias(f"{name}_total") for name in MEASURES),
        *(pl.col(f"{name}_mean").cum_sum().over("staff_number") for name in MEASURES),
    )
    return sums.with_columns(_off(name).alias(f"{name}_off_bp") for name in MEASURES)


def _off(name: str) -> pl.Expr:
    """Total against the mean of equals, to the nearest hundredth of a percent; null where equals had nothing."""
    had = pl.col(f"{name}_mean")
    over = (pl.col(f"{name}_total").cast(pl.Int128) * _FINE - had) * _WHOLE
    return pl.when(had > 0).then((2 * over + had) // (2 * had)).cast(pl.Int64)


def _jain(name: str) -> pl.Expr:
    ratio = (pl.col(f"{name}_off_bp") + _WHOLE).cast(pl.Int128)
    square = (ratio**2).sum()
    return (
        pl.when(square > 0)
        .then((ratio.sum() ** 2 * _WHOLE) // (ratio.count().cast(pl.Int128) * square))
        .cast(pl.Int64)
    )
