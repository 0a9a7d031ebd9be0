"""Tables of the plans. Private to this room. A plan's own tables are Parquet with a digest: they are inputs of
an explanation years later, never joined; what must be joined (who gets which policy when) is `PlanRow`.
"""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from tuogu.plans import models_adjustments, models_reviews, models_rounds
from tuogu.plans.models_adjustments import Adjustment
from tuogu.plans.models_reviews import ReviewCase, ReviewOutcome
from tuogu.plans.models_rounds import DepartmentFiling, HandOff, Round, RoundStep

__all__ = [
    "PERSONAL",
    "Adjustment",
    "DepartmentFiling",
    "Draw",
    "DrawNumber",
    "DrawStep",
    "EligibilityFact",
    "HandOff",
    "PlanRow",
    "PlanTable",
    "ReviewCase",
    "ReviewOutcome",
    "Round",
    "RoundStep",
    "ScheduledRelease",
    "StoredPlan",
    "UndoStep",
]  # fmt: skip

PERSONAL = {  # model -> {field: class}; see books.models
    "StoredPlan": {
        "id": "C0", "digest": "C0", "state": "C1", "as_of": "C1", "seed": "C0", "effort": "C0", "rulebook": "C1",
        "book_digest": "C0", "certificate": "C1", "violations": "C1", "made_by": "C1", "made_at": "C1",
        "decided_by": "C1", "decided_at": "C1", "decision_note": "C1", "placed": "C1", "unplaced": "C1",
        "institution_codes": "C1", "strategy": "C0", "relation": "C0", "subject_kind": "C0", "options": "C1",
        "adjusts": "C0", "adjusted": "C1", "overlap_note": "C1",
    },
    "PlanTable": {"id": "C0", "plan": "C0", "name": "C0", "content": "C1", "digest": "C0"},
    "PlanRow": {
        "id": "C0", "plan": "C0", "subject": "C0", "custodian": "C1", "expected_head": "C0", "instalment": "C1",
        "unit_code": "C1", "lever": "C1",
    },
    "ScheduledRelease": {
        "id": "C0", "plan": "C0", "instalment": "C1", "attempt": "C1", "due_date": "C1", "state": "C1", "batch": "C0",
        "override_reason": "C1", "override_by": "C1", "changed_by": "C1", "changed_at": "C1", "outcome": "C1",
    },
    "UndoStep": {
        "id": "C0", "scheduled": "C0", "number": "C0", "step": "C1", "by": "C1", "at": "C1", "reason": "C1",
    },
    "EligibilityFact": {
        "id": "C0", "custodian": "C1", "month": "C1", "key": "C0", "number": "C0", "value": "C1", "text": "C1",
        "source_ref": "C1", "author": "C1", "filed_by": "C1", "filed_at": "C1",
    },
    "Draw": {
        "id": "C0", "code": "C0", "purpose": "C1", "count": "C1", "pseudonyms": "C0", "list_digest": "C0",
        "key_digest": "C0", "institution_codes": "C1", "opened_by": "C1", "opened_at": "C1",
    },
    "DrawNumber": {"id": "C0", "draw": "C0", "pseudonym": "C0", "subject": "C0"},
    "DrawStep": {
        "id": "C0", "draw": "C0", "number": "C0", "step": "C1", "party": "C1", "party_name": "C1", "commitment": "C0",
        "salt": "C0", "seed": "C0", "at": "C1",
    },
    **models_adjustments.PERSONAL, **models_rounds.PERSONAL, **models_reviews.PERSONAL,
}  # fmt: skip


