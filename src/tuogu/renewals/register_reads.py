"""Reads of the responsibility registers: which are locked, their lines, what was amended, whether the digest still holds.

In: a scope. Out: plain values. Never: a register of another branch.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count

from tuogu.org import queries as org
from tuogu.org.scope import Scope
from tuogu.renewals.failures import RenewalUnknown
from tuogu.renewals.models import Register
from tuogu.renewals.registers import digest_of


@dataclass(frozen=True)
class RegisterRow:
    """One locked register."""

    id: int
    institution_code: str
    month: date
    locked_date: date
    lines: int
    amendments: int
    digest: str
    by: int


@dataclass(frozen=True)
class RegisterLineRow:
    """One policy; `amended` says who is responsible since, and why, oldest first."""

    subject: int
    number: str
    person: int
    source_found: str
    amended: tuple[AmendmentRow, ...]


@dataclass(frozen=True)
class AmendmentRow:
    """One change after the lock."""

    subject: int
    number: str
    person: int
    reason: str
    by: int
    at: datetime


@dataclass(frozen=True)
class RegisterRecord:
    """A register whole. `sound`: the lines are those that were locked. `added`: amendments about policies of no line."""

    head: RegisterRow
    lines: tuple[RegisterLineRow, ...]
    added: tuple[AmendmentRow, ...]
    sound: bool


def registers(scope: Scope, *, before: int | None = None, size: int = 50) -> list[RegisterRow]:
    """Locked registers of the scope's institutions, the newest first."""
    rows = Register.objects.annotate(n=Count("lines", distinct=True), m=Count("amendments", distinct=True))
    if not scope.all_rows:
        rows = rows.filter(institution_code__in=sorted(org.institutions_within(scope)))
    if before is not None:
        rows = rows.filter(pk__lt=before)
    return [_head(row) for row in rows.order_by("-pk")[:size]]


def register(scope: Scope, register_id: int) -> RegisterRecord:
    """One register with its lines and amendments; RenewalUnknown outside the scope."""
    row = (
        Register.objects.annotate(n=Count("lines", distinct=True), m=Count("amendments", distinct=True))
        .filter(pk=register_id)
        .first()
    )
    if row is None or not (scope.all_rows or row.institution_code in org.institutions_within(scope)):
        raise RenewalUnknown(register_id)
    changed: dict[int, list[AmendmentRow]] = {}
    for one in row.amendments.select_related("subject").order_by("pk"):
        changed.setdefault(one.subject_id, []).append(
            AmendmentRow(
                one.subject_id, one.subject.number or "", one.person_id, one.reason, one.by_id, one.at
            )
        )
    lines = tuple(
        RegisterLineRow(
            line.subject_id, line.subject.number or "", line.person_id, line.source_found,
            tuple(changed.pop(line.subject_id, ())),
        )
        for line in row.lines.select_related("subject").order_by("subject__number")
    )  # fmt: skip
    added = tuple(one for rows in changed.values() for one in rows)
    return RegisterRecord(_head(row), lines, added, digest_of(row) == row.digest)


def _head(row: Any) -> RegisterRow:
    return RegisterRow(
        row.pk, row.institution_code, row.month, row.locked_date, row.n, row.m, row.digest, row.by_id
    )  # fmt: skip
