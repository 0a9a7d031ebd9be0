"""A leave that two people took back, with the file that brought it: its open cases are closed in their names.

In: the ledger's leaves that do not stand any more. Out: granted waivers, messages that had not left withdrawn; open again,
should the person leave after all. Never: a case that was proved touched, a message that has left called back.
"""

from __future__ import annotations

from datetime import datetime

import polars as pl
from django.db import transaction

from tuogu.ledger import queries as ledger
from tuogu.notices.delivering import cancel
from tuogu.notices.models import Departure, LeaveRead, Message, NoticeCase, Waiver

REASON = "离司登记已随导入撤回"
_SLICE = 500  # ids in one statement: below the limits of both databases


def close_taken_back(*, by: int, at: datetime) -> None:
    """Close them. Again changes nothing."""
    back = {act.batch: act for act in ledger.leaves_taken_back()}
    stands = set(
        LeaveRead.objects.exclude(batch_id__in=list(back)).values_list("departure_id", flat=True)
    )  # the same leave came again
    for read in LeaveRead.objects.filter(batch_id__in=list(back)).order_by("batch_id"):
        if read.departure_id not in stands:
            _close(read.departure_id, back[read.batch_id], by=by, at=at)


@transaction.atomic
def _close(departure: int, act: ledger.TakenBack, *, by: int, at: datetime) -> None:
    cases = NoticeCase.objects.select_for_update().filter(departure_id=departure)
    ids = list(cases.exclude(state__in=("proved", "waived")).values_list("pk", flat=True))
    if not ids:
        return
    waiting = Message.objects.filter(departure_id=departure, state__in=("queued", "printed"))
    for message in waiting.values_list("pk", flat=True):
        cancel(message, by=by, at=at)
    Waiver.objects.bulk_create(
        Waiver(case_id=case, state="granted", reason=REASON, asked_by_id=act.by, asked_at=at,
               decided_by_id=act.approved_by, decided_at=at)
        for case in ids
    )  # fmt: skip
    NoticeCase.objects.filter(departure_id=departure).exclude(state="proved").update(state="waived")


def left_after_all(departure: Departure, subjects: pl.Series) -> None:
    """The same leave is recorded anew: what was closed because it was taken back waits again."""
    for part in subjects.to_frame("id").iter_slices(_SLICE):
        closed = NoticeCase.objects.filter(
            departure=departure, subject_id__in=part["id"].to_list(), state="waived"
        )
        closed.filter(waivers__reason=REASON).update(state="waiting")
