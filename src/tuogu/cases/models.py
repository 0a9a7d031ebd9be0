"""The tables of this room. Private: other rooms use `actions` and `queries`. All of them are append-only.

Case        what it is about, frozen when it was opened; where it stands is the last of its steps
CaseStep    one line of its history; a trigger refuses a step that `core.machines` does not hold (see guards)
ServiceCard a numbered card of a customer; its number is its key, given once and never again
HandedLine  what changes hands in a hand-over: a policy with its customer
Receipt     policies handed to one person by one batch; ReceiptLine, ReceiptStep
Considered  a batch of the ledger that this room has looked at
IncomeShare the share of the income that goes with an orphan's assignment (P-14), by entry of the ledger

No row says who has a case in hand: that is who holds the policy, the ledger's to say.
"""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q

from tuogu.cases.kinds import Kind, ReceiptAct

PERSONAL = {  # model -> {field: class}; C3 secret, C2 personal, C1 business, C0 technical
    "Case": {
        "id": "C0", "key": "C0", "kind": "C1", "subject": "C0", "policy_number": "C1", "customer_number": "C1",
        "topic": "C1", "former": "C1", "other": "C1", "batch": "C0", "due_date": "C1", "rulebook": "C1",
        "opened_by": "C1", "opened_date": "C1", "opened_at": "C1",
    },
    "CaseStep": {
        "id": "C0", "case": "C0", "seq": "C0", "name": "C1", "source": "C1", "target": "C1", "by": "C1", "at": "C1",
        "day": "C1", "facts": "C1", "texts_sealed": "C2", "record": "C0", "batch": "C0",
    },
    "ServiceCard": {
        "number": "C1", "customer_number": "C1", "replaces": "C0", "reason": "C1", "by": "C1", "at": "C1",
    },
    "HandedLine": {"id": "C0", "case": "C0", "subject": "C0", "customer_number": "C1"},
    "Receipt": {
        "id": "C0", "person": "C1", "batch": "C0", "given_date": "C1", "due_date": "C1", "pieces": "C1", "made_at": "C1",
    },
    "ReceiptLine": {"id": "C0", "receipt": "C0", "subject": "C0", "customer_number": "C1"},
    "ReceiptStep": {
        "id": "C0", "receipt": "C0", "act": "C1", "day": "C1", "reason": "C1", "by": "C1", "at": "C1",
    },
    "Considered": {"batch": "C0", "at": "C0"},
    "IncomeShare": {"entry": "C0", "orphan_type": "C1", "share_bp": "C1", "rulebook": "C1", "at": "C1"},
}  # fmt: skip


def _person(**more: Any) -> models.ForeignKey[Any, Any]:
    return models.ForeignKey("org.Custodian", models.PROTECT, related_name="+", **{"db_index": False, **more})


class Case(models.Model):
    """One matter. `key` names the kind, what it is about and which time: of two who open it at once, one is refused."""

    key = models.TextField(unique=True)
    kind = models.TextField(choices=Kind.choices)
    subject = models.ForeignKey("ledger.Subject", models.PROTECT, null=True, related_name="+")
    policy_number = models.TextField(blank=True)
    customer_number = models.TextField(blank=True, db_index=True)  # empty for a hand-over
    topic = models.TextField(blank=True)  # of papers: which service, a key of [papers]
    former = _person(null=True)  # of a hand-over: whose work it was
    other = _person(null=True, db_index=True)  # who takes a hand-over, or a dispatched piece
    batch = models.ForeignKey("ledger.Batch", models.PROTECT, null=True, related_name="+", db_index=False)
    due_date = models.DateField(null=True)  # difficult: the next due day; lapsed: the last day of grace
    rulebook = models.TextField()  # the version whose limits hold for this case for good
    opened_by = _person()
    opened_date = models.DateField()
    opened_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(name="cases_case_kind", fields=["kind", "id"])]
        constraints = [
            models.CheckConstraint(name="cases_case_kind_known", condition=Q(kind__in=Kind.values)),
            models.CheckConstraint(
                name="cases_case_about",
                condition=Q(kind="hand_over", former__isnull=False, other__isnull=False, subject__isnull=True)
                | Q(kind="service", subject__isnull=True) & ~Q(customer_number="")
                | ~Q(kind__in=["hand_over", "service"]) & Q(subject__isnull=False) & ~Q(customer_number=""),
            ),
        ]


