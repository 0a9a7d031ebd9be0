"""The rules of an arrivals plan, recomputed from the book and from what it says stood before.

In: Plan, Book, Rulebook. Out: rows of VIOLATIONS. Never: an import of the planner; a month or a room believed.

What it cannot recompute: the earlier plan (`standing` rows of basis planned are taken as said; held ones are compared with
the ledger) and the words of addresses, which a release's book does not have: of keywords only thresholds and persons.
"""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from tuogu.core.checks import placed
from tuogu.core.checks.case import Case, rows
from tuogu.core.checks.standing import Ground, keeps, who_stands
from tuogu.core.rulebook import Rulebook
from tuogu.core.tables import LIVE_STATES, Book, Plan

# the levels of P-23 in their order
_LEVELS = {"cross": 1, "region": 2, "keyword": 3, "single": 4, "block": 5}


def check(plan: Plan, book: Book, rulebook: Rulebook) -> Iterator[pl.DataFrame]:
    """Rows of VIOLATIONS, frame by frame."""
    ground = Ground(Case(plan, book, rulebook))
    yield from _conservation(ground)
    yield from placed.receivers(plan, ground.case.people["staff_number"], "P-23")
    yield from placed.reasons(plan, "P-23")
    yield from placed.bound(plan)
    yield from who_stands(ground, "P-23")
    yield from keeps(ground, "P-23")
    yield from _holders(ground)
    yield from _levers(ground)
    yield from _levels(ground)
    yield from _region(ground)
    yield from _cross(ground)
    yield from _keywords(ground)
    yield from _months(ground)


def _conservation(ground: Ground) -> Iterator[pl.DataFrame]:
    """Every live orphan stands, is placed, is left with a reason, or is kept by somebody else in post."""
    plan = ground.case.plan
    kept = ground.case.book.held.filter(
        (pl.col("relation") == "custody") & (pl.col("kind") == "policy") & (pl.col("receiver") != "buffer")
    ).join(ground.case.people, left_on="receiver", right_on="staff_number", how="anti")
    spoken = pl.concat(
        [plan.placements["number"], plan.unplaced["policy_number"], plan.tables["standing"]["number"]]
    )
    lost = ground.orphans.join(spoken.to_frame("number"), on="number", how="anti")
    lost = lost.join(kept.select("number"), on="number", how="anti")
    yield rows(lost, "conservation", "P-23", "number", "route", "1", pl.lit("既未安置也未列入未安置"))
    alien = spoken.to_frame("number").join(ground.orphans, on="number", how="anti").with_columns(n=pl.lit(0))
    yield rows(alien, "conservation", "P-23", "number", "n", "孤儿保单", pl.lit("不是有效的孤儿主险保单"))
    new = plan.placements.filter(pl.col("lever") != "adjacent")["number"]
    both = pl.concat([new, plan.unplaced["policy_number"], plan.tables["standing"]["number"]]).to_frame(
        "number"
    )
    twice = both.group_by("number").len().filter(pl.col("len") > 1)
    yield rows(twice, "conservation", "P-23", "number", "len", "1", pl.lit("出现多次"))


def _holders(ground: Ground) -> Iterator[pl.DataFrame]:
    frame = ground.case.plan.placements.join(ground.orphans, on="number", suffix="_true")
    wrong = frame.filter(pl.col("holder_number").ne_missing(pl.col("holder_number_true")))
    yield rows(wrong, "holder", "P-23", "number", "holder_number", "投保人", pl.lit("投保人与保单不一致"))


