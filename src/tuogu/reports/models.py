"""The tables of this room. Private: other rooms use `actions` and `queries`. All are append-only.

FrozenMonth       a month that was frozen once: by which rulebook, from what (digests), with what result
FrozenDefinition  every figure's definition as it was printed then
Snapshot          numerator and denominator of a figure for one value of one dimension; '' = the whole house
FrozenInput       what rooms below overwrite (books, staff, tree), as it was known then: Parquet of numbers, days and sums
Issued            a report as it was issued: its whole content, people and customers by number only
Schedule          a report that goes by itself to whoever holds a post; ScheduleStop ends it
ScheduleRun       a period for which a schedule did its work, or why it could not
ChanceModel       a model of chances as it was learned (models_chances)
Mailing           an issued report to one person; MailStep: what was tried and what came of it
"""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q

from tuogu.reports import models_chances
from tuogu.reports.models_chances import ChanceModel

__all__ = [
    "ChanceModel", "FrozenDefinition", "FrozenInput", "FrozenMonth", "Issued", "MailStep", "Mailing", "Schedule",
    "ScheduleRun", "ScheduleStop", "Snapshot",
]  # fmt: skip

PERSONAL: dict[str, dict[str, Any]] = {  # model -> {field: class}; C1 business, C0 technical
    **models_chances.PERSONAL,
    "FrozenMonth": {
        "id": "C0", "month": "C1", "known_at": "C1", "rulebook": "C1", "rulebook_digest": "C0",
        "definitions_digest": "C0", "inputs_digest": "C0", "result_digest": "C0", "rows": "C1", "by": "C1", "at": "C1",
    },
    "FrozenDefinition": {
        "id": "C0", "frozen": "C0", "measure": "C1", "title": "C1", "numerator": "C1", "denominator": "C1",
        "unit": "C1", "digest": "C0",
    },
    "Snapshot": {
        "id": "C0", "frozen": "C0", "measure": "C1", "ten_years": "C1", "dimension": "C1", "value": "C1",
        "numerator": "C1", "denominator": "C1",
    },
    "FrozenInput": {"id": "C0", "frozen": "C0", "name": "C0", "digest": "C0", "content": "C1"},
    "Issued": {
        "id": "C0", "report": "C1", "institution_code": "C1", "first_date": "C1", "last_date": "C1", "number": "C1",
        "content": "C1", "digest": "C0", "frozen": "C0", "personal": "C0", "by": "C1", "at": "C1",
    },
    "Schedule": {
        "id": "C0", "report": "C1", "institution_code": "C1", "role": "C1", "language": "C1", "by": "C1", "at": "C1",
    },
    "ScheduleStop": {"schedule": "C0", "by": "C1", "at": "C1"},
    "ScheduleRun": {
        "id": "C0", "schedule": "C0", "first_date": "C1", "recipients": "C1", "trouble": "C1", "at": "C1",
    },
    "Mailing": {"id": "C0", "schedule": "C0", "issued": "C0", "person": "C1", "at": "C1"},
    "MailStep": {"id": "C0", "mailing": "C0", "seq": "C0", "state": "C1", "code": "C1", "at": "C1"},
}  # fmt: skip


class FrozenMonth(models.Model):
    """A month frozen (N-16). `known_at`: what was recorded later is a later truth and counts not."""

    month = models.DateField(unique=True)
    known_at = models.DateTimeField()
    rulebook = models.TextField()
    rulebook_digest = models.TextField()
    definitions_digest = models.TextField()
    inputs_digest = models.TextField()
    result_digest = models.TextField()
    rows = models.IntegerField()
    by = models.ForeignKey("org.Custodian", models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(name="reports_frozen_first_day", condition=Q(month__day=1)),
        ]


class FrozenDefinition(models.Model):
    """What was counted over what, in the words printed beside the number."""

    frozen = models.ForeignKey(FrozenMonth, models.PROTECT, related_name="definitions")
    measure = models.TextField()
    title = models.TextField()
    numerator = models.TextField()
    denominator = models.TextField()
    unit = models.TextField()
    digest = models.TextField()

    class Meta:
        constraints = [models.UniqueConstraint(name="reports_definition_once", fields=["frozen", "measure"])]


