"""Writes about uploads: receive one, choose what its headers mean, commit it, throw it away, delete what is past its time.

Nothing here reads a file: that is a job. Never: a file kept that was refused, an upload of somebody else changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import PurePath

from tuogu.files import HeaderMapping, Limits
from tuogu.jobs import queueing, uploads
from tuogu.jobs.failures import JobRefused
from tuogu.jobs.models import JobRun, Upload

SUFFIXES = (".xlsx", ".xlsm", ".xls", ".csv", ".txt", ".tsv", ".parquet")
_CITY_DIGITS = (4, 6)  # of a city's code, short and whole
OPEN_UPLOADS_MAX = 20  # of one person: each keeps a file on disk


@dataclass(frozen=True)
class SentFile:
    """A file as a face received it."""

    name: str
    size_bytes: int
    chunks: Iterable[bytes]


def receive(
    sent: Sequence[SentFile], *, data_date: date, coverage: str, city: str, by: int, at: datetime, today: date
) -> str:
    """Store the files of one upload and ask for its dry run; returns its key. JobRefused, with nothing kept, when a file
    cannot be one of ours by name or size, or the data date lies ahead."""
    _judge(sent, data_date, coverage, city, today)
    if (
        Upload.objects.filter(asked_by=by, import_run__isnull=True, purged_at__isnull=True).count()
        >= OPEN_UPLOADS_MAX
    ):
        raise JobRefused(f"你有 {OPEN_UPLOADS_MAX} 个上传还没处理，请先导入或放弃其中一些")
    key = uploads.new_key()
    try:
        for file in sent:
            uploads.write_source(key, file.name, file.chunks)
    except FileExistsError as twice:
        uploads.drop(key)
        raise JobRefused("有两个文件同名，请改名后再上传") from twice
    names = "、".join(PurePath(file.name).name for file in sent)
    Upload.objects.create(
        key=key, file_name=names[:255], size_bytes=sum(f.size_bytes for f in sent), data_date=data_date,
        coverage=coverage, city=city, asked_by=by, asked_at=at,
    )  # fmt: skip
    check(key, by=by, at=at)
    return key


def _judge(sent: Sequence[SentFile], data_date: date, coverage: str, city: str, today: date) -> None:
    limits = Limits()
    if not sent:
        raise JobRefused("请选择文件")
    if len(sent) > limits.files_max:
        raise JobRefused(f"一次最多 {limits.files_max} 个文件")
    for file in sent:
        if not file.name.lower().endswith(SUFFIXES):
            raise JobRefused(f"{file.name}：只收 Excel（xlsx、xls）、csv 和 Parquet 文件")
        if file.size_bytes == 0:
            raise JobRefused(f"{file.name}：文件是空的（0 字节）")
        if file.size_bytes > limits.text_bytes:
            raise JobRefused(
                f"{file.name}：{file.size_bytes >> 20:,} MB，超过上限 {limits.text_bytes >> 20} MB"
            )
    if coverage not in {"full", "partial"}:
        raise JobRefused("请选择全量或增量")
    if data_date > today:
        raise JobRefused(f"数据日期 {data_date} 晚于今天 {today}")
    if city and not (city.isdecimal() and len(city) in _CITY_DIGITS):
        raise JobRefused(f"城市代码“{city}”应为 4 位或 6 位数字，例如 330200")


def check(key: str, *, by: int, at: datetime) -> int:
    """Ask for the dry run of an upload (again)."""
    upload = _own(key, by)
    job = queueing.ask(
        kind="preview_import",
        title=upload.file_name,
        arguments={"key": key, "mapping": upload.mapping},
        by=by,
        at=at,
    )
    Upload.objects.filter(pk=upload.pk).update(preview_job=job)
    return job


def choose_mapping(key: str, mapping: HeaderMapping, *, by: int, at: datetime) -> int:
    """Keep what the clerk says the headers mean, and ask for the dry run anew; returns its job."""
    upload = _own(key, by)
    Upload.objects.filter(pk=upload.pk).update(mapping=mapping.as_json())
    return check(key, by=by, at=at)


def commit(key: str, *, by: int, at: datetime) -> int:
    """Ask for the import itself; returns its job. JobRefused unless the dry run has ended well."""
    upload = _own(key, by)
    if upload.import_run is not None:
        raise JobRefused("这份文件已经入库")
    preview = JobRun.objects.filter(pk=upload.preview_job or 0).first()
    if preview is None or preview.state != JobRun.State.DONE:
        raise JobRefused("试导入还没有完成，不能入库")
    job = queueing.ask(kind="import", title=upload.file_name, arguments={"key": key}, by=by, at=at)
    Upload.objects.filter(pk=upload.pk).update(import_job=job)
    return job


def discard(key: str, *, by: int, at: datetime) -> None:
    """Throw an upload away, its files at once; JobRefused while it is being imported or once it was."""
    upload = _own(key, by)
    if upload.import_run is not None:
        raise JobRefused("这份文件已经入库；要退回请用“撤回导入”")
    if _is_open(upload.import_job):
        raise JobRefused("正在入库，不能放弃；可先取消作业")
    if upload.preview_job is not None and _is_open(upload.preview_job):
        queueing.cancel(upload.preview_job, by=by, at=at)
    Upload.objects.filter(pk=upload.pk).update(purged_at=at)
    uploads.drop(key)


def purge(*, at: datetime, kept_days: int) -> int:
    """Delete the folders of uploads older than `kept_days`; returns how many. Running again deletes nothing more."""
    old = Upload.objects.filter(asked_at__lt=at - timedelta(days=kept_days), purged_at__isnull=True)
    keys = list(old.values_list("key", flat=True))
    for key in keys:
        uploads.drop(key)
    Upload.objects.filter(key__in=keys).update(purged_at=at)
    kept = set(Upload.objects.filter(purged_at__isnull=True).values_list("key", flat=True))
    for key in (
        uploads.keys() - kept
    ):  # left behind by a job that was writing while its upload was thrown away
        uploads.drop(key)
    return len(keys)


def _is_open(job: int | None) -> bool:
    return JobRun.objects.filter(pk=job or 0, state__in=(JobRun.State.QUEUED, JobRun.State.RUNNING)).exists()


def _own(key: str, by: int) -> Upload:
    upload = Upload.objects.filter(key=key, purged_at__isnull=True).first()
    if upload is None:
        raise JobRefused("没有这份上传，或已按期删除")
    if upload.asked_by != by:
        raise JobRefused("这份文件是别人上传的，请由上传人处理")
    return upload
