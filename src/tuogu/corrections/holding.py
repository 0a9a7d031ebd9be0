"""A consequence until the data is corrected (L-09): a customer is marked, and the mark comes off with a reason.

In: numbers, reasons. Out: rows that open and rows that end a hold. Never: a hold taken away, two open ones for the same
customer and reason.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from tuogu.corrections.failures import CorrectionRefused
from tuogu.corrections.models import Finding, Hold, HoldEnd, TruthCheck
from tuogu.plans import withheld

_ENDED = "核查已无问题"


@transaction.atomic
def open_holds(
    numbers: Iterable[str], *, reason: str, programme: int | None = None, by: int, at: datetime
) -> int:
    """Mark these customers; those marked already for the same reason stay as they are. Returns how many were marked."""
    if not reason.strip():
        raise CorrectionRefused("标记客户须写明理由；没有写入")
    wanted = set(numbers)
    marked = set(
        Hold.objects.filter(end__isnull=True, reason=reason.strip()).values_list("customer_number", flat=True)
    )
    rows = [
        Hold(customer_number=number, reason=reason.strip(), programme_id=programme, by_id=by, at=at)
        for number in sorted(wanted - marked)
    ]
    Hold.objects.bulk_create(rows)
    return len(rows)


@transaction.atomic
def close_hold(hold_id: int, *, reason: str, by: int, at: datetime) -> None:
    """Take one mark off, with a reason."""
    if not reason.strip():
        raise CorrectionRefused("解除标记须写明理由；没有写入")
    hold = Hold.objects.filter(pk=hold_id, end__isnull=True).first()
    if hold is None:
        raise CorrectionRefused("这个标记不存在或已经解除；没有写入")
    HoldEnd.objects.create(hold=hold, reason=reason.strip(), by_id=by, at=at)


@transaction.atomic
def close_corrected(numbers: Iterable[str], *, by: int, at: datetime) -> int:
    """Take the marks off whoever among `numbers` a check made after the mark no longer found anything about."""
    check = TruthCheck.objects.order_by("-pk").first()
    if check is None:
        raise CorrectionRefused("还没有核查过，不能据以解除标记；请先核查一次")
    wrong = set(Finding.objects.filter(check_run=check).values_list("customer_number", flat=True))
    clean = set(numbers) - wrong
    held = Hold.objects.filter(end__isnull=True, at__lt=check.at).values_list("pk", "customer_number")
    ended = [
        HoldEnd(hold_id=pk, reason=f"{_ENDED}（核查 {check.pk}）", by_id=by, at=at)
        for pk, number in held
        if number in clean
    ]
    HoldEnd.objects.bulk_create(ended)
    return len(ended)


def join_in() -> None:
    """Plans leave whoever is marked where they are: they ask this room."""
    withheld.also_withheld("corrections", marked)


def marked() -> list[str]:
    """Everybody with an open mark."""
    rows = Hold.objects.filter(end__isnull=True).order_by("customer_number")
    return list(rows.values_list("customer_number", flat=True).distinct())
