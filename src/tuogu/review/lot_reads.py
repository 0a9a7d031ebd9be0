"""Lots of the random check as they stand: who has committed and revealed, the record to publish, the people drawn.

In: a scope, a lot. Out: what is published; the drawn once everybody has revealed. Never: a person before that, a lot of a
department outside the scope.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet

from tuogu.core.lots.acts import settled
from tuogu.core.lots.check import first_fault
from tuogu.core.lots.record import PublicDraw, Reveal, as_text
from tuogu.org import queries as org
from tuogu.org.scope import Scope
from tuogu.plans.queries import DrawState, Party
from tuogu.review.failures import ReviewUnknown
from tuogu.review.models import Lot, LotStep


def drew(lot_id: int, person: int) -> bool:
    """Whether the settled lot drew this person."""
    return person in {row for _place, row in drawn_people(lot_id)}


def drawn_people(lot_id: int) -> list[tuple[int, int]]:
    """(place, person) of the drawn, in their order; empty before everybody has revealed."""
    lot = Lot.objects.filter(pk=lot_id).first()
    return [] if lot is None else drawn_of(lot)


def drawn_of(lot: Lot) -> list[tuple[int, int]]:
    """`drawn_people` of a lot that is at hand; nothing is asked where its steps and people were fetched with it."""
    public = public_of(lot)
    if public.result is None or first_fault(public) is not None:
        return []
    behind = {one.pseudonym: one.person_id for one in lot.people.all()}
    return [(place, behind[name]) for place, name in enumerate(public.result.drawn, start=1)]


@dataclass(frozen=True)
class LotLine:
    """A lot as the register shows it. `settled`: everybody has revealed."""

    id: int
    code: str
    department_code: str
    lot_date: date
    listed: int
    count: int
    parties: int
    settled: bool
    opened_by: int


def lots(scope: Scope, *, size: int = 40, before: int | None = None) -> list[LotLine]:
    """The newest lots first, of departments within scope."""
    rows = _within(scope)
    if before is not None:
        rows = rows.filter(pk__lt=before)
    found = list(rows.order_by("-pk").prefetch_related("steps")[:size])
    return [_line(lot) for lot in found]


def lot_of(scope: Scope, lot_id: int) -> LotLine:
    """One lot; ReviewUnknown when there is none within scope."""
    lot = _within(scope).filter(pk=lot_id).prefetch_related("steps").first()
    if lot is None:
        raise ReviewUnknown("没有这次抽查")
    return _line(lot)


def lot_state(lot_id: int) -> DrawState:
    """How far a lot is; holds nothing that is not published."""
    lot = found_lot(lot_id)
    public, steps = public_of(lot), list(lot.steps.order_by("number"))
    shown = {s.party_id: s.at for s in steps if s.step == LotStep.Step.REVEALED}
    parties = tuple(
        Party(s.party_id, s.party_name, s.at, shown.get(s.party_id))
        for s in steps
        if s.step == LotStep.Step.COMMITTED
    )
    return DrawState(
        lot.code, lot.purpose, lot.count, len(public.listed), lot.list_digest, public.announced, lot.opened_by_id,
        lot.opened_at, parties, public.awaited, None if public.result is None else public.result.seed,
        first_fault(public),
    )  # fmt: skip


def lot_record(lot_id: int) -> str:
    """The text to publish, which `tuogu draw verify` checks."""
    return as_text(public_of(found_lot(lot_id)))


def public_of(lot: Lot) -> PublicDraw:
    """The public record that the stored rows amount to."""
    steps = sorted(lot.steps.all(), key=lambda step: step.number)
    made = [s for s in steps if s.step == LotStep.Step.COMMITTED]
    shown = {
        s.party_id: Reveal(s.party_name, s.salt, s.seed) for s in steps if s.step == LotStep.Step.REVEALED
    }
    return settled(
        PublicDraw(
            lot.code, lot.purpose, lot.count, tuple(lot.pseudonyms.splitlines()), lot.list_digest, lot.key_digest,
            tuple((s.party_name, s.commitment) for s in made), "",
            tuple(shown[s.party_id] for s in made if s.party_id in shown),
        )
    )  # fmt: skip


def _within(scope: Scope) -> QuerySet[Lot]:
    if scope.all_rows:
        return Lot.objects.all()
    return Lot.objects.filter(department_code__in=org.institutions_within(scope))


def _line(lot: Lot) -> LotLine:
    public = public_of(lot)
    return LotLine(
        int(lot.pk), lot.code, lot.department_code, lot.lot_date, len(public.listed), lot.count, len(public.parties),
        public.result is not None, lot.opened_by_id,
    )  # fmt: skip


def found_lot(lot_id: int) -> Lot:
    """The stored lot; ReviewUnknown when there is none."""
    lot = Lot.objects.filter(pk=lot_id).first()
    if lot is None:
        raise ReviewUnknown("没有这次抽查")
    return lot
