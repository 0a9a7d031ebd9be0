"""Arithmetic before any solver: can 25..60 pieces a month hold at all, with these people and this season?

In: pieces due in each month, policies, number of managers, the band. Out: `Feasibility` with the headcount
range that would fit and the months that bind. Never: a solver run to find out what a division shows; an
average passed off as the rule (A-05: the average is printed beside it).

For n managers every month needs 25 n <= due <= 60 n, and the year needs policies <= cap n.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from tuogu.core.rulebook import Rulebook
from tuogu.core.tables import MONTH_COLUMNS
from tuogu.core.territory.instance import Ints

HEADCOUNT = {
    "region_code": pl.String,
    "region": pl.String,
    "month": pl.Int64,
    "due": pl.Int64,
    "need": pl.Int64,  # ceil(due / territory.planning_ratio)
}


@dataclass(frozen=True)
class Feasibility:
    """What the arithmetic says. `months` are 1..12."""

    due: tuple[int, ...]
    policies: int
    managers: int
    month_min: int
    month_max: int
    held_cap: int

    @property
    def infeasible_months(self) -> tuple[int, ...]:
        """Months in which no division among these managers keeps the band."""
        low, high = self.month_min * self.managers, self.month_max * self.managers
        return tuple(m for m, due in enumerate(self.due, 1) if not low <= due <= high)

    @property
    def headcount_min(self) -> int:
        """Fewest managers: the fullest month at the ceiling, and the year at the cap."""
        return max(-(-max(self.due) // self.month_max), -(-self.policies // max(self.held_cap, 1)))

    @property
    def headcount_max(self) -> int:
        """Most managers: the emptiest month at the floor."""
        return min(self.due) // self.month_min if self.month_min else self.policies

    @property
    def staffable(self) -> bool:
        """Some number of managers fits every month."""
        return self.headcount_min <= self.headcount_max

    @property
    def possible(self) -> bool:
        """Necessary for a plan without violations; policy-level repair decides the rest."""
        return (
            self.managers > 0
            and not self.infeasible_months
            and self.policies <= self.held_cap * self.managers
        )

    def facts(self) -> tuple[tuple[str, str], ...]:
        """(statement, figure) in Chinese, for the certificate."""
        low, high = self.month_min * self.managers, self.month_max * self.managers
        band = f"{self.month_min}–{self.month_max}"
        lines = [
            ("客户经理人数", f"{self.managers:,}"),
            (
                "人均每月应收（平均数口径）",
                f"{sum(self.due) / 12 / self.managers:.1f} 件" if self.managers else "—",
            ),
            (f"每月应收都在人均 {band} 件之间所需的人数", self._headcount()),
            ("决定人数下限的月份", self._months(max(self.due))),
            ("决定人数上限的月份", self._months(min(self.due))),
            (
                f"最旺月与最淡月之比（不得超过 {self.month_max}/{self.month_min}）",
                f"{max(self.due) / min(self.due):.2f}" if min(self.due) else "最淡月没有应收",
            ),
        ]
        lines += [
            (
                f"{month}月不可行：{self.managers} 人合计只能承担 {low:,}–{high:,} 件",
                f"应收 {self.due[month - 1]:,} 件",
            )
            for month in self.infeasible_months
        ]
        return tuple(lines)

    def _headcount(self) -> str:
        if self.staffable:
            return f"{self.headcount_min:,}–{self.headcount_max:,} 人"
        return f"没有合适人数（至少 {self.headcount_min:,} 人，至多 {self.headcount_max:,} 人）"

    def _months(self, due: int) -> str:
        return "、".join(f"{m}月" for m, d in enumerate(self.due, 1) if d == due) + f"（{due:,} 件）"


def feasibility(months: Ints, policies: int, managers: int, rulebook: Rulebook, held_cap: int) -> Feasibility:
    """`months` is (12,) pieces due of everything planned; `held_cap` the yearly limit of one manager."""
    return Feasibility(
        tuple(int(due) for due in np.asarray(months)),
        policies,
        managers,
        rulebook["territory.month_load_min"],
        rulebook["territory.month_load_max"],
        held_cap,
    )


def headcount_need(planned: pl.DataFrame, communities: pl.DataFrame, ratio: int) -> pl.DataFrame:
    """HEADCOUNT by district, and for all (region_code null): need = ceil(month's due / ratio), S0-15.

    `planned` has community_code and m01..m12; one row a policy.
    """
    places = communities.select("community_code", region_code="district_code", region="district")
    frame = planned.join(places, on="community_code", how="left")
    district = frame.group_by("region_code", "region").agg(pl.col(MONTH_COLUMNS).sum())
    whole = frame.select(
        pl.lit(None, pl.String).alias("region_code"), pl.lit("合计").alias("region"), *MONTH_COLUMNS
    )
    every = pl.concat([district, whole.group_by("region_code", "region").agg(pl.col(MONTH_COLUMNS).sum())])
    long = every.unpivot(
        MONTH_COLUMNS, index=["region_code", "region"], variable_name="month", value_name="due"
    )
    return (
        long.with_columns(
            month=pl.col("month").str.slice(1).cast(pl.Int64),
            need=(pl.col("due") + ratio - 1) // ratio,
        )
        .sort("region_code", "month", nulls_last=True)
        .select(HEADCOUNT.keys())
    )
