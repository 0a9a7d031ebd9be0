"""Who belongs to a customer's family, what they hold with other insurers, whom the customer named: as told, row by row.

In: what the customer said. Out: sealed rows; what stands today. Never: a row changed (a change withdraws the row
before), a name in clear in the database.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from tuogu import vault
from tuogu.books import queries as books
from tuogu.core.custody import business_date
from tuogu.work import whose
from tuogu.work.failures import WorkRefused
from tuogu.work.limits import limits
from tuogu.work.models import FamilyMember, OutsidePolicy, Record, Referral

_GONE = ""  # the relation of a row that only withdraws


@dataclass(frozen=True)
class Member:
    """A member of a family, in clear: for web/personal.py and the coverage table only."""

    id: int
    customer_number: str
    relation: str
    name: str
    sex: str
    birth_date: date | None
    by: int
    at: datetime


@dataclass(frozen=True)
class Outside:
    """A policy of another insurer. `detail`: insurer, product, protects, sum_insured_fen, yearly_premium_fen, end_date …"""

    id: int
    customer_number: str
    member: int | None
    detail: Mapping[str, Any]
    by: int
    at: datetime


@dataclass(frozen=True)
class Named:
    """Somebody whom a customer named. `to`: the customer that became of it, '' = not yet."""

    id: int
    record_id: int
    customer_number: str
    to: str
    by: int
    at: datetime


@transaction.atomic
def keep_member(
    customer: str, *, relation: str, name: str = "", sex: str = "", birth_date: date | None = None,
    replaces: int | None = None, by: int, at: datetime,
) -> int:  # fmt: skip
    """Write a member down, or what is true of one by now (`replaces`: a name, sex or day of birth that is not said anew
    stays); returns the row's id."""
    whose.require(customer, by=by, at=at)
    if not relation.strip() or sex not in ("", "M", "F"):
        raise WorkRefused(_("请写明与客户的关系；没有写入任何数据"))
    if birth_date is not None and birth_date > business_date(at):
        raise WorkRefused(_("出生日期：不能晚于今天；没有写入任何数据"))
    _short(at, relation, name)
    before = _standing_member(customer, replaces) if replaces is not None else None
    named = vault.seal_text(name.strip() or None)
    born = vault.seal_text(birth_date.isoformat() if birth_date else None)
    row = FamilyMember.objects.create(
        customer_number=customer, relation=relation.strip(), withdraws=before, by_id=by, at=at,
        name_sealed=named or (before.name_sealed if before else None), sex=sex or (before.sex if before else ""),
        birth_sealed=born or (before.birth_sealed if before else None),
    )  # fmt: skip
    return row.pk


@transaction.atomic
def withdraw_member(member_id: int, *, by: int, at: datetime) -> None:
    """The member was told wrongly, or belongs to the family no longer."""
    row = FamilyMember.objects.filter(pk=member_id).first()
    if row is None:
        raise WorkRefused(_("没有这位家庭成员；没有写入任何数据"))
    whose.require(row.customer_number, by=by, at=at)
    before = _standing_member(row.customer_number, member_id)
    FamilyMember.objects.create(
        customer_number=row.customer_number, relation=_GONE, withdraws=before, by_id=by, at=at
    )


def members(customer: str) -> list[Member]:
    """The members as told last, oldest first. In clear."""
    rows = FamilyMember.objects.filter(customer_number=customer, withdrawn_by__isnull=True).exclude(
        relation=_GONE
    )
    found = list(rows.order_by("pk"))
    names, births = (
        vault.open_texts(getattr(row, column) for row in found) for column in ("name_sealed", "birth_sealed")
    )
    return [
        Member(
            row.pk, customer, row.relation, name or "", row.sex, date.fromisoformat(birth) if birth else None, row.by_id,
            row.at,
        )
        for row, name, birth in zip(found, names, births, strict=True)
    ]  # fmt: skip


