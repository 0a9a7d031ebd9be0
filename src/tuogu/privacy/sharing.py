"""Outside parties and what went to them: the register of sharing and outsourcing (L-06; PIPL 21, 23, 55, 56).

In: a party with its assessment; each sharing with fields, rows, ground. Out: rows that stay; the record of processing.
Never: anything shared with a party that is not registered, not assessed or past its time.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime

import polars as pl
from django.db import transaction
from django.db.models import Count, F, Max, OuterRef, QuerySet, Subquery, Sum

from tuogu.core.custody import business_date, day_bounds
from tuogu.privacy.failures import PrivacyRefused
from tuogu.privacy.kinds import LegalGround
from tuogu.privacy.models import Party, Sharing
from tuogu.rules import queries as rules

_CODE = re.compile(r"[a-z0-9][a-z0-9_-]{1,39}")
_OURS = "subject"  # the customer: no outside party


@dataclass(frozen=True)
class PartyRow:
    """A party as it is registered now. `why_not`: why nothing may be shared with it today; '' = it may."""

    code: str
    name: str
    purpose: str
    ground: str
    assessed_date: date | None
    assessment_ref: str
    until_date: date | None
    why_not: str
    shared: int
    last_at: datetime | None


@dataclass(frozen=True)
class SharingRow:
    """One line of the register."""

    id: int
    at: datetime
    party_code: str
    party_name: str
    purpose: str
    ground: str
    fields: str
    rows: int
    reference: str
    by: int


@dataclass(frozen=True)
class SharingPage:
    """Rows newest first; `older` = the id to go on from, None = that is the end."""

    rows: list[SharingRow]
    older: int | None


@transaction.atomic
def register_party(
    code: str,
    *,
    name: str,
    purpose: str,
    ground: str,
    assessed_date: date | None = None,
    assessment_ref: str = "",
    until_date: date | None = None,
    by: int,
    at: datetime,
) -> None:
    """Register a party, or write down anew what is true of it now. The rows before stay."""
    if not _CODE.fullmatch(code) or code == _OURS:
        raise PrivacyRefused("接收方代码须为小写字母、数字、- 或 _，至少两位；未登记")
    if not name.strip() or not purpose.strip() or ground not in LegalGround.values:
        raise PrivacyRefused("请写明接收方名称、用途和合法性基础；未登记")
    if assessed_date is not None and (assessed_date > business_date(at) or not assessment_ref.strip()):
        raise PrivacyRefused("影响评估须写明编号，日期不能晚于今天；未登记")
    last = Party.objects.filter(code=code).aggregate(last=Max("number"))["last"] or 0
    Party.objects.create(
        code=code, number=last + 1, name=name.strip(), purpose=purpose.strip(), ground=ground,
        assessed_date=assessed_date, assessment_ref=assessment_ref.strip(), until_date=until_date, by_id=by,
        recorded_at=at,
    )  # fmt: skip


def party_of(code: str) -> Party | None:
    """The party as registered now."""
    return _current().filter(code=code).first()


def require_party(code: str, *, on: date) -> PartyRow:
    """The party, if personal data may be shared with it on that day; PrivacyRefused says what is missing."""
    found = party_of(code)
    if found is None:
        raise PrivacyRefused(f"接收方“{code}”没有登记；请先由个人信息保护岗登记并评估，没有提供任何信息")
    why_not = _why_not(found, on)
    if why_not:
        raise PrivacyRefused(f"{found.name}：{why_not}；没有提供任何信息")
    return _row(found, on, 0, None)


def record_sharing(*, party: str, fields: str, rows: int, reference: str, by: int, at: datetime) -> None:
    """Write one sharing with a registered party; the same reference again changes nothing."""
    found = require_party(party, on=business_date(at))
    write_sharing(
        party_code=found.code, party_name=found.name, purpose=found.purpose, ground=found.ground, fields=fields,
        rows=rows, reference=reference, by=by, at=at,
    )  # fmt: skip


def write_sharing(
    *,
    party_code: str,
    party_name: str,
    purpose: str,
    ground: str,
    fields: str,
    rows: int,
    reference: str,
    by: int,
    at: datetime,
) -> None:
    """One row of the register."""
    if Sharing.objects.filter(reference=reference, party_code=party_code).exists():
        return
    Sharing.objects.create(
        party_code=party_code, party_name=party_name, purpose=purpose, ground=ground, fields=fields, rows=rows,
        reference=reference, by_id=by, at=at,
    )  # fmt: skip


def parties(on: date) -> list[PartyRow]:
    """Every party as registered now, by name: two queries."""
    counted = Sharing.objects.values("party_code").annotate(n=Count("id"), last=Max("at"))
    shared = {row["party_code"]: (row["n"], row["last"]) for row in counted}
    return [
        _row(party, on, *shared.get(party.code, (0, None))) for party in _current().order_by("name", "code")
    ]


def sharing_page(*, party: str = "", before: int | None = None, size: int = 50) -> SharingPage:
    """One page of the register, newest first."""
    rows = Sharing.objects.order_by("-id")
    if party:
        rows = rows.filter(party_code=party)
    if before is not None:
        rows = rows.filter(id__lt=before)
    found = list(rows[: size + 1])
    return SharingPage(
        [_line(row) for row in found[:size]], found[size - 1].pk if len(found) > size else None
    )


def processing_record(first: date, last: date) -> pl.DataFrame:
    """The record of processing of a period (PIPL 56): for each party how often, how many rows, which fields."""
    begin, end = day_bounds(first, last)
    rows = Sharing.objects.filter(at__gte=begin, at__lt=end)
    counted = rows.values("party_code", "party_name", "purpose", "ground", "fields").annotate(
        times=Count("id"), total=Sum("rows"), last=Max("at")
    )
    lines = [
        (
            row["party_name"], row["purpose"], LegalGround(row["ground"]).label, row["fields"], row["times"],
            row["total"], f"{row['last']:%Y-%m-%d}",
        )
        for row in counted.order_by("party_name", "purpose", "fields")
    ]  # fmt: skip
    text, whole = pl.String, pl.Int64
    return pl.DataFrame(
        lines,
        schema={
            "接收方": text,
            "用途": text,
            "合法性基础": text,
            "字段": text,
            "次数": whole,
            "行数": whole,
            "最近": text,
        },
        orient="row",
    )


def _current() -> QuerySet[Party]:
    newest = Party.objects.filter(code=OuterRef("code")).order_by("-number").values("number")[:1]
    return Party.objects.annotate(newest=Subquery(newest)).filter(number=F("newest"))


def _why_not(party: Party, on: date) -> str:
    if party.until_date is not None and party.until_date <= on:
        return f"已于 {party.until_date} 停止提供"
    if party.assessed_date is None:
        return "还没有个人信息保护影响评估"
    months = rules.applicable(on)["privacy.assessment_months"]
    total = party.assessed_date.year * 12 + party.assessed_date.month - 1 + months
    again = date(total // 12, total % 12 + 1, min(party.assessed_date.day, 28))
    return "" if on < again else f"影响评估已满 {months} 个月，须重新评估"


def _row(party: Party, on: date, shared: int, last_at: datetime | None) -> PartyRow:
    return PartyRow(
        party.code, party.name, party.purpose, party.ground, party.assessed_date, party.assessment_ref,
        party.until_date, _why_not(party, on), shared, last_at,
    )  # fmt: skip


def _line(row: Sharing) -> SharingRow:
    return SharingRow(
        row.pk, row.at, row.party_code, row.party_name, row.purpose, row.ground, row.fields, row.rows, row.reference,
        row.by_id,
    )  # fmt: skip
