"""The hard rules of a matching, recomputed from the book (S4-06 to S4-13).

In: Plan, Book, Rulebook. Out: rows of VIOLATIONS. Never: a verdict, a group or a figure taken over from the plan; code of
`core.match`.

An agent's free pieces are what cap, class quota and visits leave after the plan. A customer who left the own group proves a
breach when somebody of the group could still take him, or could have before taking a guest or a later type.
"""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from tuogu.core.checks import placed
from tuogu.core.checks.case import rows
from tuogu.core.checks.match_world import World
from tuogu.core.rulebook import Rulebook
from tuogu.core.tables import Book, Plan

_OUTSIDE = ("near_team", "other_team")
_GROUNDS = ("recruiter", "developer", "group_supervisor", "year_seller", "latest_seller")


def check(plan: Plan, book: Book, rulebook: Rulebook) -> Iterator[pl.DataFrame]:
    """Rows of VIOLATIONS, frame by frame."""
    world = World(plan, book, rulebook)
    yield from placed.conservation(plan, world.pool["policy_number"], "S4-09")
    yield from placed.not_split(plan, "S4-12")
    yield from placed.reasons(plan, "S4-09")
    yield from placed.bound(plan)
    yield from placed.receivers(plan, world.receivers["staff_number"], "S4-07")
    yield from _nature(world)
    yield from _cap(world)
    yield from _visits(world)
    if world.to_collectors:
        yield from _area_first(world)
        return
    yield from _ground(world)
    yield from _earlier_named(world)
    yield from _tiers(world)
    yield from _own_group_first(world)
    yield from _near_before_elsewhere(world)
    yield from _room_for_the_unplaced(world)
    yield from _rejections(world)


def _nature(world: World) -> Iterator[pl.DataFrame]:
    """Hard and problem cases, and whom nobody can reach, are not for sales people (S4-03, S4-10)."""
    natures = world.rulebook["match.natures"]
    classes = world.rulebook["match.service_classes"]
    fit = pl.col("nature").fill_null("normal").is_in(natures) & pl.col("service_class").fill_null(
        "normal"
    ).is_in(classes)
    wrong = world.placed.join(
        world.pool.filter(~fit).select("policy_number", "nature", "service_class"), on="policy_number"
    )
    yield rows(
        wrong, "nature", "S4-10", "policy_number", "nature", "可分配件", pl.lit("该件须由专员或调查处理")
    )


def _cap(world: World) -> Iterator[pl.DataFrame]:
    """What is held after receiving (A-38; as printed: before the last customer), and the quota of one plan."""
    got = world.received
    cap = world.cap
    most = pl.col("held") + pl.col("received") - (pl.col("largest") if world.before else pl.lit(0))
    over = got.filter((pl.col("received") > 0) & (most > cap))
    detail = pl.format(f"原持有{{}}件，接收{{}}件，超过{cap}件", "held", "received")
    yield rows(over, "cap", "S4-07", "staff_number", "received", str(cap), detail)
    more = got.filter(pl.col("received") > pl.col("quota"))
    yield rows(
        more,
        "quota",
        "S4-13",
        "staff_number",
        "received",
        "每次上限",
        pl.format("一次接收{}件，超过{}件", "received", "quota"),
    )


def _visits(world: World) -> Iterator[pl.DataFrame]:
    """Every release can be visited (N-20)."""
    wrong = world.plan.placements.filter(~pl.col("instalment").is_between(1, world.releases))
    yield rows(
        wrong, "instalment", "N-20", "number", "instalment", f"1..{world.releases}", pl.lit("期次不在范围内")
    )
    report = world.capacity
    if report is not None:
        late = report.windows.filter(~pl.col("fits")).with_columns(_day=pl.col("visits_per_day").round(2))
        yield rows(
            late, "visits", "N-20", "staff_number", "_day", f"{report.limit_per_day:g}次/日", pl.col("detail")
        )


