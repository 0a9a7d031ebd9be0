"""A plan under examination by `core.check`, beside what the book says about it.

In: Plan, Book, Rulebook. Out: `Case`: orphans, people, dues, loads and touching areas recomputed from the
book. Never: an import from `core.plan` or `core.territory`, a figure taken over from the plan.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl

from tuogu.core.basis import policy_communities
from tuogu.core.dues import due_months
from tuogu.core.geometry import METRES, Ints, Positions, positions, touching_pairs
from tuogu.core.rulebook import Rulebook
from tuogu.core.tables import ASSIGNMENTS, LIVE_STATES, MONTH_COLUMNS, Book, Plan, conform


@dataclass(frozen=True)
class Case:
    """A plan under examination, with what the book says about it."""

    plan: Plan
    book: Book
    rulebook: Rulebook

    @cached_property
    def assigned(self) -> pl.DataFrame:
        return conform(self.plan.assignments, ASSIGNMENTS)

    @cached_property
    def orphans(self) -> pl.DataFrame:
        """Live orphan main policies with route, community and dues as the book has them."""
        policies = self.book.books.policies.filter(
            (pl.col("kind") == "main") & pl.col("state").is_in(LIVE_STATES)
        )
        routes = self.book.classified.filter(pl.col("orphan")).select("policy_number", "route")
        frame = policies.join(routes, on="policy_number")
        places = policy_communities(frame, self.book.located, self.rulebook["territory.address_basis"])
        dues = due_months(frame, self.plan.as_of)
        return (
            frame.select("policy_number", "holder_number", "route")
            .join(places.rename({"community_code": "true_community"}), on="policy_number")
            .join(dues.rename({m: f"true_{m}" for m in MONTH_COLUMNS}), on="policy_number")
        )

    @cached_property
    def people(self) -> pl.DataFrame:
        """Managers who may hold a territory on the plan's day."""
        people = self.book.books.people
        gone = pl.col("left_date").is_not_null() & (pl.col("left_date") <= self.plan.as_of)
        series = pl.col("series").is_in(self.rulebook["territory.planned_series"])
        return people.filter(series & ~gone).select("staff_number", "team_code")

    @cached_property
    def at(self) -> Positions:
        return positions(self.book.communities)

    @cached_property
    def pairs(self) -> Ints:
        """Touching pairs of rows of `at`, among the communities that hold an assigned policy."""
        index = self.at.index()
        known = [c for c in self.assigned["community_code"].unique().sort() if c in index]
        rows = np.array(sorted(index[c] for c in known), dtype=np.int64)
        if not len(rows):
            return np.empty((0, 2), dtype=np.int64)
        pct = self.rulebook["territory.longest_edges_pct"]
        return rows[touching_pairs(self.at, rows, self.book.neighbours, pct)].reshape(-1, 2)

    @cached_property
    def judged(self) -> bool:
        return self.at.metric == METRES or len(self.book.neighbours) > 0

    @cached_property
    def loads(self) -> pl.DataFrame:
        """staff_number, month, due: from the book's dues, for everyone in post."""
        true = self.assigned.select("policy_number", "staff_number").join(self.orphans, on="policy_number")
        grid = self.people.select("staff_number").join(
            pl.DataFrame({"month": range(1, 13)}, schema={"month": pl.Int64}), how="cross"
        )
        sums = true.group_by("staff_number").agg(pl.col(f"true_{m}").sum().alias(m) for m in MONTH_COLUMNS)
        long = sums.unpivot(MONTH_COLUMNS, index="staff_number", variable_name="name", value_name="due")
        long = long.with_columns(month=pl.col("name").str.slice(1).cast(pl.Int64))
        return grid.join(long, on=["staff_number", "month"], how="left").with_columns(
            pl.col("due").fill_null(0)
        )


def rows(
    frame: pl.DataFrame, rule: str, req: str, key: str, value: str, bound: str, detail: pl.Expr
) -> pl.DataFrame:
    """VIOLATIONS from a frame of offenders; `value` names a column, `bound` is said as it is."""
    return frame.select(
        rule=pl.lit(rule),
        req=pl.lit(req),
        key=pl.col(key).cast(pl.String),
        value=pl.col(value).cast(pl.String).fill_null("null"),
        bound=pl.lit(bound),
        detail=detail,
    )


def differences(
    said: pl.DataFrame, true: pl.DataFrame, rule: str, req: str, key: str
) -> Iterator[pl.DataFrame]:
    """Rows that stand in only one of two frames with the same columns, as VIOLATIONS."""
    columns = said.columns
    for frame, other, word in (
        (said, true, "计划所列与保单汇总不符"),
        (true, said, "保单汇总在计划中没有相同的一行"),
    ):
        odd = frame.join(other, on=columns, how="anti", nulls_equal=True).with_columns(
            _text=pl.concat_str(pl.col(columns).cast(pl.String).fill_null("null"), separator=",")
        )
        yield rows(odd, rule, req, key, "_text", "汇总", pl.lit(word))
