"""The campaign: who is screened, who goes back to the own agent, and which department receives which orphan when (S2).

In: a book, the rulebook, a seed; option `premium_year`. Out: placements of customers in the development relation, wave by
wave, with funnel, split, shares, rounding certificate and mix. Never: a customer whom somebody may develop already, a
record of an agent in post in a department's quota, a record that crosses the areas.

Certificate: metric 'rounding'; objective = sum over departments of |quota - exact share| in millionths of a record, lower
bound = the least that any whole quotas reach. They coincide: `quotas.least_deviation`.

Read `propose` downwards: screen → split → departments → quotas → deal → tables → certificate.
"""

from __future__ import annotations

from fractions import Fraction

import polars as pl

from tuogu.core import offering
from tuogu.core.campaign import dealing, quotas
from tuogu.core.campaign.premium import Premium, asked_year, premium_of_departments
from tuogu.core.campaign.quotas import AreaQuota
from tuogu.core.campaign.regions import AREAS, DEPARTMENT, departments
from tuogu.core.campaign.screening import Screening, screen
from tuogu.core.campaign.sheets import FUNNEL, ROUNDING, SPLIT
from tuogu.core.gap import gap_of
from tuogu.core.presence import REASON, away_on
from tuogu.core.proposal import Proposal, Request
from tuogu.core.strategies import StrategyError
from tuogu.core.tables import PLACEMENTS, UNPLACED, Certificate, conform, empty

_SIDES = {True: "在职", False: "孤儿"}
_DEALT_COLUMNS = ("number", "department", "instalment", "area", "district_code", "premium_fen")


def propose(request: Request) -> Proposal:
    """Plan the campaign; StrategyError when no department has premium or a department's area is unknown."""
    book, rulebook, seed = request.book, request.rulebook, request.seed
    request.told("screen", 0.0)
    screened = screen(request)
    free = screened.records.filter(pl.col("holder").is_null() & ~pl.col("refused"))  # L-03
    back, orphans = free.filter("in_post"), free.filter(~pl.col("in_post"))  # S2-03
    gone = pl.col("agent_number").is_in(away_on(book, request.as_of)["staff_number"].implode())
    waiting, back = back.filter(gone), back.filter(~gone)  # P-06

    request.told("quotas", 0.3)
    known = departments(book, rulebook)
    year = asked_year(request.options.get("premium_year", ""), request.as_of)
    premium = premium_of_departments(book, rulebook, known["department"].to_list(), year)
    receiving = _receiving(known, premium)
    split = [q for area in AREAS if (q := _quota(area, orphans, receiving, premium, request)) is not None]

    request.told("deal", 0.4)
    placed = dealing.dealt(orphans, split, seed).join(
        orphans.select("number", "area", "district_code", "premium_fen"), on="number"
    )
    given = placed.select(_DEALT_COLUMNS)

    request.told("tables", 0.8)
    return Proposal(
        placements=_placements(back, given, seed),
        unplaced=_unplaced(screened, orphans, given, receiving, waiting),
        certificate=_certificate(split, given, premium, receiving, screened),
        tables={
            "funnel": pl.DataFrame(screened.funnel, schema=FUNNEL.schema, orient="row"),
            "split": _split(screened),
            "shares": quotas.shares(split, known),
            "rounding": _rounding(split),
            "mix": dealing.mix(given, list(AREAS)),
            "districts": dealing.districts(given),
            "duplicates": screened.duplicates,
        },
    )


def _receiving(known: pl.DataFrame, premium: Premium) -> pl.DataFrame:
    """Departments with premium; each of them must lie in one area (S2-04)."""
    if not premium.fen:
        raise StrategyError(
            f"没有任何部门 {premium.year} 年的保费，无法计算配额；请上报部门保费，或指定保费年度",
            option="premium_year",
        )
    receiving = known.filter(pl.col("department").is_in(list(premium.fen)))
    nowhere = receiving.filter(pl.col("area").is_null())["department"].to_list()
    if nowhere:
        raise StrategyError(
            f"部门 {'、'.join(nowhere)} 属市区还是县区无从判断；"
            "请在机构表填区划代码，或在制度 campaign.department_areas 指定"
        )
    return receiving


def _quota(
    area: str, orphans: pl.DataFrame, receiving: pl.DataFrame, premium: Premium, request: Request
) -> AreaQuota | None:
    """The split of an area; None where it has no department that receives."""
    codes = receiving.filter(pl.col("area") == area)["department"].to_list()
    if not codes:
        return None
    total = len(orphans.filter(pl.col("area") == area))
    weights = {code: premium.fen[code] for code in codes}
    return quotas.area_quota(area, total, weights, request.rulebook, request.seed)


