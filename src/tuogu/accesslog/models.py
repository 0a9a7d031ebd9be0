"""The access log. Private to this room. Rows hold no foreign keys: they outlive what they speak of."""

from __future__ import annotations

from django.db import models

PERSONAL = {  # model -> {field: class}; C2 personal, C1 business, C0 technical
    "Sighting": {
        "id": "C0", "at": "C1", "day": "C1", "person_id": "C1", "kind": "C1", "subject_kind": "C1", "subject": "C1",
        "fields": "C1", "reason": "C1", "rows": "C1", "digest": "C0", "mark": "C0",
    },
    "Retention": {"id": "C0", "before_day": "C1", "kept_days": "C1", "rows": "C1", "by_id": "C1", "at": "C1"},
}  # fmt: skip


class Sighting(models.Model):
    """One look at personal data: a record opened (masked), a page of a list, a value in clear, a file, a print."""

    class Kind(models.TextChoices):
        OPEN = "open", "打开，脱敏"
        LIST = "list", "浏览清单"
        REVEAL = "reveal", "查看明文"
        EXPORT = "export", "导出"
        PRINT = "print", "打印"
        APPROVE = "approve", "审批导出"
        REFUSED = "refused", "超限未显示"

    at = models.DateTimeField()
    day = models.DateField()  # business day, Asia/Shanghai: reveals and rows are counted by it
    person_id = models.BigIntegerField()
    kind = models.CharField(max_length=8, choices=Kind.choices)
    subject_kind = models.CharField(max_length=16)  # policy | customer | person | list | export
    subject = models.CharField(max_length=64)  # its number; of a list: the name of its page
    fields = models.CharField(max_length=64, blank=True)
    reason = models.TextField(blank=True)
    rows = models.BigIntegerField(default=1)
    digest = models.CharField(max_length=16, blank=True)  # of a list: keyed digest of what it was narrowed to
    mark = models.CharField(max_length=20, blank=True)  # what a print of this page carries in its footer

    class Meta:
        indexes = [
            models.Index(fields=["subject_kind", "subject", "-at"], name="accesslog_subject"),
            models.Index(fields=["person_id", "day", "kind"], name="accesslog_person_day"),
            models.Index(fields=["day"], name="accesslog_day"),
            models.Index(fields=["mark"], name="accesslog_mark", condition=~models.Q(mark="")),
        ]


class Retention(models.Model):
    """One removal of rows past their days. Its row is the permit: the triggers let go of nothing that no permit covers."""

    before_day = models.DateField()  # rows of earlier days may go
    kept_days = models.BigIntegerField()
    rows = models.BigIntegerField()
    by_id = models.BigIntegerField()
    at = models.DateTimeField()
