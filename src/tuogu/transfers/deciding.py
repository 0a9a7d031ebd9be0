"""Decides on a request and on the wish to take it back: one person asks, another agrees, refuses, or lets it be.

In: a request. Out: a step, and on agreement one batch of the ledger. Never: a batch by one person, a batch twice, a row
moved that something happened to since it was chosen.
"""

from __future__ import annotations

from datetime import datetime

import polars as pl
from django.db import transaction

from tuogu.core.custody import business_date
from tuogu.ledger import actions as ledger
from tuogu.ledger.kinds import EntryKind
from tuogu.ledger.results import BatchResult, UndoResult
from tuogu.org import queries as org
from tuogu.transfers.failures import TransferRefused
from tuogu.transfers.models import TransferRequest, TransferRow, TransferStep

RULE = "P-18"  # told in the distribution record: who asked, who agreed, from whom to whom
RULE_UNDO = "N-06"
Step = TransferStep.Step


@transaction.atomic
def agree(request_id: int, *, by: int, at: datetime) -> BatchResult:
    """A second person agrees: all frozen rows are posted in one batch; what has moved since stays and is listed."""
    request, last = _waiting(request_id, Step.ASKED)
    _another(last, by, "申请人不能复核自己的申请，须由另一人复核")
    rows = TransferRow.objects.filter(request=request).values_list("subject_id", "expected_head")
    subjects, heads = zip(*rows, strict=True)
    frame = pl.DataFrame(
        {
            "subject_id": subjects,
            "custodian_id": [request.receiver_id] * len(subjects),
            "expected_head": heads,
        }
    )
    result = ledger.post_batch(
        frame, kind=EntryKind.TRANSFER, key=f"transfer:{request.pk}", by=request.asked_by_id, approved_by=by,
        effective_date=business_date(at), recorded_at=at, rule=RULE, reason_code=f"transfer_{request.pk}",
    )  # fmt: skip
    outcome = {"posted": result.posted, "stale": result.stale.height}
    _note(request, Step.POSTED, by, at, batch=result.batch_id, outcome=outcome)
    return result


@transaction.atomic
def refuse(request_id: int, *, by: int, at: datetime, reason: str) -> None:
    """Another person declines, and says why; custody stays as it is."""
    request, last = _waiting(request_id, Step.ASKED)
    _another(last, by, "申请人不能自己决定；请撤回申请")
    _note(request, Step.REFUSED, by, at, _said(reason))


@transaction.atomic
def withdraw(request_id: int, *, by: int, at: datetime) -> None:
    """Take one's own request back; custody stays as it is."""
    request, last = _waiting(request_id, Step.ASKED)
    _own(last, by)
    _note(request, Step.WITHDRAWN, by, at)


@transaction.atomic
def ask_undo(request_id: int, *, by: int, at: datetime, reason: str) -> None:
    """Ask that a posted transfer be taken back; custody stays as it is until another person confirms."""
    request, last = _locked(request_id)
    if last.step not in {Step.POSTED, Step.UNDO_WITHDRAWN, Step.UNDO_REFUSED}:
        raise TransferRefused(f"申请为“{last.get_step_display()}”，没有可撤销的批次")
    if not org.is_person(by):
        raise TransferRefused("撤销须由在册人员申请")
    _note(request, Step.UNDO_ASKED, by, at, _said(reason))


@transaction.atomic
def confirm_undo(request_id: int, *, by: int, at: datetime) -> UndoResult:
    """Another person confirms: one compensating batch; rows that something happened to since stay and are listed."""
    request, last = _waiting(request_id, Step.UNDO_ASKED)
    _another(last, by, "申请人不能确认自己的撤销，须由另一人确认")
    posted = TransferStep.objects.get(request=request, step=Step.POSTED).batch_id
    if posted is None:
        raise TransferRefused("这项申请没有批次")
    result = ledger.undo_batch(
        posted, key=f"undo:{posted}", by=last.by_id, approved_by=by, recorded_at=at, rule=RULE_UNDO,
        reason_code=f"transfer_{request.pk}",
    )  # fmt: skip
    outcome = {
        "posted": result.posted,
        "conflicts": result.conflicts.height,
        "redirected": result.redirected.height,
    }
    _note(request, Step.UNDONE, by, at, batch=result.batch_id, outcome=outcome)
    return result


@transaction.atomic
def refuse_undo(request_id: int, *, by: int, at: datetime, reason: str) -> None:
    """Another person declines to take it back."""
    request, last = _waiting(request_id, Step.UNDO_ASKED)
    _another(last, by, "申请人不能自己决定；请撤回申请")
    _note(request, Step.UNDO_REFUSED, by, at, _said(reason))


@transaction.atomic
def withdraw_undo(request_id: int, *, by: int, at: datetime) -> None:
    """Take one's own wish to undo back."""
    request, last = _waiting(request_id, Step.UNDO_ASKED)
    _own(last, by)
    _note(request, Step.UNDO_WITHDRAWN, by, at)


def _locked(request_id: int) -> tuple[TransferRequest, TransferStep]:
    request = TransferRequest.objects.select_for_update().filter(pk=request_id).first()
    if request is None:
        raise TransferRefused("没有这项申请")
    return request, TransferStep.objects.filter(request=request).order_by("-number")[0]


def _waiting(request_id: int, step: str) -> tuple[TransferRequest, TransferStep]:
    request, last = _locked(request_id)
    if last.step != step:
        raise TransferRefused(f"申请为“{last.get_step_display()}”，已由他人处理")
    return request, last


def _another(last: TransferStep, by: int, refusal: str) -> None:
    if last.by_id == by:
        raise TransferRefused(refusal)
    if not org.is_person(by):
        raise TransferRefused("须由在册人员决定")


def _own(last: TransferStep, by: int) -> None:
    if last.by_id != by:
        raise TransferRefused("只有申请人可以撤回；他人请选“不同意”")


def _said(reason: str) -> str:
    said = " ".join(reason.split())
    if not said:
        raise TransferRefused("请写明理由")
    return said


def _note(
    request: TransferRequest,
    step: str,
    by: int,
    at: datetime,
    reason: str = "",
    *,
    batch: int | None = None,
    outcome: dict[str, int] | None = None,
) -> None:
    number = TransferStep.objects.filter(request=request).count() + 1
    TransferStep.objects.create(
        request=request, number=number, step=step, by_id=by, at=at, reason=reason, batch_id=batch,
        outcome=outcome or {},
    )  # fmt: skip
