"""The tables of this room. Private: other rooms use `actions` and `queries`. All of them are append-only: a log that is
written again is a further version, a check that was made good has a recheck, a penalty is reversed by a step."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from tuogu.core.inspection.tables import LEVELS, OUTCOMES
from tuogu.review import models_penalties
from tuogu.review.models_penalties import (
    Finding,
    MonthClose,
    OutsideFinding,
    Penalty,
    PenaltyStep,
    Report,
    ReportEnd,
    one_of,
    person_of,
)

__all__ = [
    "Check", "Finding", "Log", "LogNamed", "Lot", "LotPerson", "LotStep", "MonthClose", "OutsideFinding", "Penalty",
    "PenaltyStep", "Report", "ReportEnd", "Session",
]  # fmt: skip
PERSONAL = {  # model -> {field: class}; C2 personal, C1 business, C0 technical
    "Log": {
        "id": "C0", "person": "C1", "log_date": "C1", "number": "C0", "parts": "C1", "text_sealed": "C2", "figures": "C1",
        "filed_at": "C1", "by": "C1",
    },
    "LogNamed": {"id": "C0", "log": "C0", "customer_number": "C1"},
    "Check": {
        "id": "C0", "level": "C1", "person": "C1", "log_date": "C1", "log": "C0", "checked_date": "C1", "session": "C1",
        "outcome": "C1", "marked_points": "C1", "marker": "C1", "found_points": "C1", "noted": "C1", "remark_sealed": "C2",
        "recheck_of": "C0", "lot": "C0", "by": "C1", "at": "C1",
    },
    "Lot": {
        "id": "C0", "code": "C1", "purpose": "C1", "department_code": "C1", "lot_date": "C1", "count": "C1",
        "pseudonyms": "C0", "list_digest": "C0", "key_digest": "C0", "opened_by": "C1", "opened_at": "C1",
    },
    "LotPerson": {"id": "C0", "lot": "C0", "pseudonym": "C0", "person": "C1"},
    "LotStep": {
        "id": "C0", "lot": "C0", "number": "C0", "step": "C1", "party": "C1", "party_name": "C1", "commitment": "C0",
        "salt": "C0", "seed": "C0", "at": "C1",
    },
    **models_penalties.PERSONAL,
}  # fmt: skip


class Session(models.TextChoices):
    """The meeting at which a supervisor checks (S1-32)."""

    MORNING = "morning", "早会"
    EVENING = "evening", "夕会"


class Log(models.Model):
    """What a person says of a day; the newest version counts until it has been marked."""

    person = person_of()
    log_date = models.DateField()
    number = models.IntegerField()  # 1 for the first, 2 for the first rewriting …
    parts = models.JSONField()  # keys of core LOG_PARTS that are filled in
    text_sealed = models.BinaryField(null=True)  # JSON: part → text; customers may be named
    figures = models.JSONField()  # what the records of that day count, as they stood when it was filed
    filed_at = models.DateTimeField()
    by = person_of()

    class Meta:
        indexes = [models.Index(name="review_log_day", fields=["log_date", "person"])]
        constraints = [
            models.UniqueConstraint(name="review_log_once", fields=["person", "log_date", "number"]),
            models.CheckConstraint(name="review_log_number", condition=Q(number__gte=1)),
        ]


class LogNamed(models.Model):
    """A customer whose number stands in the texts of a log: by this the texts are found when the person is erased."""

    log = models.ForeignKey(Log, models.PROTECT, related_name="named", db_index=False)
    customer_number = models.TextField(db_index=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="review_named_once", fields=["log", "customer_number"]),
        ]


class Check(models.Model):
    """One inspection of one log. Of a supervisor's check `found_points` is the mark."""

    level = models.TextField()
    person = person_of()
    log_date = models.DateField()
    log = models.ForeignKey(Log, models.PROTECT, null=True, related_name="checks")  # the version seen
    checked_date = models.DateField()
    session = models.TextField(choices=Session.choices, blank=True)  # of a supervisor's check
    outcome = models.TextField()
    marked_points = models.IntegerField(null=True)  # the supervisor's mark as it stood
    marker = person_of(null=True)
    found_points = models.IntegerField(null=True)
    noted = models.BooleanField(default=False)
    remark_sealed = models.BinaryField(null=True)
    recheck_of = models.OneToOneField("self", models.PROTECT, null=True, related_name="recheck")
    lot = models.ForeignKey("Lot", models.PROTECT, null=True, related_name="checks")
    by = person_of()
    at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(name="review_check_person", fields=["person", "log_date"]),
            models.Index(name="review_check_day", fields=["checked_date"]),
        ]
        constraints = [
            one_of("review_check_level", "level", LEVELS),
            one_of("review_check_outcome", "outcome", OUTCOMES),
            one_of("review_check_session", "session", Session.values, empty=True),
            models.UniqueConstraint(  # one mark a log
                name="review_mark_once", fields=["person", "log_date"], condition=Q(level="supervisor")
            ),
            models.UniqueConstraint(
                name="review_check_of_lot_once",
                fields=["lot", "person"],
                condition=Q(recheck_of__isnull=True),
            ),
            models.CheckConstraint(name="review_check_other", condition=~Q(by=F("person"))),
            models.CheckConstraint(
                name="review_check_seen",
                condition=Q(outcome="seen", found_points__isnull=False, log__isnull=False)
                | (~Q(outcome="seen") & Q(found_points__isnull=True)),
            ),
        ]


class Lot(models.Model):
    """A draw of people whose logs a department inspects, announced under pseudonyms before anybody knows the seed."""

    code = models.TextField(unique=True)  # the draw id that everybody hashes
    purpose = models.TextField()
    department_code = models.TextField()
    lot_date = models.DateField()
    count = models.IntegerField()
    pseudonyms = models.TextField()  # sorted, one a line: what is published
    list_digest = models.TextField()
    key_digest = models.TextField()  # of the pseudonym key, which is not stored
    opened_by = person_of()
    opened_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(name="review_lot_count", condition=Q(count__gte=1))]


class LotPerson(models.Model):
    """Who stands behind a pseudonym."""

    lot = models.ForeignKey(Lot, models.PROTECT, related_name="people")
    pseudonym = models.TextField()
    person = person_of()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="review_pseudonym_once", fields=["lot", "pseudonym"]),
            models.UniqueConstraint(name="review_lotperson_once", fields=["lot", "person"]),
        ]


class LotStep(models.Model):
    """A party commits to a seed, or reveals it."""

    class Step(models.TextChoices):
        COMMITTED = "committed", "作出承诺"
        REVEALED = "revealed", "公开种子"

    lot = models.ForeignKey(Lot, models.PROTECT, related_name="steps")
    number = models.IntegerField()
    step = models.TextField(choices=Step.choices)
    party = person_of()
    party_name = models.TextField()  # as published
    commitment = models.TextField(blank=True)
    salt = models.TextField(blank=True)
    seed = models.TextField(blank=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="review_lotstep_number", fields=["lot", "number"]),
            models.UniqueConstraint(name="review_lotstep_once", fields=["lot", "party", "step"]),
            models.CheckConstraint(
                name="review_lotstep_says",
                condition=(Q(step="committed", salt="", seed="") & ~Q(commitment=""))
                | (Q(step="revealed", commitment="") & ~Q(salt="") & ~Q(seed="")),
            ),
        ]
