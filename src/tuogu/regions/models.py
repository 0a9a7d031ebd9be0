"""The tables of this room. Private: other rooms use `actions` and `queries`.

Everything but `KnownAddress` only grows: triggers refuse to change or delete a row. What is current is derived.
"""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

PERSONAL = {  # model -> {field: class}; C3 secret, C2 personal, C1 business, C0 technical
    "CodebookProposal": {
        "id": "C0", "effective_date": "C1", "source": "C1", "document": "C1", "note": "C1", "by": "C1", "at": "C1",
    },
    "CodebookChange": {
        "id": "C0", "proposal": "C0", "row": "C1", "kind": "C1", "old_code": "C1", "old_name": "C1", "new_code": "C1",
        "new_name": "C1", "parent_code": "C1",
    },
    "CodebookVerdict": {
        "proposal": "C0", "approved": "C1", "number": "C1", "note": "C1", "proposed_by": "C1", "by": "C1", "at": "C1",
    },
    "AddressAct": {
        "id": "C0", "kind": "C1", "area_code": "C1", "fragment": "C1", "community_code": "C1", "count": "C1",
        "undoes": "C0", "by": "C1", "at": "C1",
    },
    "AddressDecision": {
        "id": "C0", "act": "C0", "customer_number": "C1", "address_hash": "C2", "outcome": "C1",
        "community_code": "C1", "reason": "C1", "evidence": "C1", "before": "C1",
    },
    "HomeDecision": {
        "id": "C0", "person": "C1", "home_hash": "C2", "outcome": "C1", "community_code": "C1", "reason": "C1",
        "before": "C1", "by": "C1", "at": "C1",
    },
    "KnownAddress": {
        "customer_number": "C1", "address_hash": "C2", "area_code": "C1", "fragment": "C1",
    },
    "Zone": {"id": "C0", "by": "C1", "at": "C1"},
    "ZoneVersion": {
        "id": "C0", "zone": "C0", "number": "C1", "name": "C1", "ring": "C1", "datum": "C1", "from_date": "C1",
        "ended": "C1", "how": "C1", "by": "C1", "at": "C1",
    },
}  # fmt: skip


class CodebookProposal(models.Model):
    """A local change to the code book as somebody proposed it, with the document of the civil-affairs office."""

    effective_date = models.DateField()
    source = models.TextField()  # who published it
    document = models.TextField()  # the number of its document
    note = models.TextField(blank=True)
    by = models.ForeignKey("org.Custodian", models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(name="regions_proposal_sourced", condition=~Q(source="") & ~Q(document=""))
        ]


class CodebookChange(models.Model):
    """One row of a proposal, as in core.codebook_changes.CHANGES."""

    proposal = models.ForeignKey(CodebookProposal, models.PROTECT, related_name="changes")
    row = models.BigIntegerField()
    kind = models.TextField()
    old_code = models.TextField(null=True)
    old_name = models.TextField(null=True)
    new_code = models.TextField(null=True)
    new_name = models.TextField(null=True)
    parent_code = models.TextField(null=True)


class CodebookVerdict(models.Model):
    """What a second person decided; an approved proposal is version `number` of the local code book."""

    proposal = models.OneToOneField(
        CodebookProposal, models.PROTECT, primary_key=True, related_name="verdict"
    )
    approved = models.BooleanField()
    number = models.BigIntegerField(null=True, unique=True)
    note = models.TextField(blank=True)
    proposed_by = models.ForeignKey("org.Custodian", models.PROTECT, related_name="+")
    by = models.ForeignKey("org.Custodian", models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(name="regions_second_person", condition=~Q(by=F("proposed_by"))),
            models.CheckConstraint(
                name="regions_version_if_approved",
                condition=Q(approved=True, number__isnull=False) | Q(approved=False, number__isnull=True),
            ),
        ]


