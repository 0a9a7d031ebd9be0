"""The five levels in the practitioners' order (P-23): who a new orphan would go to before anything is smoothed.

In: `Standing`, the neighbourhood, the book, the options. Out: `Levels`: one row a placed piece with its level and the
sentence that explains it, the keyword table, the verdicts of the single list, and what no level could place. Never: a
later level asked for a piece that an earlier one has placed.

1 cross    the customer is already served by a manager in post: the same person
2 region   the community has managers: the only one, or of several the one with most room
3 keyword  a word of the address or employer that served pieces have shown to be one manager's
4 single   written by hand
5 block    what is left of a community goes as a whole to the touching manager with most room
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl

from tuogu.core.arrivals.keywords import learnt, matched
from tuogu.core.arrivals.room import Ints, Room, most_room
from tuogu.core.arrivals.standing import Standing
from tuogu.core.arrivals.written import corrected, corrections, singles
from tuogu.core.classify import in_post
from tuogu.core.proposal import Request
from tuogu.core.tables import LIVE_STATES, MONTH_COLUMNS, Schema
from tuogu.core.ties import tie_rank

LEVELS: Final = ("cross", "region", "keyword", "single", "block")
CHOSEN: Schema = {
    "policy_number": pl.String,
    "receiver": pl.String,
    "lever": pl.String,
    "evidence": pl.String,
}


@dataclass(frozen=True)
class Levels:
    """`chosen`: CHOSEN by policy number. `keywords`, `singles`, `corrections`: see keywords.learnt and `written`. `room`:
    after all of it. `left`: policy numbers that no level placed.
    """

    chosen: pl.DataFrame
    keywords: pl.DataFrame
    singles: pl.DataFrame
    corrections: pl.DataFrame
    room: Room
    left: pl.Series


def place(request: Request, today: Standing, reached: pl.DataFrame, near: pl.DataFrame, room: Room) -> Levels:
    """Ask level after level. `reached` is neighbourhood.reach of the ground served today."""
    book, rulebook, options = request.book, request.rulebook, request.options
    staff = today.managers["staff_number"]
    tie = tie_rank(request.seed, "arrivals.most_room", staff).to_numpy().astype(np.int64)
    below_cap = staff.filter(pl.Series(room.held < room.held_cap))
    waiting = today.arriving
    found = _Found(waiting, room, staff, tie)
    found.take(_cross(request, today, below_cap), "cross")
    found.take(_sole_owner(found.open, reached, below_cap), "region")
    found.choose(_each_piece(found.open), reached.filter("owns"), "region", _SEVERAL)
    table = learnt(today.pieces, book, rulebook)
    judged = corrections(table, options.get("keywords", ""), staff)
    table = corrected(table, options.get("keywords", ""), staff)
    found.take(matched(found.open, table, book, rulebook), "keyword")
    listed = singles(options.get("singles", ""), waiting["policy_number"], found.open["policy_number"], staff)
    used = listed.filter(pl.col("verdict") == "used").select(policy_number="number", receiver="receiver")
    found.take(used.with_columns(evidence=pl.format("人工指定：归{}", "receiver")), "single")
    _blocks(found, reached, near)
    return Levels(found.chosen(), table, listed, judged, found.room, found.open["policy_number"])


class _Found:
    """What has been placed so far, and the room that is left: each level takes from what is still open."""

    def __init__(self, arriving: pl.DataFrame, room: Room, staff: pl.Series, tie: Ints) -> None:
        self.open, self.room, self._staff, self._tie = arriving, room, staff, tie
        self._parts = [pl.DataFrame(schema=CHOSEN)]

    def chosen(self) -> pl.DataFrame:
        return pl.concat(self._parts).sort("policy_number")

    def take(self, decided: pl.DataFrame, lever: str) -> None:
        """Place the rows of `decided` (policy_number, receiver, evidence) that are open."""
        rows = decided.join(self.open, on="policy_number").filter(
            pl.col("receiver").is_in(self._staff.implode())
        )
        column = rows["receiver"].replace_strict(self._staff, range(len(self._staff)), return_dtype=pl.Int64)
        months = rows.select(MONTH_COLUMNS).to_numpy().astype(np.int64)
        size = np.ones(len(rows), dtype=np.int64)
        self.room = self.room.after(months, size, column.to_numpy().astype(np.int64))
        self._add(rows.select("policy_number", "receiver", "evidence"), lever)

    def choose(self, items: pl.DataFrame, allowed: pl.DataFrame, lever: str, evidence: pl.Expr) -> None:
        """Give each of `items` (item, community_code, size, months, largest first) to whom `allowed` has most room."""
        columns = pl.DataFrame({"receiver": self._staff}).with_row_index("column")
        ways = (
            items.select("item", "community_code")
            .join(allowed, on="community_code")
            .join(columns, on="receiver")
        )
        ways = ways.sort("item", "column")
        start = np.searchsorted(ways["item"].to_numpy(), np.arange(len(items) + 1))
        months = items.select(MONTH_COLUMNS).to_numpy().astype(np.int64)
        size = items["size"].to_numpy().astype(np.int64)
        to = ways["column"].to_numpy().astype(np.int64)
        taker = most_room(self.room, months, size, (start.astype(np.int64), to), self._tie)
        self.room = self.room.after(months, size, taker)
        chosen = items.select("item", "community_code").with_columns(
            pl.Series("column", taker), several=pl.Series(np.diff(start), dtype=pl.Int64)
        )
        chosen = chosen.filter(pl.col("column") >= 0).with_columns(pl.col("column").cast(pl.UInt32))
        rows = items.explode("policies").select("item", policy_number="policies")
        rows = rows.join(chosen.join(columns, on="column"), on="item").with_columns(evidence=evidence)
        self._add(rows.select("policy_number", "receiver", "evidence"), lever)

    def _add(self, rows: pl.DataFrame, lever: str) -> None:
        self._parts.append(rows.select("policy_number", "receiver", lever=pl.lit(lever), evidence="evidence"))
        self.open = self.open.join(rows.select("policy_number"), on="policy_number", how="anti")


_SEVERAL = pl.format("所在社区由 {} 名客户经理服务，归其中当月余量最多的{}", "several", "receiver")
_BLOCK = pl.format(
    "所在社区无人服务，整块归相邻片区余量最多的{}（{} 名相邻客户经理中）", "receiver", "several"
)


def _cross(request: Request, today: Standing, allowed: pl.Series) -> pl.DataFrame:
    """Level 1: the manager in post who serves most of the customer's other live policies."""
    serving = serving_persons(request, today).filter(pl.col("receiver").is_in(allowed.implode()))
    if serving.is_empty():
        return pl.DataFrame(schema={"policy_number": pl.String, "receiver": pl.String, "evidence": pl.String})
    tie = tie_rank(request.seed, "arrivals.cross", serving["receiver"])
    most = serving.with_columns(tie=tie).sort("holder_number", -pl.col("pieces"), "tie")
    first = most.unique("holder_number", keep="first", maintain_order=True)
    evidence = pl.format("该客户已有 {} 件由{}服务，归同一人", "pieces", "receiver")
    rows = today.arriving.join(first, on="holder_number").with_columns(evidence=evidence)
    return rows.select("policy_number", "receiver", "evidence")


