"""Pieces as the smoothing model sees them, and its answer as single pieces again.

In: who serves what, what the levels placed, who is near. Out: `Groups` with their members; the moves, one row a piece.
Never: a piece that the levels tied to a person (same customer, single list) among those that may move, a piece of a
group chosen by its number (a keyed hash decides among equals).
"""

from __future__ import annotations

import numpy as np
import polars as pl

from tuogu.core.arrivals.room import Ints
from tuogu.core.arrivals.smoothing import Groups
from tuogu.core.arrivals.standing import Standing
from tuogu.core.tables import MONTH_COLUMNS
from tuogu.core.ties import tie_rank

TIED = ("cross", "single")  # levers of new pieces that stay with their person


def grouped(
    today: Standing, chosen: pl.DataFrame, reached: pl.DataFrame, prices: tuple[int, int]
) -> tuple[Groups, pl.DataFrame]:
    """Groups of single pieces, and policy_number, group, column, lever of their members. Equal: same owner, same months,
    same people near. `prices` = (a served piece handed over, a new one directed elsewhere).
    """
    staff = today.managers["staff_number"]
    columns = (
        staff.to_frame("receiver").with_row_index("column").with_columns(pl.col("column").cast(pl.Int64))
    )
    areas = _areas(reached.join(columns, on="receiver"))
    arrived = today.arriving.join(chosen.filter(~pl.col("lever").is_in(TIED)), on="policy_number")
    wanted = ("policy_number", "community_code", "receiver", *MONTH_COLUMNS)
    pieces = pl.concat(
        [
            today.pieces.select(*wanted, new=pl.lit(0, pl.Int64)),
            arrived.select(*wanted, new=pl.lit(1, pl.Int64)),
        ]
    )
    pieces = pieces.join(columns, on="receiver").join(
        areas.select("community_code", "area"), on="community_code"
    )
    keys = ["column", "area", "new", *MONTH_COLUMNS]
    groups = pieces.group_by(keys).agg(count=pl.len().cast(pl.Int64)).sort(keys).with_row_index("group")
    lever = pl.when(pl.col("new") > 0).then(pl.lit("new")).otherwise(pl.lit("adjacent"))
    members = pieces.join(groups.drop("count"), on=keys).select(
        "policy_number", "group", "column", lever=lever
    )
    near = areas.select("area", "near").unique("area").explode("near")
    ways = (
        groups.select("group", "area", "column", "new")
        .join(near, on="area")
        .filter(pl.col("near") != pl.col("column"))
    )
    ways = ways.sort("group", "near")
    return (
        Groups(
            owner=_ints(groups["column"]),
            months=groups.select(MONTH_COLUMNS).to_numpy().astype(np.int64).reshape(-1, 12),
            size=np.ones(len(groups), dtype=np.int64),
            count=_ints(groups["count"]),
            must=np.zeros(len(groups), dtype=np.int64),
            group=_ints(ways["group"]),
            taker=_ints(ways["near"]),
            price=np.where(_ints(ways["new"]) > 0, prices[1], prices[0]).astype(np.int64),
        ),
        members,
    )


def _areas(reached: pl.DataFrame) -> pl.DataFrame:
    """community_code, near (columns of those near, ascending), area: communities with the same people near are one."""
    each = reached.sort("column").group_by("community_code", maintain_order=True).agg(near="column")
    return each.with_columns(area=pl.col("near").cast(pl.List(pl.String)).list.join(","))


def _ints(column: pl.Series) -> Ints:
    return column.to_numpy().astype(np.int64)


def moves_of(
    groups: Groups, members: pl.DataFrame, amount: Ints, staff: pl.Series, seed: int
) -> pl.DataFrame:
    """policy_number, lever (adjacent | new), giver, receiver: the pieces behind the model's amounts."""
    moved = np.flatnonzero(amount)
    ways = pl.DataFrame(
        {
            "group": np.repeat(groups.group[moved], amount[moved]),
            "taker": np.repeat(groups.taker[moved], amount[moved]),
        },
        schema={"group": pl.Int64, "taker": pl.Int64},
    )
    ways = ways.with_columns(place=pl.int_range(pl.len()).over("group"))
    open_groups = members.with_columns(pl.col("group").cast(pl.Int64)).join(
        ways.select("group").unique(), on="group"
    )
    tie = tie_rank(seed, "arrivals.moves", open_groups["policy_number"])
    ordered = open_groups.with_columns(tie=tie).sort("group", "tie")
    ordered = ordered.with_columns(place=pl.int_range(pl.len()).over("group"))
    rows = ordered.join(ways, on=["group", "place"])
    return rows.select(
        "policy_number",
        "lever",
        giver=staff.gather(rows["column"]),
        receiver=staff.gather(rows["taker"]),
    ).sort("policy_number")
