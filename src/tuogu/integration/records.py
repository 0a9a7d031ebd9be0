"""Keys and subscriptions as the page shows them. Never: a digest, a secret."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Max, Q, Sum

from tuogu.core.custody import business_date
from tuogu.integration.keys import covers
from tuogu.integration.models import ApiKey, CallDay, Delivery, Event, Subscription
from tuogu.integration.rights import MachineRight
from tuogu.org import queries as org
from tuogu.org.scope import Scope

_LAST_DELIVERIES = 20
_DAYS = 30


@dataclass(frozen=True)
class KeyRow:
    """One key. state: live | expired | owner_left | revoked; clear: '' | asked | approved."""

    id: int
    name: str
    head: str
    owner: int
    rights: tuple[str, ...]
    institution_code: str
    addresses: tuple[str, ...]
    expires_at: datetime
    made_by: int
    made_at: datetime
    state: str
    clear: str
    calls: int  # of the last thirty days
    refused: int
    last_at: datetime | None


@dataclass(frozen=True)
class SubscriptionRow:
    """One webhook. waiting: events behind the cursor."""

    id: int
    key: int
    key_name: str
    url: str
    kinds: tuple[str, ...]
    state: str
    trouble: str
    attempts: int
    next_at: datetime
    waiting: int


@dataclass(frozen=True)
class DeliveryRow:
    """One attempt."""

    subscription: int
    event: int
    kind: str
    attempt: int
    outcome: str
    status: int | None
    at: datetime


def keys(within: Scope, *, at: datetime) -> list[KeyRow]:
    """The keys that this keeper may see, the newest first."""
    found = [key for key in ApiKey.objects.order_by("-pk") if covers(within, key)]
    today = business_date(at)
    leavers = {
        person for person, left in org.staff_ids().select("custodian_id", "left_date").iter_rows()
        if left is not None and left <= today
    }  # fmt: skip
    calls = _calls([key.pk for key in found], at)
    return [_key_row(key, leavers, calls.get(key.pk, (0, 0, None)), at) for key in found]


def subscriptions(within: Scope) -> list[SubscriptionRow]:
    """The webhooks of those keys that still send or wait for a person."""
    rows = Subscription.objects.select_related("key").exclude(state="ended").order_by("pk")
    return [
        SubscriptionRow(
            row.pk, row.key_id, row.key.name, row.url, tuple(row.kinds), row.state, row.trouble, row.attempts,
            row.next_at, Event.objects.filter(pk__gt=row.cursor, kind__in=row.kinds).count(),
        )
        for row in rows  # a handful
        if covers(within, row.key)
    ]  # fmt: skip


def last_deliveries(within: Scope) -> list[DeliveryRow]:
    """The newest attempts."""
    mine = [row.id for row in subscriptions(within)]
    rows = Delivery.objects.filter(subscription_id__in=mine).select_related("event").order_by("-pk")
    return [
        DeliveryRow(r.subscription_id, r.event_id, r.event.kind, r.attempt, r.outcome, r.status, r.at)
        for r in rows[:_LAST_DELIVERIES]
    ]


def halted(within: Scope) -> list[str]:
    """The webhooks within scope that wait for a person: the name of each one's key, by name."""
    rows = Subscription.objects.filter(state="halted").select_related("key")
    return sorted(row.key.name for row in rows if covers(within, row.key))  # a handful


def clear_asked(within: Scope, *, decider: int, at: datetime) -> list[str]:
    """The open keys within scope that wait for a second person to let them read in clear, and that this one may: names."""
    rows = ApiKey.objects.filter(revoked_at__isnull=True, expires_at__gt=at, clear_approved_by__isnull=True)
    rows = rows.exclude(made_by_id=decider).order_by("name", "pk")
    return [
        row.name for row in rows if MachineRight.READ_CLEAR in row.rights and covers(within, row)
    ]  # a handful


def _calls(ids: list[int], at: datetime) -> dict[int, tuple[int, int, datetime | None]]:
    since = business_date(at) - timedelta(days=_DAYS - 1)
    month = Q(day__gte=since)
    rows = CallDay.objects.filter(key_id__in=ids).values("key_id")
    told = rows.annotate(
        n=Sum("calls", filter=month), refused_n=Sum("refused", filter=month), last=Max("last_at")
    )
    return {row["key_id"]: (row["n"] or 0, row["refused_n"] or 0, row["last"]) for row in told}


def _key_row(key: ApiKey, leavers: set[int], calls: tuple[int, int, datetime | None], at: datetime) -> KeyRow:
    state = "live"
    for name, holds in (
        ("revoked", key.revoked_at is not None),
        ("owner_left", key.owner_id in leavers),
        ("expired", key.expires_at <= at),
    ):
        if holds:
            state = name
            break
    clear = "" if "read_clear" not in key.rights else ("approved" if key.clear_approved_by_id else "asked")
    return KeyRow(
        key.pk, key.name, key.head, key.owner_id, tuple(key.rights), key.institution_code, tuple(key.addresses),
        key.expires_at, key.made_by_id, key.made_at, state, clear, *calls,
    )  # fmt: skip
