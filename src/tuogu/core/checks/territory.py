"""The hard rules of a territory plan, recomputed from the book.

In: Plan, Book, Rulebook. Out: rows of VIOLATIONS. Never: trust in a column that the planner filled (months, loads,
units, value and breaks are computed again), a breach left out because it could not be avoided: a plan that no staffing
could make feasible still has its breaches here, they are facts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import polars as pl

from tuogu.core.capacity import check_capacity, release_dates
from tuogu.core.checks.case import Case, differences, rows
from tuogu.core.geometry import pieces
from tuogu.core.rulebook import Rulebook
from tuogu.core.tables import (
    BREAKS,
    LOADS,
    MONTH_COLUMNS,
    UNITS,
    UNPLACED,
    Book,
    Plan,
    conform,
)

_LEVERS = ("unit", "adjacent")
_BUFFER = "buffer"


def check(plan: Plan, book: Book, rulebook: Rulebook) -> Iterator[pl.DataFrame]:
    """Rows of VIOLATIONS, frame by frame."""
    case = Case(plan, book, rulebook)
    for rule in RULES:
        yield from rule(case)


def _conservation(case: Case) -> Iterator[pl.DataFrame]:
    """Every live orphan main policy once, in assignments or unplaced, and nothing else."""
    placed = pl.concat(
        [case.assigned.select("policy_number"), conform(case.plan.unplaced, UNPLACED).select("policy_number")]
    )
    count = placed.group_by("policy_number").agg(times=pl.len())
    every = case.orphans.select("policy_number", known=pl.lit(True)).join(
        count, on="policy_number", how="full", coalesce=True
    )
    every = every.with_columns(pl.col("times").fill_null(0), pl.col("known").fill_null(False))
    lost, twice = every.filter(pl.col("times") == 0), every.filter(pl.col("times") > 1)
    alien = every.filter(~pl.col("known"))
    yield rows(
        lost, "conservation", "S0-24", "policy_number", "times", "1", pl.lit("孤儿保单既未分配也未列入未分配")
    )
    yield rows(twice, "conservation", "S0-24", "policy_number", "times", "1", pl.lit("保单出现多次"))
    yield rows(
        alien, "conservation", "S0-24", "policy_number", "times", "0", pl.lit("不是有效的孤儿主险保单")
    )


def _buffer(case: Case) -> Iterator[pl.DataFrame]:
    """What is not assigned has the buffer group as custodian and a reason."""
    wrong = case.plan.unplaced.filter(pl.col("custodian").ne_missing(_BUFFER))
    yield rows(
        wrong,
        "custodian",
        "S0-24",
        "policy_number",
        "custodian",
        _BUFFER,
        pl.lit("未分配保单必须由保全组负责"),
    )
    mute = case.plan.unplaced.filter(pl.col("reason").is_null() | (pl.col("reason") == ""))
    yield rows(mute, "reason", "S0-24", "policy_number", "reason", "非空", pl.lit("未分配保单没有原因"))


def _facts(case: Case) -> Iterator[pl.DataFrame]:
    """Community, holder, months and route of an assignment are the book's."""
    frame = case.assigned.join(case.orphans, on="policy_number", suffix="_true")
    routed = frame.filter(pl.col("route") != "territory")
    yield rows(
        routed, "route", "S0-24", "policy_number", "route", "territory", pl.lit("该保单不应进入区域分配")
    )
    moved = frame.filter(pl.col("community_code").ne_missing(pl.col("true_community")))
    yield rows(
        moved,
        "community",
        "S0-11",
        "policy_number",
        "community_code",
        "地址编码",
        pl.lit("社区与地址编码不一致"),
    )
    other = frame.filter(pl.col("holder_number").ne_missing(pl.col("holder_number_true")))
    yield rows(
        other, "holder", "S0-18", "policy_number", "holder_number", "投保人", pl.lit("投保人与保单不一致")
    )
    wrong = frame.filter(pl.any_horizontal(pl.col(m).ne_missing(pl.col(f"true_{m}")) for m in MONTH_COLUMNS))
    yield rows(
        wrong,
        "dues",
        "S0-20",
        "policy_number",
        "unit_code",
        "逐月应收",
        pl.lit("逐月应收与保单缴费约定不一致"),
    )


def _placements(case: Case) -> Iterator[pl.DataFrame]:
    """What a release would read is what the assignments say."""
    shared = ["number", "holder_number", "receiver", "instalment", "unit_code", "lever"]
    said = case.assigned.rename({"policy_number": "number", "staff_number": "receiver"}).select(shared)
    yield from differences(case.plan.placements.select(shared), said, "placements", "S0-18", "number")


