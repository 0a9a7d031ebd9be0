"""Tables of institutions, custodians (people and pools) and their dated attributes. Private to this room.

A staff number, a team, a rank are dated attributes of a person, never the key; the key is `Custodian.id`,
and that is all that other rooms store. Name, phone and home are ciphertext from the first migration on
(tuogu.vault). Periods are half-open: `[from_date, until_date)`, no end = still running.
"""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from tuogu.org.roles import Role

PERSONAL = {  # model -> {field: class}; C2 personal (ciphertext), C1 business, C0 technical
    "Institution": {
        "id": "C0", "code": "C1", "name": "C1", "level": "C1", "parent": "C1", "region_code": "C1", "path": "C1", "by": "C1",
        "recorded_at": "C1",
    },
    "Custodian": {"id": "C0", "kind": "C0", "key": "C1", "name": "C1", "institution": "C1"},
    "StaffRecord": {
        "id": "C0", "person": "C1", "from_date": "C1", "until_date": "C1", "staff_number": "C1", "series": "C1",
        "rank": "C1", "supervisor": "C1", "team": "C1", "institution": "C1", "trait": "C1", "recruiter_number": "C1",
        "hired_date": "C1", "left_date": "C1", "name_sealed": "C2", "name_hash": "C2", "phone_sealed": "C2",
        "phone_hash": "C2", "home_sealed": "C2", "home_hash": "C2", "by": "C1", "recorded_at": "C1",
    },
    "Post": {
        "id": "C0", "person": "C1", "role": "C1", "institution": "C1", "region_code": "C1", "everywhere": "C1",
        "from_date": "C1", "until_date": "C1", "by": "C1", "recorded_at": "C1", "ended_by": "C1", "ended_at": "C1",
    },
    "DutyRoster": {
        "id": "C0", "pool": "C1", "person": "C1", "from_date": "C1", "until_date": "C1", "by": "C1", "recorded_at": "C1",
    },
    "Absence": {
        "id": "C0", "person": "C1", "from_date": "C1", "until_date": "C1", "kind": "C1", "by": "C1", "recorded_at": "C1",
        "ended_by": "C1", "ended_at": "C1",
    },
    "Substitute": {
        "id": "C0", "person": "C1", "substitute": "C1", "from_date": "C1", "until_date": "C1", "reason": "C1", "by": "C1",
        "recorded_at": "C1", "ended_by": "C1", "ended_at": "C1",
    },
    "Token": {"id": "C0", "person": "C1", "digest": "C3", "issued_at": "C1", "issued_by": "C1", "revoked_at": "C1"},
}  # fmt: skip


class Institution(models.Model):
    """A node of the insurer's tree: head, branch, central, sub, department or team (总/分/中支/支/部/组)."""

    code = models.TextField(unique=True)
    name = models.TextField()
    level = models.TextField()
    parent = models.ForeignKey("self", models.PROTECT, null=True, related_name="children")
    region_code = models.TextField(null=True)  # official code of the region it serves; null = all
    path = models.TextField(db_index=True)  # '/head/branch/…/own/': answers "is it below?"
    by = models.ForeignKey("Custodian", models.PROTECT, related_name="+", db_index=False)
    recorded_at = models.DateTimeField()


class Custodian(models.Model):
    """Who may hold something: a person or a pool. The machine only ever acts; it never holds."""

    class Kind(models.TextChoices):
        PERSON = "person", "人员"
        POOL = "pool", "公共池"
        MACHINE = "machine", "系统"

    kind = models.TextField(choices=Kind.choices)
    key = models.TextField(null=True, unique=True)  # 'buffer', 'department:0102'; null for people
    name = models.TextField(default="")  # of a pool or machine; a person's name is in StaffRecord, sealed
    institution = models.ForeignKey(Institution, models.PROTECT, null=True, related_name="pools")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="org_custodian_kind", condition=Q(kind__in=["person", "pool", "machine"])
            ),
            models.CheckConstraint(
                name="org_custodian_key",
                condition=Q(kind="person", key__isnull=True) | (~Q(kind="person") & Q(key__isnull=False)),
            ),
        ]


class StaffRecord(models.Model):
    """What was true of a person in a period. At most one row a person is current (until_date is null)."""

    person = models.ForeignKey(Custodian, models.PROTECT, related_name="records")
    from_date = models.DateField()
    until_date = models.DateField(null=True)
    staff_number = models.TextField(db_index=True)
    series = models.TextField(null=True)
    rank = models.TextField(null=True)
    supervisor = models.BooleanField(default=False)
    team = models.ForeignKey(Institution, models.PROTECT, null=True, related_name="team_records")
    institution = models.ForeignKey(Institution, models.PROTECT, null=True, related_name="records")
    trait = models.TextField(null=True)
    recruiter_number = models.TextField(null=True)
    hired_date = models.DateField(null=True)
    left_date = models.DateField(null=True)  # first day out of post; written by `record_leaving` only
    name_sealed = models.BinaryField(null=True)
    name_hash = models.BinaryField(null=True)
    phone_sealed = models.BinaryField(null=True)
    phone_hash = models.BinaryField(null=True)
    home_sealed = models.BinaryField(null=True)
    home_hash = models.BinaryField(null=True)
    by = models.ForeignKey(Custodian, models.PROTECT, related_name="+", db_index=False)
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="org_staffrecord_one_current", fields=["person"], condition=Q(until_date__isnull=True)
            ),
            models.UniqueConstraint(
                name="org_staffrecord_number_current",
                fields=["staff_number"],
                condition=Q(until_date__isnull=True),
            ),
            models.CheckConstraint(
                name="org_staffrecord_period",
                condition=Q(until_date__isnull=True) | Q(until_date__gt=F("from_date")),
            ),
        ]


