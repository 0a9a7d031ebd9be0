"""The tables of this room. Private: other rooms use `actions` and `queries`. All of them are append-only.

What stands on a page is ciphertext; so is a scan. Digests stay when a person is erased.
"""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q

from tuogu.kit.kinds import RegisterKind

PERSONAL: dict[str, dict[str, str]] = {  # model -> {field: class}; C3 secret, C2 personal, C1 business, C0 technical
    "Print": {
        "id": "C0", "kind": "C1", "person": "C1", "first_date": "C1", "rows": "C1", "pages": "C1", "digest": "C0",
        "replaces": "C0", "made_by": "C1", "made_at": "C1",
    },
    "Page": {
        "id": "C0", "register": "C0", "place": "C0", "key": "C0", "digest": "C0", "rows": "C1", "content_sealed": "C2",
    },
    "PageCustomer": {"id": "C0", "page": "C0", "customer_number": "C1"},
    "Scan": {
        "id": "C0", "register": "C0", "media_type": "C0", "digest": "C0", "content_sealed": "C2", "by": "C1", "at": "C1",
    },
    "SignedPage": {"page": "C0", "scan": "C0", "by": "C1", "at": "C1"},
}  # fmt: skip


def _person(**more: Any) -> models.ForeignKey[Any, Any]:
    return models.ForeignKey("org.Custodian", models.PROTECT, related_name="+", db_index=False, **more)


class Print(models.Model):
    """A register as it was printed for one person: a batch of pages (N-18). A later print of the same replaces it."""

    kind = models.TextField(choices=RegisterKind.choices)
    person = _person()  # whose customers
    first_date = models.DateField()  # of the month, or the day on which the policies were given
    rows = models.IntegerField()
    pages = models.IntegerField()
    digest = models.TextField()  # SHA-256 over the digests of its pages
    replaces = models.OneToOneField("self", models.PROTECT, null=True, related_name="replaced_by")
    made_by = _person()
    made_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(name="kit_print_of", fields=["person", "first_date"])]
        constraints = [
            models.CheckConstraint(name="kit_print_kind", condition=Q(kind__in=RegisterKind.values)),
            models.CheckConstraint(name="kit_print_pages", condition=Q(pages__gte=1, rows__gte=1)),
            models.UniqueConstraint(  # later ones replace it, each the one before
                name="kit_print_first", fields=["kind", "person", "first_date"], condition=Q(replaces__isnull=True)
            ),
        ]  # fmt: skip


class Page(models.Model):
    """One page: the rows that stand on it, frozen with their digest."""

    register = models.ForeignKey(Print, models.PROTECT, related_name="printed")
    place = models.IntegerField()
    key = models.TextField(unique=True)  # of core.page_code; random, tells nothing
    digest = models.TextField()  # SHA-256 of the content in clear, salted
    rows = models.IntegerField()
    content_sealed = models.BinaryField(null=True)  # null after erasure

    class Meta:
        constraints = [models.UniqueConstraint(name="kit_page_once", fields=["register", "place"])]


class PageCustomer(models.Model):
    """Who is named on a page: a copy for the person and a deletion find it by this."""

    page = models.ForeignKey(Page, models.PROTECT, related_name="customers")
    customer_number = models.TextField(db_index=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="kit_pagecustomer_once", fields=["page", "customer_number"])
        ]


class Scan(models.Model):
    """A scanned file with one signed page or several, byte for byte."""

    register = models.ForeignKey(Print, models.PROTECT, related_name="scans")
    media_type = models.TextField()
    digest = models.TextField()
    content_sealed = models.BinaryField(null=True)  # null after erasure
    by = _person()
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(name="kit_scan_once", fields=["register", "digest"])]


class SignedPage(models.Model):
    """A page came back signed. Once."""

    page = models.OneToOneField(Page, models.PROTECT, primary_key=True, related_name="signed")
    scan = models.ForeignKey(Scan, models.PROTECT, related_name="signed")
    by = _person()
    at = models.DateTimeField()
