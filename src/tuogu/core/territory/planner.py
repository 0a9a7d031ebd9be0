"""The territory strategy: a Request in, a Proposal of territories out (S0).

In: a book, the rulebook, the as-of date, a seed and an effort (search moves). Out: assignments, units, loads, breaks,
ranked candidates, certificate. Never: another result for shuffled input rows; a territory in pieces that is not listed.

Read `propose` downwards: select → cap by visits → arithmetic → units and costs → solve → tables → certificate.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import polars as pl

from tuogu.core.capacity import held_max, provisional
from tuogu.core.geometry import positions
from tuogu.core.principles import PRINCIPLES, principles
from tuogu.core.principles import figures as principle_figures
from tuogu.core.proposal import Progress, Proposal, Request
from tuogu.core.rulebook import Rulebook
from tuogu.core.tables import (
    ASSIGNMENTS,
    BREAKS,
    CANDIDATES,
    MONTH_COLUMNS,
    PLACEMENTS,
    UNITS,
    Book,
    Plan,
    conform,
    empty,
)
from tuogu.core.territory import outcome
from tuogu.core.territory.candidates import candidates
from tuogu.core.territory.certificate import certificate, trivial
from tuogu.core.territory.feasibility import feasibility, headcount_need
from tuogu.core.territory.instance import Ints
from tuogu.core.territory.overflow import within_capacity
from tuogu.core.territory.selection import select
from tuogu.core.territory.setting import Setting, build_setting
from tuogu.core.territory.solution import Solution
from tuogu.core.territory.solve import solve, solve_around
from tuogu.core.territory.stability import hold, with_changes

Tables = tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame, pl.DataFrame, pl.DataFrame]


def propose(request: Request) -> Proposal:
    """Plan the territories. With `request.earlier` the plan is made around that plan: unit codes and holders stay, and
    only units whose manager no longer serves, new units and what the limits demand change hands (S0-16).

    Raises `coding.CodeOverflow` when a community needs more than 99 units.
    """
    book, rulebook, as_of = request.book, request.rulebook, request.as_of
    seed, effort, earlier, told = request.seed, request.effort, request.earlier, request.told
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
    if earlier is not None:
        proof = with_changes(proof, tables[0], earlier, rulebook, staff["staff_number"])
    five = principles(tables[0], unplaced, staff["staff_number"], book, rulebook)  # S0-27
    proof = replace(
        proof,
        feasibility=(*proof.feasibility, _cap_fact(visits, as_of, rulebook)),
        figures=(*proof.figures, *principle_figures(five)),
    )
    return Proposal(
        unplaced=unplaced,
        certificate=proof,
        placements=_placements(tables[0]),
        candidates=tables[4],
        assignments=tables[0],
        units=tables[1],
        loads=tables[2],
        breaks=tables[3],
        tables={PRINCIPLES.name: five},
    )


def _placements(assigned: pl.DataFrame) -> pl.DataFrame:
    """PLACEMENTS of the assignments: a territory has no order of its own."""
    columns = ("holder_number", "instalment", "unit_code", "lever")
    rows = assigned.select(
        *columns, number="policy_number", receiver="staff_number", place=pl.lit(None, pl.Int64)
    )
    return conform(rows.sort("number"), PLACEMENTS)


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
    return int(visits_max * float(sizes["share"].to_numpy().min()))


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
    stable = hold(setting, kept, earlier, rulebook)
    return solve_around(instance, kept, band_possible=band_possible, shown=shown, progress=told, hold=stable)


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