class AddressAct(models.Model):
    """One act at the address desk: an address decided, a pattern decided for many, or an earlier act taken back."""

    class Kind(models.TextChoices):
        ONE = "one", "逐件"
        PATTERN = "pattern", "成批"
        UNDO = "undo", "撤销"

    kind = models.TextField(choices=Kind.choices)
    area_code = models.TextField(blank=True)  # of a pattern
    fragment = models.TextField(blank=True)  # of a pattern: an estate, a road, a firm; never a house number
    community_code = models.TextField(blank=True)  # '' = cannot be coded, or an undo
    count = models.BigIntegerField()
    undoes = models.OneToOneField("self", models.PROTECT, null=True, related_name="undone_by")
    by = models.ForeignKey("org.Custodian", models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["by", "at"], name="regions_act_by")]
        constraints = [
            models.CheckConstraint(
                name="regions_undo_names_its_act",
                condition=Q(kind="undo", undoes__isnull=False) | (~Q(kind="undo") & Q(undoes__isnull=True)),
            )
        ]


class AddressDecision(models.Model):
    """What a person decided of one customer's address as it was written then. The newest of an address counts."""

    class Outcome(models.TextChoices):
        CODED = "coded", "已编码"
        NOT_CODABLE = "not_codable", "无法编码"
        WITHDRAWN = "withdrawn", "已撤销"

    act = models.ForeignKey(AddressAct, models.PROTECT, related_name="decisions")
    customer_number = models.TextField()
    address_hash = (
        models.BinaryField()
    )  # keyed; of '' where there is no address; empty once the person is erased
    outcome = models.TextField(choices=Outcome.choices)
    community_code = models.TextField(blank=True)
    reason = models.TextField(blank=True)  # why it cannot be coded
    evidence = models.TextField(blank=True)  # what spoke for the code, as the desk showed it
    before = models.JSONField(default=dict)  # how the customer was coded before: what an undo restores

    class Meta:
        indexes = [models.Index(fields=["customer_number", "id"], name="regions_decision_of")]
        constraints = [
            models.CheckConstraint(
                name="regions_coded_with_code",
                condition=(Q(outcome="coded") & ~Q(community_code=""))
                | (~Q(outcome="coded") & Q(community_code="")),
            ),
            models.CheckConstraint(
                name="regions_not_codable_why", condition=~Q(outcome="not_codable") | ~Q(reason="")
            ),
        ]


class HomeDecision(models.Model):
    """What a person decided of a colleague's home as it was written then. The newest of a colleague counts."""

    person = models.ForeignKey("org.Custodian", models.PROTECT, related_name="+")
    home_hash = models.BinaryField()  # keyed; of '' where there is no address
    outcome = models.TextField(choices=AddressDecision.Outcome.choices)
    community_code = models.TextField(blank=True)
    reason = models.TextField(blank=True)  # why it cannot be coded
    before = models.JSONField(default=dict)  # how the home was coded before: what an undo restores
    by = models.ForeignKey("org.Custodian", models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="regions_home_coded_with_code",
                condition=(Q(outcome="coded") & ~Q(community_code=""))
                | (~Q(outcome="coded") & Q(community_code="")),
            ),
            models.CheckConstraint(
                name="regions_home_not_codable_why", condition=~Q(outcome="not_codable") | ~Q(reason="")
            ),
        ]


class KnownAddress(models.Model):
    """Derived from the newest import: what the desk groups by. An estate's, road's or firm's name, never a number."""

    customer_number = models.TextField(primary_key=True)
    address_hash = models.BinaryField()
    area_code = models.TextField(blank=True)  # deepest division that the text names, '' = none
    fragment = models.TextField(blank=True)  # '' = nothing to group by

    class Meta:
        indexes = [models.Index(fields=["area_code", "fragment"], name="regions_known_fragment")]


class Zone(models.Model):
    """A zone on the map; what it is called and where it lies stands in its versions."""

    by = models.ForeignKey("org.Custodian", models.PROTECT, related_name="+")
    at = models.DateTimeField()


class ZoneVersion(models.Model):
    """A zone from a day on, until its next version."""

    class How(models.TextChoices):
        DRAWN = "drawn", "绘制"
        FILE = "file", "文件导入"

    zone = models.ForeignKey(Zone, models.PROTECT, related_name="versions")
    number = models.BigIntegerField()
    name = models.TextField()
    ring = models.JSONField()  # [[longitude, latitude], …], not closed
    datum = models.TextField()
    from_date = models.DateField()
    ended = models.BooleanField(default=False)  # from that day on there is no such zone
    how = models.TextField(choices=How.choices)
    by = models.ForeignKey("org.Custodian", models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="regions_zone_version_once", fields=["zone", "number"]),
            models.CheckConstraint(name="regions_zone_named", condition=~Q(name="")),
        ]
