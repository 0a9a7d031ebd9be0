"""A record arrives: from a form, or from the outbox of a phone that had no network.

In: what it says, who sends it, when. Out: one row and the tasks that it ended; the same key again gives the first answer.
Never: a record twice, a record lost because custody moved meanwhile (it waits in a conflict), a row changed.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import datetime

import polars as pl
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from tuogu import vault
from tuogu.core.calling import ANSWERED, ANSWERS, attitudes
from tuogu.core.custody import business_date
from tuogu.ledger import actions as ledger
from tuogu.rules import queries as rules
from tuogu.work import papers, whose
from tuogu.work.agreeing import Agreed, agree
from tuogu.work.ending import end_met
from tuogu.work.failures import Moved, WorkRefused
from tuogu.work.following import follow
from tuogu.work.limits import limits
from tuogu.work.models import Conflict, Record, RecordPolicy
from tuogu.work.pool_telling import tell_pools
from tuogu.work.said import Said, judge


@dataclass(frozen=True)
class Filed:
    """The stored record. `again`: it had come before."""

    record_id: int
    tasks_done: int
    again: bool = False


def record(said: Said, *, by: int, at: datetime, agreed: Agreed | None = None) -> Filed:
    """File one record, with the consents given in it. WorkRefused says which field is wrong; Moved: it waits in a conflict,
    which is stored."""
    judge(said, limits(business_date(at)), at)
    before = _before(said, by)
    if before is not None:
        return before
    try:
        answer = _arrive(said, agreed, by=by, at=at)
    except IntegrityError:  # the same key arrived at the same moment on another line
        twin = _before(said, by)
        if twin is None:
            raise
        return twin
    if isinstance(answer, Conflict):
        raise Moved(whose.moved_words(answer.why), answer.pk)
    return answer


@transaction.atomic
def _arrive(said: Said, agreed: Agreed | None, *, by: int, at: datetime) -> Filed | Conflict:
    """The stored record, or the conflict in which it waits. Custody cannot move meanwhile."""
    ledger.lock_shared()
    before = _before(said, by)  # again: another line may have stored it, and custody have moved since
    if before is not None:
        return before
    found = whose.theirs(said.customer)
    held = whose.held(found, by=by, happened_at=said.happened_at, at=at)
    if held.moved:
        return _conflict(said, held, by=by, at=at)
    if agreed is not None:
        agree(said, agreed, by=by, at=at)
    return file_record(said, found, person=held.person, by=by, at=at)


def file_record(
    said: Said,
    found: whose.Theirs,
    *,
    person: int,
    by: int,
    at: datetime,
    corrects: Record | None = None,
    why: str = "",
) -> Filed:
    """Store a record that was judged, inside the caller's transaction: the row, its policies and papers, what it ends and
    what follows from it."""
    subjects = whose.policies(found, said.policies, person)
    row = Record.objects.create(
        client_key=said.client_key, customer_number=said.customer, kind=said.kind, purpose=said.purpose,
        outcome=said.outcome, reason=said.reason, attitude=said.attitude or _attitude(said, at), no_visit=said.no_visit,
        collection_method=said.collection_method, services=sorted(said.services), happened_at=said.happened_at,
        happened_date=business_date(said.happened_at), recorded_at=at, person_id=person, by_id=by, next_at=said.next_at,
        next_kind=said.next_kind, detail_sealed=_detail(said), place_sealed=_place(said), offline=said.offline,
        corrects=corrects, why_corrected=why,
    )  # fmt: skip
    RecordPolicy.objects.bulk_create(
        RecordPolicy(record=row, subject_id=subject, checked=number in said.checked)
        for number, subject in subjects.items()
    )
    papers.keep(row, said, at=at)
    if corrects is not None:
        papers.carry(corrects, row)
    settled = follow(said, row, found, by=by, at=at)
    done = end_met(said.customer, row, found.cases, by=by, at=at)
    if corrects is None:
        tell_pools(row, person, at=at)
    return Filed(row.pk, settled + done)


def _attitude(said: Said, at: datetime) -> str:
    """The class that five answers give (S4-22); '' where one is missing."""
    if set(said.answers) != set(ANSWERS):
        return ""
    row = pl.DataFrame([{"customer_number": said.customer, **said.answers}], schema=ANSWERED)
    return attitudes(row, rules.applicable(business_date(at)))["attitude"][0] or ""


def _before(said: Said, by: int) -> Filed | None:
    """The answer that this key has had already; WorkRefused when somebody else used it."""
    row = Record.objects.filter(client_key=said.client_key).first()
    if row is not None:
        if row.by_id != by or row.customer_number != said.customer:
            raise WorkRefused(_("记录编号已被另一条记录使用；没有写入任何数据"))
        return Filed(row.pk, row.ended.count(), again=True)
    waiting = Conflict.objects.filter(client_key=said.client_key).first()
    if waiting is not None:
        if waiting.by_id != by:
            raise WorkRefused(_("记录编号已被另一条记录使用；没有写入任何数据"))
        raise Moved(whose.moved_words(waiting.why), waiting.pk)
    return None


def _conflict(said: Said, held: whose.Held, *, by: int, at: datetime) -> Conflict:
    payload = json.dumps(papers.plain(asdict(said)), ensure_ascii=False)
    row, _ = Conflict.objects.get_or_create(
        client_key=said.client_key,
        defaults={
            "payload_sealed": vault.seal_text(payload), "customer_number": said.customer, "by_id": by,
            "held_by_id": held.person, "received_at": at, "why": held.why,
        },
    )  # fmt: skip
    return row


def _detail(said: Said) -> bytes | None:
    told = {
        "card": dict(said.card),
        "answers": dict(said.answers),
        "conduct": list(said.conduct),
        "note": said.note,
    }
    return vault.seal_text(json.dumps(told, ensure_ascii=False)) if any(told.values()) else None


def _place(said: Said) -> bytes | None:
    return vault.seal_text(json.dumps(dict(said.place))) if said.place else None
