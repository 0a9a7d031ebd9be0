"""Writes of the access log: one row each time personal data is looked at, revealed or taken out.

In: who, what, why, when. Out: a row; for `reveal`, the right to show it. Never: the personal data itself in a row, a
reveal beyond the day's quota (the quota is a number of the rulebook, so that raising it is a new, signed version).
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Sum

from tuogu.accesslog.failures import RevealRefused
from tuogu.accesslog.models import Sighting
from tuogu.accesslog.retention import remove_old
from tuogu.accesslog.router import side_alias
from tuogu.core.custody import business_date
from tuogu.org import actions as org
from tuogu.vault import keyed_hash

__all__ = [
    "RevealRefused", "record", "record_export", "record_list", "record_open", "record_print", "remove_old", "reveal",
]  # fmt: skip

REASON_MIN = 4  # characters: "核对" alone says nothing that an auditor could follow up
REASON_MAX = 200
_DIGEST_CHARS = 16


def record_open(*, by: int, subject_kind: str, subject: str, at: datetime, mark: str = "") -> None:
    """A record was opened; what is personal stood there masked. `mark`: what a print of it carries."""
    record(by=by, kind=Sighting.Kind.OPEN, subject_kind=subject_kind, subject=subject, at=at, mark=mark)


def record_export(
    *, by: int, subject: str, rows: int, at: datetime, fields: str = "", reason: str = ""
) -> None:
    """A list left as a file. `subject` names the list, `rows` says how much left."""
    record(
        by=by, kind=Sighting.Kind.EXPORT, subject_kind="list", subject=subject, rows=rows, fields=fields,
        reason=reason, at=at,
    )  # fmt: skip


def record_list(
    *, by: int, subject: str, rows: int, query: str, mark: str, rows_per_day: int, at: datetime
) -> bool:
    """A page of a list with people on it is about to be shown. False when the person has seen `rows_per_day` already: it
    must not be shown then, and the log says that it was not. One row a page view, never one a person listed."""
    seen = Sighting.objects.filter(person_id=by, day=business_date(at), kind=Sighting.Kind.LIST)
    allowed = int(seen.aggregate(n=Sum("rows"))["n"] or 0) + rows <= rows_per_day  # N-13
    record(
        by=by, kind=Sighting.Kind.LIST if allowed else Sighting.Kind.REFUSED, subject_kind="list", subject=subject,
        rows=rows, digest=_digest(query), mark=mark if allowed else "", at=at,
    )  # fmt: skip
    return allowed


def record_print(*, by: int, mark: str, at: datetime) -> bool:
    """The page with that mark was sent to a printer; False when the person was shown no such page."""
    page = Sighting.objects.filter(person_id=by, mark=mark).exclude(mark="").order_by("pk").first()
    if page is None:
        return False
    record(
        by=by, kind=Sighting.Kind.PRINT, subject_kind=page.subject_kind, subject=page.subject, rows=page.rows,
        digest=page.digest, mark=mark, at=at,
    )  # fmt: skip
    return True


def _digest(query: str) -> str:
    """Which filter it was, for whoever holds the key: a plain digest of a name could be guessed."""
    return (keyed_hash(query, "list filter") or b"").hex()[-_DIGEST_CHARS:] if query else ""


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
    digest: str = "",
    mark: str = "",
) -> None:
    """One row of the log."""
    Sighting.objects.create(
        at=at, day=business_date(at), person_id=by, kind=kind, subject_kind=subject_kind, subject=subject,
        fields=fields[:64], reason=reason, rows=rows, digest=digest, mark=mark,
    )  # fmt: skip
