"""Reports that go by themselves: to whom, when they are due, once for each period (S3-19).

In: a report, a post, a place; a moment. Out: schedules, their runs, mailings that wait. Never: a period twice, a period
before the schedule began, a report of a place that the recipient's post does not cover.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from tuogu.core.custody import SHANGHAI, business_date
from tuogu.core.rulebook import Rulebook
from tuogu.org import queries as org
from tuogu.org.rights import Right, posts_with
from tuogu.org.roles import Role
from tuogu.org.scope import Scope
from tuogu.reports.bulletins import Report, report
from tuogu.reports.bulletins.asked import before, days_of, institution_names
from tuogu.reports.failures import ReportsRefused, ReportUnknown
from tuogu.reports.issuing import store
from tuogu.reports.models import FrozenMonth, Mailing, MailStep, Schedule, ScheduleRun, ScheduleStop
from tuogu.rules import queries as rules

STATES: Final = {
    "waiting": "待发", "begun": "发送中", "accepted": "已发出", "trouble": "稍后再发", "rejected": "被拒收",
    "unsure": "不确定是否发出",
}  # fmt: skip
_WHOLE: Final = "全部机构"


@dataclass(frozen=True)
class ScheduleRow:
    """A schedule with its last run. `trouble`: why the last run made nothing."""

    id: int
    report: Report
    institution: str
    place: str
    role: str
    role_word: str
    language: str
    by: int
    at: datetime
    stopped_at: datetime | None
    last: date | None
    recipients: int
    trouble: str


@dataclass(frozen=True)
class MailRow:
    """One mail with its last state."""

    id: int
    issue: int
    report: Report
    place: str
    person: int
    at: datetime
    state: str
    state_word: str
    tries: int


@transaction.atomic
def schedule(
    key: str, institution: str, role: str, *, by: int, at: datetime, language: str = settings.LANGUAGE_CODE
) -> int:
    """Send a report from now on to everybody who holds the post at the institution or below, in a language;
    returns the id."""
    found, scope = report(key), org.scope_of(by, business_date(at))
    names = institution_names()
    if (institution or not scope.all_rows) and (
        institution not in names or not (scope.all_rows or institution in org.institutions_within(scope))
    ):
        raise ReportsRefused(_("请选择你范围内的机构；没有写入任何内容"))
    if role not in {str(one) for one in posts_with(Right.READ_REPORTS)}:
        raise ReportsRefused(_("请选择能看报表的岗位；没有写入任何内容"))
    if language not in dict(settings.LANGUAGES):
        raise ReportsRefused(_("请选择一种语言；没有写入任何内容"))
    running = Schedule.objects.filter(
        report=found.key, institution_code=institution, role=role, language=language, stop__isnull=True
    )
    if running.exists():
        raise ReportsRefused(_("已有同样的发送计划；没有写入任何内容"))
    row = Schedule.objects.create(
        report=found.key, institution_code=institution, role=role, language=language, by_id=by, at=at
    )
    return int(row.pk)


@transaction.atomic
def stop(schedule_id: int, *, by: int, at: datetime) -> None:
    """End a schedule; what was sent stays sent."""
    row = _seen(org.scope_of(by, business_date(at))).filter(pk=schedule_id).first()
    if row is None:
        raise ReportUnknown(schedule_id)
    if ScheduleStop.objects.filter(schedule=row).exists():
        raise ReportsRefused(_("这项计划已经停止"))
    ScheduleStop.objects.create(schedule=row, by_id=by, at=at)


def schedules(scope: Scope) -> list[ScheduleRow]:
    """Schedules within scope, the running ones first."""
    names, found = institution_names(), []
    for row in _seen(scope).select_related("stop").prefetch_related("runs").order_by("-pk"):
        last = max(row.runs.all(), key=lambda run: run.first_date, default=None)
        stopped = row.stop.at if hasattr(row, "stop") else None
        found.append(
            ScheduleRow(
                row.pk, report(row.report), row.institution_code,
                names.get(row.institution_code, row.institution_code) or _WHOLE, row.role, Role(row.role).label,
                dict(settings.LANGUAGES).get(row.language, row.language), row.by_id,
                row.at, stopped, last.first_date if last else None, last.recipients if last else 0,
                last.trouble if last else "",
            )
        )  # fmt: skip
    return sorted(found, key=lambda one: one.stopped_at is not None)


def mailings(scope: Scope, *, size: int = 50) -> list[MailRow]:
    """The last mails of the schedules within scope."""
    names = institution_names()
    rows = Mailing.objects.filter(schedule__in=_seen(scope)).select_related("issued").defer("issued__content")
    found = []
    for row in rows.prefetch_related("steps").order_by("-pk")[:size]:
        steps = sorted(row.steps.all(), key=lambda step: step.seq)
        state = steps[-1].state if steps else "waiting"
        code = row.issued.institution_code
        tries = sum(step.state == "begun" for step in steps)
        found.append(
            MailRow(row.pk, row.issued_id, report(row.issued.report), names.get(code, code) or _WHOLE, row.person_id,
                    row.at, state, STATES[state], tries)
        )  # fmt: skip
    return found


def due_period(found: Report, at: datetime, book: Rulebook) -> date | None:
    """A day of the period that is due at a moment: the day itself in the evening, the week or month before once its
    morning has come, a month not before it is frozen. None = nothing yet."""
    local = at.astimezone(SHANGHAI)
    today = local.date()
    if found.cadence == "day":
        return today if local.hour >= book["reports.daily_hour"] else None
    last = before(found.cadence, today)
    if found.cadence == "month" and not FrozenMonth.objects.filter(month=last.replace(day=1)).exists():
        return None
    begun = days_of(found.cadence, today)[0] < today or local.hour >= book["reports.morning_hour"]
    return last if begun else None


def run_due(*, by: int, at: datetime) -> int:
    """Do what is due: issue for each recipient's place and queue the mails. How many mails were queued."""
    book, queued = rules.applicable(business_date(at)), 0
    for row in Schedule.objects.filter(stop__isnull=True).order_by("pk"):
        day = due_period(report(row.report), at, book)
        if day is None:
            continue
        first, last = days_of(report(row.report).cadence, day)
        since = business_date(row.at)
        if last < since or ScheduleRun.objects.filter(schedule=row, first_date=first).exists():
            continue
        if _too_soon(row, first, book):
            continue
        queued += _run(row, first, by=by, at=at)
    return queued