@transaction.atomic
def keep_outside_policy(
    customer: str, *, detail: Mapping[str, Any], member: int | None = None, replaces: int | None = None, by: int,
    at: datetime,
) -> int:  # fmt: skip
    """Write down a policy of another insurer; with an empty `detail` and `replaces`, that there is none any more."""
    whose.require(customer, by=by, at=at)
    told = {name: value for name, value in detail.items() if value not in ("", None)}
    if not told and replaces is None:
        raise WorkRefused(_("请写明保单内容；没有写入任何数据"))
    _short(at, *(str(value) for value in told.values()))
    if member is not None:
        _standing_member(customer, member)
    before = None
    if replaces is not None:
        before = OutsidePolicy.objects.filter(
            pk=replaces, customer_number=customer, withdrawn_by__isnull=True
        ).first()
        if before is None:
            raise WorkRefused(_("没有这件他司保单，或已改过；没有写入任何数据"))
    sealed = vault.seal_text(json.dumps(told, ensure_ascii=False, default=str)) if told else None
    row = OutsidePolicy.objects.create(
        customer_number=customer, member_id=member, detail_sealed=sealed, withdraws=before, by_id=by, at=at
    )
    return row.pk


def outside_policies(customer: str) -> list[Outside]:
    """Policies of other insurers as told last. In clear."""
    rows = OutsidePolicy.objects.filter(
        customer_number=customer, withdrawn_by__isnull=True, detail_sealed__isnull=False
    )
    found = list(rows.order_by("pk"))
    details = vault.open_texts(row.detail_sealed for row in found)
    return [
        Outside(row.pk, customer, row.member_id, json.loads(detail or "{}"), row.by_id, row.at)
        for row, detail in zip(found, details, strict=True)
    ]


@transaction.atomic
def refer(
    record_id: int, *, name: str = "", phone: str = "", to_customer: str = "", by: int, at: datetime
) -> int:
    """Write down whom the customer of a record named (S4-33); `to_customer` where that person is a customer already."""
    row = Record.objects.filter(pk=record_id).first()
    if row is None:
        raise WorkRefused(_("没有这条记录；没有写入任何数据"))
    whose.require(row.customer_number, by=by, at=at)
    if not (name.strip() or to_customer):
        raise WorkRefused(_("请写明介绍了谁；没有写入任何数据"))
    if to_customer and (to_customer == row.customer_number or not books.customers_known([to_customer])):
        raise WorkRefused(_("被介绍的客户：没有这位客户，或就是本人；没有写入任何数据"))
    _short(at, name, phone)
    made = Referral.objects.create(
        record=row, customer_number=row.customer_number, to_customer_number=to_customer,
        name_sealed=vault.seal_text(name.strip() or None), phone_sealed=vault.seal_text(phone.strip() or None), by_id=by,
        at=at,
    )  # fmt: skip
    return made.pk


def referral_chain(customer: str) -> list[Named]:
    """Whom this customer named, whom those named in turn …, breadth first; each customer once (S4-33)."""
    found: list[Named] = []
    seen, level = {customer}, [customer]
    while level:
        rows = list(Referral.objects.filter(customer_number__in=level).order_by("pk"))
        found += [_named(row) for row in rows]
        level = sorted({row.to_customer_number for row in rows} - seen - {""})
        seen |= set(level)
    return found


def referred_by(customer: str) -> list[Named]:
    """Who named this customer."""
    return [_named(row) for row in Referral.objects.filter(to_customer_number=customer).order_by("pk")]


def named_people(customer: str) -> list[tuple[Named, str, str]]:
    """Whom this customer named, oldest first, with name and phone in clear: for web/personal.py only."""
    rows = list(Referral.objects.filter(customer_number=customer).order_by("pk"))
    names = vault.open_texts(row.name_sealed for row in rows)
    phones = vault.open_texts(row.phone_sealed for row in rows)
    told = zip(rows, names, phones, strict=True)
    return [(_named(row), name or "", phone or "") for row, name, phone in told]


def _named(row: Referral) -> Named:
    return Named(row.pk, row.record_id, row.customer_number, row.to_customer_number, row.by_id, row.at)


def _standing_member(customer: str, member_id: int) -> FamilyMember:
    row = FamilyMember.objects.filter(
        pk=member_id, customer_number=customer, withdrawn_by__isnull=True
    ).exclude(relation=_GONE).first()  # fmt: skip
    if row is None:
        raise WorkRefused(_("没有这位家庭成员，或已改过；没有写入任何数据"))
    return row


def _short(at: datetime, *texts: str) -> None:
    most = limits(business_date(at)).text_chars_max
    if any(len(text) > most for text in texts):
        raise WorkRefused(_("每项最多 %(n)s 个字；没有写入任何数据") % {"n": most})