def _staff(case: Case) -> Iterator[pl.DataFrame]:
    """Only managers in post hold policies."""
    stranger = case.assigned.join(case.people, on="staff_number", how="anti", nulls_equal=True)
    yield rows(
        stranger,
        "staff",
        "S0-16",
        "policy_number",
        "staff_number",
        "在职客户经理",
        pl.lit("责任人不是在职客户经理"),
    )


def _units(case: Case) -> Iterator[pl.DataFrame]:
    """A unit code has one staff number, one community and at most fifty policies (S0-09, S0-18)."""
    size = case.rulebook["territory.unit_size"]
    unit = case.assigned.group_by("unit_code").agg(
        staff=pl.col("staff_number").n_unique(),
        communities=pl.col("community_code").n_unique(),
        policies=pl.len(),
        community_code=pl.col("community_code").first(),
    )
    yield rows(
        unit.filter(pl.col("staff") > 1),
        "unit_staff",
        "S0-18",
        "unit_code",
        "staff",
        "1",
        pl.lit("一个单元有多个工号"),
    )
    yield rows(
        unit.filter(pl.col("communities") > 1),
        "unit_community",
        "S0-09",
        "unit_code",
        "communities",
        "1",
        pl.lit("一个单元跨社区"),
    )
    yield rows(
        unit.filter(pl.col("policies") > size),
        "unit_size",
        "S0-09",
        "unit_code",
        "policies",
        str(size),
        pl.lit("单元超过规定件数"),
    )
    display = case.book.communities.select("community_code", "display_code")
    coded = unit.join(display, on="community_code", how="left")
    alien = coded.filter(pl.col("unit_code").str.head(-2).ne_missing(pl.col("display_code")))
    yield rows(
        alien,
        "unit_code",
        "S0-08",
        "unit_code",
        "display_code",
        "社区编码+两位",
        pl.lit("单元码与社区编码不符"),
    )


def _derived(case: Case) -> Iterator[pl.DataFrame]:
    """UNITS and LOADS of the plan equal what its assignments add up to."""
    keys = ["unit_code", "community_code", "staff_number"]
    true_units = case.assigned.group_by(keys).agg(
        pl.len().cast(pl.Int64).alias("policies"), pl.col(MONTH_COLUMNS).sum()
    )
    columns = [*keys, "policies", *MONTH_COLUMNS]
    yield from differences(
        conform(case.plan.units, UNITS).select(columns),
        true_units.select(columns),
        "units",
        "S0-18",
        "unit_code",
    )
    yield from differences(
        conform(case.plan.loads, LOADS),
        case.loads.select("staff_number", "month", "due"),
        "loads",
        "S0-20",
        "staff_number",
    )


def _month_band(case: Case) -> Iterator[pl.DataFrame]:
    """25..60 pieces due for every manager in every month (S0-21, A-05)."""
    low, high = case.rulebook["territory.month_load_min"], case.rulebook["territory.month_load_max"]
    frame = case.loads.with_columns(_key=pl.format("{}/{}月", "staff_number", "month"))
    detail = pl.format("{}{}月应收{}件，不在" + f"{low}–{high}件之间", "staff_number", "month", "due")
    outside = frame.filter(~pl.col("due").is_between(low, high))
    yield rows(outside, "month_band", "S0-21", "_key", "due", f"{low}..{high}", detail)


def _caps(case: Case) -> Iterator[pl.DataFrame]:
    """Nobody holds more than 60 x 12 policies, nor more than the visits of the planned releases allow
    (N-20).
    """
    most = 12 * case.rulebook["territory.month_load_max"]
    held = case.assigned.group_by("staff_number").agg(held=pl.len()).filter(pl.col("held") > most)
    yield rows(
        held,
        "held_cap",
        "S0-21",
        "staff_number",
        "held",
        str(most),
        pl.format("{}持有{}件，超过年度上限", "staff_number", "held"),
    )
    count = case.rulebook["territory.instalments"]
    wrong = case.assigned.filter(~pl.col("instalment").is_between(1, count) | pl.col("instalment").is_null())
    yield rows(
        wrong, "instalment", "S0-23", "policy_number", "instalment", f"1..{count}", pl.lit("期次不在规定范围")
    )
    days = pl.DataFrame(
        {"release_date": release_dates(case.plan.as_of, case.rulebook)}, schema={"release_date": pl.Date}
    )
    days = days.with_columns(instalment=pl.int_range(1, pl.len() + 1, dtype=pl.Int64))
    releases = (
        case.assigned.join(days, on="instalment")
        .group_by("staff_number", "release_date")
        .agg(policies=pl.len().cast(pl.Int64), customers=pl.col("holder_number").n_unique().cast(pl.Int64))
    )
    if len(releases):
        report = check_capacity(releases, case.rulebook)
        late = report.windows.filter(~pl.col("fits")).with_columns(_perday=pl.col("visits_per_day").round(2))
        bound = f"{report.limit_per_day:g}次/日"
        yield rows(late, "visits", "N-20", "staff_number", "_perday", bound, pl.col("detail"))


