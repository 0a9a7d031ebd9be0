"""What a person moved after the program had proposed: the lever that says so, and the plan as the program levered it.

In: a Plan. Out: the same Plan with the program's own levers, for whoever judges receivers by the strategy's rules. Never: a
receiver changed here.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import polars as pl

from tuogu.core.tables import Plan

HAND: Final = "hand"


def program_levers(plan: Plan) -> Plan:
    """`plan` with the levers that rows moved by hand had before; the receivers stay those that a person chose."""
    if plan.adjusted.is_empty():
        return plan
    former = plan.adjusted.select("number", "former_lever").unique("number")
    placements = _restored(plan.placements, former)
    own = former.rename({"number": "policy_number"})
    return replace(plan, placements=placements, assignments=_restored(plan.assignments, own))


def _restored(frame: pl.DataFrame, former: pl.DataFrame) -> pl.DataFrame:
    key = former.columns[0]
    joined = frame.join(former, on=key, how="left", maintain_order="left")
    lever = pl.when(pl.col("lever") == HAND).then(pl.coalesce("former_lever", "lever")).otherwise("lever")
    return joined.with_columns(lever=lever).select(frame.columns)
