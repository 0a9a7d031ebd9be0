"""What a plan says is served already, held against the book: one room for the checks of arrivals and block.

In: Plan with a table `standing`, Book, Rulebook. Out: `Ground`: live orphans with community and months, who stands where,
what is due. Never: an import from a planner; a month, community or holder taken over from the plan.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl

from tuogu.core.checks.case import Case, rows
from tuogu.core.geometry import touching_pairs
from tuogu.core.tables import MONTH_COLUMNS

_BUFFER = "buffer"


@dataclass(frozen=True)
class Ground:
    """A case with the plan's `standing` beside it."""

    case: Case

    @cached_property
    def orphans(self) -> pl.DataFrame:
        """number, holder_number, route, community_code, m01..m12 of the live orphan main policies."""
        names = {f"true_{month}": month for month in MONTH_COLUMNS}
        return self.case.orphans.rename(
            {"policy_number": "number", "true_community": "community_code", **names}
        )

    @cached_property
    def standing(self) -> pl.DataFrame:
        """number, receiver as the plan says, with the book's community and months."""
        said = self.case.plan.tables["standing"].select("number", "receiver", "basis", "ground")
        return said.join(self.orphans, on="number")

    @cached_property
    def near(self) -> pl.DataFrame:
        """community_code, near_code: touching or the same, among the communities of all live orphans."""
        at, known = self.case.at, self.orphans["community_code"].drop_nulls().unique()
        own = pl.DataFrame({"community_code": known, "near_code": known})
        index = at.index()
        places = np.array(sorted(index[code] for code in known if code in index), dtype=np.int64)
        if not len(places):
            return own
        percent = self.case.rulebook["territory.longest_edges_pct"]
        pairs = places[touching_pairs(at, places, self.case.book.neighbours, percent)].reshape(-1, 2)
        codes = pl.Series(at.codes, dtype=pl.String)
        one, other = codes.gather(pairs[:, 0]), codes.gather(pairs[:, 1])
        both = [pl.DataFrame({"community_code": a, "near_code": b}) for a, b in ((one, other), (other, one))]
        return pl.concat([own, *both]).unique()

    @cached_property
    def reach(self) -> pl.DataFrame:
        """community_code, receiver: whose area has the community or touches it."""
        held = self.standing.filter("ground").select(near_code="community_code", receiver="receiver").unique()
        return self.near.join(held, on="near_code").select("community_code", "receiver").unique()

    def due(self, pieces: pl.DataFrame) -> pl.DataFrame:
        """receiver, month, due of `pieces` (number, receiver): every manager in post, every month."""
        true = pieces.select("number", "receiver").join(self.orphans, on="number")
        sums = true.group_by("receiver").agg(pl.col(month).sum() for month in MONTH_COLUMNS)
        long = sums.unpivot(MONTH_COLUMNS, index="receiver", variable_name="name", value_name="due")
        long = long.with_columns(month=pl.col("name").str.slice(1).cast(pl.Int64)).drop("name")
        grid = self.case.people.select(receiver="staff_number").join(
            pl.DataFrame({"month": range(1, 13)}, schema={"month": pl.Int64}), how="cross"
        )
        return grid.join(long, on=["receiver", "month"], how="left").with_columns(pl.col("due").fill_null(0))


def who_stands(ground: Ground, req: str) -> Iterator[pl.DataFrame]:
    """Who is said to serve a piece is in post, the piece is a live orphan named once, and the ledger agrees."""
    said = ground.case.plan.tables["standing"]
    twice = said.filter(pl.col("number").is_duplicated()).unique("number")
    alien = said.join(ground.orphans, on="number", how="anti")
    stranger = said.join(ground.case.people, left_on="receiver", right_on="staff_number", how="anti")
    yield rows(twice, "standing", req, "number", "receiver", "一人", pl.lit("在管清单中出现多次"))
    yield rows(alien, "standing", req, "number", "receiver", "孤儿保单", pl.lit("不是有效的孤儿主险保单"))
    yield rows(stranger, "standing", req, "number", "receiver", "在职客户经理", pl.lit("责任人不在职"))
    held = ground.case.book.held.filter((pl.col("relation") == "custody") & (pl.col("kind") == "policy"))
    ledger = held.select("number", holder="receiver")
    both = said.join(ledger, on="number")
    wrong = both.filter(
        ((pl.col("basis") == "held") & (pl.col("holder") != pl.col("receiver")))
        | (
            (pl.col("basis") == "planned")
            & pl.col("holder").is_in(ground.case.people["staff_number"].implode())
        )
    )
    yield rows(wrong, "standing", req, "number", "holder", "台账", pl.lit("在管清单与台账不一致"))


def keeps(ground: Ground, req: str) -> Iterator[pl.DataFrame]:
    """What is not placed stays with whom the ledger names (a leaver's goes to the buffer group)."""
    held = ground.case.book.held.filter((pl.col("relation") == "custody") & (pl.col("kind") == "policy"))
    here = ground.case.book.books.people.filter(
        pl.col("left_date").is_null() | (pl.col("left_date") > ground.case.plan.as_of)
    )["staff_number"]
    ledger = held.select(policy_number="number", holder="receiver")
    stays = pl.col("holder").is_in(here.implode()) | pl.col("holder").str.starts_with("department:")
    true = pl.when(stays.fill_null(False)).then(pl.col("holder")).otherwise(pl.lit(_BUFFER))
    left = ground.case.plan.unplaced.join(ledger, on="policy_number", how="left").with_columns(true=true)
    wrong = left.filter(pl.col("custodian") != pl.col("true"))
    yield rows(wrong, "custodian", req, "policy_number", "custodian", "台账", pl.lit("责任人与台账不一致"))
