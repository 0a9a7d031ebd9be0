"""A push as it comes in: answered before, done at once, or left to a worker.

In: a key, an idempotency key, what was sent. Out: the answer. Never: a second effect; long work inside a request (rulebook
integration.rows_at_once and books_at_once say what is short).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from tuogu.books import queries as books
from tuogu.core.rulebook import Rulebook
from tuogu.integration import actions as integration
from tuogu.integration import queries as pushes
from tuogu.integration.queries import Answer, Caller
from tuogu.jobs import queries, queueing
from tuogu.jobs.asked import Clock
from tuogu.jobs.pushing import Quiet, answer, perform


def take(
    caller: Caller,
    *,
    kind: str,
    idempotency_key: str,
    body: bytes,
    content: Mapping[str, Any],
    rows: int,
    rulebook: Rulebook,
    clock: Clock,
) -> Answer:
    """The answer of a push. KeyReused where the idempotency key came with other content, FlowRefused where the whole is
    refused: then nothing was written, and the same idempotency key may be used again."""
    digest = pushes.digest_of(kind, body)
    before = pushes.answered(caller.key, idempotency_key, digest=digest)
    if before is not None:
        return _with_job(before, caller, kind, clock())
    with transaction.atomic():
        claimed = integration.claim(
            caller.key, idempotency_key, path=kind, digest=digest, sent=rows, at=clock()
        )
        if isinstance(claimed, Answer):
            return claimed
        if _short(rows, rulebook):
            return answer(claimed, perform(kind, content, caller, clock=clock, progress=Quiet()), clock())
        left = integration.leave_to_worker(claimed, body=json.dumps(content, ensure_ascii=False))
    return _with_job(left, caller, kind, clock())


def ask_again(*, at: datetime) -> int:
    """Ask for the work that somebody took and died over before it was asked for; again changes nothing."""
    found = pushes.without_job()
    for push, owner, kind in found:
        _ask(push, owner, kind, at)
    return len(found)


def _short(rows: int, rulebook: Rulebook) -> bool:
    if rows > rulebook["integration.rows_at_once"]:
        return False
    return books.counts()["Policy"] <= rulebook["integration.books_at_once"]


def _with_job(found: Answer, caller: Caller, kind: str, at: datetime) -> Answer:
    """A push that waits has a job; whoever took it may have died before asking."""
    if found.state == "waiting" and found.job is None:
        _ask(found.push, caller.person, kind, at)
    return found


def _ask(push: int, owner: int, kind: str, at: datetime) -> None:
    job = queueing.ask(kind="push", title=f"接口推送 {kind}", arguments={"push": push}, by=owner, at=at)
    integration.has_job(push, job)


def standing(key: int, push: int) -> Answer | None:
    """How a push of this key stands; None for one that is not this key's."""
    return pushes.push_of(key, push)


def done_percent(found: Answer) -> int:
    """How far its job is."""
    job = queries.job(found.job) if found.job is not None else None
    return job.done_percent if job is not None else 0