class StoredPlan(models.Model):
    """A plan and what was decided about it; at most one person made it and another decided."""

    class State(models.TextChoices):
        AWAITING = "awaiting", "待审批"
        APPROVED = "approved", "已批准"
        REJECTED = "rejected", "已退回"
        ARCHIVED = "archived", "已归档"

    digest = models.CharField(max_length=64, unique=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.AWAITING)
    as_of = models.DateField()
    seed = models.BigIntegerField()
    effort = models.BigIntegerField()
    rulebook = models.ForeignKey("rules.RulebookVersion", models.PROTECT, related_name="+")
    book_digest = models.CharField(max_length=64)
    certificate = models.JSONField()
    violations = models.BigIntegerField()
    placed = models.BigIntegerField(default=0)
    unplaced = models.BigIntegerField(default=0)
    institution_codes = models.JSONField(
        default=list
    )  # that manage its policies: whose scope covers all sees it
    strategy = models.CharField(max_length=16, default="territory")
    relation = models.CharField(max_length=16, default="custody")  # of what its releases post
    subject_kind = models.CharField(max_length=16, default="policy")
    options = models.JSONField(default=dict)
    adjusts = models.ForeignKey("self", models.PROTECT, null=True, related_name="+")  # the draft it revises
    adjusted = models.BigIntegerField(default=0)  # rows that a person moved by hand, in all revisions
    overlap_note = models.TextField(blank=True)  # why it was approved beside plans with the same subjects
    made_by = models.ForeignKey("org.Custodian", models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    decided_by = models.ForeignKey("org.Custodian", models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    decision_note = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("made_by")) | Q(state="rejected"),
                name="plan_second_person",  # the maker may take the own draft back, never approve it
            ),
            models.CheckConstraint(
                condition=Q(state="awaiting", decided_by__isnull=True)
                | (~Q(state="awaiting") & Q(decided_by__isnull=False, decided_at__isnull=False)),
                name="plan_decision_has_a_person",
            ),
        ]


class PlanTable(models.Model):
    """One table of a plan as Parquet bytes: its results and the inputs that it was made from."""

    plan = models.ForeignKey(StoredPlan, models.PROTECT)
    name = models.CharField(max_length=32)
    content = models.BinaryField()
    digest = models.CharField(max_length=64)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["plan", "name"], name="plan_table_once")]


class PlanRow(models.Model):
    """One policy of a plan: who shall get it, in which instalment, and what its custody head was."""

    plan = models.ForeignKey(StoredPlan, models.PROTECT)
    subject = models.ForeignKey("ledger.Subject", models.PROTECT, related_name="+")
    custodian = models.ForeignKey("org.Custodian", models.PROTECT, related_name="+")
    expected_head = models.BigIntegerField()  # 0 = had no entry in the plan's relation
    instalment = models.SmallIntegerField()
    unit_code = models.CharField(max_length=16)
    lever = models.CharField(max_length=32)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["plan", "subject"], name="plan_row_once")]
        indexes = [models.Index(fields=["plan", "instalment"])]


class ScheduledRelease(models.Model):
    """An instalment of an approved plan, waiting for its day above the ledger; its batch once posted."""

    class State(models.TextChoices):
        SCHEDULED = "scheduled", "待发放"
        POSTED = "posted", "已发放"
        CANCELLED = "cancelled", "已取消"
        UNDONE = "undone", "已撤销"

    plan = models.ForeignKey(StoredPlan, models.PROTECT)
    instalment = models.SmallIntegerField()
    attempt = models.SmallIntegerField(default=1)
    due_date = models.DateField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.SCHEDULED)
    batch = models.ForeignKey("ledger.Batch", models.PROTECT, null=True, related_name="+")
    override_reason = models.TextField(blank=True)
    override_by = models.ForeignKey("org.Custodian", models.PROTECT, null=True, related_name="+")
    changed_by = models.ForeignKey("org.Custodian", models.PROTECT, related_name="+")
    changed_at = models.DateTimeField()
    outcome = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["plan", "instalment", "attempt"], name="release_attempt_once"),
        ]
        indexes = [models.Index(fields=["state", "due_date"])]


class UndoStep(models.Model):
    """One line of the log of undo requests of a release: who asked and why, who confirmed. Append-only."""

    class Step(models.TextChoices):
        ASKED = "asked", "申请撤销"
        WITHDRAWN = "withdrawn", "撤回申请"
        REFUSED = "refused", "不同意撤销"
        CONFIRMED = "confirmed", "确认撤销"

    scheduled = models.ForeignKey(ScheduledRelease, models.PROTECT)
    number = models.SmallIntegerField()  # 1, 2, 3 … of its release: of two who decide at once, one is refused
    step = models.CharField(max_length=10, choices=Step.choices)
    by = models.ForeignKey("org.Custodian", models.PROTECT, related_name="+")
    at = models.DateTimeField()
    reason = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["scheduled", "number"], name="undo_step_once"),
            models.CheckConstraint(
                condition=~Q(step__in=["asked", "refused"]) | ~Q(reason=""), name="undo_step_says_why"
            ),
        ]


