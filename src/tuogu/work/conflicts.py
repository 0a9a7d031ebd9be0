"""Records that came for a customer who has another custodian by now: a person decides what becomes of each.

In: a conflict, a decision, a reason. Out: the record, counted for whoever held the customer then or holds it now; or
nothing. Never: a conflict decided twice, a record lost, one counted for two people.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from tuogu import vault
from tuogu.books import queries as books
from tuogu.core.custody import business_date
from tuogu.ledger import actions as ledger
from tuogu.org import queries as org
from tuogu.org.scope import Scope
from tuogu.work import papers, whose
from tuogu.work.failures import WorkRefused
from tuogu.work.kinds import Decision
from tuogu.work.models import Conflict, ConflictEnd
from tuogu.work.recording import file_record
from tuogu.work.said import Said


@dataclass(frozen=True)
class ConflictRow:
    """One record that waits, or waited. `by` sent it; `held_by` had the customer when it arrived."""

    id: int
    customer_number: str
    by: int
    held_by: int | None
    received_at: datetime
    why: str
    decision: str = ""
    reason: str = ""
    record_id: int | None = None


@transaction.atomic
def resolve(conflict_id: int, decision: str, *, reason: str, by: int, at: datetime) -> int | None:
    """Decide on a conflict; returns the record's id, None when it is dropped. WorkRefused: unknown, decided already, no
    reason, decided by the one who sent it."""
    row = Conflict.objects.select_for_update(no_key=True).filter(pk=conflict_id).first()
    if row is None or ConflictEnd.objects.filter(conflict_id=conflict_id).exists():
        raise WorkRefused(_("没有这条待处理记录，或已处理；没有写入任何数据"))
    if decision not in Decision.values or not reason.strip():
        raise WorkRefused(_("请选择处理方式并写明理由；没有写入任何数据"))
    if by == row.by_id:
        raise WorkRefused(_("不能处理自己的记录；没有写入任何数据"))
    record = None
    if decision != Decision.DROP:
        ledger.lock_shared()
        said = what_was_said(row)
        if said is None:
            raise WorkRefused(_("记录内容已按客户请求删除，只能不计入；没有写入任何数据"))
        found = whose.theirs(row.customer_number)
        then = whose.held_then(found, row.by_id, business_date(said.happened_at))
        now = min(found.holders, default=then)
        person = then if decision == Decision.ACCEPT else now
        record = file_record(_policies_left(said, found), found, person=person, by=row.by_id, at=at).record_id
    ConflictEnd.objects.create(
        conflict=row, decision=decision, record_id=record, reason=reason.strip(), by_id=by, at=at
    )
    return record


def _policies_left(said: Said, found: whose.Theirs) -> Said:
    """Without the policies that closed while it waited; of who named none, all that are live."""
    live = found.live["policy_number"].to_list()
    kept = tuple(number for number in said.policies if number in live) or tuple(live)
    return replace(said, policies=kept, checked=tuple(n for n in said.checked if n in kept))


def what_was_said(row: Conflict) -> Said | None:
    """The record as it was sent; None once the customer's data was erased."""
    payload = vault.open_text(row.payload_sealed)
    return papers.from_plain(json.loads(payload)) if payload else None


def conflicts(scope: Scope, *, decided: bool = False, size: int = 200) -> list[ConflictRow]:
    """Records that wait (or were decided) about customers within scope, or of people within it; newest first."""
    rows = Conflict.objects.filter(end__isnull=not decided).select_related("end").order_by("-pk")
    rows = _within(rows, scope)
    return [_row(row, decided) for row in rows[:size]]


def conflict(scope: Scope, conflict_id: int) -> tuple[ConflictRow, Said | None] | None:
    """One of them with what was said; None when unknown or out of scope."""
    row = _within(Conflict.objects.filter(pk=conflict_id), scope).first()
    return None if row is None else (_row(row, hasattr(row, "end")), what_was_said(row))


def _within(rows: QuerySet[Conflict], scope: Scope) -> QuerySet[Conflict]:
    numbers, people = books.numbers_within(scope), org.custodians_within(scope)
    if numbers is None or people is None:
        return rows
    return rows.filter(Q(customer_number__in=numbers) | Q(by_id__in=people) | Q(held_by_id__in=people))


def _row(row: Conflict, decided: bool) -> ConflictRow:
    end = row.end if decided else None
    return ConflictRow(
        row.pk, row.customer_number, row.by_id, row.held_by_id, row.received_at, whose.moved_words(row.why),
        end.decision if end else "",
        end.reason if end else "", end.record_id if end else None,
    )  # fmt: skip
