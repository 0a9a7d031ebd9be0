"""Rounds of the cross-department project and what departments file before a campaign. Private to this room; see `models`."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

PERSONAL = {
    "Round": {
        "id": "C0", "name": "C1", "month": "C1", "institution_code": "C1", "coordinating": "C1", "opened_by": "C1",
        "opened_at": "C1",
    },
    "RoundStep": {
        "id": "C0", "round": "C0", "number": "C0", "title": "C1", "department": "C1", "department_code": "C1",
        "due_date": "C1",
    },
    "HandOff": {
        "id": "C0", "step": "C0", "number": "C0", "kind": "C1", "by": "C1", "at": "C1", "note": "C1",
        "artefact": "C0", "artefact_id": "C0",
    },
    "DepartmentFiling": {
        "id": "C0", "department_code": "C1", "year": "C1", "kind": "C0", "number": "C0", "person": "C1", "text": "C1",
        "file_name": "C1", "content": "C1", "previous_digest": "C0", "digest": "C0", "filed_by": "C1", "filed_at": "C1",
    },
}  # fmt: skip


class Round(models.Model):
    """One month's (or one campaign's) work of several departments on an institution's policies (S0-26). Append-only."""

    name = models.TextField()
    month = models.DateField()  # its first day
    institution_code = models.TextField()
    coordinating = models.TextField()  # the coordinating group (协调小组), in words
    opened_by = models.ForeignKey("org.Custodian", models.PROTECT, related_name="+", db_index=False)
    opened_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["institution_code", "name"], name="round_name_once"),
            models.CheckConstraint(condition=~Q(name=""), name="round_has_a_name"),
        ]


class RoundStep(models.Model):
    """One step of a round with its owner department and the day by which it must be handed on. Append-only."""

    round = models.ForeignKey(Round, models.PROTECT, db_index=False)
    number = models.SmallIntegerField()
    title = models.TextField()
    department = models.TextField()  # in words, as the project names it
    department_code = models.TextField(blank=True)  # institution, where it is one on record
    due_date = models.DateField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["round", "number"], name="round_step_once")]
        indexes = [models.Index(fields=["due_date"], name="round_step_due")]


class HandOff(models.Model):
    """A step is taken in hand, or handed on as done: who, when, with what in hand. Append-only."""

    class Kind(models.TextChoices):
        TAKEN = "taken", "接收"
        DONE = "done", "移交"
        BACK = "back", "退回重做"

    class Artefact(models.TextChoices):
        NONE = "", "无"
        IMPORT = "import", "导入"
        PLAN = "plan", "方案"
        RELEASE = "release", "下发期次"

    step = models.ForeignKey(RoundStep, models.PROTECT, db_index=False)
    number = models.SmallIntegerField()  # 1, 2, 3 … of its step: of two who act at once, one is refused
    kind = models.CharField(max_length=10, choices=Kind.choices)
    by = models.ForeignKey("org.Custodian", models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField()
    note = models.TextField(blank=True)
    artefact = models.CharField(max_length=10, choices=Artefact.choices, blank=True)
    artefact_id = models.BigIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["step", "number"], name="hand_off_once"),
            models.CheckConstraint(
                condition=Q(artefact="", artefact_id__isnull=True)
                | (~Q(artefact="") & Q(artefact_id__isnull=False)),
                name="hand_off_names_its_artefact",
            ),
            models.CheckConstraint(condition=~Q(kind="back") | ~Q(note=""), name="hand_off_back_says_why"),
        ]


class DepartmentFiling(models.Model):
    """What a department files before a campaign's first wave: who is responsible, and its own detailed rules (S2-15).
    Append-only; a correction is a further number, the highest counts. Each digest covers the filing before it."""

    class Kind(models.TextChoices):
        PERSON = "person", "指派专人"
        RULES = "rules", "分配细则"

    department_code = models.TextField()
    year = models.SmallIntegerField()  # of the campaign
    kind = models.CharField(max_length=10, choices=Kind.choices)
    number = models.IntegerField()  # 1, 2, 3 … of its department, year and kind
    person = models.ForeignKey("org.Custodian", models.PROTECT, null=True, related_name="+", db_index=False)
    text = models.TextField(blank=True)
    file_name = models.TextField(blank=True)
    content = models.BinaryField(null=True)
    previous_digest = models.CharField(max_length=64, blank=True)
    digest = models.CharField(max_length=64)
    filed_by = models.ForeignKey("org.Custodian", models.PROTECT, related_name="+", db_index=False)
    filed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["department_code", "year", "kind", "number"], name="filing_number_once"
            ),
            models.CheckConstraint(
                condition=Q(kind="person", person__isnull=False)
                | (Q(kind="rules", person__isnull=True) & ~Q(text="")),
                name="filing_says_what",
            ),
        ]
