"""Messages out of cases: who is told of which contracts, by which way, in which words.

In: cases, a channel or 'auto'. Out: rows of the outbox, one a holder and leaver, and how many cases could not be told and
why. Never: a second message while one is under way, a sending (that is `delivering`), a marketing refusal asked (a notice
is a duty of service: L-03).
"""

from __future__ import annotations

import re
import secrets
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from django.db import transaction
from django.utils.timezone import localtime

from tuogu import vault
from tuogu.books import queries as books
from tuogu.books.people import ShownCustomer
from tuogu.core.custody import business_date
from tuogu.core.labels import LEAVE_REASONS, POLICY_STATES
from tuogu.core.rulebook import Rulebook
from tuogu.ledger import queries as ledger
from tuogu.notices.failures import NoticeRefused
from tuogu.notices.models import CHANNELS, ContactLink, Message, MessageCase, MessageEvent, NoticeCase
from tuogu.notices.templating import current
from tuogu.notices.wording import Wording, digest, filled
from tuogu.org import queries as org
from tuogu.rules import queries as rules

AUTO = "auto"
CASES_MAX = 20_000  # of one act: each text is written and sealed by itself
_MOBILE = re.compile(r"1\d{10}")
_MAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_NAMED_IN_SHORT = 3  # contracts that a text message names
_KEY_BYTES = 12  # of a message's own key


@dataclass(frozen=True)
class Prepared:
    """Messages written for so many cases, by channel; the others by reason: under_way, no_contact, done."""

    messages: int
    cases: int
    left: dict[str, int]
    by_channel: dict[str, int]


@dataclass(frozen=True)
class _Known:
    """Everything that is said of many holders, read once."""

    customers: Mapping[str, ShownCustomer]
    links: Mapping[str, ContactLink]
    tried: frozenset[tuple[int, str]]  # (case, channel) that failed before
    contracts: Mapping[int, str]  # subject → line of the contract
    states: Mapping[int, str]  # subject → its state in a word
    custodians: Mapping[int, str]  # subject → who serves it now
    leavers: Mapping[int, str]


@transaction.atomic
def prepare(case_ids: Collection[int], *, channel: str, by: int, at: datetime, to: str = "") -> Prepared:
    """Write messages for the cases that nobody was told of. `to`: a mail address that the holder gave for this notice."""
    if channel not in (AUTO, *CHANNELS):
        raise NoticeRefused("请选择渠道；没有写入任何数据")
    if len(case_ids) > CASES_MAX:
        raise NoticeRefused(f"一次最多准备 {CASES_MAX:,} 件，请先缩小范围；没有写入任何数据")
    cases = list(
        NoticeCase.objects.select_for_update(of=("self",)).filter(pk__in=sorted(case_ids)).select_related("departure")
        .order_by("departure_id", "holder_number", "pk")
    )  # fmt: skip
    _check_mail(channel, to, cases)
    left = Counter(_left(case) for case in cases if case.state != "waiting")
    waiting = [case for case in cases if case.state == "waiting"]
    rulebook = rules.applicable(business_date(at))
    known = _known(waiting, at)
    wordings = {name: current(name) for name in CHANNELS}
    messages: list[Message] = []
    told: list[list[NoticeCase]] = []
    nowhere: list[NoticeCase] = []
    for group in _groups(waiting, merged=rulebook["notices.merged"]):
        way = _way(group, channel, to, known, rulebook)
        if way is None:
            nowhere += group
            continue
        messages.append(_message(group, *way, wordings[way[0]], known, rulebook, by=by, at=at))
        told.append(group)
    _store(messages, told, by=by, at=at)
    _mark(nowhere)
    return Prepared(
        len(messages), sum(map(len, told)), dict(left + Counter({"no_contact": len(nowhere)})),
        dict(Counter(message.channel for message in messages)),
    )  # fmt: skip


def _check_mail(channel: str, to: str, cases: list[NoticeCase]) -> None:
    if channel != "mail":
        return
    if not _MAIL.fullmatch(to.strip()) or len({case.holder_number for case in cases}) != 1:
        raise NoticeRefused("电子邮件一次只给一位投保人，并须写明对方提供的地址；没有写入任何数据")


def _left(case: NoticeCase) -> str:
    return "done" if case.state in ("proved", "waived") else "under_way"


def _groups(cases: list[NoticeCase], *, merged: bool) -> Iterable[list[NoticeCase]]:
    """Cases of one holder and leaver together, or each alone."""
    if not merged:
        return ([case] for case in cases)
    return (
        list(group) for _, group in groupby(cases, key=lambda case: (case.departure_id, case.holder_number))
    )


def _known(cases: list[NoticeCase], at: datetime) -> _Known:
    numbers = sorted({case.holder_number for case in cases})
    subjects = [case.subject_id for case in cases]
    ids = [case.pk for case in cases]
    failed = MessageCase.objects.filter(case_id__in=ids, message__state="failed")
    terms, _riders = books.contract_terms(subjects=NoticeCase.objects.filter(pk__in=ids).values("subject_id"))
    return _Known(
        books.shown_customers(numbers, clear=True),
        {link.customer_number: link for link in ContactLink.objects.filter(customer_number__in=numbers)},
        frozenset(failed.values_list("case_id", "message__channel")),
        {
            row[
                "subject_id"
            ]: f"{row['product_name'] or '保险合同'}（保单号 {row['number']}，{POLICY_STATES[row['state']]}）"
            for row in terms.iter_rows(named=True)
        },
        {subject: POLICY_STATES[state] for subject, state in terms.select("subject_id", "state").iter_rows()},
        _custodians(subjects, at),
        {
            person: known.name
            for person, known in org.known_as({case.departure.person_id for case in cases}).items()
        },
    )


