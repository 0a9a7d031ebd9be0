"""The tables of this room. Private: other rooms use `actions` and `queries`.

ApiKey        a key of the core system: only its SHA-256, what it may do and where, until when
KeyEvent      what was done to a key or a subscription, by whom; append-only
Push          one write call by its idempotency key: what came back, and while it waits for a worker what was sent
CallDay       calls of a key on a day; lies in the side database, so that a read never waits for a release
Event         what webhooks tell of, in the order of their ids; append-only
Subscription  where a webhook goes, and the last event that arrived there: the cursor
Delivery      one attempt to deliver an event; append-only
"""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import F, Q

PERSONAL: dict[str, dict[str, str]] = {  # model -> {field: class}; C3 secret, C2 personal, C1 business, C0 technical
    "ApiKey": {
        "id": "C0", "name": "C1", "digest": "C3", "head": "C0", "owner": "C1", "rights": "C1", "institution_code": "C1",
        "everywhere": "C1", "addresses": "C1", "expires_at": "C1", "made_by": "C1", "made_at": "C1",
        "clear_approved_by": "C1", "clear_approved_at": "C1", "revoked_by": "C1", "revoked_at": "C1",
    },
    "KeyEvent": {"id": "C0", "key": "C0", "subscription": "C0", "kind": "C1", "by": "C1", "at": "C1"},
    "Push": {
        "id": "C0", "key": "C0", "idempotency_key": "C0", "path": "C0", "body_digest": "C0", "body_sealed": "C2",
        "state": "C0", "status": "C0", "answer": "C1", "sent": "C1", "accepted": "C1", "rejected": "C1", "job": "C0",
        "import_run": "C0", "asked_at": "C1", "answered_at": "C1",
    },
    "CallDay": {
        "id": "C0", "key_id": "C0", "day": "C1", "calls": "C1", "refused": "C1", "clear": "C1", "last_at": "C1",
        "minute": "C0", "minute_calls": "C1",
    },
    "Event": {"id": "C0", "kind": "C1", "source_id": "C0", "until_id": "C0", "at": "C1"},
    "Subscription": {
        "id": "C0", "key": "C0", "url": "C1", "secret_sealed": "C3", "kinds": "C1", "cursor": "C0", "attempts": "C0",
        "next_at": "C0", "state": "C1", "trouble": "C1", "made_by": "C1", "made_at": "C1",
    },
    "Delivery": {
        "id": "C0", "subscription": "C0", "event": "C0", "attempt": "C0", "outcome": "C1", "status": "C0", "at": "C1",
    },
}  # fmt: skip

_CUSTODIAN = "org.Custodian"
EVENT_KINDS = ("custody.changed", "leaver.recorded", "plan.released", "import.finished")
KEY_ACTS = ("made", "clear_approved", "revoked", "subscribed", "resumed", "skipped", "ended")
OUTCOMES = ("delivered", "answered", "unreachable", "timeout", "refused")


def _person(*, null: bool = False) -> models.ForeignKey[Any, Any]:
    return models.ForeignKey(_CUSTODIAN, models.PROTECT, related_name="+", db_index=False, null=null)


class ApiKey(models.Model):
    """A key. It is dead once revoked, past `expires_at`, or when its owner has left."""

    name = models.TextField()
    digest = models.BinaryField(unique=True)
    head = models.TextField()  # its first characters: people recognise it by them
    owner = _person()  # answers for what the key does; its writes carry this person's id
    rights = models.JSONField(default=list)
    institution_code = models.TextField(blank=True)  # sees this institution and all below
    everywhere = models.BooleanField(default=False)
    addresses = models.JSONField(default=list)  # networks that may use it; [] = any
    expires_at = models.DateTimeField()
    made_by = _person()
    made_at = models.DateTimeField()
    clear_approved_by = _person(null=True)
    clear_approved_at = models.DateTimeField(null=True)
    revoked_by = _person(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="integration_apikey_place",
                condition=Q(everywhere=True, institution_code="")
                | (Q(everywhere=False) & ~Q(institution_code="")),
            ),
            models.CheckConstraint(
                name="integration_apikey_second_person",
                condition=Q(clear_approved_by__isnull=True) | ~Q(clear_approved_by=F("made_by")),
            ),
        ]