class EligibilityFact(models.Model):
    """What was measured of a person or a department in a month (core.facts.FACT_KEYS). Append-only: a correction is a
    further row of a higher number, and the highest number counts (S1-07, S1-22, N-16)."""

    custodian = models.ForeignKey(  # a person, or a department's pool
        "org.Custodian", models.PROTECT, related_name="+", db_index=False
    )
    month = models.DateField()  # its first day
    key = models.CharField(max_length=40)
    number = models.IntegerField()  # 1, 2, 3 … of its custodian, month and key
    value = models.BigIntegerField(null=True)  # in the key's scale
    text = models.TextField(null=True)  # where the fact is a word
    source_ref = models.TextField()  # the record it was taken from
    author = models.ForeignKey("org.Custodian", models.PROTECT, null=True, related_name="+", db_index=False)
    filed_by = models.ForeignKey("org.Custodian", models.PROTECT, related_name="+", db_index=False)
    filed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["custodian", "month", "key", "number"], name="fact_number_once"),
            models.CheckConstraint(
                condition=Q(value__isnull=True, text__isnull=False)
                | Q(value__isnull=False, text__isnull=True),
                name="fact_value_or_text",
            ),
            models.CheckConstraint(condition=~Q(source_ref=""), name="fact_has_a_source"),
        ]
        indexes = [models.Index(fields=["month", "key"], name="fact_of_a_month")]


class Draw(models.Model):
    """A draw of lots as it was announced: a list of pseudonyms and how many are drawn. Append-only (N-05)."""

    code = models.CharField(max_length=64, unique=True)  # the draw id that everybody hashes
    purpose = models.TextField(blank=True)
    count = models.IntegerField()
    pseudonyms = models.TextField()  # sorted, one a line: what is published
    list_digest = models.CharField(max_length=64)
    key_digest = models.CharField(max_length=64)  # of the pseudonym key, which is not stored
    institution_codes = models.JSONField(default=list)  # whose scope covers all sees the drawn numbers
    opened_by = models.ForeignKey("org.Custodian", models.PROTECT, related_name="+", db_index=False)
    opened_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(count__gte=1), name="draw_count")]


class DrawNumber(models.Model):
    """Which subject stands behind a pseudonym. Apart from the draw: erasure empties `Subject.number` and the draw itself
    still verifies. Append-only."""

    draw = models.ForeignKey(Draw, models.PROTECT, db_index=False)
    pseudonym = models.CharField(max_length=32)
    subject = models.ForeignKey("ledger.Subject", models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["draw", "pseudonym"], name="draw_pseudonym_once"),
            models.UniqueConstraint(fields=["draw", "subject"], name="draw_subject_once"),
        ]


class DrawStep(models.Model):
    """A party commits to a seed, or reveals it. Append-only."""

    class Step(models.TextChoices):
        COMMITTED = "committed", "作出承诺"
        REVEALED = "revealed", "公开种子"

    draw = models.ForeignKey(Draw, models.PROTECT, db_index=False)
    number = models.SmallIntegerField()  # 1, 2, 3 … of its draw: of two who act at once, one is refused
    step = models.CharField(max_length=10, choices=Step.choices)
    party = models.ForeignKey("org.Custodian", models.PROTECT, related_name="+", db_index=False)
    party_name = models.CharField(max_length=64)  # as published; a staff number may change later
    commitment = models.CharField(max_length=64, blank=True)
    salt = models.TextField(blank=True)  # hexadecimal, as published
    seed = models.TextField(blank=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["draw", "number"], name="draw_step_number_once"),
            models.UniqueConstraint(fields=["draw", "party", "step"], name="draw_step_of_a_party_once"),
            models.CheckConstraint(
                condition=(Q(step="committed", salt="", seed="") & ~Q(commitment=""))
                | (Q(step="revealed", commitment="") & ~Q(salt="") & ~Q(seed="")),
                name="draw_step_says_what",
            ),
        ]