class CaseStep(models.Model):
    """One line of a case's history. The first has no source; a trigger asks whether it may follow the one before."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="steps", db_index=False)
    seq = models.IntegerField()
    name = models.TextField()
    source = models.TextField(blank=True)
    target = models.TextField()
    by = _person()
    at = models.DateTimeField()
    day = models.DateField()  # when it happened
    facts = models.JSONField(default=dict)  # codes and numbers: method, paper, late …
    texts_sealed = models.BinaryField(null=True)  # JSON: what was given in words, by need; null after erasure
    record = models.ForeignKey("work.Record", models.PROTECT, null=True, related_name="+")
    batch = models.ForeignKey("ledger.Batch", models.PROTECT, null=True, related_name="+", db_index=False)

    class Meta:
        indexes = [models.Index(name="cases_step_target", fields=["target", "case"])]
        constraints = [models.UniqueConstraint(name="cases_step_once", fields=["case", "seq"])]


class ServiceCard(models.Model):
    """A card. Its number is given by the database once; a card that replaces another has a number of its own (S1-28)."""

    number = models.BigAutoField(primary_key=True)
    customer_number = models.TextField()
    replaces = models.OneToOneField("self", models.PROTECT, null=True, related_name="replaced_by")
    reason = models.TextField(blank=True)
    by = _person()
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="cases_card_first", fields=["customer_number"], condition=Q(replaces__isnull=True)
            ),
            models.CheckConstraint(
                name="cases_card_says_why", condition=Q(replaces__isnull=True) | ~Q(reason="")
            ),
        ]


class HandedLine(models.Model):
    """A policy that changes hands."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="lines", db_index=False)
    subject = models.ForeignKey("ledger.Subject", models.PROTECT, related_name="+", db_index=False)
    customer_number = models.TextField()

    class Meta:
        constraints = [models.UniqueConstraint(name="cases_handed_once", fields=["case", "subject"])]


class Receipt(models.Model):
    """What one batch handed to one person, to be signed for and answered by `due_date`."""

    person = _person(db_index=True)
    batch = models.ForeignKey("ledger.Batch", models.PROTECT, related_name="+", db_index=False)
    given_date = models.DateField()
    due_date = models.DateField()
    pieces = models.IntegerField()
    made_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(name="cases_receipt_once", fields=["batch", "person"])]


class ReceiptLine(models.Model):
    """One policy of a receipt."""

    receipt = models.ForeignKey(Receipt, models.PROTECT, related_name="lines", db_index=False)
    subject = models.ForeignKey("ledger.Subject", models.PROTECT, related_name="+", db_index=False)
    customer_number = models.TextField()

    class Meta:
        constraints = [models.UniqueConstraint(name="cases_receipt_line_once", fields=["receipt", "subject"])]


class ReceiptStep(models.Model):
    """Something done with a receipt, once."""

    receipt = models.ForeignKey(Receipt, models.PROTECT, related_name="steps", db_index=False)
    act = models.TextField(choices=ReceiptAct.choices)
    day = models.DateField()
    reason = models.TextField(blank=True)
    by = _person()
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="cases_receipt_act_once", fields=["receipt", "act"]),
            models.CheckConstraint(name="cases_receipt_act_known", condition=Q(act__in=ReceiptAct.values)),
            models.CheckConstraint(
                name="cases_receipt_says_why",
                condition=~Q(act__in=["refused", "with_cause", "without_cause"]) | ~Q(reason=""),
            ),
        ]


class Considered(models.Model):
    """A batch of the ledger from which receipts, hand-overs and shares have been made, where there was anything to make."""

    batch = models.OneToOneField("ledger.Batch", models.PROTECT, primary_key=True, related_name="+")
    at = models.DateTimeField()


class IncomeShare(models.Model):
    """Which share of the policy's income goes with one assignment of an orphan, as the rulebook of its day says (P-14)."""

    entry = models.OneToOneField("ledger.Entry", models.PROTECT, primary_key=True, related_name="+")
    orphan_type = models.TextField()
    share_bp = models.IntegerField()
    rulebook = models.TextField()
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="cases_share_range", condition=Q(share_bp__gte=0, share_bp__lte=10_000)
            )
        ]
