"""Draws as they stand: who has committed and revealed, the record to publish, the drawn numbers.

In: a draw's code. Out: the public record of core, its text, the numbers behind the drawn pseudonyms. Never: a number
before every party has revealed, a number of a draw that the scope does not cover, the pseudonym key.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import polars as pl

from tuogu.core.draw import order
from tuogu.core.lots.acts import settled
from tuogu.core.lots.check import first_fault
from tuogu.core.lots.record import PublicDraw, Result, Reveal, as_text
from tuogu.core.tables import LOT_ORDER, conform
from tuogu.org.scope import Scope
from tuogu.plans.failures import PlanRefused, PlanUnknown
from tuogu.plans.models import Draw, DrawNumber, DrawStep
from tuogu.plans.reach import covers

DRAWN = {"place": pl.Int64, "pseudonym": pl.String, "subject_id": pl.Int64, "number": pl.String}


@dataclass(frozen=True)
class Party:
    """One who takes part: when the promise was made, when the seed was revealed (None = not yet)."""

    custodian: int
    name: str
    committed_at: datetime
    revealed_at: datetime | None


@dataclass(frozen=True)
class DrawState:
    """`fault`: the first thing that does not fit in what is stored; None = all fits. `seed_hex` once all have revealed."""

    draw_id: str
    purpose: str
    count: int
    listed: int
    list_digest: str
    announced: str
    opened_by: int
    opened_at: datetime
    parties: tuple[Party, ...]
    awaited: tuple[str, ...]
    seed_hex: str | None
    fault: str | None


def draw_state(draw_id: str) -> DrawState:
    """How far a draw is. Holds nothing that is not published. PlanUnknown when there is none of that id."""
    draw = found(draw_id)
    public, steps = public_record(draw), _steps(draw)
    revealed = {s.party_id: s.at for s in steps if s.step == DrawStep.Step.REVEALED}
    parties = tuple(
        Party(s.party_id, s.party_name, s.at, revealed.get(s.party_id))
        for s in steps
        if s.step == DrawStep.Step.COMMITTED
    )
    return DrawState(
        draw.code, draw.purpose, draw.count, len(public.listed), draw.list_digest, public.announced, draw.opened_by_id,
        draw.opened_at, parties, public.awaited, None if public.result is None else public.result.seed,
        first_fault(public),
    )  # fmt: skip


def draw_record(draw_id: str) -> str:
    """The text to publish, which `tuogu draw verify` and docs/verify_draw.py check."""
    return as_text(public_record(found(draw_id)))


def drawn_numbers(draw_id: str, scope: Scope) -> pl.DataFrame:
    """DRAWN, in the order drawn; `number` is null where it was erased since.

    PlanUnknown: none of that id, or outside the scope. PlanRefused: a party has not revealed yet.
    """
    draw = found(draw_id)
    if not covers(scope, draw.institution_codes):
        raise PlanUnknown(f"没有抽取 {draw_id}")
    result = _settled(public_record(draw))
    return _numbered(draw, result.drawn)


def lot_order(draw_id: str) -> pl.DataFrame:
    """LOT_ORDER of the whole list, drawn and not: a plan takes the first of each of its own lists in this order.

    PlanUnknown, PlanRefused as for `drawn_numbers`.
    """
    draw = found(draw_id)
    public = public_record(draw)
    result = _settled(public)
    ordered = _numbered(draw, order(list(public.listed), seed=bytes.fromhex(result.seed), draw_id=draw_id))
    rows = ordered.drop_nulls("number").with_columns(draw_id=pl.lit(draw_id))
    return conform(rows.select(*LOT_ORDER), LOT_ORDER)


def _settled(public: PublicDraw) -> Result:
    """The result of a draw that fits and that every party has revealed."""
    fault = first_fault(public)
    if fault is not None:
        raise PlanRefused(fault)
    if public.result is None:
        raise PlanRefused(f"尚未公开种子：{'、'.join(public.awaited) or '各方'}；还没有结果")
    return public.result


def _numbered(draw: Draw, names: Sequence[str]) -> pl.DataFrame:
    """DRAWN of some pseudonyms, in their order."""
    behind = DrawNumber.objects.filter(draw=draw).values_list("pseudonym", "subject_id", "subject__number")
    rows = {pseudonym: (subject, number) for pseudonym, subject, number in behind}
    drawn = [(i, name, *rows[name]) for i, name in enumerate(names, start=1)]
    return pl.DataFrame(drawn, schema=DRAWN, orient="row")


def found(draw_id: str) -> Draw:
    """The stored draw; PlanUnknown when there is none."""
    draw = Draw.objects.filter(code=draw_id).first()
    if draw is None:
        raise PlanUnknown(f"没有抽取 {draw_id}")
    return draw


def public_record(draw: Draw) -> PublicDraw:
    """The public record that the stored rows amount to."""
    steps = _steps(draw)
    made = [s for s in steps if s.step == DrawStep.Step.COMMITTED]
    shown = {
        s.party_id: Reveal(s.party_name, s.salt, s.seed) for s in steps if s.step == DrawStep.Step.REVEALED
    }
    public = PublicDraw(
        draw.code, draw.purpose, draw.count, tuple(draw.pseudonyms.splitlines()), draw.list_digest, draw.key_digest,
        tuple((s.party_name, s.commitment) for s in made), "",
        tuple(shown[s.party_id] for s in made if s.party_id in shown),
    )  # fmt: skip
    return settled(public)


def _steps(draw: Draw) -> list[DrawStep]:
    return list(DrawStep.objects.filter(draw=draw).order_by("number"))
