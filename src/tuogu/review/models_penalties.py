"""Reports, penalties and months: what follows from inspection. Private to this room; see `models`."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import F, Q

from tuogu.core.inspection.tables import EFFECTS, FOUND_KINDS
from tuogu.core.machines import PENALTY

PERSONAL = {
    "Report": {
        "id": "C0", "person": "C1", "log_date": "C1", "log": "C0", "finding": "C1", "evidence_sealed": "C2", "by": "C1",
        "at": "C1",
    },
    "ReportEnd": {
        "report": "C0", "confirmed": "C1", "reason_sealed": "C2", "ended_date": "C1", "by": "C1", "at": "C1",
    },
    "OutsideFinding": {
        "id": "C0", "source": "C1", "ref": "C1", "person": "C1", "kind": "C1", "found_date": "C1", "detail": "C1",
        "by": "C1", "at": "C1",
    },
    "Penalty": {
        "id": "C0", "key": "C1", "person": "C1", "req": "C1", "effect": "C1", "role": "C1", "points": "C1",
        "amount_fen": "C1", "from_date": "C1", "until_date": "C1", "source_kind": "C1", "source_ref": "C1",
        "fact_date": "C1", "detail": "C1", "rulebook": "C1", "at": "C1",
    },
    "PenaltyStep": {
        "id": "C0", "penalty": "C0", "number": "C0", "name": "C1", "state": "C1", "reason_sealed": "C2", "step_date": "C1",
        "by": "C1", "at": "C1",
    },
    "MonthClose": {
        "id": "C0", "month": "C1", "institution_code": "C1", "number": "C0", "owed": "C1", "passed": "C1", "facts": "C1",
        "digest": "C0", "by": "C1", "at": "C1",
    },
}  # fmt: skip


class Finding(models.TextChoices):
    """What a log is reported for (S1-35)."""

    FALSIFIED = "falsified", "弄虚作假"
    IRREGULAR = "irregular", "填写不规范"


def person_of(**more: Any) -> models.ForeignKey[Any, Any]:
    """Somebody: who acted, or whom it concerns."""
    return models.ForeignKey("org.Custodian", models.PROTECT, related_name="+", db_index=False, **more)


def one_of(name: str, field: str, words: Any, *, empty: bool = False) -> models.CheckConstraint:
    """A field holds one of these words."""
    return models.CheckConstraint(
        name=name, condition=Q(**{f"{field}__in": [*words, *([""] if empty else [])]})
    )


class Report(models.Model):
    """A log reported as falsified or irregular (S1-35); counts once another person has confirmed it."""

    person = person_of()
    log_date = models.DateField()
    log = models.ForeignKey("review.Log", models.PROTECT, related_name="reports")
    finding = models.TextField(choices=Finding.choices)
    evidence_sealed = models.BinaryField(null=True)
    by = person_of()
    at = models.DateTimeField()

    class Meta:
        constraints = [
            one_of("review_report_finding", "finding", Finding.values),
            models.CheckConstraint(name="review_report_other", condition=~Q(by=F("person"))),
        ]


class ReportEnd(models.Model):
    """Confirmed, or not."""

    report = models.OneToOneField(Report, models.PROTECT, primary_key=True, related_name="end")
    confirmed = models.BooleanField()
    reason_sealed = models.BinaryField(null=True)
    ended_date = models.DateField()
    by = person_of()
    at = models.DateTimeField()


class OutsideFinding(models.Model):
    """What a room above found about somebody's work (S3-01, S3-22); penalties and rewards are computed from it."""

    source = models.TextField()  # the room and its table
    ref = models.TextField()  # what it is about there: the same never counts twice
    person = person_of()
    kind = models.TextField()
    found_date = models.DateField()
    detail = models.TextField()
    by = person_of()
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="review_finding_once", fields=["source", "ref", "kind", "person"]),
            one_of("review_finding_kind", "kind", FOUND_KINDS),
        ]


class Penalty(models.Model):
    """One penalty as the facts give it; where it stands is said by its steps."""

    key = models.TextField(unique=True)  # requirement:effect:source:person, the same for ever
    person = person_of()
    req = models.TextField()
    effect = models.TextField()
    role = models.TextField()
    points = models.IntegerField()
    amount_fen = models.BigIntegerField()
    from_date = models.DateField()
    until_date = models.DateField(null=True)  # null = for good
    source_kind = models.TextField()
    source_ref = models.TextField()
    fact_date = models.DateField()
    detail = models.TextField()
    rulebook = models.TextField()  # version whose numbers were applied
    at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(name="review_penalty_person", fields=["person", "fact_date"]),
            models.Index(name="review_penalty_day", fields=["fact_date", "id"]),
        ]
        constraints = [
            one_of("review_penalty_effect", "effect", EFFECTS),
            models.CheckConstraint(
                name="review_penalty_period",
                condition=Q(until_date__isnull=True) | Q(until_date__gt=F("from_date")),
            ),
        ]


class PenaltyStep(models.Model):
    """A step of the machine `penalty`."""

    penalty = models.ForeignKey(Penalty, models.PROTECT, related_name="steps")
    number = models.IntegerField()
    name = models.TextField()
    state = models.TextField()  # after the step
    reason_sealed = models.BinaryField(null=True)
    step_date = models.DateField()
    by = person_of()
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="review_penaltystep_once", fields=["penalty", "number"]),
            one_of("review_penaltystep_state", "state", PENALTY.states),
        ]


class MonthClose(models.Model):
    """The facts of a month were filed for an institution ('' = the whole house)."""

    month = models.DateField()
    institution_code = models.TextField(blank=True)
    number = models.IntegerField()
    owed = models.IntegerField()
    passed = models.IntegerField()
    facts = models.IntegerField()
    digest = models.TextField()  # SHA-256 of the facts filed
    by = person_of()
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="review_close_once", fields=["month", "institution_code", "number"])
        ]
