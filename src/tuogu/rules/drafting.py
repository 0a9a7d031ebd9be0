"""A rulebook in the making: begun by one person, changed number by number, submitted, approved by another (N-09).

In: a new version, its day, the paper that orders it; new values. Out: a draft, in the end an adopted version. Never: a draft
that changes what is in force before its day (S3-07), an approval of one's own draft, a submitted draft changed.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import Any

from django.db import transaction

from tuogu.core.custody import business_date
from tuogu.core.rulebook import Rulebook, RulebookProblems
from tuogu.core.rulebook_checks import check_parameter, other_names
from tuogu.core.rulebook_overlay import Base, overlaid
from tuogu.org import queries as org
from tuogu.rules import queries
from tuogu.rules.adopting import adopt_overlay
from tuogu.rules.content import encode
from tuogu.rules.drafts import document_of
from tuogu.rules.failures import RulesError
from tuogu.rules.models import RulebookDraft, RulebookVersion

State = RulebookDraft.State


@transaction.atomic
def begin(*, version: str, effective_date: date, source: str, reason: str, by: int, at: datetime) -> int:
    """Begin a draft on the book that is in force on its day; returns its id."""
    version, source = version.strip(), source.strip()
    if not version or not source or not reason.strip():
        raise RulesError("请填写版本号、依据的文件和修改原因；没有起草")
    if not org.is_person(by):
        raise RulesError("起草制度须由在册人员进行；没有起草")
    base = queries.applicable(effective_date)
    if effective_date <= max(base.effective_date, business_date(at)):
        raise RulesError("生效日须晚于今天，也晚于底本的生效日：已办的事按办理当天的制度；没有起草")
    taken = (
        RulebookVersion.objects.filter(name=base.name, version=version).exists() or version == base.version
    )
    if taken or RulebookDraft.objects.filter(version=version).exists():
        raise RulesError(f"版本号 {version} 已经用过；没有起草")
    row = RulebookDraft.objects.create(
        base_version=base.version, version=version, effective_date=effective_date, source=source,
        reason=reason.strip(), made_by_id=by, made_at=at,
    )  # fmt: skip
    return row.pk


@transaction.atomic
def change(draft_id: int, *, key: str, value: Any, note: str = "", by: int) -> None:
    """Give one number a new value. RulesError for a number that does not exist, or a value that it may not have.

    A value that contradicts another number may stand in an open draft: both may have to change. `submit` judges the whole.
    """
    row = _open_draft(draft_id, by)
    base = queries.base_book(Base(queries.STANDARD, row.base_version))
    if key not in base.parameters:
        raise RulesError(f"制度中没有 {key}；没有修改")
    if value == base.parameters[key].value:
        raise RulesError("新值与现值相同；没有修改")
    changed = replace(base.parameters[key], value=value)
    if wrong := [*check_parameter(changed), *other_names(base.parameters[key], value)]:
        raise RulebookProblems(wrong)
    row.changes = {**row.changes, key: {"value": encode(value), "note": note.strip()}}
    row.save(update_fields=["changes"])


@transaction.atomic
def take_back(draft_id: int, *, key: str, by: int) -> None:
    """Leave one number as it is."""
    row = _open_draft(draft_id, by)
    row.changes = {known: told for known, told in row.changes.items() if known != key}
    row.save(update_fields=["changes"])


@transaction.atomic
def submit(draft_id: int, *, by: int) -> None:
    """Hand the draft over for approval; RulebookProblems with everything that is wrong in it."""
    row = _open_draft(draft_id, by)
    overlaid(queries.base_book(Base(queries.STANDARD, row.base_version)), document_of(row))
    _move(row, (State.OPEN,), State.SUBMITTED)


@transaction.atomic
def withdraw(draft_id: int, *, by: int, at: datetime) -> None:
    """Give up one's own draft that nobody has decided on."""
    row = _own(draft_id, by)
    _move(row, (State.OPEN, State.SUBMITTED), State.WITHDRAWN, decided_by_id=by, decided_at=at)


@transaction.atomic
def decline(draft_id: int, *, by: int, at: datetime, note: str) -> None:
    """Send a submitted draft back, with why."""
    if not note.strip():
        raise RulesError("请写明不批准的原因；没有退回")
    _move(
        _foreign(draft_id, by),
        (State.SUBMITTED,),
        State.DECLINED,
        decided_by_id=by,
        decided_at=at,
        note=note.strip(),
    )


@transaction.atomic
def approve(draft_id: int, *, by: int, at: datetime, note: str = "") -> Rulebook:
    """Adopt a submitted draft: from its day on it is in force. RulesError for one's own draft, or when its day has come or
    its base is no longer what will be in force then."""
    row = _foreign(draft_id, by)
    if row.effective_date <= business_date(at):
        raise RulesError("生效日已到：请退回，由起草人另定一个晚于今天的生效日；没有批准")
    _move(row, (State.SUBMITTED,), State.APPROVED, decided_by_id=by, decided_at=at, note=note.strip())
    document = document_of(row)
    return adopt_overlay(document, by=row.made_by_id, at=at, approved_by=by)


def _own(draft_id: int, by: int) -> RulebookDraft:
    row = RulebookDraft.objects.select_for_update().filter(pk=draft_id).first()
    if row is None:
        raise RulesError("没有这份草案")
    if row.made_by_id != by:
        raise RulesError("只有起草人可以修改、提交或撤回草案；没有写入")
    return row


def _open_draft(draft_id: int, by: int) -> RulebookDraft:
    row = _own(draft_id, by)
    if row.state != State.OPEN:
        raise RulesError("草案已提交或已有结论，不能再改；没有修改")
    return row


def _foreign(draft_id: int, by: int) -> RulebookDraft:
    row = RulebookDraft.objects.select_for_update().filter(pk=draft_id).first()
    if row is None:
        raise RulesError("没有这份草案")
    if row.made_by_id == by:
        raise RulesError("不能审批自己起草的制度；请由另一位有权的人审批")
    return row


def _move(row: RulebookDraft, from_states: tuple[str, ...], to: str, **values: Any) -> None:
    moved = RulebookDraft.objects.filter(pk=row.pk, state__in=from_states).update(state=to, **values)
    if not moved:
        raise RulesError("草案的状态已经变了，请刷新后再看；没有写入")
