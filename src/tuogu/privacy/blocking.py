"""Customers whose data may only be kept (PIPL 47): out of marketing and exports, until somebody lifts it with a reason.

In: a customer number, why, who. Out: a step of the log; who is blocked. Never: a block without a ground, a service owed
to the customer stopped by one.

By purpose: stopped are plans for development, exported lists of policies and customers, calls that complete data, checks by
lot. Not stopped are what the law or the contract owes (the notice of a leaver, the custodian's service, an amendment or
a copy that the customer asks for) and papers that prove what was done (registers, signed lists).
"""

from __future__ import annotations

from datetime import datetime

from django.db.models import Max, OuterRef, Subquery

from tuogu.privacy.failures import PrivacyRefused
from tuogu.privacy.models import BlockStep


def block(number: str, *, ground: str, request: int | None = None, by: int, at: datetime) -> None:
    """Limit processing. PrivacyRefused: it is limited already, or nobody says why."""
    _step(number, True, ground, request, by, at)


def lift(number: str, *, ground: str, by: int, at: datetime) -> None:
    """End a limit. PrivacyRefused: there is none, or nobody says why."""
    _step(number, False, ground, None, by, at)


def _step(number: str, blocked: bool, ground: str, request: int | None, by: int, at: datetime) -> None:
    if not ground.strip():
        raise PrivacyRefused("请写明依据；未登记")
    if bool(ground_of(number)) == blocked:
        raise PrivacyRefused("已经停止处理，无需再次登记" if blocked else "没有停止处理，无需恢复")
    last = BlockStep.objects.filter(customer_number=number).aggregate(last=Max("number"))["last"] or 0
    BlockStep.objects.create(
        customer_number=number, number=last + 1, blocked=blocked, ground=ground.strip(), request_id=request, by_id=by,
        at=at,
    )  # fmt: skip


def ground_of(number: str) -> str:
    """Why processing of this customer is limited; '' where it is not."""
    last = BlockStep.objects.filter(customer_number=number).order_by("-number").first()
    return last.ground if last is not None and last.blocked else ""


def blocked_numbers() -> set[str]:
    """Every customer number whose processing is limited."""
    newest = BlockStep.objects.filter(customer_number=OuterRef("customer_number")).order_by("-number")
    rows = BlockStep.objects.filter(blocked=True, number=Subquery(newest.values("number")[:1]))
    return set(rows.values_list("customer_number", flat=True))
