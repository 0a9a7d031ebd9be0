"""The tables of this room. Private: other rooms use `actions` and `queries`. All but MotorPolicy are append-only.

MotorPolicy  one motor policy as stored: what is personal is sealed; who owns it and who is responsible is the ledger's
MotorChange  what an import or a renewal changed in it (S3-20)
MonthlyList  one run of the list; ListedCase: a policy enters exactly one list, for good
FiredStep    a step of the clock that happened: (subject, step, round) once; StepAnswer: what was done about it
Naming       who was named responsible in which round (the claim itself is an entry of the ledger)
Register     the responsibility register of a branch and month, locked; RegisterLine, Amendment
Stated       what the customer said about renewing, with the record of `work` that heard it
Ended        how a case ended, with proof; a later line withdraws an earlier one
Support      help asked from leaders, and the answer
CallOut      a list for the head-office call centre; CallOutLine, CallOutResult
TruthMark    the customer's data proved true or untrue, by which way
Sampled      a policy drawn for the monthly return visit; SampleAnswers
Improvement  a branch with a low rate: causes, measures, due day; ImprovementEnd
RewardPolicy the year's policy of rewards, by version

No row says who is responsible now: a person in a row acted, or was named at that moment.
"""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import F, Q

from tuogu.core.motor.words import CALL_RESULTS
from tuogu.renewals.kinds import Band, Intention, Outcome, Round, Step

PERSONAL = {  # model -> {field: class}; C3 secret, C2 personal, C1 business, C0 technical
    "MotorPolicy": {
        "subject": "C0", "number": "C1", "plate_sealed": "C2", "plate_hash": "C2", "frame_sealed": "C2",
        "frame_hash": "C2", "holder_number": "C1", "premium_fen": "C1", "start_date": "C1", "expiry_date": "C1",
        "agent_number": "C1", "entrant_number": "C1", "institution_code": "C1", "channel": "C1", "fleet_number": "C1",
        "important": "C1", "previous_number": "C1", "data_date": "C1", "digest": "C0", "stored_at": "C1",
    },
    "MotorChange": {
        "id": "C0", "policy": "C0", "field": "C1", "before": "C1", "after": "C1", "why": "C1", "by": "C1", "at": "C1",
    },
    "MonthlyList": {"id": "C0", "run_date": "C1", "rulebook": "C1", "by": "C1", "at": "C1"},
    "ListedCase": {
        "subject": "C0", "monthly_list": "C0", "band": "C1", "days_left": "C1", "late": "C1", "institution_code": "C1",
        "expiry_date": "C1", "claim_due_date": "C1", "source_known": "C1",
    },
    "FiredStep": {
        "id": "C0", "subject": "C0", "step": "C1", "round": "C1", "due_date": "C1", "fired_date": "C1",
        "person": "C1", "reason": "C1", "at": "C1",
    },
    "StepAnswer": {"id": "C0", "fired": "C0", "what": "C1", "by": "C1", "at": "C1"},
    "Naming": {
        "id": "C0", "subject": "C0", "round": "C1", "institution_code": "C1", "person": "C1", "entry": "C0",
        "note": "C1", "by": "C1", "at": "C1",
    },
    "Register": {
        "id": "C0", "institution_code": "C1", "month": "C1", "locked_date": "C1", "digest": "C0", "by": "C1", "at": "C1",
    },
    "RegisterLine": {"id": "C0", "register": "C0", "subject": "C0", "person": "C1", "source_found": "C1"},
    "Amendment": {
        "id": "C0", "register": "C0", "subject": "C0", "person": "C1", "reason": "C1", "by": "C1", "at": "C1",
    },
    "Stated": {
        "id": "C0", "subject": "C0", "record": "C0", "intention": "C1", "by": "C1", "at": "C1",
    },
    "Ended": {
        "id": "C0", "subject": "C0", "seq": "C0", "outcome": "C1", "withdrawn": "C1", "successor_number": "C1",
        "proof": "C1", "paper_sealed": "C2", "ended_date": "C1", "reason": "C1", "by": "C1", "at": "C1",
    },
    "Support": {
        "id": "C0", "subject": "C0", "asked_of": "C1", "why": "C1", "by": "C1", "at": "C1",
    },
    "SupportAnswer": {"support": "C0", "answer": "C1", "by": "C1", "at": "C1"},
    "CallOut": {"id": "C0", "made_date": "C1", "digest": "C0", "by": "C1", "at": "C1"},
    "CallOutLine": {"id": "C0", "call_out": "C0", "subject": "C0", "reason": "C1"},
    "CallOutResult": {"line": "C0", "result": "C1", "note": "C1", "by": "C1", "at": "C1"},
    "TruthMark": {
        "id": "C0", "customer_number": "C1", "true": "C1", "found_by": "C1", "note": "C1", "by": "C1", "at": "C1",
    },
    "Sampled": {"id": "C0", "month": "C1", "subject": "C0", "draw": "C0", "at": "C1"},
    "SampleAnswers": {
        "sampled": "C0", "data_true": "C1", "service_done": "C1", "procedure_kept": "C1", "satisfied": "C1",
        "note": "C1", "by": "C1", "at": "C1",
    },
    "Improvement": {
        "id": "C0", "institution_code": "C1", "month": "C1", "rate_bp": "C1", "measured_bp": "C1", "reason": "C1",
        "due_date": "C1", "by": "C1", "at": "C1",
    },
    "ImprovementLine": {
        "id": "C0", "improvement": "C0", "kind": "C1", "text": "C1", "by": "C1", "at": "C1",
    },
    "RewardPolicy": {
        "id": "C0", "year": "C1", "version": "C0", "text": "C1", "reason": "C1", "by": "C1", "at": "C1",
    },
    "RewardApproval": {"policy": "C0", "by": "C1", "at": "C1"},
}  # fmt: skip


