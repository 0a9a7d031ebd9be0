"""Receipts of released policies (S1-34): sign, bind the list, build cards, make the register, return visit; then answer.

In: a receipt, an act, who, when. Out: a line; with the signature the service flow of each customer begins, with the cards
it goes on (S1-23). Never: an act twice, an act by somebody else than who received (or stands in), a refusal judged by who
refused.
"""

from __future__ import annotations

from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from tuogu.cases import cards, whose
from tuogu.cases.appending import append
from tuogu.cases.failures import CaseUnknown, refused
from tuogu.cases.kinds import ASKED_FOR, Kind, ReceiptAct
from tuogu.cases.models import Receipt, ReceiptLine, ReceiptStep
from tuogu.cases.opening import Matter, open_all, running
from tuogu.core.custody import business_date
from tuogu.org import queries as org
from tuogu.org.rights import Right, rights_of

_RULES_ON = (ReceiptAct.WITH_CAUSE, ReceiptAct.WITHOUT_CAUSE)
REASON_MIN = 4  # characters: a word says nothing


@transaction.atomic
def acknowledge(
    receipt_id: int, act: str, *, day: date | None = None, reason: str = "", by: int, at: datetime
) -> None:
    """One act of a receipt. CaseRefused: not its turn, not the own receipt, done already."""
    row = Receipt.objects.select_for_update(of=("self",)).filter(pk=receipt_id).first()
    if row is None:
        raise CaseUnknown(f"没有接单 {receipt_id}")
    today = business_date(at)
    when = (
        (day or today) if act in ASKED_FOR else today
    )  # what was done may be told later, an answer counts as it comes
    if not row.given_date <= when <= today:
        raise refused(_("日期：应在发放日与今天之间"))
    done = set(ReceiptStep.objects.filter(receipt=row).values_list("act", flat=True))
    _judge(row, act, done, reason, by, today)
    try:
        with transaction.atomic():
            ReceiptStep.objects.create(
                receipt=row, act=act, day=when, reason=" ".join(reason.split()), by_id=by, at=at
            )
    except IntegrityError:
        raise refused(_("这一步刚被别人登记过")) from None
    if act == ReceiptAct.SIGNED:
        _receive(row, by=by, at=at)
    elif act == ReceiptAct.CARDED:
        _card(row, by=by, at=at)


def _judge(row: Receipt, act: str, done: set[str], reason: str, by: int, today: date) -> None:
    if act not in ReceiptAct.values:
        raise refused(_("接单：没有这一步"))
    if act in done:
        raise refused(_("“%(act)s”已登记过") % {"act": _(ReceiptAct(act).label)})
    ruled = set(_RULES_ON) & done
    if act in _RULES_ON:
        if ReceiptAct.REFUSED not in done or ruled:
            raise refused(_("没有待认定的拒绝"))
        if row.person_id == by or Right.KEEP_WORK not in rights_of(org.roles_of(by, today)):
            raise refused(_("拒绝是否有正当理由，由主管认定"))
        within = org.custodians_within(org.scope_of(by, today))
        if within is not None and row.person_id not in within:
            raise CaseUnknown(f"没有接单 {row.pk}")
    elif row.person_id not in whose.stands_for(by, today):
        raise refused(_("接单由接收人本人办理"))
    if act in (ReceiptAct.REFUSED, *_RULES_ON) and len(reason.strip()) < REASON_MIN:
        raise refused(_("理由：至少 %(n)s 个字") % {"n": REASON_MIN})
    if act == ReceiptAct.REFUSED and ReceiptAct.SIGNED in done:
        raise refused(_("已经签收，不能再拒绝"))
    if act not in _RULES_ON and ReceiptAct.REFUSED in done:
        raise refused(_("已经拒绝接受，等主管认定"))
    if ReceiptAct.FEEDBACK in done and act in ASKED_FOR:
        raise refused(_("已经反馈办结，不能再补"))
    later = act in (*ASKED_FOR, ReceiptAct.FEEDBACK) and act != ReceiptAct.SIGNED
    if later and ReceiptAct.SIGNED not in done:
        raise refused(_("请先签收"))


def _receive(row: Receipt, *, by: int, at: datetime) -> None:
    """The service flow of each customer of the receipt: begun where there is none, received by whom it is for."""
    customers = _customers(row)
    open_all(
        [
            Matter(Kind.SERVICE, one, customer_number=one)
            for one in customers
            if one not in _serving(customers)
        ],
        by=by,
        at=at,
    )
    waiting = list(running(Kind.SERVICE).filter(customer_number__in=customers, state="assigned"))
    facts: dict[int, dict[str, object]] = {
        case.pk: {"signed": True, "for": [row.person_id], "receipt": row.pk} for case in waiting
    }
    append(waiting, "receive", by=by, at=at, facts=facts)


def _card(row: Receipt, *, by: int, at: datetime) -> None:
    """A card for each customer who has none; the others' are taken over."""
    customers = _customers(row)
    had = set(cards.cards_of(customers))
    cards.build_missing(customers, by=by, at=at)
    now = cards.cards_of(customers)
    received = list(running(Kind.SERVICE).filter(customer_number__in=customers, state="received"))
    facts: dict[int, dict[str, object]] = {
        case.pk: {"card": now[case.customer_number].number} for case in received
    }
    append([one for one in received if one.customer_number in had], "take_card", by=by, at=at, facts=facts)
    append(
        [one for one in received if one.customer_number not in had], "build_card", by=by, at=at, facts=facts
    )


def _serving(customers: list[str]) -> set[str]:
    found = running(Kind.SERVICE).filter(customer_number__in=customers)
    return set(found.values_list("customer_number", flat=True))


def _customers(row: Receipt) -> list[str]:
    lines = ReceiptLine.objects.filter(receipt=row).order_by("customer_number")
    return list(lines.values_list("customer_number", flat=True).distinct())