def _levers(case: Case) -> Iterator[pl.DataFrame]:
    """A policy is placed with its unit or handed to a manager whose area touches the unit's manager
    (S0-22).
    """
    other = case.assigned.filter(~pl.col("lever").is_in(_LEVERS) | pl.col("lever").is_null())
    yield rows(other, "lever", "S0-22", "policy_number", "lever", "unit|adjacent", pl.lit("未知的调整方式"))
    if not case.judged:
        return  # touching cannot be judged, and the certificate says so
    index = pl.DataFrame(
        {"community_code": case.at.codes, "place": range(len(case.at.codes))},
        schema={"community_code": pl.String, "place": pl.Int64},
    )
    ground = case.assigned.filter(pl.col("lever") == "unit").select("community_code", "staff_number").unique()
    ground = ground.join(index, on="community_code")
    sides = np.concatenate(
        [case.pairs, case.pairs[:, ::-1], np.column_stack([np.arange(len(case.at.codes))] * 2)]
    )
    near = pl.DataFrame({"place": sides[:, 0], "near": sides[:, 1]})
    reach = ground.join(near, on="place").join(ground, left_on="near", right_on="place", suffix="_near")
    touching = reach.select("staff_number", "staff_number_near").unique()
    guests = case.assigned.filter(pl.col("lever") == "adjacent").select(
        "policy_number", "community_code", receiver="staff_number"
    )
    givers = ground.select("community_code", giver="staff_number")
    fine = guests.join(givers, on="community_code").join(
        touching, left_on=["giver", "receiver"], right_on=["staff_number", "staff_number_near"], how="semi"
    )
    far = guests.join(fine.select("policy_number").unique(), on="policy_number", how="anti")
    yield rows(
        far,
        "adjacent",
        "S0-22",
        "policy_number",
        "receiver",
        "相邻",
        pl.lit("接收人与原单元责任人的服务区不相邻"),
    )


def _breaks(case: Case) -> Iterator[pl.DataFrame]:
    """Areas in pieces are allowed, but each must be listed with its right number (S0-17)."""
    if not case.judged:
        return
    index = case.at.index()
    held = (
        case.assigned.join(case.people, on="staff_number")
        .select("community_code", "staff_number", "team_code")
        .unique()
    )
    held = held.filter(pl.col("community_code").is_in(list(index)))
    place = np.array([index[code] for code in held["community_code"]], dtype=np.int64)
    listed = conform(case.plan.breaks, BREAKS)
    for level, column in (("manager", "staff_number"), ("team", "team_code")):
        label = held[column].fill_null("")
        names = label.unique().sort()
        number = label.rank("dense").to_numpy().astype(np.int64) - 1
        true = pl.DataFrame({"key": names, "true": pieces(place, number, case.pairs, len(names))}).filter(
            pl.col("true") > 1
        )
        said = listed.filter(pl.col("level") == level).select("key", "pieces")
        both = true.join(said, on="key", how="full", coalesce=True)
        odd = both.filter(pl.col("true").ne_missing(pl.col("pieces")))
        yield rows(
            odd,
            f"breaks_{level}",
            "S0-17",
            "key",
            "pieces",
            "实际片数",
            pl.format("实际分成{}片", pl.col("true").fill_null(1)),
        )


def _bound(case: Case) -> Iterator[pl.DataFrame]:
    """A lower bound above the value would be a false proof (N-02)."""
    proof = case.plan.certificate
    if proof.lower_bound > proof.objective:
        frame = pl.DataFrame({"key": ["certificate"], "value": [str(proof.objective)]})
        yield rows(
            frame, "bound", "N-02", "key", "value", f">= {proof.lower_bound}", pl.lit("下界高于目标值")
        )


RULES: tuple[Callable[[Case], Iterator[pl.DataFrame]], ...] = (
    _conservation,
    _buffer,
    _facts,
    _placements,
    _staff,
    _units,
    _derived,
    _month_band,
    _caps,
    _levers,
    _breaks,
    _bound,
)
