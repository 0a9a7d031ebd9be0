"""Redistribution: what lies in a region's pool goes to that region's departments that met the target (S2-12).

In: a book with holdings, the stage, `earlier` = the campaign plan. Out: placements from the pools to departments, by their
completions. Never: a record that crosses the areas, one lost: where no department met the target (A-23) the pool keeps all
of it, and every record says so.

Certificate: metric 'rounding' as in the campaign: sum of |given - exact| in millionths, bound = the least possible.
"""

from __future__ import annotations

from fractions import Fraction

import polars as pl

from tuogu.core import offering
from tuogu.core.apportion import Apportionment, exact, largest_remainder
from tuogu.core.campaign import quotas
from tuogu.core.campaign.dealing import places
from tuogu.core.campaign.evaluation import MET, Result, Stage, evaluate, evaluation, facts
from tuogu.core.campaign.quotas import AreaQuota
from tuogu.core.campaign.regions import AREAS, DEPARTMENT, POOLS, districts_of_institutions
from tuogu.core.campaign.sheets import POOL, REDISTRIBUTION, ROUNDING
from tuogu.core.campaign.standing import developed, records, standing
from tuogu.core.gap import gap_of
from tuogu.core.mix import deal
from tuogu.core.proposal import Proposal, Request
from tuogu.core.strategies import StrategyError
from tuogu.core.tables import PLACEMENTS, UNPLACED, Book, Certificate, conform, empty


def propose(request: Request) -> Proposal:
    """Evaluate the stage again and hand out the pools."""
    stock = _stock(request.book)
    if not len(stock):
        raise StrategyError("活动回收池中没有客户；请先下发回收方案")
    request.told("evaluate", 0.0)
    stand, stage = standing(request), Stage.of(request.options["stage"], request.rulebook)
    results = evaluate(request, stand, stage)
    request.told("deal", 0.5)
    willing = stock.filter(~offering.refused(request.book))  # L-03
    split = [q for area in AREAS if (q := _quota(area, willing, results, request.seed)) is not None]
    given = _dealt(willing, split, request.seed)
    kept = stock.join(given, on="number", how="anti")
    return Proposal(
        placements=_placements(given, request.seed),
        unplaced=_unplaced(kept, offering.refused(request.book)),
        certificate=_certificate(split, facts(request, stand)),
        tables={
            "evaluation": evaluation(results, stage),
            "redistribution": _table(split),
            "pool": _pools(stock, kept),
            "rounding": _rounding(split),
            "records": records(stand),
            "duplicates": stand.duplicates,
        },
    )


def _stock(book: Book) -> pl.DataFrame:
    """number, area, pool, district_code, premium_fen: what lies in the pools."""
    areas = {pool: area for area, pool in POOLS.items()}
    held = developed(book).filter(pl.col("receiver").is_in(list(areas)))
    held = held.select("number", pool="receiver", area=pl.col("receiver").replace_strict(areas, default=None))
    mains = book.books.policies.filter(pl.col("kind") == "main").sort("inception_date", "policy_number")
    regions = districts_of_institutions(book).rename({"district_code": "managed_in"})
    oldest = (
        mains.join(regions, on="institution_code", how="left")
        .group_by("holder_number")
        .agg(premium_fen=pl.col("premium_fen").first().fill_null(0), managed_in=pl.col("managed_in").first())
    )
    lives = book.located.select(number="key", lives_in=pl.col("community_code").str.head(6))
    frame = held.join(oldest, left_on="number", right_on="holder_number", how="left")
    frame = frame.join(lives, on="number", how="left")
    district = pl.coalesce("lives_in", "managed_in", pl.lit(""))
    return frame.select(
        "number", "area", "pool", pl.col("premium_fen").fill_null(0), district_code=district
    ).sort("number")


def _quota(area: str, stock: pl.DataFrame, results: list[Result], seed: int) -> AreaQuota | None:
    """The area's stock by completions of the departments that met the target; None where there is nothing to split."""
    weights = {r.department: r.completions for r in results if r.area == area and r.verdict == MET}
    total = len(stock.filter(pl.col("area") == area))
    if not total or not any(weights.values()):
        return None
    found: Apportionment = largest_remainder(total, weights, seed=seed)
    return AreaQuota(area, total, weights, found, {})


def _dealt(stock: pl.DataFrame, split: list[AreaQuota], seed: int) -> pl.DataFrame:
    """number, department, premium_fen of everything that is given."""
    parts = [pl.DataFrame(schema={"number": pl.String, "department": pl.String})]
    for quota in split:
        items = stock.filter(pl.col("area") == quota.area)
        items = items.select("number", stratum="district_code", value="premium_fen")
        parts.append(deal(items, quota.counts, seed).select("number", department="receiver"))
    return pl.concat(parts).join(stock.select("number", "premium_fen"), on="number")


def _placements(given: pl.DataFrame, seed: int) -> pl.DataFrame:
    rows = given.select(
        "number", "premium_fen",
        holder_number="number",
        receiver=pl.lit(DEPARTMENT) + pl.col("department"),
        instalment=pl.lit(1, pl.Int64),
        unit_code=pl.lit(None, pl.String),
        lever=pl.lit("redistribute"),
    )  # fmt: skip
    return conform(places(rows, seed).select(*PLACEMENTS).sort("number"), PLACEMENTS)


def _unplaced(kept: pl.DataFrame, refused: pl.Expr) -> pl.DataFrame:
    area = pl.col("area").replace_strict(AREAS, return_dtype=pl.String)
    rows = kept.filter(~refused).select(
        policy_number="number",
        reason=pl.lit("no_department_met"),
        detail=pl.format("{}没有达标的部门，留在回收池", area),
        custodian="pool",
    )
    every = pl.concat([offering.withheld(kept.filter(refused), "pool"), rows])
    return conform(every.sort("policy_number"), UNPLACED)


def _table(split: list[AreaQuota]) -> pl.DataFrame:
    rows = []
    for quota in split:
        whole = sum(quota.weights.values())
        for code, count in sorted(quota.counts.items()):
            share = exact(Fraction(100 * quota.weights[code], whole)) + "%"
            should = exact(quota.exact(code))
            rows.append((AREAS[quota.area], f"{DEPARTMENT}{code}", quota.weights[code], share, should, count))
    return pl.DataFrame(rows, schema=REDISTRIBUTION.schema, orient="row")


def _pools(stock: pl.DataFrame, kept: pl.DataFrame) -> pl.DataFrame:
    rows = []
    for area, pool in POOLS.items():
        lying, left = len(stock.filter(pl.col("area") == area)), len(kept.filter(pl.col("area") == area))
        rows.append((AREAS[area], pool, lying, lying - left, left))
    return pl.DataFrame(rows, schema=POOL.schema, orient="row")


def _rounding(split: list[AreaQuota]) -> pl.DataFrame:
    frames = [empty(ROUNDING.schema), *(quota.apportioned.certificate for quota in split)]
    return pl.concat(frames).with_columns(key=pl.lit(DEPARTMENT) + pl.col("key"))


def _certificate(split: list[AreaQuota], said: list[tuple[str, str]]) -> Certificate:
    objective = sum((quotas.deviation(quota) for quota in split), Fraction(0))
    bound = sum((quotas.least_deviation(quota) for quota in split), Fraction(0))
    return Certificate(
        metric="rounding",
        objective=quotas.millionths(objective),
        lower_bound=quotas.millionths(bound),
        gap=gap_of(objective, bound),
        feasibility=tuple(said),
        contiguity="not_judged: 按部门完成量分配，不划片",
    )
