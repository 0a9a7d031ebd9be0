"""Receipts of policies (S1-34) and logs reported as falsified or irregular (S1-35).

In: a batch of the ledger; what its receivers answer; reports with their evidence. Out: rows that stay. Never: a receipt of
nobody, an answer for somebody else, a refusal or report judged by the one who made it or whom it concerns.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime

import polars as pl
from django.db import transaction

from tuogu import vault
from tuogu.core.custody import business_date
from tuogu.core.inspection.tables import RECEIPT_STEPS
from tuogu.ledger import queries as ledger
from tuogu.ledger.kinds import Relation
from tuogu.org import queries as org
from tuogu.review.failures import ReviewRefused
from tuogu.review.locking import hold
from tuogu.review.logs import newest
from tuogu.review.models import Finding, Receipt, ReceiptAnswer, RefusalJudged, Report, ReportEnd
from tuogu.review.reasons import said


@transaction.atomic
def open_receipts(batch_key: str, *, by: int, at: datetime) -> int:
    """Ask everybody who received policies in a batch for their receipt; how many people. Again changes nothing."""
    hold()
    found = ledger.batch_by_key(batch_key)
    if found is None or found["undone"]:
        raise ReviewRefused("没有这个批次，或它已撤销")
    entries = ledger.batch(found["id"]).filter(pl.col("relation") == Relation.CUSTODY.value)
    given = entries.group_by("custodian_id").agg(n=pl.len(), day=pl.col("effective_date").min())
    known = set(Receipt.objects.filter(batch_key=batch_key).values_list("person_id", flat=True))
    people = set(org.staff_ids()["custodian_id"])
    fresh = [row for row in given.sort("custodian_id").iter_rows() if row[0] in people - known]
    Receipt.objects.bulk_create(
        Receipt(batch_key=batch_key, person_id=person, given_date=day, policies=n, by_id=by, at=at)
        for person, n, day in fresh
    )
    if not fresh and not known:
        raise ReviewRefused("这个批次没有把保单交给任何人")
    return len(fresh)


@transaction.atomic
def answer_receipt(
    receipt_id: int, steps: Collection[str], *, by: int, at: datetime, refused: bool = False, reason: str = ""
) -> None:
    """The receiver's answer: which steps are done, or that the policies are refused and why. Once."""
    hold()
    receipt = _receipt(receipt_id)
    if receipt.person_id != by:
        raise ReviewRefused("接单只能由本人签收和反馈")
    if ReceiptAnswer.objects.filter(receipt=receipt).exists():
        raise ReviewRefused("已经反馈过，不能再改")
    done = [step for step in RECEIPT_STEPS if step in steps]
    if refused and done:
        raise ReviewRefused("拒绝接受时不能同时签收")
    if not refused and not done:
        raise ReviewRefused("请勾选已经办好的事项")
    sealed = vault.seal_text(said(reason, "请写明拒绝接受的理由")) if refused else None
    ReceiptAnswer.objects.create(
        receipt=receipt, steps=done, refused=refused, reason_sealed=sealed, answered_date=business_date(at), by_id=by, at=at
    )  # fmt: skip


@transaction.atomic
def judge_refusal(receipt_id: int, *, with_cause: bool, reason: str, by: int, at: datetime) -> None:
    """Say whether a refusal had a cause; without one the qualification goes."""
    hold()
    receipt = _receipt(receipt_id)
    if receipt.person_id == by:
        raise ReviewRefused("不能认定自己的拒绝")
    answer = ReceiptAnswer.objects.filter(receipt=receipt).first()
    if answer is None or not answer.refused:
        raise ReviewRefused("这笔接单没有被拒绝")
    if RefusalJudged.objects.filter(receipt=receipt).exists():
        raise ReviewRefused("已经认定过，不能再改")
    sealed = vault.seal_text(said(reason, "请写明认定的依据"))
    RefusalJudged.objects.create(
        receipt=receipt, with_cause=with_cause, reason_sealed=sealed, by_id=by, at=at
    )


@transaction.atomic
def report_log(person: int, log_date: date, finding: str, *, evidence: str, by: int, at: datetime) -> int:
    """Report the newest version of a log; another person confirms it. Returns the report's id."""
    hold()
    log = newest(person, log_date)
    if log is None:
        raise ReviewRefused("这一天没有日志")
    if by == person:
        raise ReviewRefused("不能举报自己的日志")
    if finding not in Finding.values:
        raise ReviewRefused("请选择弄虚作假或填写不规范")
    if Report.objects.filter(person_id=person, log_date=log.log_date, end__isnull=True).exists():
        raise ReviewRefused("这篇日志已有一份待认定的报告")
    sealed = vault.seal_text(said(evidence, "请写明依据：与哪一条记录不符、哪里不规范"))
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
        raise ReviewRefused("没有这份报告")
    if by in (report.by_id, report.person_id):
        raise ReviewRefused("须由报告人和本人以外的另一人认定")
    if ReportEnd.objects.filter(report=report).exists():
        raise ReviewRefused("已经认定过，不能再改")
    ReportEnd.objects.create(
        report=report, confirmed=confirmed, reason_sealed=vault.seal_text(said(reason, "请写明认定的依据")),
        ended_date=business_date(at), by_id=by, at=at,
    )  # fmt: skip


def _receipt(receipt_id: int) -> Receipt:
    found = Receipt.objects.filter(pk=receipt_id).first()
    if found is None:
        raise ReviewRefused("没有这笔接单")
    return found
