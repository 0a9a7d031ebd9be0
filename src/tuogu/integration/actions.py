"""Writes of this room. Keyword-only `by` (custodian id) and `at` (moment); refusals are IntegrationRefused, with a sentence
in Chinese and nothing done."""

from __future__ import annotations

from datetime import datetime

from tuogu.core.custody import business_date
from tuogu.integration.calls import count_call, count_clear, seconds_left, within_limit
from tuogu.integration.delivering import deliver
from tuogu.integration.events import collect
from tuogu.integration.failures import IntegrationRefused, KeyReused
from tuogu.integration.keys import approve_clear, caller_by, make_key, revoke_key
from tuogu.integration.pushes import claim, digest_of, finish, forget_old, has_job, leave_to_worker
from tuogu.integration.webhooks import end, resume, skip, subscribe
from tuogu.rules import queries as rules

__all__ = [
    "IntegrationRefused",
    "KeyReused",
    "approve_clear",
    "caller_by",
    "claim",
    "collect",
    "count_call",
    "count_clear",
    "deliver",
    "digest_of",
    "end",
    "finish",
    "has_job",
    "leave_to_worker",
    "make_key",
    "resume",
    "revoke_key",
    "seconds_left",
    "skip",
    "subscribe",
    "tick",
    "within_limit",
]


def tick(*, by: int, at: datetime) -> int:  # noqa: ARG001 - the shape of every room's tick; the machine signs nothing here
    """Collect what happened, deliver it, forget old answers; returns how many events arrived. Called by the worker only."""
    rulebook = rules.applicable(business_date(at))
    collect(rulebook=rulebook, at=at)
    forget_old(kept_days=rulebook["integration.answers_kept_days"], at=at)
    return deliver(rulebook=rulebook, at=at).get("delivered", 0)
