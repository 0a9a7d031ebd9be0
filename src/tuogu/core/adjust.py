"""A plan revised by hand: chosen placements go to somebody else, everything that follows from it is recomputed.

In: a Plan, the Book and Rulebook it was made from, MOVES, who moves. Out: another Plan with the lever 'hand', who and why on
every moved row, and a certificate against the same bound. Never: a judgement whether it may be done (`core.check` and the
house decide); the plan that was given changed; a proof kept that the revision does not have.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any, Final

import polars as pl

from tuogu.core import adjust_territory
from tuogu.core.by_hand import HAND
from tuogu.core.gap import gap_of
from tuogu.core.rulebook import Rulebook
from tuogu.core.strategies import TERRITORY
from tuogu.core.tables import ADJUSTED, PLACEMENTS, Book, Certificate, Plan, Schema, conform

MOVES: Schema = {"number": pl.String, "receiver": pl.String, "reason": pl.String}
BELOW: Final = "adjusted_below_bound"  # a rule that the bound relies on was left: it proves nothing here
NOT_REVALUED: Final = "adjusted_not_revalued"


def adjusted(plan: Plan, book: Book, rulebook: Rulebook, moves: pl.DataFrame, *, by: str, day: date) -> Plan:
    """`plan` with MOVES made; violations are counted by `core.plan.checked`. Numbers that the plan does not place, or that
    stay where they are, are left out (whoever asks refuses them with a reason)."""
    listed = _listed(plan, conform(moves, MOVES), by, day)
    if listed.is_empty():
        return plan
    placements = _moved(plan.placements, listed)
    changed = replace(plan, placements=placements, adjusted=_remembered(plan.adjusted, listed))
    if plan.strategy == TERRITORY.name:
        changed = adjust_territory.recomputed(changed, plan, book, rulebook)
    else:
        changed = replace(changed, placements=_in_order(placements))
    return replace(changed, certificate=_certificate(changed, plan, book, rulebook))


def _listed(plan: Plan, moves: pl.DataFrame, by: str, day: date) -> pl.DataFrame:
    """ADJUSTED of what really moves."""
    now = plan.placements.select("number", former="receiver", former_lever="lever", former_unit="unit_code")
    rows = moves.unique("number", keep="last").join(now, on="number")
    rows = rows.filter(pl.col("receiver") != pl.col("former"))
    rows = rows.with_columns(by=pl.lit(by), day=pl.lit(day, pl.Date)).sort("number")
    return conform(rows.select(*ADJUSTED), ADJUSTED)


def _remembered(before: pl.DataFrame, listed: pl.DataFrame) -> pl.DataFrame:
    """A row moved twice keeps what the program gave it, and the last person's reason."""
    first = before.select("number", *(pl.col(c).alias(f"{c}_first") for c in _PROGRAM))
    again = listed.join(first, on="number", how="left")
    again = again.with_columns(pl.coalesce(f"{name}_first", name).alias(name) for name in _PROGRAM)
    kept = before.join(listed, on="number", how="anti")
    return pl.concat([kept, again.select(*ADJUSTED)]).sort("number")


_PROGRAM = ("former", "former_lever", "former_unit")


def _moved(placements: pl.DataFrame, listed: pl.DataFrame) -> pl.DataFrame:
    new = listed.select("number", to="receiver")
    frame = placements.join(new, on="number", how="left", maintain_order="left")
    moved = pl.col("to").is_not_null()
    frame = frame.with_columns(
        receiver=pl.coalesce("to", "receiver"),
        lever=pl.when(moved).then(pl.lit(HAND)).otherwise("lever"),
    )
    return conform(frame.select(*PLACEMENTS), PLACEMENTS)


def _in_order(placements: pl.DataFrame) -> pl.DataFrame:
    """Lists that have an order count 1, 2, 3 … again; what came by hand stands where its place puts it, after its equals."""
    rank = (
        pl.struct("instalment", "place", pl.col("lever") == HAND, "number").rank("ordinal").over("receiver")
    )
    place = pl.when(pl.col("place").is_not_null()).then(rank.cast(pl.Int64))
    return conform(placements.with_columns(place=place), PLACEMENTS)


def _certificate(changed: Plan, plan: Plan, book: Book, rulebook: Rulebook) -> Certificate:
    """Objective anew against the same bound; where the objective falls below it, the bound no longer holds and says so."""
    # the planners' own counting, slow to load: only who adjusts waits for it
    from tuogu.core.revalue import KEPT, revalued

    proof = changed.certificate
    limits = set(proof.limits_hit)
    value = revalued(changed, plan, book, rulebook)
    if value is KEPT:
        limits.add(NOT_REVALUED)
        value = proof.objective
    bound = min(proof.lower_bound, value)
    if bound < proof.lower_bound:
        limits.add(BELOW)
    more: dict[str, Any] = {"objective": value, "lower_bound": bound, "gap": gap_of(value, bound)}
    return replace(
        proof,
        **more,
        moved_adjacent=int((changed.placements["lever"] == "adjacent").sum()),
        limits_hit=tuple(sorted(limits)),
        figures=_with_hand(proof.figures, changed),
    )


def _with_hand(figures: tuple[tuple[str, float], ...], changed: Plan) -> tuple[tuple[str, float], ...]:
    kept = tuple(pair for pair in figures if pair[0] != "adjusted_by_hand")
    return (*kept, ("adjusted_by_hand", float(changed.adjusted.height)))