class Push(models.Model):
    """One write call. The same key and idempotency key is one effect; `answer` is what was sent back."""

    key = models.ForeignKey(ApiKey, models.PROTECT, related_name="pushes")
    idempotency_key = models.TextField()
    path = models.TextField()
    body_digest = models.TextField()
    body_sealed = models.BinaryField(null=True)  # only while a worker has to read it
    state = models.TextField()  # waiting | done | refused
    status = models.SmallIntegerField()
    answer = models.JSONField(default=dict)
    sent = models.BigIntegerField(default=0)
    accepted = models.BigIntegerField(default=0)
    rejected = models.BigIntegerField(default=0)
    job = models.BigIntegerField(null=True)
    import_run = models.BigIntegerField(null=True)
    asked_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="integration_push_once", fields=["key", "idempotency_key"]),
            models.CheckConstraint(
                name="integration_push_state", condition=Q(state__in=["waiting", "done", "refused"])
            ),
        ]
        indexes = [models.Index(name="integration_push_asked", fields=["asked_at"])]


class CallDay(models.Model):
    """How often a key called on a day. No foreign key: this lies in the side database."""

    key_id = models.BigIntegerField()
    day = models.DateField()
    calls = models.BigIntegerField(default=0)
    refused = models.BigIntegerField(default=0)  # answered by 4xx
    clear = models.BigIntegerField(default=0)  # looks at personal data in clear
    last_at = models.DateTimeField()
    minute = models.BigIntegerField(default=0)  # minutes since 1970: the newest in which the key called
    minute_calls = models.BigIntegerField(default=0)  # calls let through in that minute

    class Meta:
        constraints = [models.UniqueConstraint(name="integration_callday_once", fields=["key_id", "day"])]


class Event(models.Model):
    """Something that happened. Of custody: the entries `source_id`..`until_id` of the ledger; else a batch, a departure or
    an import. Rows are written by one process at a time, so that a smaller id never appears behind a larger one."""

    kind = models.TextField()
    source_id = models.BigIntegerField()
    until_id = models.BigIntegerField(null=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="integration_event_once", fields=["kind", "source_id"]),
            models.CheckConstraint(name="integration_event_kind", condition=Q(kind__in=EVENT_KINDS)),
        ]


class Subscription(models.Model):
    """A webhook. `cursor`: the last event that arrived; the next is sent only then (in order, at least once)."""

    key = models.ForeignKey(ApiKey, models.PROTECT, related_name="subscriptions")
    url = models.TextField()
    secret_sealed = models.BinaryField()
    kinds = models.JSONField()
    cursor = models.BigIntegerField()
    attempts = models.IntegerField(default=0)  # of the event that is due
    next_at = models.DateTimeField()
    state = models.TextField()  # active | halted (too many attempts: a person looks) | ended
    trouble = models.TextField(blank=True)
    made_by = _person()
    made_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="integration_subscription_state", condition=Q(state__in=["active", "halted", "ended"])
            )
        ]


class KeyEvent(models.Model):
    """One act on a key or on one of its subscriptions. Append-only."""

    key = models.ForeignKey(ApiKey, models.PROTECT, related_name="events")
    subscription = models.ForeignKey(Subscription, models.PROTECT, null=True, related_name="+")
    kind = models.TextField()
    by = _person()
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(name="integration_keyevent_kind", condition=Q(kind__in=KEY_ACTS))
        ]


class Delivery(models.Model):
    """One attempt. Append-only."""

    subscription = models.ForeignKey(Subscription, models.PROTECT, related_name="deliveries")
    event = models.ForeignKey(Event, models.PROTECT, related_name="+", db_index=False)
    attempt = models.IntegerField()
    outcome = models.TextField()
    status = models.SmallIntegerField(null=True)  # of HTTP; null where none came
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(name="integration_delivery_outcome", condition=Q(outcome__in=OUTCOMES))
        ]
