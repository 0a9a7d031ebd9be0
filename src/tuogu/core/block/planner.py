"""The block strategy: whole units of somebody who leaves or of a list, moved in one step (P-24).

In: a book, the rulebook, the earlier territory plan, the options `from` or `units`, and `to`. Out: one instalment with every
policy of those units, the neighbours' load before and after, a certificate of pieces outside the month band (`band_pieces`).
Never: a unit torn between two receivers, a piece of another unit touched, a receiver who does not touch the block unless
he is named.

With `to` everything goes to that person. Without, the exact model of `arrivals.smoothing` gives each unit to one of the
managers who touch the block: fewest pieces outside the band, then the shortest ways. The leaver's own
months no longer count.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import polars as pl

from tuogu.core.arrivals.planner import earlier_of, room_of
from tuogu.core.arrivals.room import Ints, Room
from tuogu.core.arrivals.smoothing import Groups, Smoothed, moved, outside_band, smooth
from tuogu.core.arrivals.standing import Standing, standing
from tuogu.core.block import outcome
from tuogu.core.block.outcome import Stays
from tuogu.core.gap import gap_of
from tuogu.core.neighbourhood import NOT_JUDGED, judged, near_communities, reach
from tuogu.core.proposal import Proposal, Request
from tuogu.core.strategies import StrategyError
from tuogu.core.tables import MONTH_COLUMNS, Certificate
from tuogu.core.territory.feasibility import feasibility
from tuogu.core.territory.setting import metres_to


def propose(request: Request) -> Proposal:
    """Move the units that the options name."""
    rulebook = request.rulebook
    today = standing(request.book, rulebook, request.as_of, earlier_of(request, "整块调整"))
    request.told("block", 0.2)
    moving = moving_pieces(today.pieces, request.options)
    units = units_of(moving)
    stays = _after_leaving(today, moving, request)
    allowed = _allowed(request, today, moving)
    groups = _groups(request, units, allowed, stays.staff)
    low, room = rulebook["territory.month_load_min"], stays.room
    request.told("smoothing", 0.4)
    found = smooth(room, low, groups)
    units = outcome.given(units, stays.staff, groups, found)
    after = room if found is None else moved(room, groups, found.amount)
    tables = outcome.Tables(request, today, moving, units, allowed, Stays(stays.staff, after), room)
    return Proposal(
        placements=tables.placements(),
        unplaced=tables.unplaced(),
        certificate=_certificate(request, units, stays, found, after),
        candidates=tables.candidates(),
        tables=tables.own(),
    )


def moving_pieces(pieces: pl.DataFrame, options: Mapping[str, str]) -> pl.DataFrame:
    """Rows of Standing.pieces that the options name, with `block`: the unit, or the community where there is no unit."""
    giver, text = options["from"], options["units"].replace("，", ",").replace("\n", ",")
    listed = [unit.strip() for unit in text.split(",") if unit.strip()]
    if giver:
        chosen = pieces.filter(pl.col("receiver") == giver)
        if chosen.is_empty():
            raise StrategyError(
                f"移出人 {giver} 名下没有在管的孤儿保单：请核对工号；已离司人员的保单请用新增孤儿保单安置",
                "from",
            )
    else:
        missing = sorted(set(listed) - set(pieces["unit_code"].drop_nulls()))
        if missing:
            raise StrategyError(f"前一方案中没有单元 {'、'.join(missing)}，或其保单已无人在管", "units")
        chosen = pieces.filter(pl.col("unit_code").is_in(listed))
    block = pl.coalesce("unit_code", pl.format("社区{}", "community_code"), pl.lit("未编码"))
    return chosen.with_columns(block=block).sort("policy_number")


def units_of(moving: pl.DataFrame) -> pl.DataFrame:
    """block, giver, unit_code, community_code, policies, m01..m12: what moves whole, by block and giver."""
    months = [pl.col(month).sum() for month in MONTH_COLUMNS]
    grouped = moving.group_by("block", giver="receiver").agg(
        pl.col("unit_code").first(),
        pl.col("community_code").sort_by("policy_number").first(),
        pl.len().cast(pl.Int64).alias("policies"),
        *months,
    )
    return grouped.sort("block", "giver").with_row_index("row").with_columns(pl.col("row").cast(pl.Int64))


def _after_leaving(today: Standing, moving: pl.DataFrame, request: Request) -> Stays:
    room = room_of(today, request.rulebook["territory.month_load_max"])
    staff = today.managers["staff_number"]
    columns = {number: column for column, number in enumerate(staff)}
    column = moving["receiver"].replace_strict(columns, return_dtype=pl.Int64).to_numpy()
    due, held = room.due.copy(), room.held.copy()
    np.subtract.at(due, column, moving.select(MONTH_COLUMNS).to_numpy().astype(np.int64))
    np.subtract.at(held, column, 1)
    kept = (staff != request.options["from"]).to_numpy()
    left = Room(due[kept], held[kept], room.month_max, room.held_cap)
    return Stays(today.managers.filter(pl.Series(kept)), left)


def _allowed(request: Request, today: Standing, moving: pl.DataFrame) -> pl.Series:
    """Staff numbers that may receive: the one named, or all who touch the block."""
    staff, named = today.managers["staff_number"], request.options["to"]
    givers = moving["receiver"].unique()
    if named:
        if named not in staff.to_list():
            raise StrategyError(f"接收人 {named} 不是在职客户经理")
        if named in givers.to_list():
            raise StrategyError(f"接收人 {named} 就是移出人")
        return pl.Series("receiver", [named])
    near = near_communities(request.book, request.rulebook, today.populated)
    ground = today.pieces.join(moving.select("policy_number"), on="policy_number", how="anti")
    ground = ground.filter(pl.col("ground") & ~pl.col("receiver").is_in(givers.implode()))
    where = moving.select("community_code").unique()
    touching = reach(ground, near).join(where, on="community_code", how="semi")["receiver"].unique().sort()
    if touching.is_empty():
        raise StrategyError("没有与这些单元相邻的客户经理；请用 to 指明接收人")
    return touching


def _groups(request: Request, units: pl.DataFrame, allowed: pl.Series, staff: pl.DataFrame) -> Groups:
    """Every unit as one item that must go, to each of `allowed`, priced in policy-metres."""
    columns = {number: column for column, number in enumerate(staff["staff_number"])}
    takers = np.array(sorted(columns[number] for number in allowed), dtype=np.int64)
    count, size = len(units), units["policies"].to_numpy().astype(np.int64)
    metres = _metres(request, units["community_code"], staff)[:, takers]
    ones = np.ones(count, dtype=np.int64)
    return Groups(
        owner=-ones,
        months=units.select(MONTH_COLUMNS).to_numpy().astype(np.int64).reshape(-1, 12),
        size=size,
        count=ones,
        must=ones,
        group=np.repeat(np.arange(count), len(takers)),
        taker=np.tile(takers, count),
        price=(metres * size[:, None]).ravel(),
    )


def _metres(request: Request, communities: pl.Series, staff: pl.DataFrame) -> Ints:
    """(u, a) metres; a block without code costs nothing anywhere."""
    coded = communities.is_not_null().to_numpy()
    metres = np.zeros((len(communities), len(staff)), dtype=np.int64)
    if coded.any():
        metres[coded] = metres_to(communities.drop_nulls(), staff, request.book, request.rulebook)
    return metres


def _certificate(
    request: Request, units: pl.DataFrame, stays: Stays, found: Smoothed | None, after: Room
) -> Certificate:
    """Pieces outside the band of those who stay, and the least that these receivers can make of it."""
    rulebook = request.rulebook
    low, high = rulebook["territory.month_load_min"], rulebook["territory.month_load_max"]
    value = outside_band(after.due, low, high)
    bound = value if found is None else found.outside_bound
    possible = feasibility(
        after.due.sum(axis=0), int(after.held.sum()), len(stays.staff), rulebook, after.held_cap
    )
    figures = {
        "units": len(units),
        "placed": int(units.filter(pl.col("receiver").is_not_null())["policies"].sum()),
        "receivers": units["receiver"].drop_nulls().n_unique(),
        "move_price": 0 if found is None else found.price,
        "move_price_bound": 0 if found is None else found.price_bound,
        "month_load_min": low,
        "month_load_max": high,
    }
    return Certificate(
        metric="band_pieces",
        objective=value,
        lower_bound=bound,
        gap=gap_of(value, bound),
        limits_hit=() if found is None else found.limits_hit,
        feasibility=possible.facts(),
        contiguity="judged" if judged(request.book) else NOT_JUDGED,
        figures=tuple((name, float(number)) for name, number in figures.items()),
    )
