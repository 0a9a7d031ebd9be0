"""Progress rows of jobs, uploads, and what headers were said to mean. Private to this room; they lie in the side
database, so ids are plain numbers. No customer stands in any of them: what a file holds lies in the folder of uploads.
"""

from __future__ import annotations

from django.db import models

PERSONAL = {  # model -> {field: class}; C2 personal, C1 business, C0 technical
    "JobRun": {
        "id": "C0", "kind": "C0", "title": "C1", "state": "C0", "asked_by": "C1", "asked_at": "C1", "arguments": "C1",
        "step": "C0", "done_percent": "C0", "steps": "C0", "started_at": "C0", "heartbeat_at": "C0",
        "lease_until": "C0", "finished_at": "C0", "cancel_asked": "C0", "attempts": "C0", "result": "C1",
        "failure": "C1",
    },
    "Upload": {
        "id": "C0", "key": "C0", "file_name": "C1", "size_bytes": "C0", "data_date": "C1", "coverage": "C1",
        "city": "C1", "mapping": "C1", "asked_by": "C1", "asked_at": "C1", "preview_job": "C0", "import_job": "C0",
        "import_run": "C0", "purged_at": "C0",
    },
    "KnownHeaders": {"id": "C0", "header_key": "C0", "mapping": "C1", "by": "C1", "at": "C1"},
    "WorkerSeen": {"id": "C0", "name": "C0", "started_at": "C0", "seen_at": "C0"},
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


class Upload(models.Model):
    """One upload that waits to become an import. Its files lie in the folder named `key`, until `purged_at`."""

    key = models.CharField(max_length=32, unique=True)
    file_name = models.CharField(max_length=255)  # as the clerk called it
    size_bytes = models.BigIntegerField()
    data_date = models.DateField()
    coverage = models.CharField(max_length=8)  # full | partial
    city = models.CharField(max_length=6, blank=True)  # '' = what the institutions say
    mapping = models.JSONField(default=dict)  # HeaderMapping as the clerk chose it; {} = nothing chosen
    asked_by = models.BigIntegerField(db_index=True)
    asked_at = models.DateTimeField()
    preview_job = models.BigIntegerField(null=True)
    import_job = models.BigIntegerField(null=True)
    import_run = models.BigIntegerField(null=True)  # of books, once it is stored
    purged_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["import_run"], name="jobs_upload_run")]


class KnownHeaders(models.Model):
    """What the headers of one set of sheets were last said to mean, so that nobody is asked again."""

    header_key = models.CharField(max_length=64, unique=True)
    mapping = models.JSONField()
    by = models.BigIntegerField()
    at = models.DateTimeField()


class WorkerSeen(models.Model):
    """A worker process and when it was last heard of; it goes when the worker ends well."""

    name = models.CharField(max_length=64, unique=True)
    started_at = models.DateTimeField()
    seen_at = models.DateTimeField()