def serving_persons(request: Request, today: Standing) -> pl.DataFrame:
    """holder_number, receiver, pieces: managers in post who serve live main policies of a customer, by whatever right:
    as orphans, by the ledger, or as the selling agent in post.
    """
    policies = request.book.books.policies.filter(
        (pl.col("kind") == "main")
        & pl.col("state").is_in(LIVE_STATES)
        & pl.col("holder_number").is_not_null()
    )
    ledger = request.book.held.filter((pl.col("relation") == "custody") & (pl.col("kind") == "policy"))
    orphans = request.book.classified.filter("orphan").select("policy_number")
    here = in_post(request.book.books.people, request.as_of)["staff_number"].implode()
    sold = policies.join(orphans, on="policy_number", how="anti").filter(pl.col("agent_number").is_in(here))
    parts = [
        today.pieces.select("policy_number", "receiver"),
        ledger.select(policy_number="number", receiver="receiver"),
        sold.select("policy_number", receiver="agent_number"),
    ]
    every = pl.concat(parts).unique("policy_number", keep="first", maintain_order=True)
    mine = every.filter(pl.col("receiver").is_in(today.managers["staff_number"].implode()))
    held = mine.join(policies.select("policy_number", "holder_number"), on="policy_number")
    counted = held.group_by("holder_number", "receiver").agg(pieces=pl.len().cast(pl.Int64))
    return counted.sort("holder_number", "receiver")


def _sole_owner(open_pieces: pl.DataFrame, reached: pl.DataFrame, allowed: pl.Series) -> pl.DataFrame:
    """Level 2 where the community has one manager."""
    owners = reached.filter("owns")
    sole = owners.filter(pl.len().over("community_code") == 1).filter(
        pl.col("receiver").is_in(allowed.implode())
    )
    evidence = pl.format("所在社区只由{}服务", "receiver")
    rows = open_pieces.join(sole, on="community_code").with_columns(evidence=evidence)
    return rows.select("policy_number", "receiver", "evidence")


def _each_piece(open_pieces: pl.DataFrame) -> pl.DataFrame:
    """Items of one piece each, in the order of policy numbers."""
    coded = open_pieces.filter(pl.col("community_code").is_not_null()).sort("policy_number")
    return coded.select(
        "community_code",
        *MONTH_COLUMNS,
        item=pl.int_range(pl.len()),
        policies=pl.concat_list("policy_number"),
        size=pl.lit(1, pl.Int64),
    )


def _blocks(found: _Found, reached: pl.DataFrame, near: pl.DataFrame) -> None:
    """Level 5, from the edge inwards: a community nobody touches waits until a block beside it is placed."""
    while True:
        blocks = _whole_communities(found.open)
        before = len(found.open)
        found.choose(blocks, reached, "block", _BLOCK)
        if len(found.open) in (0, before):
            return
        placed = blocks.explode("policies").select("community_code", policy_number="policies")
        now = placed.join(found.chosen(), on="policy_number").select(
            near_code="community_code", receiver="receiver"
        )
        grown = near.join(now.unique(), on="near_code").select(
            "community_code", "receiver", owns=pl.lit(False)
        )
        reached = pl.concat([reached, grown]).unique(
            ["community_code", "receiver"], keep="first", maintain_order=True
        )


def _whole_communities(open_pieces: pl.DataFrame) -> pl.DataFrame:
    """Items of one community each, the largest first, equal ones by code."""
    coded = open_pieces.filter(pl.col("community_code").is_not_null()).sort("policy_number")
    blocks = coded.group_by("community_code").agg(
        *(pl.col(m).sum() for m in MONTH_COLUMNS),
        policies=pl.col("policy_number"),
        size=pl.len().cast(pl.Int64),
    )
    ordered = blocks.sort(-pl.col("size"), "community_code")
    return ordered.with_columns(item=pl.int_range(pl.len()))