def _levers(ground: Ground) -> Iterator[pl.DataFrame]:
    """Two levers and no third (S0-22): a served piece or a new one, to somebody who stands in its community or beside it."""
    plan = ground.case.plan
    moves = plan.tables["moves"]
    other = moves.filter(~pl.col("lever").is_in(["adjacent", "new"]))
    yield rows(other, "lever", "S0-22", "number", "lever", "adjacent|new", pl.lit("未知的微调方式"))
    unknown = plan.placements.filter(~pl.col("lever").is_in([*_LEVELS, "adjacent", "new"]))
    yield rows(unknown, "lever", "S0-22", "number", "lever", "五级或两种微调", pl.lit("未知的安置方式"))
    standing = ground.standing.select("number", stands="receiver")
    home = plan.tables["evidence"].select("number", home="home")
    frame = moves.join(standing, on="number", how="left").join(home, on="number", how="left")
    owner = pl.when(pl.col("lever") == "adjacent").then("stands").otherwise("home")
    wrong = frame.filter(owner.ne_missing(pl.col("giver")))
    yield rows(wrong, "giver", "S0-22", "number", "giver", "原责任人", pl.lit("微调记录的原责任人不符"))
    posted = plan.placements.filter(pl.col("lever").is_in(["adjacent", "new"])).select(
        "number", "lever", "receiver"
    )
    logged = moves.select("number", "lever", "receiver")
    for frame, against in ((posted, logged), (logged, posted)):
        odd = frame.join(against, on=["number", "lever", "receiver"], how="anti")
        yield rows(
            odd, "moves", "S0-22", "number", "receiver", "微调记录", pl.lit("下发内容与微调记录不一致")
        )
    where = moves.join(ground.orphans, on="number")
    far = where.join(ground.reach, on=["community_code", "receiver"], how="anti")
    yield rows(far, "adjacent", "S0-22", "number", "receiver", "相邻", pl.lit("接收人的服务区不与该社区相邻"))


def _levels(ground: Ground) -> Iterator[pl.DataFrame]:
    """Each new placement carries its level 1..5, and goes where its evidence says."""
    plan = ground.case.plan
    said = plan.tables["evidence"].select("number", "level", "home", "receiver")
    new = plan.placements.filter(pl.col("lever") != "adjacent").join(
        said, on="number", how="left", suffix="_said"
    )
    level = pl.col("lever").replace_strict(_LEVELS, default=None, return_dtype=pl.Int64)
    wrong = new.filter(
        pl.col("level").is_null()
        | (level.is_not_null() & (level != pl.col("level")))
        | (pl.col("receiver") != pl.col("receiver_said"))
        | (level.is_not_null() & (pl.col("home") != pl.col("receiver")))
    )
    yield rows(wrong, "level", "P-23", "number", "lever", "1..5", pl.lit("安置级别与依据不一致"))


def _region(ground: Ground) -> Iterator[pl.DataFrame]:
    """Level 2 gives to one whose area has the community, and no later level takes a piece from such a manager."""
    said = ground.case.plan.tables["evidence"].join(ground.orphans, on="number")
    owners = ground.standing.filter("ground").select("community_code", home="receiver").unique()
    stranger = said.filter(pl.col("level") == 2).join(owners, on=["community_code", "home"], how="anti")
    yield rows(stranger, "region", "P-23", "number", "home", "本社区", pl.lit("按区域应归的人不在本社区服务"))
    cap = 12 * ground.case.rulebook["territory.month_load_max"]
    full = (
        ground.due(ground.standing)
        .select("receiver")
        .unique()
        .join(ground.standing.group_by("receiver").len(), on="receiver", how="left")
    )
    taken = ground.case.plan.placements.group_by("receiver").len("new")
    full = full.join(taken, on="receiver", how="left").filter(
        pl.col("len").fill_null(0) + pl.col("new").fill_null(0) >= cap
    )
    free = (
        owners.join(full, left_on="home", right_on="receiver", how="anti").select("community_code").unique()
    )
    missed = said.filter(pl.col("level") > 2).join(free, on="community_code", how="semi")
    yield rows(missed, "region", "P-23", "number", "level", "2", pl.lit("所在社区有客户经理，应按区域安置"))


def _cross(ground: Ground) -> Iterator[pl.DataFrame]:
    """Level 1: the receiver serves the customer; whose customer a manager below the cap serves is placed there."""
    served = _served(ground)
    said = ground.case.plan.tables["evidence"].join(ground.orphans, on="number")
    first = said.filter(pl.col("level") == 1)
    false = first.join(
        served, left_on=["holder_number", "home"], right_on=["holder_number", "receiver"], how="anti"
    )
    yield rows(false, "cross", "P-23", "number", "home", "服务同一客户", pl.lit("该客户并不由此人服务"))
    cap = 12 * ground.case.rulebook["territory.month_load_max"]
    full = ground.standing.group_by("receiver").len().filter(pl.col("len") >= cap)
    open_to = served.join(full, on="receiver", how="anti").select("holder_number").unique()
    missed = said.filter(pl.col("level") > 1).join(open_to, on="holder_number", how="semi")
    yield rows(missed, "cross", "P-23", "number", "level", "1", pl.lit("同一客户已有人服务，应归同一人"))


