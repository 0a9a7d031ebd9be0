"""Periods are kept: what is older than its period is removed, and what was removed is written down (L-06, L-11).

In: functions that remove, by kind; a moment. Out: one row a removal. Never: something younger than its period (the cut is
computed here and handed to the function), a removal that leaves no trace, a second removal of the same day's cut.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from tuogu.bulk import in_parts
from tuogu.core.custody import SHANGHAI, business_date
from tuogu.core.rulebook import Rulebook
from tuogu.org import append_only
from tuogu.privacy.kinds import Channel, RequestState
from tuogu.privacy.models import Consent, RetentionRun, SubjectCopy, SubjectRequest
from tuogu.privacy.retention_kinds import KINDS, Kind
from tuogu.rules import queries as rules

_BATCH = 10_000  # ids of one statement: below the parameter limits of both databases
Remover = Callable[
    [datetime], Iterable[str]
]  # removes what is older than the moment; answers with the keys of it


@dataclass(frozen=True)
class KindStanding:
    """One line of the page. `period` in words; `last_at`, `removed`: of the newest removal and of all."""

    kind: Kind
    days: int | None
    months: int | None
    cutoff_at: datetime | None  # what is older goes with the next run
    last_at: datetime | None
    removed: int


def retention(at: datetime) -> list[KindStanding]:
    """Every kind, with its period, its cut and what was removed so far: two queries."""
    rulebook = rules.applicable(business_date(at))
    total: dict[str, int] = {}
    last: dict[str, datetime] = {}
    for row in RetentionRun.objects.order_by("at"):
        total[row.kind] = total.get(row.kind, 0) + row.removed
        last[row.kind] = row.at
    lines = []
    for kind in KINDS:
        number = _period(kind, rulebook)
        days, months = (None, number) if kind.months else (number, None)
        cut = None if number is None else cutoff(kind, rulebook, at)
        lines.append(KindStanding(kind, days, months, cut, last.get(kind.key), total.get(kind.key, 0)))
    return lines


def _period(kind: Kind, rulebook: Rulebook) -> int | None:
    return int(rulebook[kind.period]) if kind.period and kind.period in rulebook.parameters else None


def cutoff(kind: Kind, rulebook: Rulebook, at: datetime) -> datetime:
    """The moment before which everything of this kind goes: whole periods back, by the business day."""
    number = rulebook[kind.period]
    moment = at.astimezone(SHANGHAI)
    if not kind.months:
        return moment - timedelta(days=number)
    total = moment.year * 12 + moment.month - 1 - number
    year, month = total // 12, total % 12 + 1
    return moment.replace(year=year, month=month, day=min(moment.day, 28))  # a few days later costs nothing


def keep_periods(removers: Mapping[str, Remover], *, by: int, at: datetime) -> int:
    """Remove what is past its period, of each kind that somebody can remove; returns how many records went. A kind whose
    removal took nothing leaves no row."""
    rulebook = rules.applicable(business_date(at))
    removed = 0
    for kind in KINDS:
        remove = {**_own(at), **removers}.get(kind.key)
        if remove is None or _period(kind, rulebook) is None:
            continue
        removed += _removed(kind, remove, cutoff(kind, rulebook, at), by=by, at=at)
    return removed


@transaction.atomic
def _removed(kind: Kind, remove: Remover, before: datetime, *, by: int, at: datetime) -> int:
    keys = sorted(remove(before))
    if keys:
        RetentionRun.objects.create(
            kind=kind.key, cutoff_at=before, removed=len(keys), by_id=by, at=at,
            digest=hashlib.sha256("\n".join(keys).encode()).hexdigest(),
        )  # fmt: skip
    return len(keys)


def _own(at: datetime) -> dict[str, Remover]:
    return {
        "copies": lambda before: _copies(before, at),
        "consents": _superseded,
        "wishes": _wishes,
    }


def _copies(before: datetime, at: datetime) -> list[str]:
    """The bytes go, the row that says there was a copy stays."""
    old = SubjectCopy.objects.filter(made_at__lt=before, gone_at__isnull=True)
    keys = [f"copy:{pk}" for pk in old.values_list("pk", flat=True)]
    old.update(content_sealed=None, gone_at=at)
    return keys


def _wishes(before: datetime) -> list[str]:
    old = SubjectRequest.objects.filter(
        state=RequestState.ANSWERED, answered_at__lt=before, wish_sealed__isnull=False
    )
    keys = [f"wish:{pk}" for pk in old.values_list("pk", flat=True)]
    old.update(wish_sealed=None)
    return keys


def _superseded(before: datetime) -> list[str]:
    """Statements that a later one about the same has replaced for so long. What counts today never goes."""
    channel = Q(channel=OuterRef("channel")) | Q(channel=Channel.ANY)
    later = Consent.objects.filter(
        channel, customer_number=OuterRef("customer_number"), purpose=OuterRef("purpose"), recorded_at__lt=before,
        said_at__gt=OuterRef("said_at"),
    )  # fmt: skip
    old = Consent.objects.filter(Exists(later), recorded_at__lt=before)
    ids = list(old.values_list("pk", flat=True))
    with append_only.lifted(Consent._meta.db_table) if ids else nullcontext():
        for part in in_parts(ids, _BATCH):
            Consent.objects.filter(pk__in=part).delete()
    return [f"consent:{pk}" for pk in ids]
