"""The access log. Private to this room. Rows hold no foreign keys: they outlive what they speak of."""

from __future__ import annotations

from django.db import models

PERSONAL = {  # model -> {field: class}; C2 personal, C1 business, C0 technical
    "Sighting": {
        "id": "C0", "at": "C1", "day": "C1", "person_id": "C1", "kind": "C1", "subject_kind": "C1", "subject": "C1",
        "fields": "C1", "reason": "C1", "rows": "C1",
    },
}  # fmt: skip


class Sighting(models.Model):
    """One look at personal data: `open` a record (masked), `reveal` it in clear, `export` many rows."""

    class Kind(models.TextChoices):
        OPEN = "open", "打开，脱敏"
        REVEAL = "reveal", "查看明文"
        EXPORT = "export", "导出"

    at = models.DateTimeField()
    day = models.DateField()  # business day, Asia/Shanghai: reveals are counted by it
    person_id = models.BigIntegerField()
    kind = models.CharField(max_length=8, choices=Kind.choices)
    subject_kind = models.CharField(max_length=16)  # policy | customer | person | list
    subject = models.CharField(max_length=64)  # its number
    fields = models.CharField(max_length=64, blank=True)
    reason = models.TextField(blank=True)
    rows = models.BigIntegerField(default=1)

    class Meta:
        indexes = [
            models.Index(fields=["subject_kind", "subject", "-at"], name="accesslog_subject"),
            models.Index(fields=["person_id", "day", "kind"], name="accesslog_person_day"),
        ]
