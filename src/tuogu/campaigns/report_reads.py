"""Weekly reports as pages show them: what is due, late, filed; one with its words and policies (S2-16, S2-17).

In: a scope, a campaign, a day. Out: plain values. Never: a report of a department out of reach.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Exists, Max, OuterRef
from django.utils.translation import gettext_noop

from tuogu import vault
from tuogu.campaigns.failures import CampaignUnknown
from tuogu.campaigns.models import Campaign, ReportAudit, ReportedPolicy, WeeklyReport
from tuogu.campaigns.reporting import campaign_weeks
from tuogu.campaigns.whose import campaigns, departments_of, seen_departments
from tuogu.core.campaign.follow_up import Week
from tuogu.core.custody import business_date
from tuogu.org import queries as org
from tuogu.org.scope import Scope

FILED, FILED_LATE, LATE, OPEN = "filed", "filed_late", "late", "open"
STATES = {
    FILED: gettext_noop("已报"),
    FILED_LATE: gettext_noop("迟报"),
    LATE: gettext_noop("未报，已过截止日"),
    OPEN: gettext_noop("待报"),
}


@dataclass(frozen=True)
class DueLine:
    """One department's report of one week, filed or not."""

    campaign_id: int
    campaign: str
    department: str
    name: str
    week: Week
    state: str
    report: int | None

    @property
    def label(self) -> str:
        return STATES[self.state]


@dataclass(frozen=True)
class ReportLine:
    """A report in one line; `audited`: None = not yet, else whether the branch found it agreed."""

    id: int
    campaign_id: int
    department: str
    name: str
    first: date
    last: date
    due_date: date
    number: int
    derived: dict[str, int]
    reported: dict[str, int]
    filed_by: int
    filed_at: datetime
    audited: bool | None
    newest: bool

    @property
    def late(self) -> bool:
        return business_date(self.filed_at) > self.due_date


@dataclass(frozen=True)
class AuditLine:
    """What the branch found of a report."""

    number: int
    derived: dict[str, int]
    differences: dict[str, Any]
    agreed: bool
    remark: str
    by: int
    at: datetime


@dataclass(frozen=True)
class Report:
    """One report with everything in it."""

    line: ReportLine
    texts: dict[str, str]
    policies: list[ReportedPolicy]
    audits: list[AuditLine]


def due_lines(row: Campaign, on: date, departments: Iterable[str] | None = None) -> list[DueLine]:
    """Every week so far of these departments (None = all), the newest week first."""
    codes = sorted(departments_of(row) if departments is None else departments)
    names = org.institution_names(codes)
    filed: dict[tuple[str, date], WeeklyReport] = {}
    rows = WeeklyReport.objects.filter(campaign=row, department_code__in=codes).order_by("-number")
    for report in rows.defer("text_sealed"):
        filed[report.department_code, report.first_date] = report  # the first version is the last one seen
    return [
        DueLine(row.pk, row.title, code, names.get(code, code), week, _state(filed.get((code, week.first)), week, on),
                _id(filed.get((code, week.first))))
        for week in reversed(campaign_weeks(row, on))
        for code in codes
    ]  # fmt: skip


def _id(report: WeeklyReport | None) -> int | None:
    return None if report is None else int(report.pk)


def _state(report: WeeklyReport | None, week: Week, on: date) -> str:
    if report is None:
        return LATE if on > week.due_date else OPEN
    return FILED_LATE if business_date(report.filed_at) > report.due_date else FILED


def owed(scope: Scope, on: date) -> list[DueLine]:
    """Reports of running campaigns that are not filed: late ones, and those of a week that is over; the oldest first."""
    found = [
        line
        for row in campaigns(scope, running=True)
        for line in due_lines(row, on, seen_departments(row, scope))
        if line.state == LATE or (line.state == OPEN and line.week.last < on)
    ]
    return sorted(found, key=lambda line: (line.week.due_date, line.department))


def report_lines(row: Campaign, scope: Scope, *, waiting: bool = False) -> list[ReportLine]:
    """The newest version of each report, the newest week first; `waiting`: those that nobody has audited."""
    codes = seen_departments(row, scope)
    later = WeeklyReport.objects.filter(
        campaign=OuterRef("campaign"), department_code=OuterRef("department_code"),
        first_date=OuterRef("first_date"), number__gt=OuterRef("number"),
    )  # fmt: skip
    rows = WeeklyReport.objects.filter(~Exists(later), campaign=row, department_code__in=codes)
    if waiting:
        rows = rows.filter(audits__isnull=True)
    return _lines(list(rows.defer("text_sealed").order_by("-first_date", "department_code")), newest=True)


def to_audit(scope: Scope) -> int:
    """How many reports of running campaigns wait for the branch."""
    return sum(len(report_lines(row, scope, waiting=True)) for row in campaigns(scope, running=True))


def _lines(rows: list[WeeklyReport], *, newest: bool) -> list[ReportLine]:
    names = org.institution_names({row.department_code for row in rows})
    last = dict(
        ReportAudit.objects.filter(report__in=[row.pk for row in rows])
        .values_list("report").annotate(n=Max("number")).values_list("report", "n")
    )  # fmt: skip
    found = {
        (report, number): agreed
        for report, number, agreed in ReportAudit.objects.filter(report__in=list(last)).values_list(
            "report", "number", "agreed"
        )
    }
    return [
        ReportLine(
            row.pk, row.campaign_id, row.department_code, names.get(row.department_code, row.department_code),
            row.first_date, row.last_date, row.due_date, row.number, row.derived, row.reported, row.filed_by_id,
            row.filed_at, found.get((row.pk, last.get(row.pk, 0))), newest,
        )
        for row in rows
    ]  # fmt: skip


def report(report_id: int, scope: Scope) -> Report:
    """One report; CampaignUnknown out of reach."""
    row = WeeklyReport.objects.select_related("campaign__plan").filter(pk=report_id).first()
    if row is None or row.department_code not in seen_departments(row.campaign, scope):
        raise CampaignUnknown(f"没有周报 {report_id}")
    same = WeeklyReport.objects.filter(
        campaign=row.campaign, department_code=row.department_code, first_date=row.first_date
    )
    newest = not same.filter(number__gt=row.number).exists()
    texts = json.loads(vault.open_text(row.text_sealed) or "{}")
    audits = [
        AuditLine(
            a.number,
            a.derived,
            a.differences,
            a.agreed,
            vault.open_text(a.remark_sealed) or "",
            a.by_id,
            a.at,
        )
        for a in row.audits.order_by("number")
    ]
    policies = list(row.policies.order_by("inception_date", "policy_number"))
    return Report(_lines([row], newest=newest)[0], texts, policies, audits)


def versions(report_id: int, scope: Scope) -> list[ReportLine]:
    """Every version of the same week's report, the newest first."""
    row = report(report_id, scope).line
    rows = WeeklyReport.objects.filter(
        campaign_id=row.campaign_id, department_code=row.department, first_date=row.first
    )
    return _lines(list(rows.defer("text_sealed").order_by("-number")), newest=False)
