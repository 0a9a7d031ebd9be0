"""Orphans for the collection team: whoever serves the area, then whoever lives nearest (S4-11).

In: a Request with `to` = collection. Out: a Proposal. Never: a customer without a coded address placed by guess; a
collector above what twelve full months and the visits allow (A-43); the conditions of marketing agents asked of collectors.

Metric `area_metres`: metres from home, plus the surcharge outside the area, times pieces.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from tuogu.core.match import outcome, sheets
from tuogu.core.match.certificate import proof
from tuogu.core.match.collecting import collect
from tuogu.core.match.eligibility import held_orphans, in_post
from tuogu.core.match.field import Ints
from tuogu.core.match.nearness import Ground, ground
from tuogu.core.match.placing import AWAY, NOBODY, OWN
from tuogu.core.match.releases import Allowance, instalments
from tuogu.core.match.subjects import Subjects, survey
from tuogu.core.proposal import Proposal, Request
from tuogu.core.tables import CANDIDATES, UNPLACED, conform, empty
from tuogu.core.ties import tie_rank

METRIC = "area_metres"
IN_AREA, NEAREST = "own_area", "nearest"
DEARER = 10  # times the worst place: only has to be more than any detour that moving others could cost


def propose(request: Request) -> Proposal:
    """Place the orphans with collectors near them."""
    book, rulebook, as_of = request.book, request.rulebook, request.as_of
    request.told("select", 0.0)
    allowance = Allowance.of(as_of, rulebook)
    subjects = survey(book, rulebook, as_of, request.seed, levels=False, largest=allowance.per_release)
    customers = subjects.customers
    known = customers.filter(pl.col("community_code").is_not_null())
    largest = int(known["pieces"].to_numpy().max(initial=1))
    judged = _collectors(request, allowance.most(largest))
    able = judged.filter(pl.col("room") > 0)
    codes = sorted(known["community_code"].unique())
    at = ground(codes, able, book, rulebook)
    number = {code: i for i, code in enumerate(codes)}
    community = known["community_code"].replace_strict(number, return_dtype=pl.Int64).to_numpy()
    size = known["pieces"].to_numpy().astype(np.int64)
    price = _unplaced_price(at, rulebook["match.outside_area_m"])
    request.told("match", 0.3)
    collector, bound = collect(
        community,
        size,
        at,
        able["room"].to_numpy().astype(np.int64),
        rulebook["match.collector_choices"],
        price,
    )
    value = int((size * np.where(collector >= 0, _cost(at, community, collector), price)).sum())
    dates = instalments(collector, size, len(able), allowance)
    found = _outcome(subjects, known, able, at, community, collector, dates)
    request.told("tables", 0.7)
    return Proposal(
        placements=outcome.placements(found),
        unplaced=pl.concat([subjects.aside, _unplaced(found, rulebook["match.custodian"])]).sort("policy_number"),
        candidates=_candidates(found, able, at, rulebook["match.candidates_shown"]),
        certificate=proof(value, bound, _figures(at, community, size, collector), _facts(found, able), METRIC),
        tables={
            "funnel": outcome.funnel(subjects, found),
            "tiers": _tiers(found),
            "eligibility": outcome.eligibility(judged.with_columns(level=pl.lit(None, pl.Int64)).sort("staff_number"), {}),
            "teams": empty(sheets.TEAMS.schema),
            "people": _people(found, able),
            "orders": empty(sheets.ORDERS.schema),
        },
    )  # fmt: skip


def _collectors(request: Request, quota: int) -> pl.DataFrame:
    """In post, in keyed order (equal costs go to the earlier one), with home_code, held, room, verdict, reason."""
    book, rulebook = request.book, request.rulebook
    cap = 12 * int(rulebook["territory.month_load_max"])
    people = in_post(book, request.as_of, rulebook["match.collector_series"])
    homes = book.homes.filter(pl.col("community_code").is_in(book.communities["community_code"].implode()))
    frame = people.select("staff_number", "team_code").join(
        homes.select(staff_number="key", home_code="community_code"), on="staff_number", how="left"
    )
    frame = frame.join(held_orphans(book, request.as_of), on="staff_number", how="left").with_columns(
        pl.col("held").fill_null(0), tie=tie_rank(request.seed, "match.collectors", frame["staff_number"])
    )
    free = (cap - pl.col("held")).clip(0, quota)
    homeless = pl.col("home_code").is_null()
    return frame.sort("tie").with_columns(
        recruits=pl.lit(None, pl.Int64),
        complaints=pl.lit(None, pl.Int64),
        room=pl.when(homeless).then(0).otherwise(free),
        verdict=pl.when(homeless)
        .then(pl.lit("no_home"))
        .when(free < 1)
        .then(pl.lit("full"))
        .otherwise(pl.lit("ok")),
        reason=pl.when(homeless)
        .then(pl.lit("住址没有编码到社区，无法判断远近"))
        .otherwise(pl.format(f"收展员：持有孤儿保单{{}}件，上限{cap}件，可再接收{{}}件", "held", free)),
    )


def _unplaced_price(at: Ground, outside_m: int) -> int:
    """More than the worst place anybody could get."""
    return DEARER * (int(at.cost.max(initial=0)) + outside_m)


def _cost(at: Ground, community: Ints, collector: Ints) -> Ints:
    if not at.cost.size:
        return np.zeros(len(community), dtype=np.int64)
    return np.where(collector >= 0, at.cost[community, collector], 0)


def _outcome(
    subjects: Subjects, known: pl.DataFrame, able: pl.DataFrame, at: Ground, community: Ints, collector: Ints, dates: Ints
) -> pl.DataFrame:  # fmt: skip
    """One row a matched policy, in the shape of `outcome.outcome`."""
    placed = collector >= 0
    own = np.zeros(len(collector), dtype=bool)
    if placed.any():
        own[placed] = at.own_area[community[placed], collector[placed]]
    rows = known.select("row").with_columns(
        community=pl.Series(community, dtype=pl.Int64),
        collector=pl.Series(collector, dtype=pl.Int64),
        instalment=pl.Series(dates, dtype=pl.Int64),
        in_area=pl.Series(own, dtype=pl.Boolean),
    )
    who = able.with_row_index("collector").select(pl.col("collector").cast(pl.Int64), receiver="staff_number")
    rows = rows.join(who, on="collector", how="left")
    rows = subjects.customers.select("row", "pieces", "community_code").join(rows, on="row", how="left")
    rows = rows.with_columns(
        tier=pl.when(pl.col("receiver").is_null()).then(NOBODY).when("in_area").then(OWN).otherwise(AWAY),
        lever=pl.when("in_area").then(pl.lit(IN_AREA)).otherwise(pl.lit(NEAREST)),
    )
    policies = subjects.policies.select("row", "policy_number", "holder_number", "type", "value_fen")
    return policies.join(rows, on="row", maintain_order="left")


def _unplaced(found: pl.DataFrame, custodian: str) -> pl.DataFrame:
    lost = pl.col("community_code").is_null()
    rows = found.filter(pl.col("receiver").is_null()).select(
        "policy_number",
        reason=pl.when(lost).then(pl.lit("no_address_code")).otherwise(pl.lit("no_receiver")),
        detail=pl.when(lost)
        .then(pl.lit("地址未编码到社区，待人工编码后再分配"))
        .otherwise(pl.format("没有收展员的余量容得下该客户的{}件", "pieces")),
        custodian=pl.lit(custodian),
    )
    return conform(rows, UNPLACED)


def _candidates(found: pl.DataFrame, able: pl.DataFrame, at: Ground, shown: int) -> pl.DataFrame:
    """The chosen collector and the cheaper ones who had no room, best first."""
    if not at.cost.size:
        return empty(CANDIDATES)
    width = min(shown, at.cost.shape[1])
    place = np.repeat(np.arange(len(at.codes)), width)
    person = at.order[:, :width].ravel()
    listed = _people_at(place, person, at, able).with_columns(
        order=pl.int_range(pl.len(), dtype=pl.Int64).over("community")
    )
    subjects = found.filter(pl.col("community").is_not_null()).select(
        "policy_number", "community", "collector", "pieces"
    )
    cheaper = subjects.join(listed, on="community").filter(pl.col("person") != pl.col("collector"))
    pairs = (
        subjects.filter(pl.col("collector") >= 0)
        .select("community", "collector")
        .unique()
        .sort("community", "collector")
    )
    taken = _people_at(pairs["community"].to_numpy(), pairs["collector"].to_numpy(), at, able).unique(
        ["community", "person"]
    )
    chosen = subjects.join(taken, left_on=["community", "collector"], right_on=["community", "person"])
    limit = chosen.select("policy_number", best="cost_m", chosen_order="by_cost")
    cheaper = cheaper.join(limit, on="policy_number", how="left")
    cheaper = cheaper.filter(pl.col("best").is_null() | (pl.col("by_cost") < pl.col("chosen_order")))
    where = pl.format(
        "{}，距客户所在社区{}米",
        pl.when("own").then(pl.lit("服务区内")).otherwise(pl.lit("服务区外")),
        "metres",
    )
    rows = pl.concat(
        [
            cheaper.select(
                "policy_number", "staff_number", "cost_m", "by_cost", verdict=pl.lit("full"),
                detail=pl.format("{}；轮到时余量不足{}件", where, "pieces"),
            ),
            chosen.select("policy_number", "staff_number", "cost_m", "by_cost", verdict=pl.lit("chosen"), detail=where),
        ]
    ).sort("policy_number", "by_cost")  # fmt: skip
    rank = pl.int_range(1, pl.len() + 1, dtype=pl.Int64).over("policy_number")
    return conform(
        rows.with_columns(rank=rank, unit_code=pl.lit(None, pl.String)).select(*CANDIDATES), CANDIDATES
    )


def _people_at(place: Ints, person: Ints, at: Ground, able: pl.DataFrame) -> pl.DataFrame:
    """community, person, staff_number, metres, own, cost_m, by_cost (place in the order of costs) of pairs."""
    ranks = np.empty_like(at.order)
    np.put_along_axis(ranks, at.order, np.arange(at.order.shape[1])[None, :], axis=1)
    return pl.DataFrame(
        {
            "community": place, "person": person, "staff_number": able["staff_number"].gather(person),
            "metres": at.metres[place, person], "own": at.own_area[place, person],
            "cost_m": at.cost[place, person], "by_cost": ranks[place, person],
        }
    )  # fmt: skip


def _tiers(found: pl.DataFrame) -> pl.DataFrame:
    total = max(len(found), 1)
    rows = []
    for tier, name in ((OWN, "服务区内"), (AWAY, "服务区外就近"), (NOBODY, "无合格接收人")):
        part = found.filter(pl.col("tier") == tier)
        rows.append((name, part["row"].n_unique(), len(part), len(part) * 10_000 // total))
    return pl.DataFrame(rows, schema=sheets.TIERS.schema, orient="row")


def _people(found: pl.DataFrame, able: pl.DataFrame) -> pl.DataFrame:
    unranked = {"people_class": pl.lit("收展"), "productivity_fen": pl.lit(None, pl.Int64)}
    return outcome.people(found, able.with_columns(**unranked))


def _figures(at: Ground, community: Ints, size: Ints, collector: Ints) -> tuple[tuple[str, float], ...]:
    """Mean distance, and what handing out at random would give on average (exactly, not by a sample)."""
    placed = collector >= 0
    pieces = int(size[placed].sum())
    if not pieces:
        return ()
    metres = at.metres[community[placed], collector[placed]]
    chance = at.metres.mean(axis=1)[community[placed]]
    own = at.own_area[community[placed], collector[placed]]
    return (
        ("mean_distance_m", round(float((metres * size[placed]).sum() / pieces), 1)),
        ("random_distance_m", round(float((chance * size[placed]).sum() / pieces), 1)),
        ("own_area_share", round(int(size[placed][own].sum()) / pieces, 6)),
    )


def _facts(found: pl.DataFrame, able: pl.DataFrame) -> tuple[tuple[str, str], ...]:
    return (
        ("本次分配", f"{len(found):,}件"),
        ("可接收的收展员", f"{len(able):,}人，共可接收{int(able['room'].sum()):,}件"),
        ("每月应收件数", "未判断：本分法只看持有上限，逐月范围由区域规划判断"),
    )
