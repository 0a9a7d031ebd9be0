"""The rules of a block plan, recomputed from the book and from what it says stood before.

In: Plan, Book, Rulebook. Out: rows of VIOLATIONS. Never: an import of the planner, a load believed.
"""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from tuogu.core.checks import placed
from tuogu.core.checks.case import Case, rows
from tuogu.core.checks.standing import Ground, keeps, who_stands
from tuogu.core.rulebook import Rulebook
from tuogu.core.tables import Book, Plan


def check(plan: Plan, book: Book, rulebook: Rulebook) -> Iterator[pl.DataFrame]:
    """Rows of VIOLATIONS, frame by frame."""
    ground = Ground(Case(plan, book, rulebook))
    yield from placed.conservation(plan, _asked(ground)["number"], "P-24")
    yield from placed.receivers(plan, ground.case.people["staff_number"], "P-24")
    yield from placed.reasons(plan, "P-24")
    yield from placed.bound(plan)
    yield from who_stands(ground, "P-24")
    yield from keeps(ground, "P-24")
    yield from _whole(ground)
    yield from _one_step(ground)
    yield from _receivers(ground)
    yield from _loads(ground)


def _asked(ground: Ground) -> pl.DataFrame:
    """The pieces that the options name, with `block`, from the plan's own list of what stood before."""
    options = dict(ground.case.plan.options)
    said = ground.case.plan.tables["standing"].join(
        ground.orphans.select("number", "holder_number"), on="number"
    )
    block = pl.coalesce("unit_code", pl.format("社区{}", "community_code"), pl.lit("未编码"))
    said = said.with_columns(block=block)
    if options.get("from"):
        return said.filter(pl.col("receiver") == options["from"])
    wanted = [
        unit.strip() for unit in options.get("units", "").replace("，", ",").replace("\n", ",").split(",")
    ]
    return said.filter(pl.col("unit_code").is_in(wanted))


def _whole(ground: Ground) -> Iterator[pl.DataFrame]:
    """A unit of one giver goes to one receiver, and never back to the giver."""
    asked = _asked(ground).select("number", "block", giver="receiver")
    frame = ground.case.plan.placements.join(asked, on="number")
    split = frame.group_by("block", "giver").agg(n=pl.col("receiver").n_unique()).filter(pl.col("n") > 1)
    yield rows(split, "unit_staff", "P-24", "block", "n", "1", pl.lit("一个单元分给了多人"))
    back = frame.filter(pl.col("receiver") == pl.col("giver"))
    yield rows(back, "giver", "P-24", "number", "receiver", "他人", pl.lit("接收人就是移出人"))


def _one_step(ground: Ground) -> Iterator[pl.DataFrame]:
    plan = ground.case.plan
    wrong = plan.placements.filter((pl.col("instalment") != 1) | (pl.col("lever") != "block"))
    yield rows(wrong, "one_batch", "P-24", "number", "instalment", "1", pl.lit("整块调整须一次下发"))
    frame = plan.placements.join(ground.orphans, on="number", suffix="_true")
    other = frame.filter(pl.col("holder_number").ne_missing(pl.col("holder_number_true")))
    yield rows(other, "holder", "P-24", "number", "holder_number", "投保人", pl.lit("投保人与保单不一致"))


def _receivers(ground: Ground) -> Iterator[pl.DataFrame]:
    """The named receiver, or somebody with ground in the block's communities or beside them."""
    plan = ground.case.plan
    named = dict(plan.options).get("to", "")
    if named:
        wrong = plan.placements.filter(pl.col("receiver") != named)
        yield rows(wrong, "receiver", "P-24", "number", "receiver", named, pl.lit("不是指定的接收人"))
        return
    asked = _asked(ground)
    stays = ground.standing.join(asked.select("number"), on="number", how="anti")
    held = stays.filter("ground").select(near_code="community_code", receiver="receiver").unique()
    beside = ground.near.join(asked.select("community_code").unique(), on="community_code").join(
        held, on="near_code"
    )
    far = plan.placements.join(beside.select("receiver").unique(), on="receiver", how="anti")
    yield rows(
        far, "adjacent", "P-24", "number", "receiver", "相邻", pl.lit("接收人的服务区不与移交的单元相邻")
    )


def _loads(ground: Ground) -> Iterator[pl.DataFrame]:
    """The neighbours' loads are what the pieces add up to; a receiver's month outside the band is a breach."""
    plan, rulebook = ground.case.plan, ground.case.rulebook
    moved = plan.placements.select("number", "receiver")
    stays = ground.standing.select("number", "receiver").join(moved, on="number", how="anti")
    before = ground.due(ground.standing).rename({"due": "true_before"})
    after = ground.due(pl.concat([stays, moved]))
    key = pl.format("{}/{}月", "receiver", "month")
    both = (
        plan.tables["neighbours"].join(before, on=["receiver", "month"]).join(after, on=["receiver", "month"])
    )
    odd = both.filter((pl.col("before") != pl.col("true_before")) | (pl.col("after") != pl.col("due")))
    yield rows(
        odd.with_columns(k=key), "loads", "P-24", "k", "after", "逐月汇总", pl.lit("邻区负荷与保单汇总不符")
    )
    leaver = dict(plan.options).get("from", "")
    low, high = rulebook["territory.month_load_min"], rulebook["territory.month_load_max"]
    outside = after.filter(~pl.col("due").is_between(low, high) & (pl.col("receiver") != leaver))
    detail = pl.format("{}在{}月应收{}件，不在" + f"{low}–{high}件之间", "receiver", "month", "due")
    yield rows(outside.with_columns(k=key), "month_band", "S0-21", "k", "due", f"{low}..{high}", detail)
