"""Asks for a transfer: freezes what was confirmed, row by row. Custody stays as it is until another person agrees.

In: the query that found the rows, the digest that the person confirmed, a receiver, a reason. Out: a request. Never: other
rows than the ones confirmed; a receiver who may not receive; a row that the receiver holds already.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import polars as pl
from django.db import transaction
from django.db.models import QuerySet

from tuogu.bulk import insert_rows
from tuogu.core.custody import business_date
from tuogu.org import queries as org
from tuogu.transfers.failures import SelectionChanged, TransferRefused
from tuogu.transfers.models import TransferRequest, TransferRow, TransferStep
from tuogu.transfers.selection import selection

REASON_MIN, REASON_MAX = 4, 200  # characters


@transaction.atomic
def ask(
    subjects: QuerySet[Any],
    *,
    confirmed: str,
    receiver: int,
    reason: str,
    source: str,
    institution_codes: list[str],
    by: int,
    at: datetime,
) -> int:
    """Ask that all of `subjects` go to `receiver`; returns the request's id.

    `confirmed`: the digest of the selection that the person saw counted. SelectionChanged when it is another by now;
    TransferRefused: nobody to move, a receiver out of post, no reason.
    """
    said = " ".join(reason.split())
    if not REASON_MIN <= len(said) <= REASON_MAX:
        raise TransferRefused(f"请写明调整理由（{REASON_MIN} 至 {REASON_MAX} 个字）")
    if not org.is_person(by):
        raise TransferRefused("调整须由在册人员申请")
    if not org.may_receive(receiver, business_date(at)):
        raise TransferRefused("接收人已离司或不是可接收的责任人")
    chosen = selection(subjects)
    if chosen.digest != confirmed:
        raise SelectionChanged(f"确认之后清单有变动：现在是 {chosen.count:,} 件")
    moving = chosen.rows.filter(pl.col("holder_id") != receiver)
    if moving.is_empty():
        raise TransferRefused("所选保单都已由这位接收人负责，没有要调整的")
    request = TransferRequest.objects.create(
        receiver_id=receiver, reason=said, source=source, rows=moving.height, digest=chosen.digest,
        institution_codes=sorted(institution_codes), asked_by_id=by, asked_at=at,
    )  # fmt: skip
    rows = moving.select(
        request_id=pl.lit(request.pk, pl.Int64), subject_id="subject_id", expected_head="expected_head"
    )
    insert_rows(TransferRow._meta.db_table, rows)
    TransferStep.objects.create(
        request=request, number=1, step=TransferStep.Step.ASKED, by_id=by, at=at, reason=said
    )
    return int(request.pk)
