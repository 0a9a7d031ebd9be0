"""Asking for a file, and the second person's word on it.

In: what, why, how many rows, for whom. Out: an export: granted at once when it is small, masked and stays in the house,
waiting for a second person otherwise. Never: a file without a reason; an export approved by who asked for it, or by somebody
whose scope does not reach who asked; more rows a day than the rulebook allows.
"""

from __future__ import annotations

import base64
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Sum

from tuogu.accesslog import actions as accesslog
from tuogu.core.custody import business_date, day_bounds
from tuogu.exports.failures import ExportRefused
from tuogu.exports.kinds import Kind, kind_of
from tuogu.exports.limits import Limits
from tuogu.exports.models import Act, Export
from tuogu.org import actions as org_actions
from tuogu.org import queries as org
from tuogu.org.rights import Right, rights_of

REASON_MIN, REASON_MAX = 4, 200  # characters; the least of a refusal, the most of any
_CODE_BYTES = 5  # 40 bits: nobody guesses the code of somebody else's file


@dataclass(frozen=True)
class Asked:
    """What came of asking."""

    export: int
    code: str
    granted: bool  # False: a second person has to agree
    at_once: bool  # small enough to be built while one waits


@transaction.atomic
def ask(
    *,
    kind: str,
    title: str,
    query: Mapping[str, Any],
    rows: int,
    fields: str,
    reason: str,
    by: int,
    at: datetime,
    limits: Limits,
    outside: str = "",
    clear: bool = False,
) -> Asked:
    """Ask for a file of `rows` rows. `outside`: whom it is for, where that is not the house itself; `clear`: it shows
    personal data unmasked. ExportRefused without the right, without a reason, or beyond a limit."""
    found = kind_of(kind)
    reason, outside = reason.strip(), outside.strip()
    _may_have(found, by, at)
    if not _says_why(reason, limits.reason_letters_min):  # S2-14
        raise ExportRefused(
            f"请用一句话写明导出原因（至少 {limits.reason_letters_min} 个字，数字和标点不算；至多 {REASON_MAX} 个字），"
            "导出会留痕；没有导出任何数据"
        )
    if rows > limits.rows_max:
        raise ExportRefused(
            f"共 {rows:,} 行，超过单次导出上限 {limits.rows_max:,} 行；没有导出任何数据，请先缩小条件"
        )
    org_actions.lock_person(by)
    taken = rows_taken(by, at)
    if taken + rows > limits.rows_per_day:  # N-13
        raise ExportRefused(
            f"今天已导出 {taken:,} 行，加上这次的 {rows:,} 行将超过每人每日 {limits.rows_per_day:,} 行；"
            "没有导出任何数据，请缩小范围或明天再导出"
        )
    needs = clear or bool(outside) or rows > limits.approve_above_rows
    export = Export.objects.create(
        code=_new_code(at), kind=kind, title=title, query=dict(query), fields=fields, rows=rows, clear=clear,
        outside=outside, reason=reason, by_id=by, asked_at=at, needs_approval=needs, kept_days=limits.kept_days,
        canaries=limits.canary_rows if found.canaries and rows >= limits.canary_from_rows else 0,
    )  # fmt: skip
    return Asked(export.pk, export.code, granted=not needs, at_once=rows <= limits.at_once_rows)


def _says_why(reason: str, least: int) -> bool:
    """Whether it is a sentence: digits and punctuation alone tell nobody anything."""
    return len(reason) <= REASON_MAX and sum(sign.isalpha() for sign in reason) >= least


@transaction.atomic
def approve(export: int, *, by: int, at: datetime) -> None:
    """The second person agrees. ExportRefused for one's own wish, outside one's scope, or when it is decided already."""
    _decide(export, Act.Kind.APPROVED, by=by, at=at, note="")


@transaction.atomic
def decline(export: int, *, reason: str, by: int, at: datetime) -> None:
    """The second person does not agree, and says why."""
    if len(reason.strip()) < REASON_MIN:
        raise ExportRefused(f"请写明不同意的原因（至少 {REASON_MIN} 个字）；没有作出决定")
    _decide(export, Act.Kind.DECLINED, by=by, at=at, note=reason.strip()[:REASON_MAX])


@transaction.atomic
def withdraw(export: int, *, by: int, at: datetime) -> None:
    """Who asked takes the wish back while it waits."""
    row = _waiting(export)
    if row.by_id != by:
        raise ExportRefused("只有申请人可以撤回；没有改动")
    Act.objects.create(export=row, kind=Act.Kind.WITHDRAWN, by_id=by, at=at)


def rows_taken(person: int, at: datetime) -> int:
    """Rows that the person asked for on that business day and that were not refused."""
    day = business_date(at)
    begin, end = day_bounds(day, day)
    mine = Export.objects.filter(by_id=person, asked_at__gte=begin, asked_at__lt=end)
    lost = Act.objects.filter(kind__in=[Act.Kind.DECLINED, Act.Kind.WITHDRAWN]).values("export_id")
    return int(mine.exclude(pk__in=lost).aggregate(n=Sum("rows"))["n"] or 0)


def may_decide(row_by: int, *, person: int, at: datetime) -> bool:
    """Whether `person` may decide on a wish of `row_by`: the right, another person, within scope."""
    standing = org.standing(person, business_date(at))
    if standing is None or person == row_by or Right.APPROVE_EXPORTS not in rights_of(standing.roles):
        return False
    visible = org.custodians_within(standing.scope)
    return visible is None or row_by in visible


def _decide(export: int, kind: Act.Kind, *, by: int, at: datetime, note: str) -> None:
    row = _waiting(export)
    if row.by_id == by:
        raise ExportRefused("不能审批自己的申请，须由另一人决定；没有改动")
    if not may_decide(row.by_id, person=by, at=at):
        raise ExportRefused("您没有审批这份导出的权限，或申请人不在您的范围内；没有改动")
    Act.objects.create(export=row, kind=kind, by_id=by, at=at, note=note)
    accesslog.record(
        by=by, kind="approve", subject_kind="export", subject=row.code, rows=row.rows, reason=note, at=at,
        fields=kind.value,
    )  # fmt: skip


def _waiting(export: int) -> Export:
    """The wish while nobody has decided on it; its row is held, so that two people decide one after the other."""
    row = Export.objects.select_for_update().filter(pk=export).first()
    if row is None or not row.needs_approval:
        raise ExportRefused("没有这份待审批的导出；没有改动")
    decided = row.acts.filter(kind__in=[Act.Kind.APPROVED, Act.Kind.DECLINED, Act.Kind.WITHDRAWN]).first()
    if decided is not None:
        raise ExportRefused(f"这份导出已有决定（{decided.get_kind_display()}）；没有改动")
    return row


def _may_have(kind: Kind, person: int, at: datetime) -> None:
    standing = org.standing(person, business_date(at))
    if standing is None or not kind.open_to(rights_of(standing.roles)):
        raise ExportRefused(f"您没有导出“{kind.label}”的权限；没有导出任何数据")


def _new_code(at: datetime) -> str:
    tail = base64.b32encode(secrets.token_bytes(_CODE_BYTES)).decode()
    return f"E{business_date(at):%Y%m%d}-{tail}"
