"""The door by which rooms above file what they found about somebody's work (S3-01, S3-22).

In: a source, rows about people. Out: facts from which the penalty ledger is computed with the next round of the day. Never:
the same thing filed twice, a finding about a pool, an amount (that is the rulebook's).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from tuogu.core.inspection.tables import FOUND_KINDS
from tuogu.org import queries as org
from tuogu.review.failures import ReviewRefused
from tuogu.review.locking import hold
from tuogu.review.models import OutsideFinding


@dataclass(frozen=True)
class FoundRow:
    """One finding. `ref`: what it is about in the room that files it; `kind`: a key of core.inspection FOUND_KINDS."""

    ref: str
    person: int
    kind: str
    found_date: date
    detail: str


@transaction.atomic
def file_findings(source: str, rows: Iterable[FoundRow], *, by: int, at: datetime) -> int:
    """File findings; what was filed before stays as it is. How many are new. ReviewRefused: a kind that nobody knows."""
    hold()
    wanted = [row for row in rows if org.is_person(row.person)]
    if any(row.kind not in FOUND_KINDS for row in wanted):
        raise ReviewRefused(_("没有这种奖惩依据"))
    refs = sorted({row.ref for row in wanted})
    known = set(
        OutsideFinding.objects.filter(source=source, ref__in=refs).values_list("ref", "kind", "person_id")
    )
    fresh = {(row.ref, row.kind, row.person): row for row in wanted}
    made = OutsideFinding.objects.bulk_create(
        OutsideFinding(
            source=source, ref=row.ref, person_id=row.person, kind=row.kind, found_date=row.found_date,
            detail=row.detail, by_id=by, at=at,
        )
        for key, row in fresh.items() if key not in known
    )  # fmt: skip
    return len(made)
