"""Everybody who might have had a new orphan, and why not (N-03).

In: the new orphans with their receiver, who is near, what is due after everything. Out: CANDIDATES. Never: an open verdict
for anybody but the receiver, a person near who is left out, a verdict without figures.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from tuogu.core.arrivals.levels import serving_persons
from tuogu.core.arrivals.room import Ints, Room
from tuogu.core.arrivals.standing import Standing
from tuogu.core.labels import LEVERS
from tuogu.core.proposal import Request
from tuogu.core.tables import CANDIDATES, MONTH_COLUMNS, conform
from tuogu.core.ties import tie_rank


def candidates(
    request: Request, today: Standing, final: pl.DataFrame, reached: pl.DataFrame, room: Room
) -> pl.DataFrame:
    """The receiver first, then who was near or serves the customer, by room in the piece's fullest month."""
    staff = today.managers["staff_number"]
    tie = tie_rank(request.seed, "arrivals.candidates", staff)
    columns = pl.DataFrame({"staff_number": staff, "tie": tie}).with_row_index("column")
    people = _people(request, today, final, reached)
    frame = people.join(columns, on="staff_number").join(
        final.select("policy_number", "receiver", "home", "lever", "to"), on="policy_number"
    )
    owners = reached.filter("owns").select("community_code", staff_number="receiver", owns="owns")
    where = today.arriving.select("policy_number", "community_code")
    frame = frame.join(where, on="policy_number").join(
        owners, on=["community_code", "staff_number"], how="left"
    )
    frame = frame.with_columns(pl.col("owns").fill_null(False))
    due = today.arriving.select("policy_number", *MONTH_COLUMNS)
    frame = frame.join(due, on="policy_number").sort("policy_number", "column")
    month, fullest = _fullest(
        frame.select(MONTH_COLUMNS).to_numpy().astype(np.int64), room, frame["column"].to_numpy()
    )
    chosen = pl.col("staff_number") == pl.col("receiver")
    frame = frame.drop(MONTH_COLUMNS).with_columns(
        month=pl.Series(month),
        due=pl.Series(fullest),
        chosen=chosen,
        room=room.month_max - pl.Series(fullest),
    )
    held = pl.Series("held", room.held)
    frame = frame.with_columns(held=held.gather(frame["column"]))
    frame = frame.with_columns(verdict=_verdict(room)).with_columns(detail=_detail(room))
    ranked = frame.sort("policy_number", pl.col("chosen").not_(), -pl.col("room"), "tie")
    rank = pl.int_range(1, pl.len() + 1).over("policy_number")
    return conform(
        ranked.with_columns(rank=rank, unit_code=pl.lit(None, pl.String), cost_m=pl.lit(0, pl.Int64)),
        CANDIDATES,
    )


def _people(request: Request, today: Standing, final: pl.DataFrame, reached: pl.DataFrame) -> pl.DataFrame:
    """policy_number, staff_number: receiver, home, who is near, who serves the customer."""
    where = today.arriving.join(final.select("policy_number"), on="policy_number", how="semi")
    near = where.select("policy_number", "community_code").join(reached, on="community_code")
    serving = where.select("policy_number", "holder_number").join(
        serving_persons(request, today), on="holder_number"
    )
    parts = [
        final.select("policy_number", staff_number="receiver"),
        final.select("policy_number", staff_number="home"),
        near.select("policy_number", staff_number="receiver"),
        serving.select("policy_number", staff_number="receiver"),
    ]
    return pl.concat(parts).unique().sort("policy_number", "staff_number")


def _fullest(months: Ints, room: Room, column: Ints) -> tuple[Ints, Ints]:
    """(month 1..12, pieces due then) of each row's person, the fullest of the months in which the piece falls due."""
    if not len(months):
        return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64)
    due = np.where(months > 0, room.due[column], -1)
    return due.argmax(axis=1).astype(np.int64) + 1, due.max(axis=1).astype(np.int64)


def _verdict(room: Room) -> pl.Expr:
    decided = pl.col("lever").is_in(["cross", "keyword", "single"])
    return (
        pl.when("chosen")
        .then(pl.lit("chosen"))
        .when(pl.col("held") >= room.held_cap)
        .then(pl.lit("cap"))
        .when((pl.col("staff_number") == pl.col("home")) & pl.col("to").is_not_null())
        .then(pl.lit("smoothed"))
        .when(pl.col("due") + 1 > room.month_max)
        .then(pl.lit("month_band"))
        .when(decided)
        .then(pl.lit("level"))
        .when(pl.col("lever").is_in(["region", "block"]) & ~pl.col("owns"))
        .then(pl.lit("beside"))
        .otherwise(pl.lit("less_room"))
    )


def _detail(room: Room) -> pl.Expr:
    figures = pl.format(f"{{}}在{{}}月应收{{}}件，上限{room.month_max}件", "staff_number", "month", "due")
    level = pl.col("lever").replace_strict(LEVERS, return_dtype=pl.String)
    why = {
        "chosen": pl.format("选定（{}）", level),
        "cap": pl.format(f"已持有{{}}件，达年度上限{room.held_cap}件", "held"),
        "smoothed": pl.lit("按级应归此人，逐月微调改派"),
        "month_band": pl.lit("再接一件即超上限"),
        "level": pl.format("前面的“{}”已定", level),
        "beside": pl.lit("只与本社区相邻，接收人更合适"),
        "less_room": pl.lit("余量不多于接收人"),
    }
    reason = pl.coalesce(*(pl.when(pl.col("verdict") == name).then(text) for name, text in why.items()))
    return pl.format("{}；{}", figures, reason)
