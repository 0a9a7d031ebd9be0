"""Webhooks on their way: for each subscription the next event behind its cursor, until one does not arrive.

In: subscriptions that are due. Out: an attempt's row, a moved cursor. Never: a call inside a transaction or a request; an
event before the one that came earlier; a dead event passed over (the subscription halts until a person looks).

A worker takes a subscription by moving `next_at` ahead (a lease), sends, and writes attempt and cursor together. Who dies in
between leaves the cursor where it was: after the lease the same event goes out again under the same id.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from datetime import datetime, timedelta

from django.db import transaction

from tuogu.core.rulebook import Rulebook
from tuogu.integration.calling import AddressRefused, TimedOut, Unreachable, post, signature
from tuogu.integration.keys import caller_of
from tuogu.integration.models import Delivery, Event, Subscription
from tuogu.integration.payloads import payload_of
from tuogu.vault import open_text

_LEASE = timedelta(minutes=5)  # far longer than one call
_ROUND_SECONDS = 45.0  # the worker has more to do; what is left goes out with the next tick
_GOOD = range(200, 300)


def deliver(*, rulebook: Rulebook, at: datetime) -> dict[str, int]:
    """One round; counts by outcome."""
    counts: Counter[str] = Counter()
    until = time.monotonic() + _ROUND_SECONDS
    due = Subscription.objects.filter(state="active", next_at__lte=at).order_by("next_at", "pk")
    for pk in list(due.values_list("pk", flat=True)):
        for _turn in range(rulebook["integration.deliveries_per_tick"]):
            outcome = _next(pk, rulebook, at)
            counts[outcome] += outcome != ""
            if outcome != "delivered" or time.monotonic() > until:
                break
    return dict(counts)


def _next(pk: int, rulebook: Rulebook, at: datetime) -> str:
    """Send the event that is due; '' when there is none, or somebody else has the subscription in hand."""
    taken = Subscription.objects.filter(pk=pk, state="active", next_at__lte=at).update(next_at=at + _LEASE)
    if not taken:
        return ""
    subscription = Subscription.objects.select_related("key").get(pk=pk)
    caller = caller_of(subscription.key, at)
    if caller is None:
        _halt(subscription, "key_dead")
        return ""
    for event in Event.objects.filter(pk__gt=subscription.cursor, kind__in=subscription.kinds).order_by("pk")[
        : rulebook["integration.deliveries_per_tick"]
    ]:
        data = payload_of(event, caller.scope)
        if data is None:  # nothing of it lies within the key's scope
            _moved(subscription, event, at)
            continue
        outcome, status = _sent(subscription, event, data, at)
        return _recorded(subscription, event, outcome, status, rulebook, at)
    _moved(subscription, None, at)
    return ""


def _sent(
    subscription: Subscription, event: Event, data: dict[str, object], at: datetime
) -> tuple[str, int | None]:
    told = {
        "id": delivery_id(subscription, event),
        "kind": event.kind,
        "at": event.at.isoformat(),
        "data": data,
    }
    body, stamp = json.dumps(told, ensure_ascii=False, sort_keys=True).encode(), str(int(at.timestamp()))
    signed = signature(open_text(subscription.secret_sealed) or "", stamp, body)
    headers = {
        "Content-Type": "application/json; charset=utf-8", "User-Agent": "tuogu", "X-Tuogu-Event": event.kind,
        "X-Tuogu-Delivery": str(told["id"]), "X-Tuogu-Signature": f"t={stamp},v1={signed}",
    }  # fmt: skip
    try:
        status = post(subscription.url, body, headers)
    except Unreachable:
        return "unreachable", None
    except TimedOut:
        return "timeout", None
    except AddressRefused:
        return "refused", None
    return ("delivered" if status in _GOOD else "answered"), status


def delivery_id(subscription: Subscription, event: Event) -> str:
    """The same for every attempt: receivers drop what they have."""
    return f"{subscription.pk}-{event.pk}"


@transaction.atomic
def _recorded(
    subscription: Subscription,
    event: Event,
    outcome: str,
    status: int | None,
    rulebook: Rulebook,
    at: datetime,
) -> str:
    attempt = subscription.attempts + 1
    Delivery.objects.create(
        subscription=subscription, event=event, attempt=attempt, outcome=outcome, status=status, at=at
    )  # fmt: skip
    rows = Subscription.objects.filter(pk=subscription.pk)
    if outcome == "delivered":
        rows.update(cursor=event.pk, attempts=0, next_at=at, trouble="")
    elif attempt >= rulebook["integration.attempts_max"]:
        rows.update(attempts=attempt, trouble=outcome)
        rows.filter(state="active").update(state="halted")
    else:
        waits = rulebook["integration.retry_minutes"]
        rows.update(
            attempts=attempt,
            trouble=outcome,
            next_at=at + timedelta(minutes=waits[min(attempt, len(waits)) - 1]),
        )
    return outcome


def _moved(subscription: Subscription, event: Event | None, at: datetime) -> None:
    """Nothing was to be sent: the cursor passes `event`, and the subscription is free again."""
    cursor = {} if event is None else {"cursor": event.pk}
    Subscription.objects.filter(pk=subscription.pk).update(next_at=at, **cursor)


def _halt(subscription: Subscription, trouble: str) -> None:
    Subscription.objects.filter(pk=subscription.pk, state="active").update(state="halted", trouble=trouble)
