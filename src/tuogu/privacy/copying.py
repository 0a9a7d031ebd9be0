"""The whole file of what is stored about a person, made once for the person (L-07, PIPL 45).

In: a request for a copy, with the identity checked. Out: a zip with a workbook and the same as JSON, sealed in the database
until it is fetched or its days are over. Never: a second copy to one request, a copy that is not in the register of sharing
and in the access log, somebody else's data (of staff only the number).

Rooms above this one add what they store by `also_in_copies`.
"""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Callable, Iterable
from datetime import date, datetime
from io import BytesIO
from typing import Any

import polars as pl
from django.db import transaction

from tuogu.accesslog import actions as accesslog
from tuogu.accesslog import queries as looks
from tuogu.books import queries as books
from tuogu.core.custody import SHANGHAI
from tuogu.files.safe_excel import open_workbook, text_format
from tuogu.ledger import queries as ledger
from tuogu.ledger.kinds import EntryKind, Relation
from tuogu.org import queries as org
from tuogu.privacy.failures import PrivacyRefused
from tuogu.privacy.kinds import Channel, LegalGround, Purpose, RequestKind, RequestState, Said, Source
from tuogu.privacy.models import SubjectCopy
from tuogu.privacy.requests import open_request
from tuogu.privacy.sharing import write_sharing
from tuogu.privacy.statements import history
from tuogu.vault.blobs import open_bytes, seal_bytes

SUBJECT, SUBJECT_NAME = "subject", "客户本人"
_LOOKS_MAX = 5_000  # of one number: more would be a finding of its own
_MORE: dict[str, Callable[[str], pl.DataFrame]] = {}


def also_in_copies(title: str, read: Callable[[str], pl.DataFrame]) -> None:
    """A room above adds a sheet: `read` gives its frame, headings in Chinese, for a customer number."""
    _MORE[title] = read


@transaction.atomic
def make_copy(request_id: int, *, by: int, at: datetime) -> int:
    """Make the file of a request; returns its rows. PrivacyRefused: the identity was not checked, or it was made before."""
    request = open_request(request_id, RequestState.CHECKED, RequestState.IN_WORK)
    if request.kind != RequestKind.COPY:
        raise PrivacyRefused("这项请求不是查阅、复制请求；没有制作")
    if SubjectCopy.objects.filter(request=request).exists():
        raise PrivacyRefused("副本已经制作过；一项请求只制作一次，请领取已有的副本")
    tables = everything_about(request.customer_number)
    content = _zipped(tables)
    rows = sum(frame.height for frame in tables.values())
    SubjectCopy.objects.create(
        request=request, content_sealed=seal_bytes(content), digest=hashlib.sha256(content).hexdigest(), rows=rows,
        made_by_id=by, made_at=at,
    )  # fmt: skip
    write_sharing(
        party_code=SUBJECT, party_name=SUBJECT_NAME, purpose="查阅、复制个人信息", ground=LegalGround.RIGHT,
        fields="、".join(tables), rows=rows, reference=f"request:{request.pk}", by=by, at=at,
    )  # fmt: skip
    return rows


@transaction.atomic
def fetch_copy(request_id: int, *, by: int, at: datetime) -> bytes:
    """The zip in clear, to hand over; each time is noted. PrivacyRefused: there is none, or its days are over."""
    copy = (
        SubjectCopy.objects.select_for_update()
        .select_related("request")
        .filter(request_id=request_id)
        .first()
    )
    if copy is None or copy.content_sealed is None:
        raise PrivacyRefused("没有可领取的副本，或已过保存期清除；请重新受理请求")
    if copy.fetched_at is None:
        copy.fetched_by_id, copy.fetched_at = by, at
        copy.save(update_fields=["fetched_by", "fetched_at"])
    accesslog.record(
        by=by, kind="export", subject_kind="customer", subject=copy.request.customer_number, fields="全部",
        reason=f"本人查阅复制，请求 {request_id}", rows=copy.rows, at=at,
    )  # fmt: skip
    return open_bytes(bytes(copy.content_sealed))


