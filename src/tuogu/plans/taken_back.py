"""Rows of posted instalments that an undo took back afterwards: the undo of this plan's own release, or of an older plan's
on which this plan relied.

In: a scheduled release. Out: its rows, or their number. Never: a row that the planned person holds, one that moved for
another reason than an undo (a release leaves those and lists them).
"""

from __future__ import annotations

from django.db.models import F, Q, QuerySet

from tuogu.ledger import queries as ledger
from tuogu.ledger.kinds import EntryKind
from tuogu.plans.models import PlanRow, ScheduledRelease
from tuogu.process_memory import memory as cache

_HOLDING = "subject__holdings"


def taken_back_rows(release: ScheduledRelease) -> QuerySet[PlanRow]:
    """Rows of a posted instalment whose newest entry is an undo made since, and that somebody else than planned holds."""
    if release.state != ScheduledRelease.State.POSTED:
        return PlanRow.objects.none()
    rows = PlanRow.objects.filter(plan_id=release.plan_id, instalment=release.instalment)
    holder = f"{_HOLDING}__custodian_id"
    elsewhere = (
        Q(**{f"{holder}__gt": F("custodian_id")})
        | Q(**{f"{holder}__lt": F("custodian_id")})
        | Q(**{f"{holder}__isnull": True})  # development goes back to nobody
    )
    undone = Q(
        **{
            f"{_HOLDING}__relation": release.plan.relation,
            f"{_HOLDING}__entry__kind": EntryKind.UNDO,
            f"{_HOLDING}__entry_id__gt": F("expected_head"),
        }
    )
    return rows.filter(undone & elsewhere)


def taken_back(release: ScheduledRelease) -> int:
    """How many they are; counted once for each state of the ledger."""
    if release.state != ScheduledRelease.State.POSTED:
        return 0
    key = f"plans.taken_back:{release.pk}:{ledger.version()}"
    found = cache.get(key)
    if found is None:
        found = taken_back_rows(release).count()
        cache.set(key, found)
    return int(found)
