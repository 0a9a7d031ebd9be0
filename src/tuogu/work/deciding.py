"""What people decide about records and tasks: a correction, a waiver, a task asked for, a task said to be done.

In: a record or a task, a reason, who decides. Out: further rows. Never: a row changed, an act without a reason, a
task that a correction took the proof from left as done.
"""

from __future__ import annotations

from datetime import date, datetime

import polars as pl
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from tuogu.core.custody import business_date
from tuogu.ledger import actions as ledger
from tuogu.ledger import queries as held
from tuogu.ledger.kinds import Relation
from tuogu.rules import queries as rules
from tuogu.work import duties, evidence, following, making, whose
from tuogu.work.ending import OPEN, judged
from tuogu.work.failures import WorkRefused
from tuogu.work.kinds import Asked, Reason, TaskOutcome
from tuogu.work.limits import limits
from tuogu.work.models import Record, Task, TaskEnd
from tuogu.work.recording import Filed, file_record
from tuogu.work.said import Said, judge


@transaction.atomic
def correct(record_id: int, said: Said, *, reason: str, by: int, at: datetime) -> Filed:
    """File what should have been said instead. WorkRefused: no reason, corrected already, another customer, neither the
    reporter nor whoever answers for the customer now."""
    _with_reason(reason)
    ledger.lock_shared()
    row = Record.objects.filter(pk=record_id).first()
    if row is None or said.customer != row.customer_number:
        raise WorkRefused(_("没有这条记录，或客户不同；没有写入任何数据"))
    before = Record.objects.filter(corrects_id=record_id).first()
    if before is not None:
        if before.client_key == said.client_key:
            return Filed(before.pk, before.ended.count(), again=True)
        raise WorkRefused(_("这条记录已更正过，请更正最新的一条；没有写入任何数据"))
    if Record.objects.filter(client_key=said.client_key).exists():
        raise WorkRefused(_("记录编号已被另一条记录使用；没有写入任何数据"))
    judge(said, limits(business_date(at)), at, backdated=False)
    found = whose.theirs(said.customer)
    if by != row.by_id and not found.holders & ({by} | whose.answers_for(by, business_date(at))):
        raise WorkRefused(_("客户：不在您名下；没有写入任何数据"))
    filed = file_record(said, found, person=row.person_id, by=by, at=at, corrects=row, why=reason.strip())
    _open_again(row, filed.record_id, found.cases, at=at)
    return filed


def _open_again(row: Record, correction: int, cases: pl.DataFrame, *, at: datetime) -> None:
    """What the corrected record had ended, and the records that count do not meet any more, is owed again."""
    ended = TaskEnd.objects.filter(record=row, outcome=TaskOutcome.DONE).select_related("task")
    tasks = [end.task for end in ended if end.task.obligation not in Asked.values]
    if not tasks:
        return
    frame = pl.DataFrame(
        [[getattr(task, _FIELD.get(name, name)) for name in OPEN] for task in tasks], OPEN, orient="row"
    )
    proof = evidence.evidence([row.customer_number], min(task.opens_date for task in tasks))
    found = judged(frame, cases.select("subject_id", "customer_number"), proof, business_date(at))
    unmet = found.filter(pl.col("met_date").is_null())["task"].implode()
    again = frame.filter(pl.col("task").is_in(unmet)).with_columns(
        key=pl.lit(f"again:{correction}"), relation=pl.lit(str(Relation.CUSTODY))
    )
    making.insert(again.drop("task"), at=at)


_FIELD = {"task": "pk"}


@transaction.atomic
def waive(task_id: int, *, reason: str, by: int, at: datetime) -> None:
    """End a task without the work, for a reason. WorkRefused: no reason, no such open task, a task of one's own."""
    _with_reason(reason)
    task = _open_task(task_id)
    relations = held.relations_of(task.subject_id)
    if by in {relations[one].custodian_id for one in _RELATIONS if one in relations}:
        raise WorkRefused(_("自己名下的任务由上级免办；没有写入任何数据"))
    _end(task_id, TaskOutcome.WAIVED, reason, by=by, at=at)


@transaction.atomic
def finish(task_id: int, *, reason: str, by: int, at: datetime) -> None:
    """Say that a task that was asked for is done, and how. Duties end by records only."""
    task = _open_task(task_id)
    if task.obligation not in Asked.values:
        raise WorkRefused(_("这项义务以服务记录为准，不能直接办结；没有写入任何数据"))
    _end(task_id, TaskOutcome.DONE, reason, by=by, at=at)


@transaction.atomic
def ask_task(
    subject_id: int, obligation: str, *, due_date: date, key: str, reason: str, by: int,  # noqa: ARG001 - who asks
    at: datetime,
) -> int:  # fmt: skip
    """Ask for something to be done for what is held under `subject_id`; returns the task's id, the same when asked again.

    `obligation`: of kinds.Asked, or a duty of the rulebook; `reason`: of kinds.Reason. WorkRefused: unknown words, a day
    gone by, a subject that nobody holds. Whoever asks writes down why in a row of the own room.
    """
    today = business_date(at)
    version = duties.current(today)
    known = {duty.key for duty in version.duties} | set(Asked.values)
    if obligation not in known or reason not in Reason.values:
        raise WorkRefused(_("没有这种任务或理由；没有写入任何数据"))
    if due_date < today:
        raise WorkRefused(_("截止日不能早于今天；没有写入任何数据"))
    ledger.lock_shared()
    relations = held.relations_of(subject_id)
    holding = next(
        (one for one in _RELATIONS if one in relations and relations[one].custodian_id is not None), None
    )
    if holding is None:
        raise WorkRefused(_("没有责任人，不能交办；没有写入任何数据"))
    rows = Task.objects.filter(subject_id=subject_id, obligation=obligation, key=key).order_by("-pk")
    if not rows.filter(end__isnull=True).exists():
        book = rules.applicable(today)
        following.ask((subject_id, holding), obligation, due_date, key=key, reason=reason, book=book, at=at)
    row = rows.first()
    assert row is not None  # just inserted, or there before
    return int(row.pk)


_ENDED = gettext_noop("没有这项任务，或已结束；没有写入任何数据")
_RELATIONS = (str(Relation.CUSTODY), str(Relation.DEVELOPMENT))


def _open_task(task_id: int) -> Task:
    task = Task.objects.filter(pk=task_id).first()
    if task is None or TaskEnd.objects.filter(task_id=task_id).exists():
        raise WorkRefused(_(_ENDED))
    return task


def _end(task_id: int, outcome: str, reason: str, *, by: int, at: datetime) -> None:
    _with_reason(reason)
    if len(reason) > limits(business_date(at)).text_chars_max or "\0" in reason:
        raise WorkRefused(_("理由太长或有读不出的字；没有写入任何数据"))
    task = _open_task(task_id)
    try:
        with transaction.atomic():
            TaskEnd.objects.create(
                task=task,
                outcome=outcome,
                ended_date=business_date(at),
                reason=reason.strip(),
                by_id=by,
                at=at,
            )
    except IntegrityError as twice:  # ended by somebody else at the same moment
        raise WorkRefused(_(_ENDED)) from twice


def _with_reason(reason: str) -> None:
    if not reason.strip():
        raise WorkRefused(_("请写明理由；没有写入任何数据"))