def _person(**more: Any) -> models.ForeignKey[Any, Any]:
    return models.ForeignKey("org.Custodian", models.PROTECT, related_name="+", db_index=False, **more)


def _subject(**more: Any) -> models.ForeignKey[Any, Any]:
    return models.ForeignKey("ledger.Subject", models.PROTECT, related_name="+", **more)


def _one_of(name: str, field: str, choices: type[models.TextChoices], *, empty: bool = False) -> Any:
    return models.CheckConstraint(
        name=name, condition=Q(**{f"{field}__in": [*choices.values, *([""] if empty else [])]})
    )


class MotorPolicy(models.Model):
    """A motor policy as stored; a newer file may correct it, and MotorChange says what it corrected."""

    subject = models.OneToOneField("ledger.Subject", models.PROTECT, primary_key=True, related_name="+")
    number = models.TextField(unique=True)
    plate_sealed = models.BinaryField(null=True)
    plate_hash = models.BinaryField(null=True, db_index=True)
    frame_sealed = models.BinaryField(null=True)  # 车架号
    frame_hash = models.BinaryField(null=True, db_index=True)
    holder_number = models.TextField(db_index=True)
    premium_fen = models.BigIntegerField()
    start_date = models.DateField()
    expiry_date = models.DateField()  # the last day of cover
    agent_number = models.TextField(blank=True)  # who sold it: the owner for life (S3-16)
    entrant_number = models.TextField(blank=True)  # who typed it in (S3-01)
    institution_code = models.TextField()
    channel = models.TextField(blank=True)
    fleet_number = models.TextField(blank=True)
    important = models.BooleanField(default=False)
    previous_number = models.TextField(blank=True, db_index=True)  # the policy that it renews
    data_date = models.DateField()
    digest = models.TextField()  # of the file's row: the same row again changes nothing
    stored_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(name="renewals_motor_expiry", fields=["expiry_date", "institution_code"])]
        constraints = [
            models.CheckConstraint(name="renewals_motor_days", condition=Q(expiry_date__gte=F("start_date"))),
            models.CheckConstraint(name="renewals_motor_premium", condition=Q(premium_fen__gte=0)),
        ]


class MotorChange(models.Model):
    """One field of one policy that became another (S3-20); values of personal fields are left empty."""

    policy = models.ForeignKey(MotorPolicy, models.PROTECT, related_name="changes")
    field = models.TextField()
    before = models.TextField(blank=True)
    after = models.TextField(blank=True)
    why = models.TextField()  # import | renewed
    by = _person()
    at = models.DateTimeField()


class MonthlyList(models.Model):
    """One run of the list (S3-03)."""

    run_date = models.DateField(unique=True)
    rulebook = models.TextField()  # the version whose limits hold for its cases for good (S3-07)
    by = _person()
    at = models.DateTimeField()