class Snapshot(models.Model):
    """One figure of a frozen month. `value` '' beside a dimension: rows that have none there."""

    frozen = models.ForeignKey(FrozenMonth, models.PROTECT, related_name="snapshots", db_index=False)
    measure = models.TextField()
    ten_years = models.BooleanField()  # S2-19: only policies paid over ten years and more
    dimension = models.TextField(blank=True)
    value = models.TextField(blank=True)
    numerator = models.BigIntegerField()
    denominator = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="reports_snapshot_once", fields=["frozen", "measure", "ten_years", "dimension", "value"]
            )
        ]


class FrozenInput(models.Model):
    """A table that the figures were counted from, as it was known then."""

    frozen = models.ForeignKey(FrozenMonth, models.PROTECT, related_name="inputs")
    name = models.TextField()
    digest = models.TextField()
    content = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(name="reports_input_once", fields=["frozen", "name"])]


class Issued(models.Model):
    """A report issued. `number`: a later issue of the same period stands beside the earlier ones. `personal`: customers can
    be told by it, so it is not mailed. `frozen`: the digest of the frozen month it was made from."""

    report = models.TextField()
    institution_code = models.TextField(blank=True)  # '' = the whole house
    first_date = models.DateField()
    last_date = models.DateField()
    number = models.IntegerField()
    content = models.JSONField()
    digest = models.TextField()
    frozen = models.TextField(blank=True)
    personal = models.BooleanField()
    by = models.ForeignKey("org.Custodian", models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="reports_issued_once", fields=["report", "institution_code", "first_date", "number"]
            ),
            models.CheckConstraint(
                name="reports_issued_days", condition=Q(first_date__lte=models.F("last_date"))
            ),
        ]


class Schedule(models.Model):
    """A report to everybody who holds a post at an institution or below, each for the own place."""

    report = models.TextField()
    institution_code = models.TextField(blank=True)
    role = models.TextField()
    language = models.TextField(default="zh-hans")  # in which its readers get it
    by = models.ForeignKey("org.Custodian", models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField()


class ScheduleStop(models.Model):
    """From now on it sends nothing."""

    schedule = models.OneToOneField(Schedule, models.PROTECT, primary_key=True, related_name="stop")
    by = models.ForeignKey("org.Custodian", models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField()


class ScheduleRun(models.Model):
    """One period of a schedule, done once. `trouble`: why nothing could be made."""

    schedule = models.ForeignKey(Schedule, models.PROTECT, related_name="runs", db_index=False)
    first_date = models.DateField()
    recipients = models.IntegerField()
    trouble = models.TextField(blank=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="reports_schedule_run_once", fields=["schedule", "first_date"])
        ]


class Mailing(models.Model):
    """One mail to one person."""

    schedule = models.ForeignKey(Schedule, models.PROTECT, related_name="mailings", db_index=False)
    issued = models.ForeignKey(Issued, models.PROTECT, related_name="mailings")
    person = models.ForeignKey("org.Custodian", models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="reports_mailing_once", fields=["schedule", "issued", "person"])
        ]


class MailStep(models.Model):
    """What was tried: `begun` is written before the call, so a mail that may have gone out is never sent again."""

    mailing = models.ForeignKey(Mailing, models.PROTECT, related_name="steps", db_index=False)
    seq = models.IntegerField()
    state = models.TextField(
        choices=[
            ("begun", "发送中"), ("accepted", "已发出"), ("trouble", "稍后再发"), ("rejected", "被拒收"),
            ("unsure", "不确定"),
        ]
    )  # fmt: skip
    code = models.TextField(blank=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="reports_mail_step_once", fields=["mailing", "seq"]),
            models.CheckConstraint(
                name="reports_mail_step_state",
                condition=Q(state__in=["begun", "accepted", "trouble", "rejected", "unsure"]),
            ),
        ]
