"""Write calls by their idempotency key: one key, one content, one effect, one answer.

In: a key, an idempotency key, the body. Out: the answer that was given before, or a row that this transaction holds until
the effect and the answer are written with it. Never: a second effect; a body kept in clear, or longer than a worker needs.

Two calls at once: the second waits for the row of the first (SQLite has one writer; PostgreSQL waits at the unique index)
and reads its answer. A call that dies leaves nothing: row, effect and answer are one transaction.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, connection, transaction

from tuogu.integration.failures import KeyReused
from tuogu.integration.models import Push
from tuogu.vault import open_text, seal_text


@dataclass(frozen=True)
class Answer:
    """What goes back. `replayed`: it was given before, nothing happened now."""

    push: int
    state: str
    status: int
    content: dict[str, Any]
    job: int | None
    replayed: bool


def digest_of(path: str, body: bytes) -> str:
    """The identity of a call's content."""
    return hashlib.sha256(path.encode() + b"\n" + body).hexdigest()


def answered(key: int, idempotency_key: str, *, digest: str) -> Answer | None:
    """The answer given before; None for a key that never came. KeyReused when it came with other content."""
    push = Push.objects.filter(key_id=key, idempotency_key=idempotency_key).first()
    if push is None:
        return None
    if push.body_digest != digest:
        raise KeyReused(same=False)
    return _answer(push, replayed=True)


def claim(key: int, idempotency_key: str, *, path: str, digest: str, sent: int, at: datetime) -> int | Answer:
    """Inside a transaction: the row to write the answer into, or the answer that somebody else has just given."""
    if not connection.in_atomic_block:
        raise RuntimeError("a push and its effect are one transaction")
    before = answered(key, idempotency_key, digest=digest)
    if before is not None:
        return before
    try:
        with transaction.atomic():
            return Push.objects.create(
                key_id=key, idempotency_key=idempotency_key, path=path, body_digest=digest, state="waiting",
                status=202, sent=sent, asked_at=at,
            ).pk  # fmt: skip
    except IntegrityError:
        after = answered(key, idempotency_key, digest=digest)
        if after is None:
            raise KeyReused(same=True) from None
        return after


def finish(
    push: int,
    *,
    status: int,
    content: dict[str, Any],
    accepted: int,
    rejected: int,
    import_run: int | None,
    at: datetime,
    state: str = "done",
) -> Answer:
    """Write the answer; the body goes."""
    Push.objects.filter(pk=push).update(
        state=state, status=status, answer=content, accepted=accepted, rejected=rejected, import_run=import_run,
        body_sealed=None, answered_at=at,
    )  # fmt: skip
    return _answer(Push.objects.get(pk=push), replayed=False)


def leave_to_worker(push: int, *, body: str) -> Answer:
    """Keep what was sent, sealed, until a worker has read it."""
    Push.objects.filter(pk=push).update(body_sealed=seal_text(body))
    return _answer(Push.objects.get(pk=push), replayed=False)


def has_job(push: int, job: int) -> None:
    """The job that works on it."""
    Push.objects.filter(pk=push).update(job=job)


def waiting_body(push: int) -> tuple[int, str, str] | None:
    """(key, path, body) of a push that waits; None once it is answered."""
    found = Push.objects.filter(pk=push, state="waiting", body_sealed__isnull=False).first()
    return None if found is None else (found.key_id, found.path, open_text(found.body_sealed) or "")


def without_job() -> list[tuple[int, int, str]]:
    """(push, owner of its key, path) of pushes that wait while nobody was asked to work on them: whoever took them died."""
    rows = Push.objects.filter(state="waiting", body_sealed__isnull=False, job__isnull=True)
    return list(rows.values_list("pk", "key__owner_id", "path").order_by("pk"))


def push_of(key: int, push: int) -> Answer | None:
    """One push of this key."""
    found = Push.objects.filter(key_id=key, pk=push).first()
    return None if found is None else _answer(found, replayed=True)


def forget(*, before: datetime) -> int:
    """Answers past their days; what waits stays."""
    return int(Push.objects.filter(asked_at__lt=before, state__in=("done", "refused")).delete()[0])


def forget_old(*, kept_days: int, at: datetime) -> int:
    """`forget` by the rulebook's days."""
    return forget(before=at - timedelta(days=kept_days))


def _answer(push: Push, *, replayed: bool) -> Answer:
    return Answer(push.pk, push.state, push.status, push.answer, push.job, replayed)