def _custodians(subjects: list[int], at: datetime) -> dict[int, str]:
    """Who serves each subject now, as a customer is told: a person, or the group with its duty person."""
    held = ledger.holders_of(subjects)
    holders = {holder.custodian_id for holder in held.values() if holder.custodian_id is not None}
    on_duty = {duty.pool: duty.person for duty in org.pool_duties(business_date(at))}
    names = org.known_as([*holders, *on_duty.values()])

    def word(holder: int | None) -> str:
        if holder is None:
            return "本公司客服人员"
        person = on_duty.get(holder)
        called = names[holder].name
        return f"{called}值班人员{names[person].name}" if person is not None else called

    return {subject: word(holder.custodian_id) for subject, holder in held.items()}


def _way(
    group: list[NoticeCase], channel: str, to: str, known: _Known, rulebook: Rulebook
) -> tuple[str, str] | None:
    """(channel, address): the first way by which the holder can be reached and that did not fail before."""
    wanted = rulebook["notices.channels"] if channel == AUTO else [channel]
    for name in wanted:
        failed = channel == AUTO and any((case.pk, name) in known.tried for case in group)
        address = None if failed else _address(name, to, group[0], known)
        if address:
            return name, address
    return None


def _address(channel: str, to: str, case: NoticeCase, known: _Known) -> str | None:
    customer, link = known.customers.get(case.holder_number), known.links.get(case.holder_number)
    if channel == "mail":
        return to.strip()
    if channel == "wecom":
        usable = link is not None and link.state == "active" and link.person_id != case.departure.person_id
        return vault.open_text(link.external_sealed) if link and usable else None
    if customer is None:
        return None
    if channel == "letter":
        return customer.address
    return customer.phone if customer.phone and _MOBILE.fullmatch(customer.phone) else None


def _message(
    group: list[NoticeCase], channel: str, address: str, wording: Wording, known: _Known, rulebook: Rulebook,
    *, by: int, at: datetime,
) -> Message:  # fmt: skip
    first = group[0]
    customer = known.customers.get(first.holder_number)
    lines = [known.contracts.get(case.subject_id, f"保单号 {case.policy_number}") for case in group]
    served = dict.fromkeys(known.custodians.get(case.subject_id, "本公司客服人员") for case in group)
    facts = {
        "holder": (customer.name if customer else None) or "客户",
        "insurer": rulebook["notices.insurer"],
        "hotline": rulebook["notices.hotline"],
        "leaver": known.leavers.get(first.departure.person_id, ""),
        "leave_date": f"{first.departure.leave_date:%Y年%m月%d日}",
        "cause": LEAVE_REASONS.get(first.departure.cause, LEAVE_REASONS["left"]),
        "contracts": "\n".join(f"（{place}）{line}" for place, line in enumerate(lines, 1)),
        "contracts_short": _short(group, known),
        "custodian": "、".join(served),
        "case_code": case_code(first.pk),
    }
    body = filled(wording, facts)
    return Message(
        key=f"tg-{secrets.token_hex(_KEY_BYTES)}", departure_id=first.departure_id, channel=channel,
        holder_number=first.holder_number, template_version=wording.version, title=wording.title,
        to_sealed=vault.seal_text(address), body_sealed=vault.seal_text(body), body_digest=digest(wording.title, body),
        next_at=at, prepared_by_id=by, prepared_at=localtime(at),
    )  # fmt: skip


def _short(group: list[NoticeCase], known: _Known) -> str:
    """Contracts in one clause, with their state: a text message names the last four digits only."""
    words = [
        f"尾号{case.policy_number[-4:]}{known.states.get(case.subject_id, '')}"
        for case in group[:_NAMED_IN_SHORT]
    ]
    more = f"等{len(group)}份" if len(group) > _NAMED_IN_SHORT else ""
    return f"（{'、'.join(words)}{more}）"


def case_code(case: int) -> str:
    """What stands on letters and texts, and comes back on receipts."""
    return f"LZ{case:07d}"


def case_of(code: str) -> int | None:
    """The case of a code; None for anything else."""
    text = code.strip().upper()
    digits = text.removeprefix("LZ")
    return int(digits) if text.startswith("LZ") and digits.isdecimal() and len(digits) <= 12 else None


def _store(messages: list[Message], told: list[list[NoticeCase]], *, by: int, at: datetime) -> None:
    made = Message.objects.bulk_create(messages)
    MessageCase.objects.bulk_create(
        MessageCase(message=message, case=case)
        for message, group in zip(made, told, strict=True)
        for case in group
    )
    MessageEvent.objects.bulk_create(
        MessageEvent(message=message, kind="prepared", code=message.channel, by_id=by, at=at)
        for message in made
    )
    ids = [case.pk for group in told for case in group]
    NoticeCase.objects.filter(pk__in=ids).update(state="prepared", trouble="")


def _mark(nowhere: list[NoticeCase]) -> None:
    """Nobody can be reached: the red list says so at once, with the reason."""
    ids = [case.pk for case in nowhere]
    NoticeCase.objects.filter(pk__in=ids).update(trouble="no_contact")
