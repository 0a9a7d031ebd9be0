"""Subscriptions: made, resumed, skipped past one event, ended.

In: a live key that may read changes, an address. Out: a subscription that begins with what happens from now on, and its
secret, once. Never: an address that may not be called, an event passed over without a person's word.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from tuogu.core.rulebook import Rulebook
from tuogu.integration.calling import AddressRefused, judged
from tuogu.integration.events import collect, last_event
from tuogu.integration.failures import IntegrationRefused
from tuogu.integration.keys import NOTHING_WRITTEN, caller_of, covers
from tuogu.integration.models import EVENT_KINDS, ApiKey, Event, KeyEvent, Subscription
from tuogu.integration.rights import MachineRight
from tuogu.org.scope import Scope
from tuogu.vault import seal_text

_SECRET_BYTES = 32


@transaction.atomic
def subscribe(
    key_id: int, *, url: str, kinds: Iterable[str], within: Scope, rulebook: Rulebook, by: int, at: datetime
) -> tuple[int, str]:
    """A new subscription of a key: its id and the secret that signs, shown once."""
    key = ApiKey.objects.filter(pk=key_id).first()
    caller = caller_of(key, at) if key is not None and covers(within, key) else None
    if key is None or caller is None:
        raise IntegrationRefused(f"没有这把密钥，或它已经停用{NOTHING_WRITTEN}")
    if MachineRight.READ_CHANGES not in caller.rights:
        raise IntegrationRefused(f"这把密钥没有“读取台账变动和事件通知”的权限{NOTHING_WRITTEN}")
    chosen = [kind for kind in EVENT_KINDS if kind in set(kinds)]
    if not chosen:
        raise IntegrationRefused(f"请至少选一种事件{NOTHING_WRITTEN}")
    try:
        judged(url)
    except AddressRefused as refused:
        raise IntegrationRefused(str(refused)) from refused
    collect(rulebook=rulebook, at=at)  # what has happened until now is told to nobody new
    secret = secrets.token_urlsafe(_SECRET_BYTES)
    made = Subscription.objects.create(
        key=key, url=url, secret_sealed=seal_text(secret), kinds=chosen, cursor=last_event(), next_at=at,
        state="active", made_by_id=by, made_at=at,
    )  # fmt: skip
    KeyEvent.objects.create(key=key, subscription=made, kind="subscribed", by_id=by, at=at)
    return made.pk, secret


@transaction.atomic
def resume(subscription_id: int, *, within: Scope, by: int, at: datetime) -> None:
    """Try the event that came to nothing again, from the first attempt."""
    found = _found(subscription_id, within, "halted")
    found.state, found.attempts, found.next_at, found.trouble = "active", 0, at, ""
    found.save(update_fields=["state", "attempts", "next_at", "trouble"])
    KeyEvent.objects.create(key=found.key, subscription=found, kind="resumed", by_id=by, at=at)


@transaction.atomic
def skip(subscription_id: int, *, within: Scope, by: int, at: datetime) -> None:
    """Pass over the event that the receiver does not take, and go on with the next."""
    found = _found(subscription_id, within, "halted")
    due = Event.objects.filter(pk__gt=found.cursor, kind__in=found.kinds).order_by("pk").first()
    if due is not None:
        found.cursor = due.pk
    found.state, found.attempts, found.next_at, found.trouble = "active", 0, at, ""
    found.save(update_fields=["cursor", "state", "attempts", "next_at", "trouble"])
    KeyEvent.objects.create(key=found.key, subscription=found, kind="skipped", by_id=by, at=at)


@transaction.atomic
def end(subscription_id: int, *, within: Scope, by: int, at: datetime) -> None:
    """Nothing more is sent."""
    found = _found(subscription_id, within, "active", "halted")
    found.state = "ended"
    found.save(update_fields=["state"])
    KeyEvent.objects.create(key=found.key, subscription=found, kind="ended", by_id=by, at=at)


def _found(subscription_id: int, within: Scope, *states: str) -> Subscription:
    rows = Subscription.objects.select_related("key").select_for_update(of=("self",))
    found = rows.filter(pk=subscription_id, state__in=states).first()
    if found is None or not covers(within, found.key):
        raise IntegrationRefused(f"没有这条订阅，或它已不在这个状态{NOTHING_WRITTEN}")
    return found