class ListedCase(models.Model):
    """A policy in its one list, with the limits it got there."""

    subject = models.OneToOneField("ledger.Subject", models.PROTECT, primary_key=True, related_name="+")
    monthly_list = models.ForeignKey(MonthlyList, models.PROTECT, related_name="cases")
    band = models.TextField()
    days_left = models.IntegerField()
    late = models.BooleanField()  # entered with fewer days than the band begins with
    institution_code = models.TextField()  # who it was sent to
    expiry_date = models.DateField()
    claim_due_date = models.DateField()
    source_known = models.BooleanField()  # somebody in post sold it

    class Meta:
        indexes = [models.Index(name="renewals_listed_place", fields=["institution_code", "expiry_date"])]
        constraints = [_one_of("renewals_listed_band", "band", Band)]


class FiredStep(models.Model):
    """A step of the clock happened (S3-08…S3-18)."""

    subject = _subject(db_index=False)
    step = models.TextField(choices=Step.choices)
    round = models.IntegerField(default=1)  # a step that comes back (a lapsed case every month) counts up
    due_date = models.DateField()
    fired_date = models.DateField()
    person = _person(null=True)  # who was responsible at that moment
    reason = models.TextField(blank=True)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(name="renewals_fired_day", fields=["fired_date", "step"])]
        constraints = [
            models.UniqueConstraint(name="renewals_fired_once", fields=["subject", "step", "round"]),
            _one_of("renewals_fired_step", "step", Step),
        ]


class StepAnswer(models.Model):
    """What somebody did about a step: an urging acknowledged, a call made."""

    fired = models.ForeignKey(FiredStep, models.PROTECT, related_name="answers")
    what = models.TextField()
    by = _person()
    at = models.DateTimeField()


class Naming(models.Model):
    """A responsible person was named: confirmed, claimed, dealt, or allocated a second time."""

    subject = _subject()
    round = models.TextField(choices=Round.choices)
    institution_code = models.TextField(blank=True)  # whose claim it was
    person = _person()
    entry = models.ForeignKey(
        "ledger.Entry", models.PROTECT, null=True, related_name="+", db_index=False
    )  # null: the person was responsible already and is confirmed
    note = models.TextField(blank=True)
    by = _person()
    at = models.DateTimeField()

    class Meta:
        constraints = [_one_of("renewals_naming_round", "round", Round)]


class Register(models.Model):
    """The responsibility register of a branch for a month; locked, afterwards only amended (S3-05)."""

    institution_code = models.TextField()
    month = models.DateField()
    locked_date = models.DateField()
    digest = models.TextField()
    by = _person()
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="renewals_register_once", fields=["institution_code", "month"])
        ]


class RegisterLine(models.Model):
    """One policy of a locked register. `source_found`: its source was unknown and has been found."""

    register = models.ForeignKey(Register, models.PROTECT, related_name="lines")
    subject = _subject()
    person = _person()
    source_found = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="renewals_register_line_once", fields=["register", "subject"])
        ]


class Amendment(models.Model):
    """A change after the lock."""

    register = models.ForeignKey(Register, models.PROTECT, related_name="amendments")
    subject = _subject(db_index=False)
    person = _person()
    reason = models.TextField()
    by = _person()
    at = models.DateTimeField()


class Stated(models.Model):
    """The customer's intention as the responsible person heard it (S3-08)."""

    subject = _subject()
    record = models.ForeignKey("work.Record", models.PROTECT, related_name="+")
    intention = models.TextField(choices=Intention.choices)
    by = _person()
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="renewals_stated_once", fields=["record", "subject"]),
            _one_of("renewals_stated_what", "intention", Intention),
        ]


class Ended(models.Model):
    """How a case ended. The last line of a subject counts; `withdrawn`: it takes the one before back."""

    subject = _subject(db_index=False)
    seq = models.IntegerField()
    outcome = models.TextField(choices=Outcome.choices)
    withdrawn = models.BooleanField(default=False)
    successor_number = models.TextField(blank=True)
    proof = models.TextField()  # what proves it, in words
    paper_sealed = models.BinaryField(null=True)  # a photo of it
    ended_date = models.DateField()
    reason = models.TextField(blank=True)
    by = _person()
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="renewals_ended_once", fields=["subject", "seq"]),
            _one_of("renewals_ended_outcome", "outcome", Outcome),
            models.CheckConstraint(name="renewals_ended_proved", condition=~Q(proof="")),
        ]


