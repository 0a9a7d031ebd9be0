"""The packs that were made. Private to this room; append-only by triggers."""

from __future__ import annotations

from django.db import models

PERSONAL = {  # model -> {field: class}; C3 secret, C2 personal, C1 business, C0 technical
    "AuditPack": {
        "id": "C0", "first_date": "C1", "last_date": "C1", "digest": "C0", "files": "C0", "size_bytes": "C0",
        "by": "C1", "at": "C1",
    },
}  # fmt: skip


class AuditPack(models.Model):
    """One pack: its digest is what an outsider compares the file with."""

    first_date = models.DateField()
    last_date = models.DateField()
    digest = models.TextField()  # SHA-256 of the whole file, in hex
    files = models.IntegerField()
    size_bytes = models.BigIntegerField()
    by = models.ForeignKey("org.Custodian", models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField()
