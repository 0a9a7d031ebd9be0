"""Contacts before the end of cover, intentions, the answers to steps, and how a case ends (S3-08, S3-11, S3-12, S3-17).

In: a case, a record of `work`, a proof. Out: rows. Never: an intention without the talk in which it was heard, a case ended
without proof, an end that another end overwrites.
"""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from typing import Any

import polars as pl
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from tuogu.core.custody import business_date
from tuogu.core.motor.words import ENDS
from tuogu.ledger import actions as ledger
from tuogu.ledger import queries as custody
from tuogu.org import queries as org
from tuogu.org.scope import Scope
from tuogu.renewals import clocked, typed, within
from tuogu.renewals.failures import RenewalUnknown, refused
from tuogu.renewals.kinds import Intention, Outcome, Step
from tuogu.renewals.models import Ended, FiredStep, ListedCase, Stated, StepAnswer
from tuogu.renewals.renewed import ended_subjects
from tuogu.rules import queries as rules
from tuogu.vault import blobs
from tuogu.work import actions as work
from tuogu.work import queries as records
from tuogu.work.kinds import Asked, Purpose

RULE = "S3-17"
_POLICY_NUMBER = re.compile(r"[0-9A-Za-z-]{0,40}")
_CLOSING = (
    Outcome.RENEWED,
    Outcome.SCRAPPED,
)  # insured elsewhere, or renewed as somebody says: somebody stays responsible (S3-21)
_CALLED = ("reached", "no_answer", "wrong_contact")


@transaction.atomic
def state_intention(subject: int, intention: str, *, record: int, by: int, at: datetime) -> None:
    """What the customer said about renewing, as heard in a contact about renewal since the case was listed (S3-08). The same
    again changes nothing."""
    within.running(subject, by=by, on=business_date(at))
    within.require_own(subject, by=by, on=business_date(at))
    if intention not in Intention.values:
        raise refused(_("请选择续保意向"))
    heard = records.contacts_for(Purpose.RENEWAL, [subject])
    listed = ListedCase.objects.filter(pk=subject).values_list("monthly_list__run_date", flat=True).first()
    if listed is not None:  # what was said about the year before is no contact of this case
        heard = heard.filter(pl.col("happened_date") >= listed)
    if heard.is_empty():
        raise refused(_("请先登记联系：这件业务还没有续保联系，不能登记意向"))
    if record not in heard["record_id"].to_list():
        raise refused(_("意向须来自一次与这件业务有关的续保联系"))
    Stated.objects.get_or_create(
        record_id=record, subject_id=subject, defaults={"intention": intention, "by_id": by, "at": at}
    )
    work.end_tasks([subject], [Asked.RENEWAL], done=True, reason="已联系客户", by=by, at=at)


def few_contacts(scope: Scope, first: date, until: date) -> pl.DataFrame:
    """Policies that expire within [first, until) with fewer contacts by the responsible person than owed (S3-08): subject,
    policy, institution, custodian, expiry, contacts, owed; by custodian and expiry. Who renewed earlier owes none."""
    seen = within.policies(scope).filter(expiry_date__gte=first, expiry_date__lt=until)
    cases = clocked.cases(first, subjects=seen.values_list("pk", flat=True))
    owed = {version: one.own_contacts_min for version, one in clocked.limits_of(cases, first).items()}
    return (
        cases.filter(~pl.col("ended"))
        .with_columns(owed=pl.col("rulebook").replace_strict(owed, default=0, return_dtype=pl.Int64))
        .filter(pl.col("own_contacts") < pl.col("owed"))
        .select(
            "subject_id",
            "policy_number",
            "institution_code",
            "custodian_id",
            "expiry_date",
            "own_contacts",
            "owed",
        )
        .sort("custodian_id", "expiry_date", "subject_id", nulls_last=True)
    )


@transaction.atomic
def acknowledge(fired: int, *, by: int, at: datetime, what: str = "") -> None:
    """The responsible person has taken note of an urging (S3-12) and says what is being done."""
    step = _step(fired, Step.URGE)
    within.running(step.subject_id, by=by, on=business_date(at))
    within.require_own(step.subject_id, by=by, on=business_date(at))
    if not step.answers.exists():
        StepAnswer.objects.create(fired=step, what=f"acknowledged:{what.strip()}", by_id=by, at=at)


@transaction.atomic
def file_call(fired: int, result: str, *, by: int, at: datetime) -> None:
    """The city company called a customer of the list of the fifteenth day before (S3-11)."""
    step = _step(fired, Step.CALL_ALL)
    within.running(step.subject_id, by=by, on=business_date(at))
    if result not in _CALLED:
        raise refused(_("请选择呼出结果"))
    StepAnswer.objects.create(fired=step, what=f"called:{result}", by_id=by, at=at)


