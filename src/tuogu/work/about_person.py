"""What this room stores about one person: told in a copy for the person (L-07, PIPL 45), emptied when the person is erased.

In: customer numbers. Out: frames in clear for the copy; emptied values, one transaction with the deletion. Never: a
fact taken away: that somebody visited, when, with what outcome, stays.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

import polars as pl

from tuogu import vault
from tuogu.core.custody import SHANGHAI
from tuogu.org import append_only
from tuogu.org import queries as org
from tuogu.privacy import actions as privacy
from tuogu.work.models import Attachment, Conflict, FamilyMember, OutsidePolicy, Record, Referral

_RECORDS = ("时间", "方式", "目的", "结果", "内容", "位置", "附件", "满意度调查", "经办工号")
_FAMILY = ("关系", "姓名", "性别", "出生日期", "登记时间", "登记人")
_OUTSIDE = ("内容", "登记时间", "登记人")
_REFERRED = ("姓名", "电话", "登记时间", "登记人")
_SEALED = (  # model, its column of the customer, what is emptied
    (Conflict, "customer_number", ("payload_sealed",)),
    (FamilyMember, "customer_number", ("name_sealed", "birth_sealed")),
    (OutsidePolicy, "customer_number", ("detail_sealed",)),
    (Referral, "customer_number", ("name_sealed", "phone_sealed")),
    (Referral, "to_customer_number", ("name_sealed", "phone_sealed")),
    (Attachment, "record__customer_number", ("content_sealed",)),
    (Record, "customer_number", ("detail_sealed", "place_sealed")),
)


def join_in() -> None:
    """Copies and deletions of a person ask this room, too."""
    sheets: dict[str, Callable[[str], pl.DataFrame]] = {
        "服务记录": _records, "家庭成员": _family, "他司保单": _outside, "转介绍": _referred,
    }  # fmt: skip
    for title, read in sheets.items():
        privacy.also_in_copies(title, read)
    privacy.also_erased("服务记录与家庭成员", erase)


def _records(number: str) -> pl.DataFrame:
    rows = list(Record.objects.filter(customer_number=number).select_related("satisfaction").order_by("pk"))
    details = vault.open_texts(row.detail_sealed for row in rows)
    places = vault.open_texts(row.place_sealed for row in rows)
    who, papers = org.labels(row.by_id for row in rows), _papers(number)
    return _frame(
        _RECORDS,
        [
            (
                _moment(row.happened_at), row.get_kind_display(), row.get_purpose_display(), row.get_outcome_display(),
                _words(detail), _words(place), papers.get(row.pk), _answers(row), who.get(row.by_id),
            )
            for row, detail, place in zip(rows, details, places, strict=True)
        ],
    )  # fmt: skip


def _papers(number: str) -> dict[int, str]:
    """Record → its papers: kind and digest."""
    found: dict[int, list[str]] = {}
    for row in Attachment.objects.filter(record__customer_number=number).defer("content_sealed"):
        found.setdefault(row.record_id, []).append(f"{row.get_kind_display()} {row.digest}")
    return {record: "；".join(lines) for record, lines in found.items()}


def _answers(row: Record) -> str | None:
    form = getattr(row, "satisfaction", None)
    return None if form is None else json.dumps(form.answers, ensure_ascii=False)


def _family(number: str) -> pl.DataFrame:
    rows = list(FamilyMember.objects.filter(customer_number=number).order_by("pk"))
    names, births = (
        vault.open_texts(getattr(row, c) for row in rows) for c in ("name_sealed", "birth_sealed")
    )
    who = org.labels(row.by_id for row in rows)
    return _frame(
        _FAMILY,
        [
            (row.relation, name, row.sex, birth, _moment(row.at), who.get(row.by_id))
            for row, name, birth in zip(rows, names, births, strict=True)
        ],
    )


def _outside(number: str) -> pl.DataFrame:
    rows = list(OutsidePolicy.objects.filter(customer_number=number).order_by("pk"))
    who, details = org.labels(row.by_id for row in rows), vault.open_texts(row.detail_sealed for row in rows)
    told = [
        (_words(detail), _moment(row.at), who.get(row.by_id))
        for row, detail in zip(rows, details, strict=True)
    ]
    return _frame(_OUTSIDE, told)


def _referred(number: str) -> pl.DataFrame:
    rows = list(Referral.objects.filter(customer_number=number).order_by("pk"))
    names, phones = (
        vault.open_texts(getattr(row, c) for row in rows) for c in ("name_sealed", "phone_sealed")
    )
    who = org.labels(row.by_id for row in rows)
    return _frame(
        _REFERRED,
        [
            (name, phone, _moment(row.at), who.get(row.by_id))
            for row, name, phone in zip(rows, names, phones, strict=True)
        ],
    )


def _words(sealed: str | None) -> str | None:
    """JSON as a person reads it: every value with its name."""
    told: Any = json.loads(sealed) if sealed else None
    if not isinstance(told, dict):
        return sealed
    return "；".join(f"{name} {value}" for name, value in told.items() if value) or None


def _moment(at: datetime) -> str:
    return at.astimezone(SHANGHAI).isoformat(timespec="minutes")


def _frame(columns: Sequence[str], rows: list[tuple[Any, ...]]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=dict.fromkeys(columns, pl.String), orient="row")


def erase(numbers: Sequence[str], *, by: int, at: datetime) -> int:  # noqa: ARG001 - the deletion names who and when
    """Empty what was said, where, by whom it was signed, who belongs to the family."""
    emptied = 0
    for model, column, values in _SEALED:
        with append_only.lifted(model._meta.db_table):
            rows = model.objects.filter(**{f"{column}__in": list(numbers)})
            emptied += rows.update(**dict.fromkeys(values))
    return emptied
