"""The tables of this room. Private: other rooms use `actions` and `queries`.

Everything is append-only: a correction is a further row. Who holds a customer is asked of the ledger, how a customer is
given away of the plans; here stands what departments said and what was found of it.
"""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import F, Q

PERSONAL: dict[str, dict[str, Any]] = {
    "Campaign": {"id": "C0", "title": "C1", "year": "C1", "plan": "C0", "opened_by": "C1", "opened_at": "C1"},
    "CampaignEnd": {"campaign": "C0", "ended_date": "C1", "reason": "C1", "by": "C1", "at": "C1"},
    "WeeklyReport": {
        "id": "C0", "campaign": "C0", "department_code": "C1", "first_date": "C1", "last_date": "C1", "due_date": "C1",
        "number": "C0", "derived": "C1", "reported": "C1", "text_sealed": "C2", "filed_by": "C1", "filed_at": "C1",
    },
    "ReportedPolicy": {
        "id": "C0", "report": "C0", "policy_number": "C1", "product_name": "C1", "premium_fen": "C1",
        "payment_term_years": "C1", "holder_number": "C1", "insured_number": "C1", "inception_date": "C1",
        "from_books": "C1",
    },
    "ReportAudit": {
        "id": "C0", "report": "C0", "number": "C0", "derived": "C1", "differences": "C1", "agreed": "C1",
        "remark_sealed": "C2", "filed_by": "C1", "by": "C1", "at": "C1",
    },
    "MonthRanking": {
        "id": "C0", "campaign": "C0", "month": "C1", "stage": "C1", "rows": "C1", "ways": "C1", "rulebook": "C1",
        "digest": "C0", "frozen_by": "C1", "frozen_at": "C1",
    },
    "Bulletin": {"ranking": "C0", "remark": "C1", "by": "C1", "at": "C1"},
    "SeminarGrant": {"ranking": "C0", "department_code": "C1", "remark": "C1", "by": "C1", "at": "C1"},
    "ScriptUse": {
        "id": "C0", "script": "C0", "person": "C1", "used_date": "C1", "purpose": "C1", "times": "C1", "by": "C1",
        "at": "C1",
    },
    "Completeness": {
        "id": "C0", "campaign": "C0", "department_code": "C1", "customer_number": "C1", "number": "C0", "kind": "C1",
        "wave": "C1", "known": "C1", "wanted": "C1", "missing": "C1", "seen_date": "C1", "taken_at": "C1",
    },
}  # fmt: skip


def _person(**more: Any) -> models.ForeignKey[Any, Any]:
    """Somebody: who acted, or whom it concerns."""
    return models.ForeignKey("org.Custodian", models.PROTECT, related_name="+", db_index=False, **more)


class Campaign(models.Model):
    """A repurchase campaign in operation: the plan of its quotas under the name by which people know it."""

    title = models.TextField(unique=True)
    year = models.IntegerField()
    plan = models.OneToOneField("plans.StoredPlan", models.PROTECT, related_name="+")
    opened_by = _person()
    opened_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(name="campaigns_title", condition=~Q(title=""))]


class CampaignEnd(models.Model):
    """The campaign is over: no report is due any more."""

    campaign = models.OneToOneField(Campaign, models.PROTECT, primary_key=True, related_name="end")
    ended_date = models.DateField()
    reason = models.TextField()
    by = _person()
    at = models.DateTimeField()


class WeeklyReport(models.Model):
    """What a department reports of a week (S2-16); `number` 2, 3 … corrects the one before."""

    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="reports")
    department_code = models.TextField()
    first_date = models.DateField()
    last_date = models.DateField()
    due_date = models.DateField()  # by the rulebook of the day on which it was filed
    number = models.IntegerField()
    derived = models.JSONField()  # the figures of the books when it was filed
    reported = models.JSONField()  # the same figures as the department says them
    text_sealed = models.BinaryField(null=True)  # analysis, plan, good practice, why corrected
    filed_by = _person()
    filed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="campaigns_report_once", fields=["campaign", "department_code", "first_date", "number"]
            ),
            models.CheckConstraint(name="campaigns_report_days", condition=Q(last_date__gte=F("first_date"))),
            models.CheckConstraint(name="campaigns_report_number", condition=Q(number__gte=1)),
        ]


