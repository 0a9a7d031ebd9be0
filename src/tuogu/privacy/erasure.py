"""Deletion of a person's data: what the law still binds the house to keep, the proposal, the second person, the act (L-07).

In: a request for deletion. Out: an emptied customer and an answered request; or, where the law binds, a block. Never: a
deletion by one person alone, one beside a living contract or a running retention period, a fact of the ledger changed.

After it: the customer number leads to nothing personal, the ledger's customer has no number, contracts and custody stand as
they stood, an import that brings the person again is told (books.erasing), and the rooms above have emptied what they store
of the person (privacy.erasing). The access log is append-only: its rows keep the number, which by then is a pseudonym.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction

from tuogu.books import actions as books_actions
from tuogu.books import queries as books
from tuogu.core.custody import business_date
from tuogu.core.rulebook import Rulebook
from tuogu.ledger import actions as ledger
from tuogu.privacy import blocking
from tuogu.privacy.consents import release_development
from tuogu.privacy.erasing import erase_elsewhere
from tuogu.privacy.failures import PrivacyRefused
from tuogu.privacy.kinds import Outcome, RequestKind, RequestState
from tuogu.privacy.models import RequestStep, SubjectCopy, SubjectRequest
from tuogu.privacy.requests import open_request, settle, step
from tuogu.rules import queries as rules

_ONE_YEAR = timedelta(days=366)  # a contract that lasts longer is one of more than a year
_LEAP_DAY = (2, 29)


@dataclass(frozen=True)
class ErasureOutlook:
    """Whether the person's data may be deleted today. `until`: the first day on which no period runs; null where a living
    contract stands or there is nothing to wait for."""

    possible: bool
    why: str
    live: int
    ended: int
    until: date | None


def erasure_outlook(number: str, on: date) -> ErasureOutlook:
    """What binds the house to keep the data of this person, under any of the own numbers."""
    numbers = books.same_person([number])["same"].to_list()
    if all(books.erased(one) for one in numbers):
        return ErasureOutlook(False, "个人信息已经删除", 0, 0, None)
    rows = [row for one in numbers for row in books.contracts_of(one).iter_rows(named=True)]
    live = sum(row["live"] for row in rows)
    ended = len(rows) - live
    if live:
        why = f"仍有 {live} 份有效合同（含附加险），履行合同必须保存（个人信息保护法第十三条）"
        return ErasureOutlook(False, why, live, ended, None)
    rulebook = rules.applicable(on)
    until = max((_kept_until(row, rulebook, on) for row in rows), default=None)
    if until is not None and until > on:
        why = f"合同终止后的法定保管期到 {until.isoformat()} 才满（保险法第八十七条）"
        return ErasureOutlook(False, why, 0, ended, until)
    return ErasureOutlook(True, "没有有效合同，保管期已满", 0, ended, until)


def _kept_until(row: dict[str, Any], rulebook: Rulebook, on: date) -> date:
    """The first day after the period of one ended contract. Where its end is not stored or lies ahead (surrendered), the
    day of the data that says it has ended counts: no later day can be meant."""
    end: date = row["end_date"] if row["end_date"] is not None and row["end_date"] <= on else row["data_date"]
    start = row["inception_date"]
    longer = start is None or (row["end_date"] or end) - start > _ONE_YEAR
    years = rulebook["privacy.contract_years" if longer else "privacy.short_contract_years"]
    later = end.year + years
    return date(later, 3, 1) if (end.month, end.day) == _LEAP_DAY else end.replace(year=later)


@transaction.atomic
def propose_erasure(request_id: int, *, by: int, at: datetime) -> None:
    """Ask a second person for the deletion. PrivacyRefused where something binds the house to keep the data."""
    request = _deletion(request_id, RequestState.CHECKED, RequestState.IN_WORK)
    _require_possible(request, at)
    step(request, RequestState.PROPOSED, by=by, at=at)


@transaction.atomic
def approve_erasure(request_id: int, *, by: int, at: datetime) -> int:
    """The second person agrees, and it is done at once; returns how many customer numbers were emptied."""
    request = _deletion(request_id, RequestState.PROPOSED)
    if _proposer(request) == by:
        raise PrivacyRefused("不能批准自己提交的删除；须由第二人批准")
    _require_possible(request, at)
    numbers = books.same_person([request.customer_number])["same"].to_list()
    release_development(numbers, by=by, at=at)
    erased = sum(books_actions.erase_customer(number, by=by, at=at) for number in numbers)
    for number in numbers:
        ledger.empty_number(number)
    erase_elsewhere(numbers, by=by, at=at)
    theirs = SubjectRequest.objects.filter(customer_number__in=numbers)
    theirs.update(wish_sealed=None)
    SubjectCopy.objects.filter(request__in=theirs, gone_at__isnull=True).update(
        content_sealed=None, gone_at=at
    )
    request.wish_sealed = None
    settle(request, Outcome.ERASED, f"删除 {erased} 个客户号的个人信息", by=by, at=at)
    return erased


@transaction.atomic
def decline_erasure(request_id: int, *, note: str, by: int, at: datetime) -> None:
    """The second person does not agree: the request goes back to work, with the reason."""
    request = _deletion(request_id, RequestState.PROPOSED)
    if not note.strip():
        raise PrivacyRefused("请写明不同意的原因；未登记")
    step(request, RequestState.IN_WORK, note=note, by=by, at=at)


@transaction.atomic
def block_instead(request_id: int, *, ground: str, by: int, at: datetime) -> None:
    """Where the law forbids deletion: keep, and do nothing else with the data (PIPL 47). Marketing rights go back."""
    request = _deletion(request_id, RequestState.CHECKED, RequestState.IN_WORK)
    numbers = books.same_person([request.customer_number])["same"].to_list()
    for number in numbers:
        if not blocking.ground_of(number):
            blocking.block(number, ground=ground, request=request.pk, by=by, at=at)
    release_development(numbers, by=by, at=at)
    settle(request, Outcome.BLOCKED, ground, by=by, at=at)


def _deletion(request_id: int, *states: RequestState) -> SubjectRequest:
    request = open_request(request_id, *states)
    if request.kind != RequestKind.DELETION:
        raise PrivacyRefused("这项请求不是删除请求；未登记")
    return request


def _require_possible(request: SubjectRequest, at: datetime) -> None:
    outlook = erasure_outlook(request.customer_number, business_date(at))
    if not outlook.possible:
        raise PrivacyRefused(f"不能删除：{outlook.why}；没有删除任何信息，可以改为停止处理")


def _proposer(request: SubjectRequest) -> int:
    proposed = (
        RequestStep.objects.filter(request=request, state=RequestState.PROPOSED).order_by("-number").first()
    )
    assert proposed is not None  # the request is in this state
    return proposed.by_id
