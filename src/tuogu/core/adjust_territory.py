"""A territory plan's tables after a person moved policies: units, loads, breaks, principles, figures of the certificate.

In: the revised placements, the plan before, its Book and Rulebook. Out: a Plan whose tables all follow from the placements.
Never: a unit code with two staff numbers (S0-18): part of a unit that goes to somebody else gets a code of its own.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import polars as pl

from tuogu.core.coding import CodeOverflow
from tuogu.core.principles import NAMES, PRINCIPLES, principles
from tuogu.core.principles import figures as principle_figures
from tuogu.core.rulebook import Rulebook
from tuogu.core.tables import ASSIGNMENTS, BREAKS, PLACEMENTS, Book, Plan, conform
from tuogu.core.territory import outcome
from tuogu.core.territory.selection import select
from tuogu.core.territory.setting import Setting, build_setting

_UNITS_MAX = 99  # two digits (S0-09)


def recomputed(changed: Plan, plan: Plan, book: Book, rulebook: Rulebook) -> Plan:
    """`changed` with the tables and figures that its receivers add up to."""
    assigned = _with_codes(_assigned(changed, plan), plan, rulebook["territory.unit_size"])
    ground = setting_of(changed, book, rulebook)
    staff = ground.managers["staff_number"]
    known = assigned.filter(pl.col("staff_number").is_in(staff.implode()))
    breaks = outcome.breaks(ground, known, book.communities) if known.height else changed.breaks
    five = _principles(assigned, plan, staff, book, rulebook)
    whole = replace(
        changed,
        placements=_placements(assigned),
        assignments=assigned,
        units=outcome.units(ground, assigned),
        loads=outcome.loads(plan.loads["staff_number"].unique(maintain_order=True), assigned),
        breaks=conform(breaks, BREAKS),
        tables={**plan.tables, PRINCIPLES.name: five},
    )
    figures = dict(plan.certificate.figures) | _figures(whole, ground) | dict(principle_figures(five))
    return replace(whole, certificate=replace(plan.certificate, figures=tuple(figures.items())))


def objective(plan: Plan, book: Book, rulebook: Rulebook) -> int:
    """Policy-metres of the assignments, as the solver counts them; strangers to the territory count nothing."""
    return int(_metres(plan, setting_of(plan, book, rulebook)).sum())


def setting_of(plan: Plan, book: Book, rulebook: Rulebook) -> Setting:
    """The ground on which the plan was made: who may hold, where they live, what touches what."""
    chosen = select(book, rulebook, plan.as_of)
    planned = chosen.planned.join(plan.assignments.select("policy_number"), on="policy_number", how="semi")
    return build_setting(planned, chosen.managers, book, rulebook, plan.seed, held_cap=planned.height)


_OF_DATA = (
    "completeness",
    "standardisation",
)  # what hands cannot change, and a stored book has no customers' names


def _principles(
    assigned: pl.DataFrame, plan: Plan, staff: pl.Series, book: Book, rulebook: Rulebook
) -> pl.DataFrame:
    """The five principles (S0-27): those about the division anew, those about the data as the plan had them."""
    five = principles(assigned, plan.unplaced, staff, book, rulebook)
    before = plan.tables[PRINCIPLES.name]
    of_data = pl.Series(list(NAMES)).is_in(_OF_DATA)
    return pl.concat([before.filter(of_data), five.filter(~of_data)]) if before.height == len(NAMES) else five


def _metres(plan: Plan, ground: Setting) -> np.ndarray[Any, np.dtype[np.int64]]:
    """Metres of each assignment whose manager serves in the territory, trait mismatch included."""
    columns = ground.managers.select("staff_number").with_row_index("column")
    rows = ground.units.select("community_code", "row").unique("community_code")
    pairs = plan.assignments.select("community_code", "staff_number")
    found = pairs.join(columns, on="staff_number").join(rows, on="community_code")
    metres = ground.instance.metres[found["row"].to_numpy(), found["column"].to_numpy()]
    return np.asarray(metres, dtype=np.int64)


def _assigned(changed: Plan, plan: Plan) -> pl.DataFrame:
    """ASSIGNMENTS with the revised receivers and levers; codes as before."""
    now = changed.placements.select("number", to="receiver", how="lever")
    frame = plan.assignments.join(now, left_on="policy_number", right_on="number", maintain_order="left")
    frame = frame.with_columns(staff_number="to", lever="how").sort("policy_number")
    return conform(frame.select(*ASSIGNMENTS), ASSIGNMENTS)


def _with_codes(assigned: pl.DataFrame, plan: Plan, unit_size: int) -> pl.DataFrame:
    """A unit that moved whole keeps its code; of one that is torn, who held it before keeps the code and each other
    receiver gets codes after the community's last."""
    owner = plan.units.select("unit_code", owner="staff_number")
    shares = assigned.group_by("unit_code").agg(holders=pl.col("staff_number").n_unique())
    frame = assigned.join(owner, on="unit_code", how="left").join(shares, on="unit_code")
    torn = (pl.col("holders") > 1) & (pl.col("staff_number") != pl.col("owner"))
    rest = frame.filter(torn).with_columns(display=pl.col("unit_code").str.head(-2))
    if rest.is_empty():
        return assigned
    last = (
        assigned.select(
            display=pl.col("unit_code").str.head(-2), n=pl.col("unit_code").str.tail(2).cast(pl.Int64)
        )
        .group_by("display")
        .agg(last=pl.col("n").max())
    )
    seat = pl.int_range(pl.len()).over("display", "staff_number", order_by="policy_number") // unit_size
    rest = rest.with_columns(seat=seat).join(last, on="display")
    place = pl.struct("staff_number", "seat").rank("dense").over("display").cast(pl.Int64)
    rest = rest.with_columns(number=place + pl.col("last"))
    if rest.filter(pl.col("number") > _UNITS_MAX).height:
        raise CodeOverflow(f"社区 {rest['display'][0]} 的识别码单位超过 {_UNITS_MAX} 个，请整单元调整")
    code = pl.col("display") + pl.col("number").cast(pl.String).str.zfill(2)
    new = rest.select("policy_number", code=code)
    frame = assigned.join(new, on="policy_number", how="left", maintain_order="left")
    return conform(
        frame.with_columns(unit_code=pl.coalesce("code", "unit_code")).select(*ASSIGNMENTS), ASSIGNMENTS
    )