def _ground(world: World) -> Iterator[pl.DataFrame]:
    """Whoever receives by name is named by the rule, on that ground."""
    by_name = world.placed.filter(pl.col("lever").is_in(_GROUNDS))
    alien = by_name.join(
        world.named, left_on=["holder_number", "receiver", "lever"], right_on=["holder_number", "staff_number", "ground"],
        how="anti",
    )  # fmt: skip
    yield rows(
        alien,
        "named",
        "S4-06",
        "policy_number",
        "receiver",
        "指定接收人",
        pl.lit("接收人不是规定的指定接收人"),
    )
    known = (*_GROUNDS, "own_team", *_OUTSIDE)
    other = world.placed.filter(~pl.col("lever").is_in(known) | pl.col("lever").is_null())
    yield rows(other, "lever", "S4-12", "policy_number", "lever", "已知方式", pl.lit("未知的分配方式"))


def _earlier_named(world: World) -> Iterator[pl.DataFrame]:
    """Nobody is passed over: each named receiver before the one who got the customer is unqualified or full."""
    customers = world.fates.with_columns(by_name=pl.col("lever").is_in(_GROUNDS).fill_null(False))
    taken = world.named.rename({"staff_number": "receiver", "rank": "taken"}).select(
        "holder_number", "receiver", "taken"
    )
    customers = customers.join(taken, on=["holder_number", "receiver"], how="left")
    reached = pl.when("by_name").then(pl.col("taken")).otherwise(pl.lit(None, pl.Int64))
    earlier = (
        world.named.join(customers.with_columns(reached=reached), on="holder_number")
        .filter(pl.col("reached").is_null() | (pl.col("rank") < pl.col("reached")))
        .join(world.received.select("staff_number", "free"), on="staff_number")
    )
    passed = earlier.filter(pl.col("free") >= pl.col("pieces"))
    yield rows(
        passed,
        "named_order",
        "S4-06",
        "holder_number",
        "staff_number",
        "余量不足",
        pl.lit("在先的指定接收人合格且有余量"),
    )


def _tiers(world: World) -> Iterator[pl.DataFrame]:
    """The lever says truly where the customer went."""
    true = (
        pl.when(pl.col("team_code") == pl.col("receiver_team"))
        .then(pl.lit("own_team"))
        .when(pl.col("near") == pl.col("receiver_near"))
        .then(pl.lit("near_team"))
        .otherwise(pl.lit("other_team"))
    )
    dealt = world.fates.filter(pl.col("receiver").is_not_null() & ~pl.col("lever").is_in(_GROUNDS))
    wrong = dealt.with_columns(true=true).filter(pl.col("lever") != pl.col("true"))
    yield rows(wrong, "tier", "S4-12", "holder_number", "lever", "组别关系", pl.format("实际为{}", "true"))
    if not world.reach:
        gone = dealt.filter(pl.col("lever").is_in(_OUTSIDE))
        yield rows(
            gone, "surplus", "S4-12", "holder_number", "receiver", "原营业组", pl.lit("按选项不转给他组")
        )
    easy = dealt.filter(pl.col("receiver_level") < pl.col("level"))
    yield rows(
        easy,
        "level",
        "P-16",
        "holder_number",
        "receiver",
        "不低于客户级别",
        pl.lit("接收人所在组低于客户的复杂度"),
    )


