"""Reads of scripts: every version, and one with its questions. In: ids. Out: plain values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count
from django.utils.translation import gettext as _

from tuogu.corrections.models import Programme, Script
from tuogu.corrections.scripts import ASKS
from tuogu.corrections.words import RETURN_VISIT, USES


def label_of(name: str, version: int) -> str:
    """A version of a script, as pages name it in their language."""
    return f"{name} {_('第 %(n)s 版') % {'n': version}}"


@dataclass(frozen=True)
class Question:
    """One thing to ask: `field` of scripts.ASKS, its Chinese title, the words."""

    field: str
    title: str
    ask: str


@dataclass(frozen=True)
class ScriptVersion:
    """One version. `approved_by` is None while it waits for a second person."""

    id: int
    name: str
    version: int
    effective_date: date
    opening: str
    questions: tuple[Question, ...]
    closing: str
    digest: str
    made_by: int
    made_at: datetime
    approved_by: int | None
    approved_at: datetime | None
    programmes: int
    use: str = RETURN_VISIT

    @property
    def use_label(self) -> str:
        return USES[self.use]

    @property
    def label(self) -> str:
        """As pages name it."""
        return label_of(self.name, self.version)


def scripts() -> list[ScriptVersion]:
    """Every version, newest first."""
    rows = Script.objects.select_related("approval").order_by("name", "-version")
    used = dict(Programme.objects.values_list("script").annotate(n=Count("pk")))
    return [_version(row, used.get(row.pk, 0)) for row in rows]


def script(script_id: int) -> ScriptVersion | None:
    """One version; None when there is none."""
    row = Script.objects.select_related("approval").filter(pk=script_id).first()
    return None if row is None else _version(row, Programme.objects.filter(script=row).count())


def usable_scripts(on: date, *, use: str | None = None) -> list[ScriptVersion]:
    """Approved versions in effect on that day, the newest of each name; of one use, or of all."""
    newest: dict[str, ScriptVersion] = {}
    for row in scripts():
        if row.approved_by is not None and row.effective_date <= on and use in (None, row.use):
            newest.setdefault(row.name, row)
    return list(newest.values())


def _version(row: Script, programmes: int) -> ScriptVersion:
    approval = getattr(row, "approval", None)
    return ScriptVersion(
        row.pk, row.name, row.version, row.effective_date, row.opening,
        tuple(Question(q["field"], ASKS[row.use][q["field"]], q["ask"]) for q in row.questions), row.closing, row.digest,
        row.made_by_id, row.made_at, approval.by_id if approval else None, approval.at if approval else None, programmes,
        row.use,
    )  # fmt: skip