def unacknowledged(scope: Scope, on: date) -> pl.DataFrame:
    """Urgings past their day without a word of the person urged: fired, subject, person, fired_date."""
    rows = FiredStep.objects.filter(
        step=Step.URGE,
        answers__isnull=True,
        subject_id__in=within.policies(scope).filter(expiry_date__gte=on).values("pk"),
    ).exclude(subject_id__in=_ended_ids())
    days = int(rules.applicable(on)["renewal.urge_answer_days"])
    found = rows.filter(fired_date__lt=on - timedelta(days=days)).order_by("fired_date", "pk")
    schema = {"fired": pl.Int64, "subject_id": pl.Int64, "person_id": pl.Int64, "fired_date": pl.Date}
    return pl.DataFrame(
        list(found.values_list("pk", "subject_id", "person_id", "fired_date")), schema=schema, orient="row"
    )


def call_list(scope: Scope, on: date) -> pl.DataFrame:
    """Whom the city company calls now: unrenewed cases of the step whose cover still runs and that nobody reached."""
    reached = StepAnswer.objects.filter(what="called:reached").values("fired_id")
    rows = (
        FiredStep.objects.filter(step=Step.CALL_ALL)
        .exclude(pk__in=reached)
        .exclude(subject_id__in=_ended_ids())
    )
    seen = within.policies(scope).filter(expiry_date__gte=on)
    rows = rows.filter(subject_id__in=seen.values("pk")).order_by("due_date", "pk")
    schema = {"fired": pl.Int64, "subject_id": pl.Int64, "due_date": pl.Date}
    return pl.DataFrame(list(rows.values_list("pk", "subject_id", "due_date")), schema=schema, orient="row")


@transaction.atomic
def end_case(
    subject: int, outcome: str, *, proof: str, by: int, at: datetime, successor_number: str = "", paper: bytes | None = None,
    ended_date: date | None = None,
) -> Outcome:  # fmt: skip
    """End a case with its proof: renewed (the new number), insured elsewhere, scrapped or sold (S3-17). Returns how it
    stands now: a renewal is said until its new policy is in the books."""
    today = business_date(at)
    ledger.lock_shared()
    found = within.running(subject, by=by, on=today)
    day = ended_date or today
    if day < found.start_date:
        raise refused(_("结果日期不能早于起保日期 %(day)s") % {"day": found.start_date})
    if outcome not in ENDS or day > today:
        raise refused(_("请选择结果，日期不能晚于今天"))
    if outcome == Outcome.RENEWED and not successor_number.strip():
        raise refused(_("已续保的，请填写新保单号"))
    if not _POLICY_NUMBER.fullmatch(successor_number.strip()):
        raise refused(_("新保单号：请填字母和数字，最多 40 位"))
    proof = within.said(proof, _("请写明凭证；没有凭证不能结束"))
    kept = typed.as_typed(outcome, today)
    Ended.objects.create(
        subject_id=subject, seq=_next_seq(subject), outcome=kept, successor_number=successor_number.strip(), proof=proof,
        paper_sealed=blobs.seal_bytes(paper) if paper else None, ended_date=day, by_id=by, at=at,
    )  # fmt: skip
    work.end_tasks([subject], [Asked.RENEWAL], done=False, reason="业务已结束", by=by, at=at)
    if kept in _CLOSING:
        work.end_tasks([subject], [Asked.NEXT_YEAR], done=False, reason="业务已结束", by=by, at=at)
        rows = pl.DataFrame({"subject_id": [subject], "effective_date": [day]})
        ledger.close(rows, by=by, recorded_at=at, rule=RULE, reason_code=str(kept))
    if kept == Outcome.SAID and typed.prove(subject, by=by, at=at):
        return Outcome.RENEWED
    return kept


@transaction.atomic
def withdraw_end(subject: int, *, reason: str, by: int, at: datetime) -> None:
    """Take back an end that was wrong; the case runs on, and whoever was responsible is so again."""
    today = business_date(at)
    within.policy(subject, by=by, on=today)
    last = within.last_end(subject)
    if last is None:
        raise refused(_("这件业务没有结束"))
    text = within.said(reason, _("请写明撤回的理由"))
    Ended.objects.create(
        subject_id=subject, seq=_next_seq(subject), outcome=last.outcome, withdrawn=True, proof=last.proof,
        ended_date=today, reason=text, by_id=by, at=at,
    )  # fmt: skip
    if last.outcome in _CLOSING:
        _reopen(subject, today, by=by, at=at)


def _reopen(subject: int, today: date, *, by: int, at: datetime) -> None:
    number = custody.numbers_of([subject])[subject]
    told = custody.history(number, relation="custody").filter(
        (pl.col("subject_id") == subject) & pl.col("new_custodian_id").is_not_null()
    )
    former = told["new_custodian_id"].to_list()[-1:] or [org.buffer_group()]
    rows = pl.DataFrame({"subject_id": [subject], "custodian_id": former, "effective_date": [today]})
    ledger.reopen(rows, by=by, recorded_at=at, rule=RULE, reason_code="end_withdrawn")


def _next_seq(subject: int) -> int:
    return Ended.objects.filter(subject_id=subject).count() + 1


def _step(fired: int, step: Step) -> FiredStep:
    found = FiredStep.objects.filter(pk=fired, step=step).first()
    if found is None:
        raise RenewalUnknown(fired)
    return found


def _ended_ids() -> QuerySet[Any]:
    return ended_subjects().values("subject_id")