def _served(ground: Ground) -> pl.DataFrame:
    """holder_number, receiver: managers in post who serve another live main policy of the customer."""
    book, staff = ground.case.book, ground.case.people["staff_number"]
    policies = book.books.policies.filter((pl.col("kind") == "main") & pl.col("state").is_in(LIVE_STATES))
    orphans = book.classified.filter("orphan").select("policy_number")
    ledger = book.held.filter((pl.col("relation") == "custody") & (pl.col("kind") == "policy"))
    sold = policies.join(orphans, on="policy_number", how="anti").select(
        number="policy_number", receiver="agent_number"
    )
    sold = sold.join(ledger, on="number", how="anti")
    every = pl.concat(
        [ground.standing.select("number", "receiver"), ledger.select("number", "receiver"), sold]
    )
    holders = policies.select(number="policy_number", holder_number="holder_number").drop_nulls()
    mine = every.filter(pl.col("receiver").is_in(staff.implode())).join(holders, on="number")
    return mine.select("holder_number", "receiver").unique()


def _keywords(ground: Ground) -> Iterator[pl.DataFrame]:
    """A learnt keyword has the support and the purity that the rulebook asks for."""
    rulebook = ground.case.rulebook
    learnt = ground.case.plan.tables["keywords"].filter(pl.col("source") == "学得")
    thin = learnt.filter(
        (pl.col("support") < rulebook["arrivals.keyword_support_min"])
        | (pl.col("hits") * 10_000 < rulebook["arrivals.keyword_purity_bp"] * pl.col("support"))
        | (pl.col("hits") > pl.col("support"))
    )
    yield rows(thin, "keyword", "P-23", "word", "hits", "件数与占比", pl.lit("关键字依据不足"))
    gone = ground.case.plan.tables["keywords"].join(
        ground.case.people, left_on="receiver", right_on="staff_number", how="anti"
    )
    yield rows(gone, "keyword", "P-23", "word", "receiver", "在职客户经理", pl.lit("关键字归已不在职的人"))


def _months(ground: Ground) -> Iterator[pl.DataFrame]:
    """The room table is what standing and placements add up to; cells outside the band are breaches (S0-21, A-05)."""
    plan, rulebook = ground.case.plan, ground.case.rulebook
    moved = plan.placements.select("number", "receiver")
    stays = ground.standing.select("number", "receiver").join(moved, on="number", how="anti")
    before, after = ground.due(ground.standing), ground.due(pl.concat([stays, moved]))
    true = before.rename({"due": "true_before"}).join(after, on=["receiver", "month"])
    both = plan.tables["room"].join(true, on=["receiver", "month"], how="full", coalesce=True)
    key = pl.format("{}/{}月", "receiver", "month")
    odd = both.filter(
        pl.col("before").ne_missing(pl.col("true_before")) | pl.col("after").ne_missing(pl.col("due"))
    ).with_columns(key=key)
    yield rows(odd, "room", "S0-20", "key", "after", "逐月汇总", pl.lit("逐月余量与保单汇总不符"))
    low, high = rulebook["territory.month_load_min"], rulebook["territory.month_load_max"]
    outside = true.filter(~pl.col("due").is_between(low, high)).with_columns(key=key)
    detail = pl.format("{}在{}月应收{}件，不在" + f"{low}–{high}件之间", "receiver", "month", "due")
    yield rows(outside, "month_band", "S0-21", "key", "due", f"{low}..{high}", detail)
    pieces = outside.select(
        (pl.col("due") - high).clip(lower_bound=0) + (low - pl.col("due")).clip(lower_bound=0)
    ).to_series()
    if int(pieces.sum()) != plan.certificate.objective:
        frame = pl.DataFrame({"key": ["certificate"], "value": [str(plan.certificate.objective)]})
        yield rows(frame, "objective", "N-02", "key", "value", str(int(pieces.sum())), pl.lit("越界件数不符"))
