"""Two plans side by side, or a plan beside today's custody (N-04): who gains and loses, evenness, months outside.

In: stored plans. Out: Comparison. Never: a write; a judgement which is better.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import polars as pl

from tuogu.core.changes import BUFFER
from tuogu.core.plan import compare
from tuogu.core.tables import MONTH_COLUMNS, Plan
from tuogu.files.certificate_words import FIGURES
from tuogu.org import queries as org
from tuogu.org.scope import Scope
from tuogu.plans import burdens, memory, reading
from tuogu.plans.heads import seen
from tuogu.plans.models import StoredPlan

PROOF = {
    "objective": "目标值（米·件）", "lower_bound": "下界（米·件）", "gap": "差距", "violations": "硬性违规",
    "moved_adjacent": "相邻区件", "assigned": "已分配件数", "unplaced": "未安置件数",
}  # fmt: skip
_LOWER_IS_BETTER = frozenset(
    {"gap", "violations", "mean_distance_m", "max_distance_m", "balance_cv", "month_outside_pieces", "unplaced",
     "broken_managers", "broken_teams", "split_communities", "split_streets", "person_months_outside", "year_range"}
)  # fmt: skip
_OF_TODAY = frozenset(
    {"person_months_outside", "year_range", "mean_distance_m", "held_min", "held_max", "assigned", "unplaced"}
)
_OF_ALL_HELD = frozenset({"year_range", "mean_distance_m"})


@dataclass(frozen=True)
class Figure:
    """One figure of both sides; null where a side does not have it. `better` is 'lower', or '' where neither is."""

    name: str
    label: str
    before: float | None
    after: float | None
    better: str


@dataclass(frozen=True)
class PersonChange:
    """What changes for one manager: policies held, gained and lost, pieces due in a year."""

    staff_number: str
    name: str
    held_before: int
    held_after: int
    gained: int
    lost: int
    due_before: int
    due_after: int


@dataclass(frozen=True)
class Comparison:
    """`moved` policies have another custodian after; months: (month, managers outside the band before, after)."""

    moved: int
    moved_share: float
    figures: list[Figure]
    people: list[PersonChange]
    bars: list[tuple[int, int, int]]  # pieces due from (buckets of five), person-months before, after
    months: list[tuple[int, int, int]]


def compare_plans(before_id: int, after_id: int, scope: Scope) -> Comparison:
    """Two stored plans that the scope covers."""
    before, after = seen(before_id, scope), seen(after_id, scope)
    return _compared(before, memory.plan(before), burdens.planned(before), after)


def compare_with_now(plan_id: int, scope: Scope) -> Comparison:
    """Today's custody of a plan's policies, and the plan. Nothing is proved about today: what only a plan has is left
    out."""
    stored = seen(plan_id, scope)
    found = _compared(stored, _as_held_now(stored), burdens.current(stored), stored)
    both = [figure for figure in found.figures if figure.name in _OF_TODAY]
    held = next(figure for figure in both if figure.name == "assigned")
    if (
        held.before != held.after
    ):  # half released: evenness and distance of another number of policies say nothing
        both = [replace(f, better="") if f.name in _OF_ALL_HELD else f for f in both]
    return replace(found, figures=both)


def _compared(first: StoredPlan, before: Plan, carried: pl.DataFrame, second: StoredPlan) -> Comparison:
    after = memory.plan(second)
    found = compare(before, after)
    ids = org.staff_ids(found.people["staff_number"]).select("staff_number", "custodian_id")
    named = org.names(ids["custodian_id"])
    names = {number: named.get(i) or number for number, i in ids.iter_rows()}
    people = [
        PersonChange(
            row["staff_number"], names.get(row["staff_number"], row["staff_number"]), *list(row.values())[1:]
        )
        for row in found.people.to_dicts()
    ]
    evenness = [
        *_evenness(first, second, carried, burdens.planned(second)),
        *(
            _figure(*row)
            for row in found.figures.iter_rows()
            if row[0] not in {"mean_distance_m", "held_min", "held_max"}
        ),
    ]
    return Comparison(
        found.moved.height, found.moved_share, evenness, people, found.histogram.rows(), found.months.rows()
    )


def _figure(name: str, before: float | None, after: float | None) -> Figure:
    label = PROOF.get(name) or FIGURES.get(name, name)
    return Figure(name, label, before, after, "lower" if name in _LOWER_IS_BETTER else "")


def _evenness(
    first: StoredPlan, second: StoredPlan, before: pl.DataFrame, after: pl.DataFrame
) -> list[Figure]:
    """Figures that both sides have, counted by one statement from who carries what."""
    sides = [_side(first, before), _side(second, after)]
    labels = {
        "person_months_outside": "越界人月", "year_range": "全年件数极差", "mean_distance_m": FIGURES["mean_distance_m"],
        "held_min": FIGURES["held_min"], "held_max": FIGURES["held_max"],
    }  # fmt: skip
    return [
        Figure(name, label, sides[0][name], sides[1][name], "lower" if name in _LOWER_IS_BETTER else "")
        for name, label in labels.items()
    ]


def _side(stored: StoredPlan, carried: pl.DataFrame) -> dict[str, float | None]:
    rulebook = reading.rulebook_of(stored)
    low, high = rulebook["territory.month_load_min"], rulebook["territory.month_load_max"]
    years, held = carried["year"], carried["held"]
    outside = carried.select(
        pl.sum_horizontal((~pl.col(m).is_between(low, high)).sum() for m in MONTH_COLUMNS)
    ).item()
    return {
        "person_months_outside": outside,
        "year_range": int(years.max() or 0) - int(years.min() or 0),  # type: ignore[arg-type]  # Int64 columns
        "mean_distance_m": burdens.mean_distance_m(carried),
        "held_min": int(held.min() or 0),  # type: ignore[arg-type]  # as above
        "held_max": int(held.max() or 0),  # type: ignore[arg-type]  # as above
    }


def _as_held_now(stored: StoredPlan) -> Plan:
    """Today's custody in the shape of a plan, so that one comparison serves both; its certificate proves nothing."""
    plan = memory.plan(stored)
    held = burdens.holders_now(stored)
    assigned = plan.assignments.drop("staff_number").join(held.drop_nulls(), on="policy_number")
    waiting = held.filter(pl.col("staff_number").is_null()).join(
        plan.assignments, on="policy_number", how="semi"
    )
    others = plan.unplaced.select("policy_number", "custodian").join(held, on="policy_number", how="left")
    others = others.select("policy_number", custodian=pl.coalesce("staff_number", "custodian"))
    unplaced = pl.concat([waiting.select("policy_number", custodian=pl.lit(BUFFER)), others])
    carried = burdens.current(stored)
    loads = carried.unpivot(MONTH_COLUMNS, index="staff_number", variable_name="name", value_name="due")
    loads = loads.select("staff_number", pl.col("name").str.slice(1).cast(pl.Int64).alias("month"), "due")
    kept = {"month_load_min", "month_load_max"}
    figures = tuple(pair for pair in plan.certificate.figures if pair[0] in kept)
    return replace(
        plan,
        assignments=assigned,
        unplaced=unplaced,
        loads=loads,
        certificate=replace(plan.certificate, figures=figures),
    )
