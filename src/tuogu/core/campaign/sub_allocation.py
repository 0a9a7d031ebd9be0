"""Inside a department: its pool's customers to its best people (S2-07).

In: a book with holdings and the facts `productivity` of the month before, option `department` (empty = all). Out:
placements from each department's pool to people in post, the ranking, who has sat on a customer for too long. Never: more
than the pool holds, a customer whom somebody owns already (fighting over customers), a customer left in the pool without
a reason.

Certificate: metric 'rounding' as in the campaign, over people instead of departments.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from fractions import Fraction

import polars as pl

from tuogu.core import offering
from tuogu.core.apportion import exact, largest_remainder
from tuogu.core.campaign import quotas
from tuogu.core.campaign.dealing import places
from tuogu.core.campaign.quotas import AreaQuota
from tuogu.core.campaign.ranking import BestPeople, best_people
from tuogu.core.campaign.regions import DEPARTMENT, departments, departments_of_people
from tuogu.core.campaign.sheets import BEST_PEOPLE, IDLE, STOCK, SUB_ROUNDING
from tuogu.core.facts import month_before
from tuogu.core.gap import gap_of
from tuogu.core.mix import deal
from tuogu.core.proposal import Proposal, Request
from tuogu.core.strategies import StrategyError
from tuogu.core.tables import CANDIDATES, PLACEMENTS, UNPLACED, Certificate, conform, empty


@dataclass(frozen=True)
class Stock:
    """number, department, receiver, since, premium_fen, district_code of what departments hold: `pooled` in their own
    pools, `owned` in the hands of their people; `refused`, in either, to whom nothing may be offered (L-03)."""

    pooled: pl.DataFrame
    owned: pl.DataFrame
    refused: pl.DataFrame


def propose(request: Request) -> Proposal:
    """Rank the people of each department and deal them its pool."""
    codes = _asked(request)
    stock = _stock(request, codes)
    if not len(stock.pooled):
        raise StrategyError("部门池中没有可分的客户；请先下发活动方案，或换一个部门")
    request.told("rank", 0.2)
    ranked = best_people(request, codes)
    split = [q for code in codes if (q := _quota(code, stock, ranked, request.seed)) is not None]
    request.told("deal", 0.4)
    given = _dealt(stock, split, request.seed)
    request.told("tables", 0.8)
    return Proposal(
        placements=_placements(given, request.seed),
        unplaced=_unplaced(stock, given),
        candidates=_candidates(given, ranked, request.rulebook["campaign.candidates_shown"]),
        certificate=_certificate(split, request),
        tables={
            "stock": _stock_table(codes, stock, given, ranked),
            "best_people": _people_table(ranked, split),
            "rounding": _rounding(split),
            "idle": _idle(stock, request),
        },
    )


def _asked(request: Request) -> list[str]:
    known = departments(request.book, request.rulebook)["department"].to_list()
    code = request.options["department"]
    if code and code not in known:
        raise StrategyError(f"没有部门 {code}；可用：{'、'.join(known) or '（机构表中没有部级机构）'}")
    return [code] if code else known


def _stock(request: Request, codes: list[str]) -> Stock:
    """What lies with the departments: development rights of customers whom no agent of their own serves."""
    book = request.book
    held = book.held.filter((pl.col("kind") == "customer") & (pl.col("relation") == "development"))
    owner = departments_of_people(book, request.rulebook).rename({"staff_number": "receiver"})
    mains = book.books.policies.filter(pl.col("kind") == "main").sort("inception_date", "policy_number")
    oldest = mains.group_by("holder_number", maintain_order=True).agg(
        premium_fen=pl.col("premium_fen").first().fill_null(0)
    )
    lives = book.located.select(number="key", district_code=pl.col("community_code").str.head(6))
    frame = (
        held.select("number", "receiver", "since")
        .join(owner, on="receiver", how="left")
        .join(oldest, left_on="number", right_on="holder_number", how="left")
        .join(lives, on="number", how="left")
        .with_columns(pl.col("premium_fen").fill_null(0), pl.col("district_code").fill_null(""))
        .sort("number")
    )
    pool = pl.col("receiver").str.starts_with(DEPARTMENT)
    pooled = frame.filter(pool).with_columns(department=pl.col("receiver").str.strip_prefix(DEPARTMENT))
    sold = mains.select(number="holder_number", receiver="agent_number").drop_nulls().unique()
    owned = frame.filter(~pool & pl.col("department").is_not_null()).join(
        sold, on=["number", "receiver"], how="anti"
    )
    asked, said_no = pl.col("department").is_in(codes), offering.refused(book)
    pooled, owned = pooled.filter(asked), owned.filter(asked).select(pooled.columns)
    refused = pl.concat([pooled, owned]).filter(said_no)
    return Stock(pooled.filter(~said_no), owned.filter(~said_no), refused)


def _quota(code: str, stock: Stock, ranked: list[BestPeople], seed: int) -> AreaQuota | None:
    """A department's pool among its best people; None where there is nothing to split or nobody to give it to."""
    total = len(stock.pooled.filter(pl.col("department") == code))
    weights = next((people.weights for people in ranked if people.department == code), {})
    if not total or not weights:
        return None
    return AreaQuota(code, total, weights, largest_remainder(total, weights, seed=seed), {})


