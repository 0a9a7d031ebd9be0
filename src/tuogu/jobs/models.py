"""The progress row of a job. Private to this room; lies in the side database, so ids are plain numbers."""

from __future__ import annotations

from django.db import models

PERSONAL = {  # model -> {field: class}; C2 personal, C1 business, C0 technical
    "JobRun": {
        "id": "C0", "kind": "C0", "title": "C1", "state": "C0", "asked_by": "C1", "asked_at": "C1", "arguments": "C1",
        "step": "C0", "done_percent": "C0", "steps": "C0", "started_at": "C0", "heartbeat_at": "C0",
        "lease_until": "C0", "finished_at": "C0", "cancel_asked": "C0", "attempts": "C0", "result": "C1",
        "failure": "C1",
    },
}  # fmt: skip


class JobRun(models.Model):
    """One long run: who asked for what, how far it is, what came of it. `arguments` and `result` are plain JSON."""

    class State(models.TextChoices):
        QUEUED = "queued", "排队中"
        RUNNING = "running", "进行中"
        DONE = "done", "已完成"
        REFUSED = "refused", "未执行"
        CANCELLED = "cancelled", "已取消"
        FAILED = "failed", "出错"

    kind = models.CharField(max_length=16)  # preview_import | import | plan
    title = models.TextField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.QUEUED)
    asked_by = models.BigIntegerField(db_index=True)
    asked_at = models.DateTimeField()
    arguments = models.JSONField()
    step = models.TextField(blank=True)
    done_percent = models.SmallIntegerField(default=0)
    steps = models.JSONField(default=list)  # [name, seconds] of the steps behind
    started_at = models.DateTimeField(null=True)
    heartbeat_at = models.DateTimeField(null=True)
    lease_until = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    cancel_asked = models.BooleanField(default=False)
    attempts = models.SmallIntegerField(default=0)
    result = models.JSONField(default=dict)
    failure = models.TextField(blank=True)  # why it was refused or failed, in Chinese

    class Meta:
        indexes = [models.Index(fields=["kind", "-asked_at"], name="jobs_kind_newest")]