def _own_group_first(world: World) -> Iterator[pl.DataFrame]:
    """No outsider, and no later type, where one of the group could have been (S4-12, S4-01)."""
    outside = world.fates.filter(pl.col("receiver").is_null() | pl.col("lever").is_in(_OUTSIDE))
    for level in range(world.levels):
        seats = world.received.filter(pl.col("level") >= level)
        waiting = outside.filter(pl.col("level") == level)
        best = seats.group_by("team_code").agg(
            free=pl.col("free").max(), after_guest=pl.col("free_without_guest").max()
        )
        found = waiting.join(best, on="team_code")
        room = found.filter(pl.col("free") >= pl.col("pieces"))
        yield rows(
            room, "own_group", "S4-12", "holder_number", "free", "余量不足", pl.lit("原营业组尚有人容得下")
        )
        guest = found.filter(pl.col("after_guest") >= pl.col("pieces"))
        yield rows(
            guest,
            "outsider",
            "S4-12",
            "holder_number",
            "after_guest",
            "本组优先",
            pl.lit("他组客户占了本组客户可用的余量"),
        )
        for rank in range(1, len(world.rulebook["orphan.type_order"])):
            later = seats.with_columns(gain=pl.col(f"free_without_own_{rank}"))
            best = later.group_by("team_code").agg(gain=pl.col("gain").max())
            late = waiting.filter(pl.col("type_rank") < rank).join(best, on="team_code")
            late = late.filter(pl.col("gain") >= pl.col("pieces"))
            yield rows(
                late,
                "type_order",
                "S4-01",
                "holder_number",
                "gain",
                "类型在先者优先",
                pl.lit("在后类型的客户占了本组余量"),
            )


def _near_before_elsewhere(world: World) -> Iterator[pl.DataFrame]:
    """Whoever went elsewhere found nobody near."""
    away = world.fates.filter((pl.col("lever") == "other_team") & pl.col("near").is_not_null())
    for level in range(world.levels):
        seats = world.received.filter((pl.col("level") >= level) & pl.col("near").is_not_null())
        best = seats.group_by("near").agg(free=pl.col("free").max())
        found = (
            away.filter(pl.col("level") == level)
            .join(best, on="near")
            .filter(pl.col("free") >= pl.col("pieces"))
        )
        yield rows(
            found, "near_first", "S4-12", "holder_number", "free", "余量不足", pl.lit("同区尚有人容得下")
        )


def _room_for_the_unplaced(world: World) -> Iterator[pl.DataFrame]:
    """Nobody stays unplaced while anybody could take the customer."""
    if not world.reach:
        return
    left = world.fates.filter(pl.col("receiver").is_null())
    for level in range(world.levels):
        seats = world.received.filter(pl.col("level") >= level)
        free = seats["free"].max() if len(seats) else None
        found = left.filter(pl.col("level") == level).with_columns(free=pl.lit(free, pl.Int64))
        found = found.filter(pl.col("free") >= pl.col("pieces"))
        yield rows(
            found,
            "unplaced_room",
            "S4-09",
            "holder_number",
            "free",
            "余量不足",
            pl.lit("仍有合格接收人容得下"),
        )


def _rejections(world: World) -> Iterator[pl.DataFrame]:
    """Each named receiver of who is unplaced or left the group has a row with a reason (S4-09)."""
    outside = world.fates.filter(pl.col("receiver").is_null() | pl.col("lever").is_in(_OUTSIDE))
    due = world.named.join(outside.select("holder_number"), on="holder_number").join(
        world.matched.select("policy_number", "holder_number"), on="holder_number"
    )
    said = world.plan.candidates.filter(
        (pl.col("verdict") != "chosen") & (pl.col("detail").fill_null("") != "")
    )
    mute = due.join(said, on=["policy_number", "staff_number"], how="anti")
    yield rows(
        mute,
        "rejection",
        "S4-09",
        "policy_number",
        "staff_number",
        "有理由",
        pl.lit("被拒的指定接收人没有理由"),
    )


def _area_first(world: World) -> Iterator[pl.DataFrame]:
    """Nobody outside the service area while a collector of the area could take the customer (S4-11)."""
    seats = world.received.group_by("area").agg(free=pl.col("free").max())
    far = world.fates.join(seats, on="area").filter(
        (pl.col("receiver_area").ne_missing(pl.col("area"))) & (pl.col("free") >= pl.col("pieces"))
    )
    yield rows(
        far, "area_first", "S4-11", "holder_number", "free", "余量不足", pl.lit("服务区内的收展员尚有余量")
    )