def _dealt(stock: Stock, split: list[AreaQuota], seed: int) -> pl.DataFrame:
    """number, department, receiver, premium_fen."""
    parts = [pl.DataFrame(schema={"number": pl.String, "receiver": pl.String})]
    for quota in split:
        pile = stock.pooled.filter(pl.col("department") == quota.area)
        items = pile.select("number", stratum="district_code", value="premium_fen")
        parts.append(deal(items, quota.counts, seed).select("number", "receiver"))
    return pl.concat(parts).join(stock.pooled.select("number", "department", "premium_fen"), on="number")


def _placements(given: pl.DataFrame, seed: int) -> pl.DataFrame:
    rows = given.with_columns(
        holder_number="number",
        instalment=pl.lit(1, pl.Int64),
        unit_code=pl.lit(None, pl.String),
        lever=pl.lit("best_people"),
    )
    return conform(places(rows, seed).select(*PLACEMENTS).sort("number"), PLACEMENTS)


def _unplaced(stock: Stock, given: pl.DataFrame) -> pl.DataFrame:
    owned = stock.owned.select(
        policy_number="number",
        reason=pl.lit("already_held"),
        detail=pl.format("该客户已在 {} 名下，不得争抢", "receiver"),
        custodian="receiver",
    )
    rest = stock.pooled.join(given, on="number", how="anti").select(
        policy_number="number",
        reason=pl.lit("no_best_people"),
        detail=pl.lit("部门没有在职且有上月产能的人员，客户留在部门池"),
        custodian="receiver",
    )
    said_no = offering.withheld(stock.refused, "receiver")
    return conform(pl.concat([said_no, owned, rest]).sort("policy_number"), UNPLACED)


