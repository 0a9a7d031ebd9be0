"""Head office's call list (S3-15): what nobody claimed and what is likely to be lost, out as a file, results back.

In: cases that the clock or their person handed over; results by policy number. Out: lists, lines, results, refused rows.
Never: a case called out twice, a result that another overwrites, a row of results dropped in silence.
"""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

import polars as pl
from django.db import transaction
from django.utils.translation import gettext as _

from tuogu.core.custody import business_date
from tuogu.org.scope import Scope
from tuogu.renewals import within
from tuogu.renewals.failures import RenewalUnknown, refused
from tuogu.renewals.kinds import Intention, Step
from tuogu.renewals.models import CallOut, CallOutLine, CallOutResult, FiredStep
from tuogu.renewals.renewed import ended_subjects
from tuogu.rules import queries as rules
from tuogu.work import actions as work
from tuogu.work.kinds import Asked, Reason

LINES = {
    "line": pl.Int64, "subject_id": pl.Int64, "policy_number": pl.String, "holder_number": pl.String,
    "institution_code": pl.String, "expiry_date": pl.Date, "reason": pl.String, "result": pl.String, "note": pl.String,
}  # fmt: skip
RESULTS = {"policy_number": pl.String, "result": pl.String, "note": pl.String}
REJECTED = {**RESULTS, "why": pl.String}
NOT_REACHED = "not_reached"


def to_call_out(scope: Scope) -> pl.DataFrame:
    """Cases handed to head office that are on no list yet: subject_id, policy_number, reason; by subject."""
    steps = FiredStep.objects.filter(
        step=Step.HEAD_OFFICE, subject_id__in=within.policies(scope).values("pk")
    )
    steps = steps.exclude(subject_id__in=CallOutLine.objects.values("subject_id"))
    steps = steps.exclude(subject_id__in=ended_subjects().values("subject_id")).order_by("subject_id", "pk")
    found = dict(steps.values_list("subject_id", "reason"))
    numbers = {row.pk: row.number for row in within.policies(scope).filter(pk__in=found)}
    schema = {"subject_id": pl.Int64, "policy_number": pl.String, "reason": pl.String}
    return pl.DataFrame([(s, numbers[s], why) for s, why in found.items()], schema=schema, orient="row")


@transaction.atomic
def make_call_out(scope: Scope, *, by: int, at: datetime) -> int:
    """Close the list of what waits; returns its id. RenewalRefused when nothing waits."""
    rows = to_call_out(scope)
    if rows.is_empty():
        raise refused(_("没有待提交总公司的业务"))
    text = "\n".join("|".join(map(str, row)) for row in rows.iter_rows())
    made = CallOut.objects.create(
        made_date=business_date(at), digest=hashlib.sha256(text.encode()).hexdigest(), by_id=by, at=at
    )
    CallOutLine.objects.bulk_create(
        CallOutLine(call_out=made, subject_id=subject, reason=reason)
        for subject, reason in rows.select("subject_id", "reason").iter_rows()
    )
    return int(made.pk)


def call_out_lines(call_out: int, scope: Scope) -> pl.DataFrame:
    """LINES of a list within scope, by line."""
    rows = CallOutLine.objects.filter(call_out_id=call_out).select_related("outcome").order_by("pk")
    known = within.policies(scope).in_bulk([row.subject_id for row in rows])
    found = [
        (
            row.pk, row.subject_id, known[row.subject_id].number, known[row.subject_id].holder_number,
            known[row.subject_id].institution_code, known[row.subject_id].expiry_date, row.reason,
            row.outcome.result if hasattr(row, "outcome") else None, row.outcome.note if hasattr(row, "outcome") else None,
        )
        for row in rows if row.subject_id in known
    ]  # fmt: skip
    return pl.DataFrame(found, schema=LINES, orient="row")


def call_outs(scope: Scope) -> pl.DataFrame:
    """Lists with something within scope, the newest first: call_out, made_date, lines, answered, digest, by."""
    lines = CallOutLine.objects.filter(subject_id__in=within.policies(scope).values("pk"))
    heads: dict[int, list[object]] = {}
    for row in lines.select_related("call_out", "outcome").order_by("-call_out_id", "pk"):
        head = heads.setdefault(
            row.call_out_id, [row.call_out.made_date, 0, 0, row.call_out.digest, row.call_out.by_id]
        )
        head[1] = int(str(head[1])) + 1
        head[2] = int(str(head[2])) + hasattr(row, "outcome")
    schema = {
        "call_out": pl.Int64, "made_date": pl.Date, "lines": pl.Int64, "answered": pl.Int64, "digest": pl.String,
        "by": pl.Int64,
    }  # fmt: skip
    return pl.DataFrame([(key, *head) for key, head in heads.items()], schema=schema, orient="row")


@transaction.atomic
def file_result(line: int, result: str, *, note: str = "", by: int, at: datetime) -> None:
    """What head office heard from one customer. Whoever will renew, or is undecided, is the custodian's task at once."""
    row = CallOutLine.objects.filter(pk=line).first()
    if row is None:
        raise RenewalUnknown(line)
    if result not in {*Intention.values, NOT_REACHED}:
        raise refused(_("请选择呼出结果"))
    if CallOutResult.objects.filter(line=row).exists():
        raise refused(_("这一行已有结果"))
    CallOutResult.objects.create(line=row, result=result, note=note.strip(), by_id=by, at=at)
    if result in (Intention.WILL, Intention.UNDECIDED) and within.last_end(row.subject_id) is None:
        today = business_date(at)
        days = int(rules.applicable(today)["renewal.urge_answer_days"])
        asked = pl.DataFrame({
            "subject_id": [row.subject_id], "opens_date": [today], "due_date": [today + timedelta(days=days)],
            "key": [f"call_out:{row.pk}"],
        })  # fmt: skip
        work.ask_tasks(asked, Asked.RENEWAL, Reason.DUE, at=at)


@transaction.atomic
def file_results(call_out: int, results: pl.DataFrame, *, by: int, at: datetime) -> tuple[int, pl.DataFrame]:
    """RESULTS of a returned file; how many were taken, and REJECTED with the reason of each other row."""
    lines = dict(CallOutLine.objects.filter(call_out_id=call_out).values_list("subject__number", "pk"))
    taken, rejected = 0, []
    for number, result, note in results.select(*RESULTS).iter_rows():
        try:
            if number not in lines:
                raise refused(_("清单里没有这份保单"))
            file_result(lines[number], result or "", note=note or "", by=by, at=at)
            taken += 1
        except ValueError as error:
            rejected.append((number, result, note, str(error)))
    return taken, pl.DataFrame(rejected, schema=REJECTED, orient="row")
