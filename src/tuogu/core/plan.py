"""The planning face: a Book in, a Plan out, and nothing else in the project plans territories.

In: Book, Rulebook, the as-of date, a seed and an effort (search moves). Out: Plan with its certificate.
Never: a change to live data; a clock; another result for shuffled input rows; a hard violation that is not
listed.

Read `make_plan` downwards: select → cap by visits → arithmetic → units and costs → solve → tables →
certificate → check by `core.check`, which shares no code with the solver.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Final

import numpy as np
import polars as pl

from tuogu.core.capacity import held_max, provisional
from tuogu.core.check import check_plan
from tuogu.core.geometry import positions
from tuogu.core.rulebook import Rulebook
from tuogu.core.tables import (
    ASSIGNMENTS,
    BREAKS,
    CANDIDATES,
    MONTH_COLUMNS,
    UNITS,
    Book,
    Certificate,
    Plan,
    empty,
)
from tuogu.core.territory import outcome
from tuogu.core.territory.candidates import candidates
from tuogu.core.territory.certificate import certificate, trivial
from tuogu.core.territory.comparison import PlanComparison, compare
from tuogu.core.territory.digest import book_digest, plan_digest
from tuogu.core.territory.feasibility import feasibility, headcount_need
from tuogu.core.territory.instance import Ints
from tuogu.core.territory.overflow import within_capacity
from tuogu.core.territory.selection import select
from tuogu.core.territory.setting import Setting, build_setting
from tuogu.core.territory.solve import Solution, solve, solve_around

DEFAULT_EFFORT: Final = 10_000_000
"""Search moves for a branch of up to about 1,500 units: under a second. A city of ten thousand units wants
60,000,000 (about ten seconds); ten times the moves buy about a tenth of the gap."""

Progress = Callable[[str, float], None]
Tables = tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame, pl.DataFrame, pl.DataFrame]

__all__ = ["DEFAULT_EFFORT", "PlanComparison", "book_digest", "compare", "make_plan", "plan_digest"]


def make_plan(
    book: Book,
    rulebook: Rulebook,
    as_of: date,
    seed: int,
    effort: int,
    *,
    progress: Progress | None = None,
    earlier: Plan | None = None,
) -> Plan:
    """Plan the territories of `book` as of a day.

    `effort` is the number of search moves (see DEFAULT_EFFORT). `progress(stage, share)` is called with
    shares rising from 0 to 1. With `earlier` the plan is made around that plan: unit codes and holders
    stay, and only units whose manager no longer serves, new units and what the limits demand change hands
    (S0-16). Raises `coding.CodeOverflow` when a community needs more than 99 units.
    """
    told = progress or _untold
    told("select", 0.0)
    chosen = select(book, rulebook, as_of)
    staff = chosen.managers
    visits, month_load = held_max(as_of, rulebook), 12 * rulebook["territory.month_load_max"]
    cap = min(_policies_of(visits, chosen.planned, rulebook), month_load)
    planned, left = within_capacity(chosen.planned, staff, book, rulebook, cap)
    unplaced = pl.concat([chosen.unplaced, left]).sort("policy_number")
    due = chosen.planned.select(MONTH_COLUMNS).to_numpy().astype(np.int64).sum(axis=0)
    possible = feasibility(due, len(chosen.planned), len(staff), rulebook, cap)
    if not len(planned):
        proof = trivial(positions(book.communities).metric, 0, len(unplaced), possible)
        tables = (
            empty(ASSIGNMENTS),
            empty(UNITS),
            outcome.loads(staff["staff_number"], empty(ASSIGNMENTS)),
            empty(BREAKS),
            empty(CANDIDATES),
        )
    else:
        existing = earlier.assignments.select("policy_number", "unit_code") if earlier else None
        setting = build_setting(planned, staff, book, rulebook, seed, cap, existing)
        solution = _solved(setting, rulebook, seed, effort, earlier, told)
        told("tables", 0.9)
        tables = _tables(setting, solution, book, rulebook, as_of)
        need = headcount_need(chosen.planned, book.communities, rulebook["territory.planning_ratio"])
        reason = "visits" if cap < month_load else "month_load"
        proof = certificate(setting, solution, possible, need, (tables[0], unplaced, tables[3]), reason)
    proof = replace(proof, feasibility=(*proof.feasibility, _cap_fact(visits, as_of, rulebook)))
    told("check", 0.95)
    plan = _plan(tables, unplaced, proof, (as_of, seed, effort), rulebook, book)
    violations = len(check_plan(plan, book, rulebook))
    told("done", 1.0)
    return replace(plan, certificate=replace(proof, violations=violations))


def _untold(stage: str, share: float) -> None:  # noqa: ARG001 - the caller does not want to know
    return None


def _cap_fact(visits: int, as_of: date, rulebook: Rulebook) -> tuple[str, str]:
    """What the visits allow one person to receive in a year, and whether its working days are final."""
    unit = "位客户" if rulebook["visits.count_by"] == "customer" else "件"
    doubt = "（节假日未公布的年份暂按周末计）" if provisional(as_of, rulebook) else ""
    return f"拜访产能允许每人一年新接收的上限{doubt}", f"{visits:,} {unit}"


def _policies_of(visits_max: int, planned: pl.DataFrame, rulebook: Rulebook) -> int:
    """The visit limit in policies. Where customers are counted, it grows by the smallest ratio of policies to
    customers in any community; `core.check` counts each manager's customers and lists a breach.
    """
    if rulebook["visits.count_by"] != "customer" or not len(planned):
        return visits_max
    sizes = planned.group_by("community_code").agg(share=pl.len() / pl.col("holder_number").n_unique())
    return int(visits_max * float(sizes["share"].min()))  # type: ignore[arg-type]  # never null: the frame has rows


def _solved(
    setting: Setting, rulebook: Rulebook, seed: int, effort: int, earlier: Plan | None, told: Progress
) -> Solution:
    instance, shown = setting.instance, rulebook["territory.candidates_shown"]
    total = instance.months.sum(axis=0)
    band = instance.band
    fits = (total >= band.month_min * instance.managers) & (total <= band.month_max * instance.managers)
    band_possible = bool(fits.all())
    if earlier is None:
        return solve(
            instance, band_possible=band_possible, seed=seed, effort=effort, shown=shown, progress=told
        )
    kept = _earlier_labels(setting, earlier)
    return solve_around(instance, kept, band_possible=band_possible, shown=shown, progress=told)


def _earlier_labels(setting: Setting, earlier: Plan) -> Ints:
    """(u,) column of each unit's manager in the earlier plan; -1 where he no longer serves or the unit is
    new.
    """
    columns = setting.managers.select("staff_number").with_row_index("column")
    held = earlier.units.select("unit_code", "staff_number").join(columns, on="staff_number")
    found = setting.units.join(held, on="unit_code", how="left", maintain_order="left")
    return found["column"].cast(pl.Int64).fill_null(-1).to_numpy()


def _tables(setting: Setting, solution: Solution, book: Book, rulebook: Rulebook, as_of: date) -> Tables:
    """Assignments, units, loads, breaks, candidates."""
    size, instalments = rulebook["territory.unit_size"], rulebook["territory.instalments"]
    assigned = outcome.assignments(setting, solution, as_of, size, instalments)
    return (
        assigned,
        outcome.units(setting, assigned),
        outcome.loads(setting.managers["staff_number"], assigned),
        outcome.breaks(setting, assigned, book.communities),
        candidates(setting, solution, assigned),
    )


def _plan(
    tables: Tables,
    unplaced: pl.DataFrame,
    proof: Certificate,
    made: tuple[date, int, int],
    rulebook: Rulebook,
    book: Book,
) -> Plan:
    assigned, units, loads, breaks, ranked = tables
    as_of, seed, effort = made
    return Plan(
        assignments=assigned,
        unplaced=unplaced,
        units=units,
        loads=loads,
        breaks=breaks,
        candidates=ranked,
        certificate=proof,
        as_of=as_of,
        seed=seed,
        effort=effort,
        rulebook_version=rulebook.version,
        book_digest=book_digest(book),
    )
