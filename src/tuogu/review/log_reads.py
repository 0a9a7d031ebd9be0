"""Logs as pages show them: one, a person's month, and what waits for somebody who inspects.

In: a person or a scope, days. Out: rows; texts in clear for whoever may read that log. Never: a log of somebody outside the
scope, a query for each row.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

import polars as pl

from tuogu import vault
from tuogu.core.inspection import judged_logs
from tuogu.core.inspection.tables import LEVELS, LOG_PARTS, OUTCOMES
from tuogu.org import queries as org
from tuogu.org.scope import Scope
from tuogu.review.logs import texts_of
from tuogu.review.models import Check, Log, Report
from tuogu.review.owed import falsified, logs_owed
from tuogu.rules import queries as rules


@dataclass(frozen=True)
class CheckLine:
    """One check of a log."""

    id: int
    level: str
    level_label: str
    outcome: str
    outcome_label: str
    checked_date: date
    session: str
    marked_points: int | None
    found_points: int | None
    noted: bool
    remark: str
    recheck_of: int | None
    by: int
    at: datetime


@dataclass(frozen=True)
class ReportLine:
    """A report about a log, and its end."""

    id: int
    person: int
    log_date: date
    finding_label: str
    evidence: str
    by: int
    at: datetime
    confirmed: bool | None = None
    reason: str = ""
    ended_by: int | None = None


@dataclass(frozen=True)
class LogView:
    """One log. `texts` by part; `lacking`: required parts that are empty."""

    id: int
    person: int
    log_date: date
    number: int
    texts: dict[str, str]
    figures: dict[str, int]
    filed_at: datetime
    lacking: tuple[str, ...]
    checks: list[CheckLine] = field(default_factory=list)
    reports: list[ReportLine] = field(default_factory=list)

    @property
    def mark(self) -> CheckLine | None:
        """The supervisor's mark."""
        return next((check for check in self.checks if check.level == "supervisor"), None)


def log_of(person: int, log_date: date) -> LogView | None:
    """The newest version of a person's log; None = not filed."""
    log = Log.objects.filter(person_id=person, log_date=log_date).order_by("-number").first()
    if log is None:
        return None
    needed = rules.applicable(log_date)["inspection.log_parts"]
    lacking = tuple(LOG_PARTS[part] for part in needed if part not in log.parts)
    return LogView(
        int(log.pk), person, log_date, log.number, texts_of(log), dict(log.figures), log.filed_at, lacking,
        checks_of(person, log_date), reports_of(person, log_date),
    )  # fmt: skip


def checks_of(person: int, log_date: date) -> list[CheckLine]:
    """The checks of one log, the oldest first."""
    rows = list(Check.objects.filter(person_id=person, log_date=log_date).order_by("pk"))
    remarks = vault.open_texts(row.remark_sealed for row in rows)
    return [
        CheckLine(
            int(row.pk), row.level, LEVELS[row.level], row.outcome, OUTCOMES[row.outcome], row.checked_date,
            row.get_session_display(), row.marked_points, row.found_points, row.noted, remark or "", row.recheck_of_id,
            row.by_id, row.at,
        )
        for row, remark in zip(rows, remarks, strict=True)
    ]  # fmt: skip


def reports_of(person: int, log_date: date) -> list[ReportLine]:
    """The reports about one log."""
    return _report_lines(Report.objects.filter(person_id=person, log_date=log_date))


def open_reports(scope: Scope) -> list[ReportLine]:
    """Reports that wait for a second person, the oldest first."""
    within, rows = org.custodians_within(scope), Report.objects.filter(end__isnull=True)
    return _report_lines(rows if within is None else rows.filter(person_id__in=within))


def _report_lines(rows) -> list[ReportLine]:  # type: ignore[no-untyped-def]  # a queryset of a private model
    found = list(rows.select_related("end").order_by("pk"))
    ends = [getattr(row, "end", None) for row in found]
    evidence = vault.open_texts(row.evidence_sealed for row in found)
    reasons = vault.open_texts(end.reason_sealed if end else None for end in ends)
    return [
        ReportLine(
            int(row.pk), row.person_id, row.log_date, row.get_finding_display(), told or "", row.by_id, row.at,
            end.confirmed if end else None, reason or "", end.by_id if end else None,
        )
        for row, end, told, reason in zip(found, ends, evidence, reasons, strict=True)
    ]  # fmt: skip


def person_days(person: int, first: date, last: date) -> pl.DataFrame:
    """LOGS with `passed` and `why` of one person, the newest day first; empty for somebody who writes no logs."""
    number = org.labels([person]).get(person, "")
    owed = logs_owed(first, last).filter(pl.col("staff_number") == number)
    judged = judged_logs(owed, rules.applicable(last), falsified())
    return judged.sort("log_date", descending=True)


def recent(person: int, on: date, days: int) -> list[date]:
    """Days of which the person filed logs lately, the newest first."""
    rows = Log.objects.filter(person_id=person, log_date__gt=on - timedelta(days=days), log_date__lte=on)
    return sorted(set(rows.values_list("log_date", flat=True)), reverse=True)