def _too_soon(row: Schedule, first: date, book: Rulebook) -> bool:
    """Whether the rulebook wants more time between two of them (S3-19, S3-24)."""
    every = report(row.report).every
    last = ScheduleRun.objects.filter(schedule=row).order_by("-first_date").first()
    if not every or last is None:
        return False
    if every.endswith("_months"):
        months = (first.year - last.first_date.year) * 12 + first.month - last.first_date.month
        return bool(months < book[every])
    return bool((first - last.first_date).days < book[every])


def _run(row: Schedule, first: date, *, by: int, at: datetime) -> int:
    """One period of one schedule, whole or not at all; a refusal is kept and not asked again."""
    people = recipients(row.institution_code, row.role, business_date(at))
    trouble = ""
    try:
        with transaction.atomic():
            for code, persons in people.items():
                scope = Scope(institution_codes=frozenset([code]))
                found = store(scope, row.report, code, first, by=by, at=at)
                for person in persons:
                    Mailing.objects.create(schedule=row, issued_id=found, person_id=person, at=at)
            count = sum(map(len, people.values()))
            ScheduleRun.objects.create(schedule=row, first_date=first, recipients=count, at=at)
            return count
    except ReportsRefused as refused:
        trouble = str(refused)
    ScheduleRun.objects.create(schedule=row, first_date=first, recipients=0, trouble=trouble, at=at)
    return 0


def recipients(institution: str, role: str, on: date) -> dict[str, list[int]]:
    """Institution → people who hold the post there, at the institution or below."""
    codes = org.institutions_below(institution) if institution else institution_names()
    found = {
        code: sorted({post.person for post in org.posts_at(code, on) if post.role == role})
        for code in sorted(codes)
    }
    return {code: people for code, people in found.items() if people}


def _seen(scope: Scope):  # type: ignore[no-untyped-def]  # a queryset of this room's model
    rows = Schedule.objects.all()
    return (
        rows if scope.all_rows else rows.filter(institution_code__in=sorted(org.institutions_within(scope)))
    )


def last_step(mailing: Mailing) -> MailStep | None:
    """What was last tried."""
    return MailStep.objects.filter(mailing=mailing).order_by("-seq").first()
