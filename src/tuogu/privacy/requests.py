"""A request of a data subject on its way from intake to answer: who asks, what was done, on which ground (L-07).

In: a customer number and a wish. Out: a request with a day by which it must be answered, and one row for each step. Never:
an answer before the identity was checked, a refusal without a legal ground, what was shown as proof of identity.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.db import transaction

from tuogu import vault
from tuogu.books import queries as books
from tuogu.core.custody import business_date
from tuogu.data.workdays import is_working_day
from tuogu.privacy.failures import PrivacyRefused
from tuogu.privacy.kinds import IdentityCheck, Outcome, RequestKind, RequestState
from tuogu.privacy.models import RequestStep, SubjectRequest
from tuogu.rules import queries as rules

_ANSWERS = (
    Outcome.GRANTED,
    Outcome.PARTLY,
    Outcome.REFUSED,
    Outcome.HANDED_OVER,
)  # what one person may answer
_BARE_MIN = 4  # characters: a ground that says less says nothing


@transaction.atomic
def receive(
    number: str, *, kind: str, wish: str = "", asked_date: date | None = None, by: int, at: datetime
) -> int:
    """Take in a request; returns its id. `wish`: in the person's own words. The clock runs from the day it was asked."""
    today = business_date(at)
    asked = asked_date or today
    if kind not in RequestKind.values:
        raise PrivacyRefused("没有这种请求；未登记")
    if asked > today:
        raise PrivacyRefused("提出日期不能晚于今天；未登记")
    if not books.customers_known([number]):
        raise PrivacyRefused("没有这位客户；未登记")
    if (
        SubjectRequest.objects.filter(customer_number=number, kind=kind)
        .exclude(state=RequestState.ANSWERED)
        .exists()
    ):
        raise PrivacyRefused("同一客户的同类请求正在办理；请在原请求中继续")
    request = SubjectRequest.objects.create(
        customer_number=number, kind=kind, asked_date=asked, due_date=due_date(asked, today),
        wish_sealed=vault.seal_text(wish.strip() or None), by_id=by, recorded_at=at,
    )  # fmt: skip
    _note(request, RequestState.INTAKE, by=by, at=at)
    return request.pk


def due_date(asked: date, today: date) -> date:
    """The last working day on which an answer is in time."""
    day, left = asked, rules.applicable(today)["privacy.answer_workdays"]
    while left:
        day += timedelta(days=1)
        left -= is_working_day(day)
    return day


@transaction.atomic
def check_identity(request_id: int, *, how: str, by: int, at: datetime) -> None:
    """Somebody made sure that the data subject asks. What was shown is not kept."""
    if how not in IdentityCheck.values:
        raise PrivacyRefused("请选明如何核实身份；未登记")
    request = open_request(request_id, RequestState.INTAKE)
    request.identity_check = how
    step(request, RequestState.CHECKED, note=str(IdentityCheck(how).label), by=by, at=at)


@transaction.atomic
def start_work(request_id: int, *, by: int, at: datetime) -> None:
    """Somebody takes the request in hand."""
    step(open_request(request_id, RequestState.CHECKED), RequestState.IN_WORK, by=by, at=at)


@transaction.atomic
def answer(request_id: int, *, outcome: str, note: str, by: int, at: datetime) -> None:
    """Tell the person. A refusal needs its legal ground; a deletion is answered by `erasure`, with a second person."""
    request = open_request(request_id, RequestState.CHECKED, RequestState.IN_WORK)
    if outcome not in [str(one) for one in _ANSWERS]:
        raise PrivacyRefused("没有这种答复；未登记")
    if outcome == Outcome.HANDED_OVER and request.kind != RequestKind.CORRECTION:
        raise PrivacyRefused("只有更正请求可以转信息更正；未登记")
    if request.kind == RequestKind.DELETION and outcome in (Outcome.GRANTED, Outcome.PARTLY):
        raise PrivacyRefused("删除须由第二人批准；请提交删除或停止处理，不能直接答复已照办")
    if request.kind == RequestKind.COPY and outcome == Outcome.GRANTED and not hasattr(request, "copy"):
        raise PrivacyRefused("还没有制作副本；请先制作，再答复")
    settle(request, outcome, note, by=by, at=at)


def settle(request: SubjectRequest, outcome: str, note: str, *, by: int, at: datetime) -> None:
    """Write the last step."""
    if outcome in (Outcome.REFUSED, Outcome.BLOCKED) and len(note.strip()) < _BARE_MIN:
        raise PrivacyRefused("不予办理须写明法律依据；未登记")
    request.outcome, request.answered_at = outcome, at
    step(request, RequestState.ANSWERED, outcome=outcome, note=note, by=by, at=at)


def open_request(request_id: int, *states: RequestState) -> SubjectRequest:
    """The request, locked, in one of these states; PrivacyRefused otherwise."""
    request = SubjectRequest.objects.select_for_update().filter(pk=request_id).first()
    if request is None:
        raise PrivacyRefused("没有这项请求")
    if request.state not in [str(state) for state in states]:
        label = RequestState(request.state).label
        hint = "；请先核实身份" if request.state == RequestState.INTAKE else ""
        raise PrivacyRefused(f"请求为“{label}”，不能这样办理{hint}；未登记")
    return request


def step(
    request: SubjectRequest, state: RequestState, *, outcome: str = "", note: str = "", by: int, at: datetime
) -> None:
    """Move the request on and write the step."""
    request.state = state
    request.save()
    _note(request, state, outcome=outcome, note=note, by=by, at=at)


def _note(
    request: SubjectRequest, state: RequestState, *, outcome: str = "", note: str = "", by: int, at: datetime
) -> None:
    number = RequestStep.objects.filter(request=request).count() + 1
    RequestStep.objects.create(
        request=request, number=number, state=state, outcome=outcome, note=note.strip(), by_id=by, at=at
    )
