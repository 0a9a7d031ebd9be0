"""From a granted export to a file that its asker fetches, and to the file's end.

In: an export's id. Out: a sealed file with watermark and (in long lists) invented rows; its bytes, each fetch counted; the
deletion at its expiry. Never: a file of an export that nobody granted, bytes for anybody but the asker, a second build.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from django.db import transaction
from django.db.models import Exists, OuterRef

from tuogu.accesslog import actions as accesslog
from tuogu.core.custody import business_date
from tuogu.exports import store
from tuogu.exports.canaries import invented
from tuogu.exports.failures import ExportExpired, ExportRefused
from tuogu.exports.kinds import BuildRefused, Built, Kind, Order, Paper, Table, kind_of
from tuogu.exports.models import Act, Canary, Export
from tuogu.files.listed import write_list
from tuogu.files.watermark import Mark, marked
from tuogu.org import queries as org
from tuogu.org.rights import rights_of

_STRAY_FOR = timedelta(days=1)  # a file that no export knows of after so long was left by a crash
_GRANTED_BY = (Act.Kind.APPROVED,)
_ENDED = (Act.Kind.DECLINED, Act.Kind.WITHDRAWN, Act.Kind.EXPIRED)


@dataclass(frozen=True)
class Fetched:
    """A file as it is handed out."""

    content: bytes
    name: str
    code: str


def build(export: int, *, canary_range: int, at: datetime) -> int:
    """Build the file of a granted export unless it is there; returns its rows. ExportRefused when it cannot be had: the
    reason stands in its history as well."""
    row = Export.objects.get(pk=export)
    done = row.acts.filter(kind=Act.Kind.BUILT).first()
    if done is not None:
        return int(done.rows or 0)
    _granted(row)
    kind = kind_of(row.kind)
    _still_may(kind, row.by_id, at)
    try:
        built = kind.build(Order(row.code, row.kind, row.query, row.by_id, at))
    except BuildRefused as refused:
        Act.objects.create(export=row, kind=Act.Kind.FAILED, by_id=row.by_id, at=at, note=str(refused)[:500])
        raise ExportRefused(f"{refused}；没有导出任何数据") from refused
    shown, numbers = built, list[str]()
    if row.canaries and isinstance(built, Table):
        shown, numbers = invented(_nobodys(built), row.code, row.canaries, canary_range)
    content = _written(row, shown, at)
    note = f"另有虚构行 {len(numbers)} 行，不计入行数" if numbers else ""
    if isinstance(built, Paper) and built.printed:
        note = printed_note(built.printed)
    _keep(row, content, built.rows, numbers, note, at)
    return built.rows


def fetch(export: int, *, by: int, at: datetime) -> Fetched:
    """The bytes, for who asked; each fetch is counted and logged. ExportExpired once it was deleted, ExportRefused where
    there is nothing to fetch or the right is gone."""
    row = Export.objects.filter(pk=export, by_id=by).first()
    built = row.acts.filter(kind=Act.Kind.BUILT).first() if row else None
    if row is None or built is None:
        raise ExportRefused("没有可下载的文件：导出不存在、还没有生成，或不是您申请的")
    kind = kind_of(row.kind)
    _still_may(kind, by, at)
    content = None if at >= expires_at(row, built.at) else store.fetch(built.file)
    if content is None:
        raise ExportExpired("文件已到期删除；需要时请重新导出，并再写一次原因")
    with transaction.atomic():
        Act.objects.create(export=row, kind=Act.Kind.FETCHED, by_id=by, at=at)
        accesslog.record_export(
            by=by, subject=row.code, rows=int(built.rows or 0), fields=row.fields, reason=row.reason, at=at
        )
    suffix = row.query.get("suffix", kind.suffix)
    return Fetched(content, f"{row.title}-{business_date(row.asked_at):%Y%m%d}.{suffix}", row.code)


def expire(*, by: int, at: datetime) -> int:
    """Delete the files that are past their days, and those that no export knows; returns how many exports ended."""
    ended = Act.objects.filter(export=OuterRef("export"), kind=Act.Kind.EXPIRED)
    waiting = Act.objects.select_related("export").filter(~Exists(ended), kind=Act.Kind.BUILT)
    past = [act for act in waiting if at >= expires_at(act.export, act.at)]
    for act in past:
        store.drop(act.file)
        Act.objects.create(export=act.export, kind=Act.Kind.EXPIRED, by_id=by, at=at)
    strays = store.keys(older_than=at - _STRAY_FOR)
    for key in strays - set(Act.objects.filter(file__in=strays).values_list("file", flat=True)):
        store.drop(key)
    return len(past)


def expires_at(export: Export, built_at: datetime) -> datetime:
    """The moment from which the file is gone."""
    return built_at + timedelta(days=export.kept_days)


def _granted(row: Export) -> None:
    acts = set(row.acts.values_list("kind", flat=True))
    if acts & set(_ENDED) or (row.needs_approval and not acts & set(_GRANTED_BY)):
        raise ExportRefused("这份导出还没有获得同意，或已经结束；没有导出任何数据")


def _still_may(kind: Kind, person: int, at: datetime) -> None:
    """A right that was lost since takes the file with it."""
    standing = org.standing(person, business_date(at))
    if standing is None or not kind.open_to(rights_of(standing.roles)):
        raise ExportRefused(f"您已没有导出“{kind.label}”的权限；没有导出任何数据")


def _written(row: Export, built: Built, at: datetime) -> bytes:
    """The file with its watermark (N-13); a signed one is handed out byte for byte."""
    if isinstance(built, Paper) and kind_of(row.kind).signed:
        return _put(built, row)
    called = org.known_as([row.by_id])[row.by_id]
    with marked(Mark(f"{called.name} {called.staff_number}".strip(), at, row.code)):
        if isinstance(built, Table):
            columns = [(column.head, column.values) for column in built.columns]
            return write_list(built.title, columns, created=at).getvalue()
        return _put(built, row)


def _put(paper: Paper, row: Export) -> bytes:
    with tempfile.TemporaryDirectory(prefix="tuogu-export-") as folder:
        path = Path(folder) / f"{row.code}.{kind_of(row.kind).suffix}"
        paper.write(path)
        return path.read_bytes()


def _nobodys(table: Table) -> Table:
    """The table, for which the numbers of earlier invented rows are taken as well."""

    def taken(numbers: Collection[str]) -> Collection[str]:
        real = set(table.taken(numbers)) if table.taken else set[str]()
        return real | set(Canary.objects.filter(number__in=numbers).values_list("number", flat=True))

    return replace(table, taken=taken)


def printed_note(digest: str) -> str:
    """How the history of an export says which digest stands in its paper."""
    return f"内容摘要 {digest}"


def _keep(row: Export, content: bytes, rows: int, numbers: list[str], note: str, at: datetime) -> None:
    key = store.keep(content)
    try:
        with transaction.atomic():
            Canary.objects.bulk_create(Canary(export=row, number=number) for number in numbers)
            Act.objects.create(
                export=row, kind=Act.Kind.BUILT, by_id=row.by_id, at=at, rows=rows, file=key, size_bytes=len(content),
                digest=hashlib.sha256(content).hexdigest(), note=note,
            )  # fmt: skip
    except BaseException:
        store.drop(key)
        raise