class Support(models.Model):
    """Help asked for an important customer, a large fleet or a case that cannot renew in time (S3-14)."""

    subject = _subject()
    asked_of = models.TextField(choices=[("leader", "基层公司领导"), ("city", "地市公司")])
    why = models.TextField()
    by = _person()
    at = models.DateTimeField()


class SupportAnswer(models.Model):
    """What was granted."""

    support = models.OneToOneField(Support, models.PROTECT, primary_key=True, related_name="answer")
    answer = models.TextField()
    by = _person()
    at = models.DateTimeField()


class CallOut(models.Model):
    """A list for the head-office call centre (S3-15)."""

    made_date = models.DateField()
    digest = models.TextField()
    by = _person()
    at = models.DateTimeField()


class CallOutLine(models.Model):
    """One case on it. A case is called out once."""

    call_out = models.ForeignKey(CallOut, models.PROTECT, related_name="lines")
    subject = models.OneToOneField("ledger.Subject", models.PROTECT, related_name="+")
    reason = models.TextField()


class CallOutResult(models.Model):
    """What the call centre found."""

    line = models.OneToOneField(CallOutLine, models.PROTECT, primary_key=True, related_name="outcome")
    result = models.TextField(choices=list(CALL_RESULTS.items()))
    note = models.TextField(blank=True)
    by = _person()
    at = models.DateTimeField()


class TruthMark(models.Model):
    """The data of a motor customer proved true or untrue (S3-21, A-28). The last one counts."""

    customer_number = models.TextField(db_index=True)
    true = models.BooleanField()
    found_by = models.TextField(
        choices=[("sample", "抽查回访"), ("contact", "责任人联系"), ("return_visit", "服务回访")]
    )
    note = models.TextField(blank=True)
    by = _person()
    at = models.DateTimeField()


class Sampled(models.Model):
    """A renewed or lapsed policy drawn by lot for the monthly return visit (S3-22)."""

    month = models.DateField()
    subject = _subject(db_index=False)
    draw = models.TextField()  # the commitment and the words by which an outsider draws it again
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(name="renewals_sampled_once", fields=["month", "subject"])]


class SampleAnswers(models.Model):
    """The four answers."""

    sampled = models.OneToOneField(Sampled, models.PROTECT, primary_key=True, related_name="answers")
    data_true = models.BooleanField()
    service_done = models.BooleanField()
    procedure_kept = models.BooleanField()
    satisfied = models.BooleanField()
    note = models.TextField(blank=True)
    by = _person()
    at = models.DateTimeField()


class Improvement(models.Model):
    """A branch with a low renewal rate must say why and what it will do (S3-23)."""

    institution_code = models.TextField()
    month = models.DateField()
    rate_bp = models.IntegerField()  # as ordered
    measured_bp = models.IntegerField(
        null=True
    )  # of the frozen month; null: none is frozen, or nothing ended
    reason = models.TextField(blank=True)  # why it is ordered by another rate than the measured one
    due_date = models.DateField()
    by = _person()
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="renewals_improvement_once", fields=["institution_code", "month"]),
            models.CheckConstraint(
                name="renewals_improvement_why", condition=Q(rate_bp=F("measured_bp")) | ~Q(reason="")
            ),
        ]


class ImprovementLine(models.Model):
    """Causes and measures as filed, and what came of them."""

    improvement = models.ForeignKey(Improvement, models.PROTECT, related_name="lines")
    kind = models.TextField(
        choices=[("causes", "脱保原因"), ("measures", "改进措施"), ("outcome", "整改结果")]
    )
    text = models.TextField()
    by = _person()
    at = models.DateTimeField()


class RewardPolicy(models.Model):
    """The year's policy of assessment and rewards, fixed for the year: a further version needs a second person (S3-24)."""

    year = models.IntegerField()
    version = models.IntegerField()
    text = models.TextField()
    reason = models.TextField(blank=True)
    by = _person()
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(name="renewals_reward_once", fields=["year", "version"])]


class RewardApproval(models.Model):
    """The second person's yes."""

    policy = models.OneToOneField(RewardPolicy, models.PROTECT, primary_key=True, related_name="approval")
    by = _person()
    at = models.DateTimeField()