def _placements(back: pl.DataFrame, given: pl.DataFrame, seed: int) -> pl.DataFrame:
    own = back.select(
        "number",
        "premium_fen",
        receiver="agent_number",
        instalment=pl.lit(1, pl.Int64),
        lever=pl.lit("own_agent"),
    )
    receiver = pl.lit(DEPARTMENT) + pl.col("department")
    dealt = given.select("number", "premium_fen", "instalment", receiver=receiver, lever=pl.lit("quota"))
    rows = dealing.places(pl.concat([own, dealt.select(own.columns)]), seed)
    rows = rows.with_columns(holder_number="number", unit_code=pl.lit(None, pl.String))
    return conform(rows.select(*PLACEMENTS).sort("number"), PLACEMENTS)


def _unplaced(
    screened: Screening,
    orphans: pl.DataFrame,
    given: pl.DataFrame,
    receiving: pl.DataFrame,
    waiting: pl.DataFrame,
) -> pl.DataFrame:
    said_no = offering.withheld(screened.records.filter("refused"), pl.col("holder").fill_null("buffer"))
    held = screened.records.filter(pl.col("holder").is_not_null() & ~pl.col("refused"))
    kept = held.select(
        policy_number="number",
        reason=pl.lit("already_held"),  # S2-07, S2-09
        detail=pl.format("该客户的开拓权已在 {} 名下，不再另行分配", "holder"),
        custodian="holder",
    )
    rest = orphans.join(given, on="number", how="anti")
    nowhere = pl.col("area").is_null()
    unserved = ~pl.col("area").is_in(receiving["area"].unique().implode())
    area = pl.col("area").replace_strict(AREAS, default="")
    left = rest.select(
        policy_number="number",
        reason=pl.when(nowhere).then(pl.lit("no_region")).when(unserved).then(pl.lit("no_department"))
        .otherwise(pl.lit("rounding_left")),
        detail=pl.when(nowhere).then(pl.lit("客户地址未编码，管理机构也没有区县代码，不知属市区还是县区"))
        .when(unserved).then(pl.format("{}没有可以接收的部门", area))
        .otherwise(pl.lit("各部门占比各自四舍五入后剩下的一件，没有部门可得")),
        custodian=pl.lit("buffer"),
    )  # fmt: skip
    later = waiting.select(
        policy_number="number",
        reason=pl.lit(REASON),
        detail=pl.format("原销售人员 {} 在方案日不在岗，回岗后再交回", "agent_number"),
        custodian=pl.lit("buffer"),
    )
    return conform(pl.concat([said_no, kept, later, left]).sort("policy_number"), UNPLACED)


def _split(screened: Screening) -> pl.DataFrame:
    """S2-02: everything screened, by agent in post or not and by area."""
    counts = screened.records.group_by("in_post", "area").agg(
        customers=pl.len().cast(pl.Int64),
        premium_fen=pl.col("premium_fen").sum(),
        held=pl.col("holder").count().cast(pl.Int64),
    )
    frame = counts.sort(pl.col("in_post").not_(), pl.col("area"), nulls_last=True)
    frame = frame.with_columns(
        pl.col("area").replace_strict(AREAS, default="不明"),
        side=pl.col("in_post").replace_strict(_SIDES, return_dtype=pl.String),
    )
    return conform(frame.select(*SPLIT.schema), SPLIT.schema)


def _rounding(split: list[AreaQuota]) -> pl.DataFrame:
    frames = [empty(ROUNDING.schema), *(quota.apportioned.certificate for quota in split)]
    return pl.concat(frames).with_columns(key=pl.lit(DEPARTMENT) + pl.col("key"))


def _certificate(
    split: list[AreaQuota],
    given: pl.DataFrame,
    premium: Premium,
    receiving: pl.DataFrame,
    screened: Screening,
) -> Certificate:
    objective = sum((quotas.deviation(quota) for quota in split), Fraction(0))
    bound = sum((quotas.least_deviation(quota) for quota in split), Fraction(0))
    facts = [("保费年度", f"{premium.year}"), ("保费来源", premium.source)]
    for area, word in AREAS.items():
        rows = receiving.filter(pl.col("area") == area)
        facts.append((f"{word}可接收部门", f"{len(rows)} 个"))
    facts += [
        (f"{AREAS[quota.area]}各自四舍五入后未分出", f"{quota.apportioned.left:,} 件")
        for quota in split
        if quota.apportioned.left
    ]
    facts.append(("同一证件合并的客户号", f"{len(screened.duplicates):,} 个"))
    figures = [
        (f"mean_value_spread_pct.{quota.area}", dealing.spread_pct(given, quota.area)) for quota in split
    ]
    return Certificate(
        metric="rounding",
        objective=quotas.millionths(objective),
        lower_bound=quotas.millionths(bound),
        gap=gap_of(objective, bound),
        feasibility=tuple(facts),
        contiguity="not_judged: 按部门配额分配，不划片",
        figures=tuple(figures),
    )
