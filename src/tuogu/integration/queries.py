"""Reads of this room. Lists take the scope of a keeper of keys."""

from __future__ import annotations

from tuogu.integration.audited import audit_tables
from tuogu.integration.keys import Caller, caller
from tuogu.integration.models import EVENT_KINDS
from tuogu.integration.payloads import told_changes
from tuogu.integration.pushes import Answer, answered, digest_of, push_of, waiting_body, without_job
from tuogu.integration.records import (
    DeliveryRow,
    KeyRow,
    SubscriptionRow,
    clear_asked,
    halted,
    keys,
    last_deliveries,
    subscriptions,
)
from tuogu.integration.rights import LABELS, MachineRight

__all__ = [
    "EVENT_KINDS",
    "LABELS",
    "Answer",
    "Caller",
    "DeliveryRow",
    "KeyRow",
    "MachineRight",
    "SubscriptionRow",
    "answered",
    "audit_tables",
    "caller",
    "clear_asked",
    "digest_of",
    "halted",
    "keys",
    "last_deliveries",
    "push_of",
    "subscriptions",
    "told_changes",
    "waiting_body",
    "without_job",
]
