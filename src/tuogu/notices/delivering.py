"""The outbox on its way: claimed, handed to the adapter, recorded; receipts asked for; what hangs is looked into.

In: the rows that are due. Out: their new states, events, proofs; a row of the access log for each message that left. Never:
a call inside a transaction or a request; a second sending that nobody can see.

A message is claimed (`sending`, committed) before the call. Who dies in between leaves it there: after some minutes the
provider is asked by our key; one that does not know the key gets it again under the same key, one that cannot be asked
leaves it `unsure` for a person.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet

from tuogu import vault
from tuogu.accesslog import actions as accesslog
from tuogu.bulk import in_parts
from tuogu.core.custody import business_date
from tuogu.core.rulebook import Rulebook
from tuogu.notices.adapters import Adapter, Outcome, Outgoing, adapter_of
from tuogu.notices.failures import NoticeRefused
from tuogu.notices.models import OPEN_MESSAGES, ContactLink, Message, MessageCase, MessageEvent, NoticeCase
from tuogu.notices.proving import file_proofs
from tuogu.org import queries as org
from tuogu.privacy import actions as privacy
from tuogu.rules import queries as rules

LEFT_THE_HOUSE = "export"  # the access log's word
_WIRED = ("sms", "wecom", "mail")  # letters are carried
PARTIES = {"sms": "sms_gateway", "wecom": "wecom", "mail": "mail_server"}  # codes in the register of sharing
_ASKED_AT_ONCE = 100  # keys of one question
_PROOF = {"sms": "sms_delivered", "wecom": "wecom_read", "mail": "mail"}  # a mail proves nothing
_LEFT = {"sms": "name,phone", "wecom": "name", "mail": "name"}  # what of a customer left the house


def deliver(*, by: int, at: datetime) -> dict[str, int]:
    """One round: what hangs, what is due, receipts. Returns counts by what became of the messages."""
    rulebook = rules.applicable(business_date(at))
    counts: Counter[str] = Counter()
    for channel in _WIRED:
        adapter = adapter_of(channel)
        if adapter is None or _closed(channel, adapter, business_date(at)):
            continue  # the messages wait; the pages say why
        counts += _look_into(channel, adapter, rulebook, by=by, at=at)
        counts += _send_due(channel, adapter, rulebook, by=by, at=at)
        counts += _ask_receipts(channel, adapter, rulebook, by=by, at=at)
    return dict(counts)


def ways_out(on: date) -> dict[str, str]:
    """Channel → '' where messages leave by it, else why not."""
    found = {channel: adapter_of(channel) for channel in _WIRED}
    return {
        channel: _closed(channel, adapter, on) for channel, adapter in found.items() if adapter is not None
    }


def _closed(channel: str, adapter: Adapter, on: date) -> str:
    """'' when messages may leave: configured, and the receiving party is registered and assessed (L-06)."""
    missing = adapter.configured()
    if missing:
        return missing
    try:
        privacy.require_party(PARTIES[channel], on=on)
    except privacy.PrivacyRefused as refused:
        return str(refused)
    return ""


def _send_due(channel: str, adapter: Adapter, rulebook: Rulebook, *, by: int, at: datetime) -> Counter[str]:
    due = Message.objects.filter(channel=channel, state="queued", next_at__lte=at).order_by("next_at", "pk")
    counts: Counter[str] = Counter()
    for pk in list(due.values_list("pk", flat=True)[: rulebook["notices.per_tick_max"]]):
        message = _claim(pk, by=by, at=at)
        if message is not None:
            outcome = adapter.send(_outgoing([message])[0])
            counts[record_outcome(pk, outcome, by=by, at=at)] += 1
    return counts


@transaction.atomic
def _claim(pk: int, *, by: int, at: datetime) -> Message | None:
    """Take the message in hand; None when somebody else has. The look at personal data is logged with it."""
    taken = Message.objects.filter(pk=pk, state="queued").update(state="sending", claimed_at=at)
    if not taken:
        return None
    message = Message.objects.select_related("departure").get(pk=pk)
    message.attempts += 1
    message.save(update_fields=["attempts"])
    _event(message, "sending", "", by=by, at=at)
    accesslog.record(
        by=by, kind=LEFT_THE_HOUSE, subject_kind="customer", subject=message.holder_number,
        fields=_LEFT[message.channel], reason=f"notice {message.channel}", at=at,
    )  # fmt: skip
    privacy.record_sharing(
        party=PARTIES[message.channel],
        fields=_LEFT[message.channel],
        rows=1,
        reference=message.key,
        by=by,
        at=at,
    )
    return message


@transaction.atomic
def record_outcome(pk: int, outcome: Outcome, *, by: int, at: datetime) -> str:
    """Write what became of a message; returns its state. A message that has come to its end stays as it is."""
    message = Message.objects.select_for_update().get(pk=pk)
    if message.state not in OPEN_MESSAGES:
        return message.state
    rulebook = rules.applicable(business_date(at))
    if outcome.provider_id:
        message.provider_id = outcome.provider_id
    act = {
        "accepted": _accepted,
        "delivered": _delivered,
        "rejected": _failed,
        "trouble": _again,
        "unsure": _unsure,
    }
    act[outcome.state](message, outcome.code, rulebook, by=by, at=at)
    message.save()
    return message.state


def _accepted(message: Message, code: str, rulebook: Rulebook, *, by: int, at: datetime) -> None:
    if message.state != "accepted":
        _event(message, "accepted", code, by=by, at=at)
    message.state, message.trouble = "accepted", ""
    message.next_at = at + timedelta(minutes=rulebook["notices.receipt_minutes"])
    _cases(message).filter(state="prepared").update(state="sent")


def _delivered(message: Message, code: str, _rulebook: Rulebook, *, by: int, at: datetime) -> None:
    message.state, message.trouble = "delivered", ""
    _event(message, "delivered", code, by=by, at=at)
    cases = list(_cases(message).values_list("pk", flat=True))
    _cases(message).filter(state="prepared").update(state="sent")
    file_proofs(
        cases, kind=_PROOF[message.channel], on_date=business_date(at), by=by, at=at, message=message
    )  # fmt: skip


def _failed(message: Message, code: str, _rulebook: Rulebook, *, by: int, at: datetime) -> None:
    message.state, message.trouble = "failed", code
    _event(message, "failed", code, by=by, at=at)
    release_cases(message, "message_failed")


def _again(message: Message, code: str, rulebook: Rulebook, *, by: int, at: datetime) -> None:
    if message.attempts >= rulebook["notices.attempts_max"]:
        _failed(message, "too_many_tries", rulebook, by=by, at=at)
        return
    waits = rulebook["notices.retry_minutes"]
    message.state, message.trouble = "queued", code
    message.next_at = at + timedelta(minutes=waits[min(message.attempts, len(waits)) - 1])
    _event(message, "retry", code, by=by, at=at)


def _unsure(message: Message, code: str, _rulebook: Rulebook, *, by: int, at: datetime) -> None:
    message.state, message.trouble = "unsure", code
    _event(message, "unsure", code, by=by, at=at)


def release_cases(message: Message, trouble: str) -> None:
    """Cases of a message that came to nothing wait again, unless another one is under way."""
    others = MessageCase.objects.filter(message__state__in=(*OPEN_MESSAGES, "delivered")).exclude(
        message=message
    )
    cases = _cases(message).filter(state__in=("prepared", "sent"))
    cases.exclude(pk__in=others.values("case_id")).update(state="waiting", trouble=trouble)


def _look_into(channel: str, adapter: Adapter, rulebook: Rulebook, *, by: int, at: datetime) -> Counter[str]:
    """Messages that somebody died over: ask the provider, or a person."""
    before = at - timedelta(minutes=rulebook["notices.stuck_minutes"])
    hung = list(
        Message.objects.filter(channel=channel, state="sending", claimed_at__lte=before).select_related(
            "departure"
        )
    )
    counts: Counter[str] = Counter()
    if not adapter.answers:
        for message in hung:
            counts[record_outcome(message.pk, Outcome("unsure", "unknown_after_crash"), by=by, at=at)] += 1
        return counts
    for key, outcome in _answers(adapter, hung):
        known = outcome if outcome.state != "unknown" else Outcome("trouble", "unknown_after_crash")
        counts[record_outcome(_pk(hung, key), known, by=by, at=at)] += 1
    return counts


def _ask_receipts(
    channel: str, adapter: Adapter, rulebook: Rulebook, *, by: int, at: datetime
) -> Counter[str]:
    due = Message.objects.filter(channel=channel, state="accepted", next_at__lte=at).select_related(
        "departure"
    )
    asked = list(due.order_by("next_at", "pk")[: rulebook["notices.per_tick_max"]])
    counts: Counter[str] = Counter()
    later = at + timedelta(minutes=rulebook["notices.receipt_minutes"])
    Message.objects.filter(pk__in=[message.pk for message in asked]).update(next_at=later)
    for key, outcome in _answers(adapter, asked):
        if outcome.state in ("delivered", "rejected"):
            counts[record_outcome(_pk(asked, key), outcome, by=by, at=at)] += 1
    return counts


def receive(receipts: Iterable[tuple[str, Outcome]], *, by: int, at: datetime) -> int:
    """Receipts that a gateway pushed, by our key; returns how many were ours and still open."""
    given = {key: outcome for key, outcome in receipts if outcome.state in ("delivered", "rejected")}
    ours = Message.objects.filter(
        key__in=sorted(given), state__in=("sending", "accepted", "unsure", "queued")
    )
    found = list(ours.values_list("pk", "key"))
    for pk, key in found:
        record_outcome(pk, given[key], by=by, at=at)
    return len(found)


@transaction.atomic
def settle(message_id: int, *, went_out: bool, by: int, at: datetime) -> None:
    """A person has found out whether an unsure message went out."""
    message = Message.objects.select_for_update().filter(pk=message_id, state="unsure").first()
    if message is None:
        raise NoticeRefused("这条消息不在待核实之列；没有写入任何数据")
    if went_out:
        _event(message, "confirmed", "", by=by, at=at)
        _accepted(message, "", rules.applicable(business_date(at)), by=by, at=at)
    else:
        _event(message, "resent", "", by=by, at=at)
        message.state, message.next_at, message.trouble = "queued", at, ""
    message.save()


@transaction.atomic
def cancel(message_id: int, *, by: int, at: datetime) -> None:
    """Take back a message that has not left; its cases wait again."""
    message = (
        Message.objects.select_for_update().filter(pk=message_id, state__in=("queued", "printed")).first()
    )
    if message is None:
        raise NoticeRefused("只有还没发出的消息可以取消；没有写入任何数据")
    message.state = "cancelled"
    message.save(update_fields=["state"])
    _event(message, "cancelled", "", by=by, at=at)
    release_cases(message, "")


def _answers(adapter: Adapter, messages: Sequence[Message]) -> Iterable[tuple[str, Outcome]]:
    keys = {message.key for message in messages}
    for part in in_parts(messages, _ASKED_AT_ONCE):
        yield from ((key, outcome) for key, outcome in adapter.asked(_outgoing(part)).items() if key in keys)


def _pk(messages: Sequence[Message], key: str) -> int:
    return next(message.pk for message in messages if message.key == key)


def _outgoing(messages: Sequence[Message]) -> list[Outgoing]:
    senders = _senders(messages)
    addresses = vault.open_texts(message.to_sealed for message in messages)
    bodies = vault.open_texts(message.body_sealed for message in messages)
    return [
        Outgoing(m.key, to or "", m.title, body or "", senders.get(m.holder_number, ""), m.provider_id)
        for m, to, body in zip(messages, addresses, bodies, strict=True)
    ]


def _senders(messages: Sequence[Message]) -> dict[str, str]:
    """In whose name a WeCom message goes: the contact of the customer."""
    holders = {message.holder_number for message in messages if message.channel == "wecom"}
    links = dict(
        ContactLink.objects.filter(customer_number__in=holders).values_list("customer_number", "person_id")
    )
    labels = org.labels(links.values())
    return {holder: labels.get(person, "") for holder, person in links.items()}


def _cases(message: Message) -> QuerySet[NoticeCase]:
    return NoticeCase.objects.filter(pk__in=MessageCase.objects.filter(message=message).values("case_id"))


def _event(message: Message, kind: str, code: str, *, by: int, at: datetime) -> None:
    MessageEvent.objects.create(message=message, kind=kind, code=code, by_id=by, at=at)
