"""Writes of the access log: one row each time personal data is looked at, revealed or taken out.

In: who, what, why, when. Out: a row; for `reveal`, the right to show it. Never: the personal data itself in a row, a
reveal beyond the day's quota (the quota is a number of the rulebook, so that raising it is a new, signed version).
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from tuogu.accesslog.failures import RevealRefused
from tuogu.accesslog.models import Sighting
from tuogu.accesslog.router import side_alias
from tuogu.core.custody import business_date
from tuogu.org import actions as org

__all__ = ["RevealRefused", "record", "record_export", "record_open", "reveal"]

REASON_MIN = 4  # characters: "核对" alone says nothing that an auditor could follow up
REASON_MAX = 200


def record_open(*, by: int, subject_kind: str, subject: str, at: datetime) -> None:
    """A record was opened; what is personal stood there masked."""
    record(by=by, kind=Sighting.Kind.OPEN, subject_kind=subject_kind, subject=subject, at=at)


def record_export(
    *, by: int, subject: str, rows: int, at: datetime, fields: str = "", reason: str = ""
) -> None:
    """A list left as a file. `subject` names the list, `rows` says how much left."""
    record(
        by=by, kind=Sighting.Kind.EXPORT, subject_kind="list", subject=subject, rows=rows, fields=fields,
        reason=reason, at=at,
    )  # fmt: skip


def reveal(
    *, by: int, subject_kind: str, subject: str, fields: str, reason: str, per_day: int, at: datetime
) -> int:
    """Count one reveal and return how many are left today. RevealRefused without a reason or beyond `per_day`.

    Concurrent reveals of one person come one after the other, so that the quota cannot be overrun.
    """
    reason = reason.strip()
    if not REASON_MIN <= len(reason) <= REASON_MAX:
        raise RevealRefused(
            f"请写明查看原因（{REASON_MIN} 至 {REASON_MAX} 个字），查看会留痕；未显示任何信息"
        )
    with transaction.atomic(using=side_alias()):
        org.lock_person(by)
        used = Sighting.objects.filter(person_id=by, day=business_date(at), kind=Sighting.Kind.REVEAL).count()
        if used >= per_day:
            raise RevealRefused(
                f"今天已查看明文 {used} 次，达到每日上限 {per_day} 次；未显示任何信息，明天可再查看"
            )
        record(
            by=by, kind=Sighting.Kind.REVEAL, subject_kind=subject_kind, subject=subject, fields=fields,
            reason=reason, at=at,
        )  # fmt: skip
    return per_day - used - 1


def record(
    *,
    by: int,
    kind: str,
    subject_kind: str,
    subject: str,
    at: datetime,
    fields: str = "",
    reason: str = "",
    rows: int = 1,
) -> None:
    """One row of the log."""
    Sighting.objects.create(
        at=at, day=business_date(at), person_id=by, kind=kind, subject_kind=subject_kind, subject=subject,
        fields=fields, reason=reason, rows=rows,
    )  # fmt: skip