def _placements(assigned: pl.DataFrame) -> pl.DataFrame:
    rows = assigned.select(
        "holder_number", "instalment", "unit_code", "lever",
        number="policy_number", receiver="staff_number", place=pl.lit(None, pl.Int64),
    )  # fmt: skip
    return conform(rows.sort("number"), PLACEMENTS)


def _figures(plan: Plan, ground: Setting) -> dict[str, float]:
    """The named numbers that hands can change."""
    held = plan.loads.select("staff_number").unique().join(
        plan.assignments.group_by("staff_number").agg(n=pl.len().cast(pl.Int64)), on="staff_number", how="left"
    )["n"].fill_null(0).to_numpy()  # fmt: skip
    due = plan.loads["due"].to_numpy()
    low, high = (dict(plan.certificate.figures)[f"month_load_{end}"] for end in ("min", "max"))
    metres = _metres(plan, ground)
    outside = np.maximum(due - high, 0) + np.maximum(low - due, 0)
    broken = dict(plan.breaks.group_by("level").len().iter_rows())
    return {
        "units": float(plan.assignments["unit_code"].n_unique()),
        "mean_distance_m": round(float(metres.sum()) / max(len(metres), 1), 1),
        "held_min": float(held.min()) if len(held) else 0.0,
        "held_max": float(held.max(initial=0)),
        "balance_cv": round(float(held.std() / held.mean()), 4) if len(held) and held.mean() else 0.0,
        "month_min": float(due.min()) if len(due) else 0.0,
        "month_max": float(due.max()) if len(due) else 0.0,
        "month_mean": round(float(due.mean()), 2) if len(due) else 0.0,
        "month_outside_pieces": float(outside.sum()),
        "broken_managers": float(broken.get("manager", 0)),
        "broken_teams": float(broken.get("team", 0)),
        "split_communities": float(broken.get("community", 0)),
        "split_streets": float(broken.get("street", 0)),
    }