class Post(models.Model):
    """A role that a person holds in a period, and where: an institution with all below it, a region with all in it, or
    both; or, said outright, everywhere. A post without a place shows no rows (no node, no access).
    """

    person = models.ForeignKey(Custodian, models.PROTECT, related_name="posts")
    role = models.TextField(choices=Role.choices)
    institution = models.ForeignKey(Institution, models.PROTECT, null=True, related_name="posts")
    region_code = models.TextField(null=True)  # beginning of official codes: province, city, district, street
    everywhere = models.BooleanField(default=False)  # the whole company; never a default
    from_date = models.DateField()
    until_date = models.DateField(null=True)
    by = models.ForeignKey(Custodian, models.PROTECT, related_name="+", db_index=False)
    recorded_at = models.DateTimeField()
    ended_by = models.ForeignKey(Custodian, models.PROTECT, null=True, related_name="+", db_index=False)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(name="org_post_role", condition=Q(role__in=Role.values)),
            models.CheckConstraint(
                name="org_post_period",
                condition=Q(until_date__isnull=True) | Q(until_date__gte=F("from_date")),
            ),
            models.CheckConstraint(
                name="org_post_place",
                condition=Q(everywhere=False) | Q(institution__isnull=True, region_code__isnull=True),
            ),
        ]


class DutyRoster(models.Model):
    """Who answers for a pool in a period. Periods of a pool never overlap: `set_duty` sees to it."""

    pool = models.ForeignKey(Custodian, models.PROTECT, related_name="roster")
    person = models.ForeignKey(Custodian, models.PROTECT, related_name="duties")
    from_date = models.DateField()
    until_date = models.DateField(null=True)
    by = models.ForeignKey(Custodian, models.PROTECT, related_name="+", db_index=False)
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="org_dutyroster_one_open", fields=["pool"], condition=Q(until_date__isnull=True)
            ),
            models.CheckConstraint(
                name="org_dutyroster_period",
                condition=Q(until_date__isnull=True) | Q(until_date__gte=F("from_date")),
            ),
        ]


class Absence(models.Model):
    """Days on which somebody in post receives nothing new. What is held stays; periods of a person never overlap."""

    class Kind(models.TextChoices):
        LEAVE = "leave", "休假"
        SICK = "sick", "病假"
        POSTED = "posted", "外派"
        TRAINING = "training", "培训"
        OTHER = "other", "其他"

    person = models.ForeignKey(Custodian, models.PROTECT, related_name="absences")
    from_date = models.DateField()
    until_date = models.DateField()  # first day back
    kind = models.TextField(choices=Kind.choices)
    by = models.ForeignKey(Custodian, models.PROTECT, related_name="+", db_index=False)
    recorded_at = models.DateTimeField()
    ended_by = models.ForeignKey(Custodian, models.PROTECT, null=True, related_name="+", db_index=False)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="org_absence_kind",
                condition=Q(kind__in=["leave", "sick", "posted", "training", "other"]),
            ),
            models.CheckConstraint(name="org_absence_period", condition=Q(until_date__gte=F("from_date"))),
        ]
        indexes = [models.Index(fields=["until_date"], name="org_absence_until")]


class Substitute(models.Model):
    """Who receives a colleague's prompts in a period, with the records behind them. Custody does not move."""

    person = models.ForeignKey(Custodian, models.PROTECT, related_name="substitutes")
    substitute = models.ForeignKey(Custodian, models.PROTECT, related_name="stands_in")
    from_date = models.DateField()
    until_date = models.DateField()  # first day on which it is over; there is always one
    reason = models.TextField()
    by = models.ForeignKey(Custodian, models.PROTECT, related_name="+", db_index=False)
    recorded_at = models.DateTimeField()
    ended_by = models.ForeignKey(Custodian, models.PROTECT, null=True, related_name="+", db_index=False)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(name="org_substitute_other", condition=~Q(person=F("substitute"))),
            models.CheckConstraint(name="org_substitute_period", condition=Q(until_date__gte=F("from_date"))),
        ]


class Token(models.Model):
    """A personal token for the command line and the API. Only its SHA-256 is stored."""

    person = models.ForeignKey(Custodian, models.PROTECT, related_name="tokens")
    digest = models.BinaryField(unique=True)
    issued_at = models.DateTimeField()
    issued_by = models.ForeignKey(Custodian, models.PROTECT, related_name="+", db_index=False)
    revoked_at = models.DateTimeField(null=True)
