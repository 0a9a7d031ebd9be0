"""Text messages of the clock on their way (S3-09, S3-11): through the gateway of `notices`, outside of any transaction.

In: steps that fired and have no answer yet. Out: one answer a step, a row of the access log for each message that left.
Never: a second text for one step (its key is the gateway's own), one to who refuses, one after the case has ended, one on
a day or at an hour at which the customer may not be contacted: it waits.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from tuogu.accesslog import actions as accesslog
from tuogu.books import queries as books
from tuogu.core.custody import business_date
from tuogu.core.rulebook import Rulebook
from tuogu.notices import queries as notices
from tuogu.notices.adapters import Outgoing, adapter_of
from tuogu.privacy import actions as privacy
from tuogu.privacy import queries as consents
from tuogu.privacy.kinds import Channel
from tuogu.privacy.kinds import Purpose as Used
from tuogu.renewals.kinds import Step
from tuogu.renewals.models import FiredStep, MotorPolicy, StepAnswer
from tuogu.renewals.renewed import ended_subjects
from tuogu.rules import queries as rules
from tuogu.work import queries as work
from tuogu.work.kinds import Purpose

TEXTED = (Step.SMS, Step.CALL_ALL)
_CHANNEL, _PARTY = "sms", "sms_gateway"
_LOOK_BACK = timedelta(days=120)  # longer than from the first message to the end of cover
_TAIL = 4  # digits of a policy number that tell a customer which one is meant


def send(*, by: int, at: datetime) -> int:
    """Hand over what may leave now; returns how many messages did. What meets trouble is tried again in the next round."""
    today = business_date(at)
    adapter = adapter_of(_CHANNEL)
    if adapter is None or notices.ways_out(today).get(_CHANNEL, "closed"):
        return 0  # the steps wait; the pages say why
    book = rules.applicable(today)
    sent = 0
    for step, policy in _waiting(at)[: int(book["renewal.sms_per_tick_max"])]:
        if not work.may_contact(policy.holder_number, Purpose.RENEWAL, Channel.SMS, at).allowed:
            continue
        shown = books.shown_customers([policy.holder_number], clear=True).get(policy.holder_number)
        if shown is None or not shown.phone:
            _answer(step, "no_contact", by=by, at=at)
            continue
        key = f"renewal-{step.pk}"
        _log(policy.holder_number, key, by=by, at=at)
        outcome = adapter.send(Outgoing(key, shown.phone, "", _text(step, policy, book), "", ""))
        if outcome.state in ("accepted", "delivered"):
            _answer(step, "sent", by=by, at=at)
            sent += 1
        elif outcome.state != "trouble":
            _answer(step, f"failed:{outcome.code}", by=by, at=at)
    return sent


def _waiting(at: datetime) -> list[tuple[FiredStep, MotorPolicy]]:
    """Steps without an answer whose cover still runs and whose case has not ended, of customers who take messages."""
    today = business_date(at)
    fresh = unanswered(TEXTED, ("sent", "failed", "no_contact")).filter(fired_date__gte=today - _LOOK_BACK)
    steps = list(fresh.order_by("due_date", "pk"))
    refused = set(consents.refused(Used.MARKETING, Channel.SMS, today)["customer_number"])
    policies = MotorPolicy.objects.filter(
        pk__in={step.subject_id for step in steps}, expiry_date__gte=today
    ).exclude(pk__in=ended_subjects().values("subject_id"))
    known = {policy.pk: policy for policy in policies if policy.holder_number not in refused}
    return [(step, known[step.subject_id]) for step in steps if step.subject_id in known]


def unanswered(steps: tuple[Step, ...], answers: tuple[str, ...] = ()) -> QuerySet[FiredStep]:
    """Fired steps without an answer (or without one of these kinds)."""
    given = StepAnswer.objects.filter(fired_id=OuterRef("pk"))
    if answers:
        given = given.filter(what__regex=f"^({'|'.join(answers)})")
    return FiredStep.objects.filter(~Exists(given), step__in=[str(one) for one in steps])


def _text(step: FiredStep, policy: MotorPolicy, book: Rulebook) -> str:
    words = str(book["renewal.sms_text" if step.step == Step.SMS else "renewal.call_all_text"])
    return words.replace("{tail}", policy.number[-_TAIL:]).replace(
        "{expiry}", f"{policy.expiry_date:%Y-%m-%d}"
    )


@transaction.atomic
def _log(customer: str, key: str, *, by: int, at: datetime) -> None:
    accesslog.record(
        by=by,
        kind="export",
        subject_kind="customer",
        subject=customer,
        fields="phone",
        reason="renewal sms",
        at=at,
    )
    privacy.record_sharing(party=_PARTY, fields="phone", rows=1, reference=key, by=by, at=at)


def _answer(step: FiredStep, what: str, *, by: int, at: datetime) -> None:
    StepAnswer.objects.create(fired=step, what=what, by_id=by, at=at)