class ReportedPolicy(models.Model):
    """A new policy of a weekly report: found in the books, or written down by the department."""

    report = models.ForeignKey(WeeklyReport, models.PROTECT, related_name="policies", db_index=False)
    policy_number = models.TextField()
    product_name = models.TextField(blank=True)
    premium_fen = models.BigIntegerField(null=True)
    payment_term_years = models.IntegerField(null=True)
    holder_number = models.TextField()
    insured_number = models.TextField(blank=True)
    inception_date = models.DateField(null=True)
    from_books = models.BooleanField()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="campaigns_policy_once", fields=["report", "policy_number"])
        ]
        indexes = [models.Index(name="campaigns_policy_holder", fields=["holder_number"])]


class ReportAudit(models.Model):
    """The branch held a report against the books (S2-17); who filed it does not audit it."""

    report = models.ForeignKey(WeeklyReport, models.PROTECT, related_name="audits", db_index=False)
    number = models.IntegerField()
    derived = models.JSONField()  # the same figures by the books of the day of the audit
    differences = models.JSONField()  # [{"key", "reported", "derived"}], and policy numbers on one side only
    agreed = models.BooleanField()
    remark_sealed = models.BinaryField(null=True)
    filed_by = _person()  # of the report, so that the database can compare
    by = _person()
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="campaigns_audit_once", fields=["report", "number"]),
            models.CheckConstraint(name="campaigns_audit_other", condition=~Q(by=F("filed_by"))),
        ]


class MonthRanking(models.Model):
    """The figures of a month end by department, and their places (S2-13). What becomes known later changes nothing here."""

    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="rankings", db_index=False)
    month = models.DateField()  # its first day
    stage = models.TextField()  # q2 | q3: whose target it is held against
    rows = models.JSONField()  # core.campaign.follow_up RANKED with the counts of the month
    ways = models.JSONField()  # core.campaign.follow_up Ways, as they were applied
    rulebook = models.TextField()  # version whose numbers were applied
    digest = models.TextField()  # SHA-256 over all of the above
    frozen_by = _person()
    frozen_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="campaigns_ranking_once", fields=["campaign", "month"]),
            models.CheckConstraint(name="campaigns_ranking_stage", condition=Q(stage__in=["q2", "q3"])),
        ]


class Bulletin(models.Model):
    """The ranking was published, with the low departments named."""

    ranking = models.OneToOneField(MonthRanking, models.PROTECT, primary_key=True, related_name="bulletin")
    remark = models.TextField(blank=True)
    by = _person()
    at = models.DateTimeField()


class SeminarGrant(models.Model):
    """The best department of the month may hold a product seminar."""

    ranking = models.OneToOneField(MonthRanking, models.PROTECT, primary_key=True, related_name="seminar")
    department_code = models.TextField()
    remark = models.TextField(blank=True)
    by = _person()
    at = models.DateTimeField()


class ScriptUse(models.Model):
    """Somebody spoke by a version of a script, with customers or as a rehearsal (S2-18)."""

    class Purpose(models.TextChoices):
        REHEARSAL = "rehearsal", "演练"
        CONTACT = "contact", "接触"
        CLOSING = "closing", "促成"

    script = models.ForeignKey("corrections.Script", models.PROTECT, related_name="+")
    person = _person()
    used_date = models.DateField()
    purpose = models.TextField(choices=Purpose.choices)
    times = models.IntegerField()
    by = _person()
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="campaigns_use_purpose", condition=Q(purpose__in=["rehearsal", "contact", "closing"])
            ),
            models.CheckConstraint(name="campaigns_use_times", condition=Q(times__range=(1, 999))),
        ]


class Completeness(models.Model):
    """How much was known of a customer when the record was released, and after each visit (S2-20)."""

    class Kind(models.TextChoices):
        RELEASE = "release", "下发时"
        VISIT = "visit", "拜访后"

    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="+", db_index=False)
    department_code = models.TextField()
    customer_number = models.TextField()
    number = models.IntegerField()
    kind = models.TextField(choices=Kind.choices)
    wave = models.IntegerField()
    known = models.IntegerField()
    wanted = models.IntegerField()
    missing = models.JSONField()  # keys of the fields that are empty
    seen_date = models.DateField()  # of the release, or of the visit
    taken_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="campaigns_completeness_once", fields=["campaign", "customer_number", "number"]
            ),
            models.CheckConstraint(
                name="campaigns_completeness_kind", condition=Q(kind__in=["release", "visit"])
            ),
        ]
        indexes = [models.Index(name="campaigns_completeness_of", fields=["customer_number"])]
