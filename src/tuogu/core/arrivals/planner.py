"""The arrivals strategy: newly arisen orphans to the people who should have them, then the months smoothed (P-23, S0-22).

In: a book, the rulebook, the earlier territory plan, the options `singles`, `keywords`, `smooth`. Out: placements of the
new orphans and of the adjacent pieces that the smoothing hands over, all tables of `sheets`, a certificate that counts
pieces outside the month band (`band_pieces`): the bound is the least that the two levers can reach. Never: a placement
without its level or lever, another lever than the two, a plan without an earlier one.

Read `propose` downwards: who serves what → who is near → five levels → smoothing → tables → certificate.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import polars as pl

from tuogu.core.arrivals import outcome
from tuogu.core.arrivals.groups import grouped, moves_of
from tuogu.core.arrivals.levels import Levels, place
from tuogu.core.arrivals.room import Room
from tuogu.core.arrivals.smoothing import Groups, Smoothed, outside_band, smooth
from tuogu.core.arrivals.standing import Standing, standing
from tuogu.core.arrivals.written import CORRECTION_VERDICTS, SINGLES_VERDICTS
from tuogu.core.ascription import found_in_book, known_holders
from tuogu.core.gap import gap_of
from tuogu.core.neighbourhood import NOT_JUDGED, judged, near_communities, reach
from tuogu.core.proposal import Proposal, Request
from tuogu.core.strategies import StrategyError
from tuogu.core.tables import MONTH_COLUMNS, UNPLACED, Certificate, Plan, conform
from tuogu.core.territory.feasibility import feasibility
from tuogu.core.written_lines import ignored

NO_EARLIER = "{}须有前一区域规划方案作依据：请先做一次区域规划并审批，或用 --earlier 指明前一方案"


def earlier_of(request: Request, label: str) -> Plan:
    """The territory plan that the request stands on; StrategyError (Chinese) without one."""
    if request.earlier is None or request.earlier.assignments.is_empty():
        raise StrategyError(NO_EARLIER.format(label))
    return request.earlier


def propose(request: Request) -> Proposal:
    """Place the new orphans level by level, then smooth the months by the two levers."""
    book, rulebook = request.book, request.rulebook
    request.told("standing", 0.0)
    today = standing(book, rulebook, request.as_of, earlier_of(request, "新增孤儿保单安置"))
    today, refused = _without_holder(today, request)
    near = near_communities(book, rulebook, today.populated)
    reached = reach(today.pieces.filter("ground"), near)
    before = room_of(today, rulebook["territory.month_load_max"])
    request.told("levels", 0.2)
    levels = place(request, today, reached, near, before)
    request.told("smoothing", 0.5)
    prices = (rulebook["arrivals.adjacent_price"], rulebook["arrivals.new_price"])
    groups, members = grouped(today, levels.chosen, reached, prices)
    smoothed = _smoothed(request, levels.room, groups)
    moves = moves_of(groups, members, smoothed.amount, today.managers["staff_number"], request.seed)
    request.told("tables", 0.8)
    unplaced = pl.concat([refused, _unplaced(today, levels), _faulty(today.aside, request)])
    tables = outcome.Tables(
        request, today, levels, moves, before, conform(unplaced.sort("policy_number"), UNPLACED)
    )
    return Proposal(
        placements=tables.placements(),
        unplaced=tables.unplaced,
        certificate=_certificate(request, today, levels, smoothed, moves),
        candidates=tables.candidates(reached),
        tables=tables.own(),
    )


def _smoothed(request: Request, room: Room, groups: Groups) -> Smoothed:
    """The model's answer; with smoothing switched off nothing moves, and the levels' own choice is all that is proved."""
    low = request.rulebook["territory.month_load_min"]
    found = smooth(room, low, groups) if request.options["smooth"] == "yes" else None
    if found is not None:
        return found
    kept = outside_band(room.due, low, room.month_max)
    return Smoothed(np.zeros(len(groups.group), dtype=np.int64), kept, kept, kept, 0, 0, ())


def room_of(today: Standing, month_max: int) -> Room:
    """What every manager (by column) has due and holds before anything new is placed."""
    staff = today.managers["staff_number"]
    columns = staff.to_frame("receiver").with_row_index("column")
    months = [pl.col(month).sum() for month in MONTH_COLUMNS]
    sums = today.pieces.group_by("receiver").agg(*months, held=pl.len().cast(pl.Int64))
    every = columns.join(sums, on="receiver", how="left").sort("column").fill_null(0)
    due = every.select(MONTH_COLUMNS).to_numpy().astype(np.int64).reshape(-1, 12)
    return Room(due, every["held"].to_numpy().astype(np.int64), month_max, 12 * month_max)


def _without_holder(today: Standing, request: Request) -> tuple[Standing, pl.DataFrame]:
    """New orphans whose holder is unknown go to nobody: a customer cannot be served without a name (P-15, cause 2)."""
    known = pl.col("holder_number").is_in(known_holders(request.book).implode()).fill_null(False)
    lost = today.arriving.filter(~known)
    rows = lost.select(
        "policy_number",
        reason=pl.lit("no_holder"),
        detail=pl.lit("投保人缺失或不在客户档案中，由保全组核实"),
        custodian="custodian",
    )
    return replace(today, arriving=today.arriving.filter(known)), rows


def _unplaced(today: Standing, levels: Levels) -> pl.DataFrame:
    """What no level placed: without code and keyword, or with nobody near."""
    rest = today.arriving.filter(pl.col("policy_number").is_in(levels.left.implode()))
    coded = pl.col("community_code").is_not_null()
    return rest.select(
        "policy_number",
        reason=pl.when(coded).then(pl.lit("no_collector")).otherwise(pl.lit("no_address_code")),
        detail=pl.when(coded)
        .then(pl.lit("所在社区及相邻社区没有可接收的客户经理"))
        .otherwise(pl.lit("地址未编码到社区，也没有关键字可依，待人工编码")),
        custodian="custodian",
    )


def _faulty(aside: pl.DataFrame, request: Request) -> pl.DataFrame:
    """What was left aside before, with a data fault named where there is one (P-15, cause 4)."""
    found = found_in_book(request.book.books.policies, request.book).filter(pl.col("reason") == "data_fault")
    faults = found.select(policy_number="number", fault="reason", why="detail")
    joined = aside.join(faults, on="policy_number", how="left")
    paid_up = (pl.col("reason") == "paid_up") & pl.col("fault").is_not_null()
    return joined.select(
        "policy_number",
        reason=pl.when(paid_up).then(pl.col("fault")).otherwise("reason"),
        detail=pl.when(paid_up).then(pl.col("why")).otherwise("detail"),
        custodian="custodian",
    )


def _unused_lines(levels: Levels) -> Iterator[tuple[str, str]]:
    """What people wrote by hand and the plan does not follow: a reader of the certificate must not have to look for it."""
    written = (
        ("单件调整清单", levels.singles, SINGLES_VERDICTS),
        ("关键字更正", levels.corrections, CORRECTION_VERDICTS),
    )
    for label, listed, words in written:
        unused = listed.filter(pl.col("verdict") != "used")
        if unused.height:
            yield label, ignored(unused, listed.height, words)


def _certificate(
    request: Request,
    today: Standing,
    levels: Levels,
    smoothed: Smoothed,
    moves: pl.DataFrame,
) -> Certificate:
    """Pieces outside the band, and the least that these levers can leave there."""
    count = dict(levels.chosen.group_by("lever").len().iter_rows())
    lever = dict(moves.group_by("lever").len().iter_rows())
    managers, cap = len(today.managers), levels.room.held_cap
    pieces = len(today.pieces) + len(levels.chosen)
    possible = feasibility(levels.room.due.sum(axis=0), pieces, managers, request.rulebook, cap)
    objective, bound = smoothed.outside, smoothed.outside_bound
    figures = {
        "standing": len(today.pieces),
        "arriving": len(today.arriving),
        "placed": len(levels.chosen),
        **{f"level_{name}": count.get(name, 0) for name in ("cross", "region", "keyword", "single", "block")},
        "moved_adjacent": lever.get("adjacent", 0),
        "moved_new": lever.get("new", 0),
        "move_price": smoothed.price,
        "move_price_bound": smoothed.price_bound,
        "outside_before_smoothing": smoothed.outside_before,
        "month_load_min": request.rulebook["territory.month_load_min"],
        "month_load_max": request.rulebook["territory.month_load_max"],
        "month_mean": round(float(levels.room.due.mean()), 2) if managers else 0.0,
    }
    return Certificate(
        metric="band_pieces",
        objective=objective,
        lower_bound=bound,
        gap=gap_of(objective, bound),
        moved_adjacent=lever.get("adjacent", 0),
        limits_hit=smoothed.limits_hit,
        feasibility=(*possible.facts(), *_unused_lines(levels)),
        contiguity="judged" if judged(request.book) else NOT_JUDGED,
        figures=tuple((name, float(value)) for name, value in figures.items()),
    )
