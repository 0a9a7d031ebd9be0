"""Draws as lists show them, and who may see which: a draw is visible to whose scope covers what it draws from.

In: a Scope. Out: DrawHead. Never: a draw outside the scope (PlanUnknown, as if it were not there), a number, a list of
pseudonyms read to make one line.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count

from tuogu.core.lots.record import PARTIES_MIN
from tuogu.org import queries as org
from tuogu.org.scope import Scope
from tuogu.plans.failures import PlanUnknown
from tuogu.plans.models import Draw, DrawNumber, DrawStep
from tuogu.plans.reach import covers

COMMITTING, REVEALING, DRAWN = "committing", "revealing", "drawn"


@dataclass(frozen=True)
class DrawHead:
    """A draw in one line. `state`: committing (fewer than two are bound), revealing, drawn. `kind`: policy | customer."""

    id: int
    code: str
    purpose: str
    kind: str
    count: int
    listed: int
    opened_by: int
    opened_by_name: str
    opened_at: datetime
    committed: int
    revealed: int

    @property
    def state(self) -> str:
        """How far it is."""
        if self.committed < PARTIES_MIN:
            return COMMITTING
        return DRAWN if self.revealed == self.committed else REVEALING


def draw_heads(scope: Scope, *, first: int = 1, size: int = 40) -> tuple[list[DrawHead], int]:
    """Draws from the `first` on, newest first, and how many the scope covers."""
    rows = Draw.objects.order_by("-id").values_list("id", "institution_codes")
    mine = [draw for draw, codes in rows if covers(scope, codes)]
    return _heads(mine[first - 1 : first - 1 + size]), len(mine)


def draw_head(draw_id: int, scope: Scope) -> DrawHead:
    """One draw by its row id; PlanUnknown when there is none or the scope does not cover it."""
    codes = Draw.objects.filter(pk=draw_id).values_list("institution_codes", flat=True).first()
    if codes is None or not covers(scope, codes):
        raise PlanUnknown(f"没有抽取 {draw_id}")
    return _heads([draw_id])[0]


def _heads(ids: list[int]) -> list[DrawHead]:
    draws = list(Draw.objects.filter(pk__in=ids).defer("pseudonyms").order_by("-id"))
    behind = {
        draw: (kind, n)
        for draw, kind, n in DrawNumber.objects.filter(draw__in=ids)
        .values("draw_id", "subject__kind").annotate(n=Count("id"))
        .values_list("draw_id", "subject__kind", "n")
    }  # fmt: skip
    committed, revealed = (_steps(ids, step) for step in (DrawStep.Step.COMMITTED, DrawStep.Step.REVEALED))
    names = org.names({draw.opened_by_id for draw in draws})
    return [
        DrawHead(
            draw.pk, draw.code, draw.purpose, behind[draw.pk][0], draw.count, behind[draw.pk][1], draw.opened_by_id,
            names.get(draw.opened_by_id) or "", draw.opened_at,
            committed.get(draw.pk, 0), revealed.get(draw.pk, 0),
        )
        for draw in draws
    ]  # fmt: skip


def _steps(ids: Iterable[int], step: str) -> dict[int, int]:
    rows = DrawStep.objects.filter(draw__in=ids, step=step).values("draw_id").annotate(n=Count("id"))
    return dict(rows.values_list("draw_id", "n"))