def everything_about(number: str) -> dict[str, pl.DataFrame]:
    """Chinese title → frame of everything stored about the person, under any of the own numbers, in clear."""
    numbers = books.same_person([number])["same"].to_list()
    tables: dict[str, pl.DataFrame] = {}
    for one in numbers:
        suffix = "" if len(numbers) == 1 else f"（{one}）"
        tables |= {f"{title}{suffix}": frame for title, frame in books.whole_file(one).items()}
    policies = sorted({policy for one in numbers for policy, _subject in books.policies_of(one)})
    tables["责任人历史"] = _custody([*policies, *numbers])
    tables["意愿登记"] = _consents(number)
    tables["谁查看过"] = _looks(numbers, policies)
    for title, read in _MORE.items():
        parts = [frame for one in numbers if (frame := read(one)).height]
        tables[title] = pl.concat(parts, how="vertical_relaxed") if parts else pl.DataFrame({"记录": []})
    return tables


def _custody(numbers: Iterable[str]) -> pl.DataFrame:
    relations = {str(one.value): str(one.label) for one in Relation}
    kinds = {str(one.value): str(one.label) for one in EntryKind}
    rows = [
        (
            number,
            relations[row["relation"]],
            kinds[row["kind"]],
            row["effective_date"],
            row["new_custodian_id"],
        )
        for number in numbers
        for row in ledger.history(number).iter_rows(named=True)
    ]
    called = org.labels({row[-1] for row in rows if row[-1] is not None})
    return _frame(
        ("号码", "关系", "事由", "生效日", "工号或公共池"),
        [(*row[:-1], called.get(row[-1], "") if row[-1] is not None else "（终止）") for row in rows],
    )


def _consents(number: str) -> pl.DataFrame:
    rows = [
        (
            one.said_at, Purpose(one.purpose).label, Channel(one.channel).label, Said(one.said).label,
            Source(one.source).label, one.text_version,
        )
        for one in history(number)
    ]  # fmt: skip
    return _frame(("时间", "用途", "方式", "意愿", "来源", "告知文本版本"), rows)


def _looks(numbers: Iterable[str], policies: Iterable[str]) -> pl.DataFrame:
    subjects = [("customer", one) for one in numbers] + [("policy", one) for one in policies]
    found = [(one, look) for kind, one in subjects for look in looks.who_looked(kind, one, limit=_LOOKS_MAX)]
    called = org.labels({look.person for _number, look in found})
    rows = [(look.at, number, look.label, called.get(look.person, ""), look.fields) for number, look in found]
    return _frame(("时间", "号码", "方式", "经办工号", "查看内容"), rows)


def _frame(titles: tuple[str, ...], rows: list[tuple[Any, ...]]) -> pl.DataFrame:
    texts = [[None if value is None else _text(value) for value in row] for row in rows]
    return pl.DataFrame(texts, schema=dict.fromkeys(titles, pl.String), orient="row")


def _text(value: Any) -> str:
    if isinstance(value, datetime):
        return f"{value.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"
    return value.isoformat() if isinstance(value, date) else str(value)


def _zipped(tables: dict[str, pl.DataFrame]) -> bytes:
    """The workbook for people and the JSON for machines (PIPL 45: it may be carried elsewhere)."""
    book, both = BytesIO(), BytesIO()
    with open_workbook(book) as workbook:
        bold = text_format(workbook, bold=True)
        for place, (title, frame) in enumerate(tables.items(), 1):
            sheet = workbook.add_worksheet(f"{place} {title}"[:31])  # Excel's limit of a sheet's name
            for column, name in enumerate(frame.columns):
                sheet.write_string(0, column, name, bold)
                for row, value in enumerate(frame[name].to_list(), 1):
                    sheet.write_string(row, column, "" if value is None else _text(value))
            sheet.autofit()
    plain = {
        title: [
            {k: None if v is None else _text(v) for k, v in row.items()}
            for row in frame.iter_rows(named=True)
        ]
        for title, frame in tables.items()
    }
    with zipfile.ZipFile(both, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("个人信息副本.xlsx", book.getvalue())
        archive.writestr("个人信息副本.json", json.dumps(plain, ensure_ascii=False, indent=1))
    return both.getvalue()