def _candidates(given: pl.DataFrame, ranked: list[BestPeople], shown: int) -> pl.DataFrame:
    """N-03: the person chosen, and the best-ranked others of the department with what spoke against them."""
    people = pl.concat([empty(BestPeople.SCHEMA), *(people.table for people in ranked)])
    near = people.select("department", "staff_number", "productivity_fen", "chosen", at="rank")
    pairs = given.select("number", "department", "receiver").join(near, on="department")
    mine = pl.col("staff_number") == pl.col("receiver")
    pairs = pairs.with_columns(mine=mine).sort("number", pl.col("mine").not_(), "at")
    rank = pl.int_range(1, pl.len() + 1).cast(pl.Int64).over("number")
    pairs = pairs.with_columns(rank=rank).filter(pl.col("rank") <= shown)
    verdict = (
        pl.when("mine")
        .then(pl.lit("chosen"))
        .when("chosen")
        .then(pl.lit("other_turn"))
        .otherwise(pl.lit("not_best"))
    )
    detail = pl.format("部门内产能第 {} 名，上月产能 {} 元", "at", pl.col("productivity_fen") // 100)
    rows = pairs.select(
        "rank", "staff_number",
        unit_code=pl.lit(None, pl.String), policy_number="number", cost_m=pl.lit(0, pl.Int64),
        verdict=verdict, detail=detail,
    )  # fmt: skip
    return conform(rows.select(*CANDIDATES).sort("policy_number", "rank"), CANDIDATES)


def _stock_table(
    codes: list[str], stock: Stock, given: pl.DataFrame, ranked: list[BestPeople]
) -> pl.DataFrame:
    people = {entry.department: entry for entry in ranked}
    rows = []
    for code in codes:
        pooled = len(stock.pooled.filter(pl.col("department") == code))
        handed = len(given.filter(pl.col("department") == code))
        owned = len(stock.owned.filter(pl.col("department") == code))
        entry = people.get(code)
        counted = (len(entry.table), len(entry.weights)) if entry else (0, 0)
        rows.append((f"{DEPARTMENT}{code}", pooled, handed, pooled - handed, owned, *counted))
    return pl.DataFrame(rows, schema=STOCK.schema, orient="row")


def _people_table(ranked: list[BestPeople], split: list[AreaQuota]) -> pl.DataFrame:
    counts = {staff: count for quota in split for staff, count in quota.counts.items()}
    rows = []
    for entry in ranked:
        whole = sum(entry.weights.values())
        for code, rank, staff, fen, chosen in entry.table.iter_rows():
            share = exact(Fraction(100 * entry.weights[staff], whole)) + "%" if chosen else ""
            rows.append((f"{DEPARTMENT}{code}", rank, staff, fen, chosen, share, counts.get(staff, 0)))
    return conform(pl.DataFrame(rows, schema=BEST_PEOPLE.schema, orient="row"), BEST_PEOPLE.schema)


def _rounding(split: list[AreaQuota]) -> pl.DataFrame:
    frames = [empty(SUB_ROUNDING.schema), *(quota.apportioned.certificate for quota in split)]
    return pl.concat(frames)


def _idle(stock: Stock, request: Request) -> pl.DataFrame:
    """Held for longer than the rulebook's days without a further main policy bought since."""
    as_of, limit = request.as_of, request.rulebook["campaign.idle_days"]
    held = pl.concat([stock.pooled, stock.owned])
    held = held.filter(pl.col("since") < as_of - timedelta(days=limit))
    mains = request.book.books.policies.filter(pl.col("kind") == "main")
    last = (
        mains.filter(pl.col("inception_date") <= as_of)
        .group_by(number="holder_number")
        .agg(last=pl.col("inception_date").max())
    )
    open_ = held.join(last, on="number", how="left").filter(
        (pl.col("last") < pl.col("since")).fill_null(True)
    )
    rows = open_.with_columns(
        department=pl.lit(DEPARTMENT) + pl.col("department"),
        days=(pl.lit(as_of) - pl.col("since")).dt.total_days(),
    )
    return conform(rows.select(*IDLE.schema).sort("department", "receiver", "number"), IDLE.schema)


def _certificate(split: list[AreaQuota], request: Request) -> Certificate:
    objective = sum((quotas.deviation(quota) for quota in split), Fraction(0))
    bound = sum((quotas.least_deviation(quota) for quota in split), Fraction(0))
    said = (
        ("产能月份", f"{month_before(request.as_of):%Y-%m}"),
        ("分得客户的部门", f"{len(split)} 个"),
        ("久未完成天数界限", f"{request.rulebook['campaign.idle_days']} 天"),
    )
    return Certificate(
        metric="rounding",
        objective=quotas.millionths(objective),
        lower_bound=quotas.millionths(bound),
        gap=gap_of(objective, bound),
        feasibility=said,
        contiguity="not_judged: 部门内按产能分配，不划片",
    )
