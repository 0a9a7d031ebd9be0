"""The tables of this room. Private: other rooms use `actions` and `queries`.

An export is a wish that never changes; what became of it is a row of `Act` each time. Both are append-only by triggers.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q

PERSONAL: dict[str, dict[str, str]] = {  # model -> {field: class}; C3 secret, C2 personal, C1 business, C0 technical
    "Export": {
        "id": "C0", "code": "C0", "kind": "C0", "title": "C1", "query": "C1", "fields": "C1", "rows": "C1",
        "clear": "C1", "outside": "C1", "reason": "C1", "by": "C1", "asked_at": "C1", "needs_approval": "C1",
        "kept_days": "C1", "canaries": "C1",
    },
    "Act": {
        "id": "C0", "export": "C0", "kind": "C0", "by": "C1", "at": "C1", "rows": "C1", "file": "C0", "size_bytes": "C0",
        "digest": "C0", "note": "C1",
    },
    "Canary": {"id": "C0", "export": "C0", "number": "C1"},
}  # fmt: skip


class Export(models.Model):
    """One wish for a file: what, why, by whom, and the rules it was asked under."""

    code = models.TextField(unique=True)  # stands in every sheet of the file
    kind = models.TextField()
    title = models.TextField()
    query = models.JSONField()  # filters and numbers of business things; never a name, a phone, an ID
    fields = models.TextField(blank=True)
    rows = models.BigIntegerField()  # as counted when it was asked for
    clear = models.BooleanField()
    outside = models.TextField(blank=True)  # whom the file is meant for outside the house
    reason = models.TextField()
    by = models.ForeignKey("org.Custodian", models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(db_index=True)
    needs_approval = models.BooleanField()
    kept_days = models.BigIntegerField()
    canaries = models.BigIntegerField()  # how many invented rows a long list gets


class Act(models.Model):
    """What became of an export."""

    class Kind(models.TextChoices):
        APPROVED = "approved", "同意导出"
        DECLINED = "declined", "不同意"
        WITHDRAWN = "withdrawn", "申请人撤回"
        BUILT = "built", "文件已生成"
        FAILED = "failed", "未能生成"
        FETCHED = "fetched", "下载"
        EXPIRED = "expired", "到期删除"

    export = models.ForeignKey(Export, models.PROTECT, related_name="acts")
    kind = models.TextField(choices=Kind.choices)
    by = models.ForeignKey("org.Custodian", models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField(db_index=True)
    rows = models.BigIntegerField(null=True)  # of a built file, invented rows not counted
    file = models.TextField(blank=True)  # under which name its sealed bytes lie
    size_bytes = models.BigIntegerField(null=True)
    digest = models.TextField(blank=True)  # SHA-256 of the file as it is handed out
    note = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="exports_act_kind",
                condition=Q(kind__in=[
                    "approved", "declined", "withdrawn", "built", "failed", "fetched", "expired",
                ]),
            ),
            models.UniqueConstraint(  # decided once, built once, deleted once
                name="exports_act_once",
                fields=["export", "kind"],
                condition=Q(kind__in=["approved", "declined", "withdrawn", "built", "expired"]),
            ),
        ]  # fmt: skip


class Canary(models.Model):
    """An invented row of one export: its policy number leads back to it."""

    export = models.ForeignKey(Export, models.PROTECT, related_name="invented")
    number = models.TextField(unique=True)
