"""Logs reported as falsified or irregular (S1-35).

In: whose log of which day, what is wrong with it, the evidence. Out: rows that stay. Never: a report confirmed by the one
who made it or whom it concerns.
"""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from tuogu import vault
from tuogu.core.custody import business_date
from tuogu.review.failures import ReviewRefused
from tuogu.review.locking import hold
from tuogu.review.logs import newest
from tuogu.review.models import Finding, Report, ReportEnd
from tuogu.review.reasons import said


@transaction.atomic
def report_log(person: int, log_date: date, finding: str, *, evidence: str, by: int, at: datetime) -> int:
    """Report the newest version of a log; another person confirms it. Returns the report's id."""
    hold()
    log = newest(person, log_date)
    if log is None:
        raise ReviewRefused(_("这一天没有日志"))
    if by == person:
        raise ReviewRefused(_("不能举报自己的日志"))
    if finding not in Finding.values:
        raise ReviewRefused(_("请选择弄虚作假或填写不规范"))
    if Report.objects.filter(person_id=person, log_date=log.log_date, end__isnull=True).exists():
        raise ReviewRefused(_("这篇日志已有一份待认定的报告"))
    sealed = vault.seal_text(said(evidence, _("请写明依据：与哪一条记录不符、哪里不规范")))
    made = Report.objects.create(
        person_id=person,
        log_date=log.log_date,
        log=log,
        finding=finding,
        evidence_sealed=sealed,
        by_id=by,
        at=at,
    )
    return int(made.pk)


@transaction.atomic
def end_report(report_id: int, *, confirmed: bool, reason: str, by: int, at: datetime) -> None:
    """Confirm a report or not: by neither its author nor whom it concerns."""
    hold()
    report = Report.objects.filter(pk=report_id).first()
    if report is None:
        raise ReviewRefused(_("没有这份报告"))
    if by in (report.by_id, report.person_id):
        raise ReviewRefused(_("须由报告人和本人以外的另一人认定"))
    if ReportEnd.objects.filter(report=report).exists():
        raise ReviewRefused(_("已经认定过，不能再改"))
    ReportEnd.objects.create(
        report=report, confirmed=confirmed, reason_sealed=vault.seal_text(said(reason, _("请写明认定的依据"))),
        ended_date=business_date(at), by_id=by, at=at,
    )  # fmt: skip
