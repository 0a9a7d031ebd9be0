"""Printing a register: its rows are frozen into pages, each with a code and a digest (N-18).

In: which register, of whom, by whom. Out: a stored print. Never: an empty one; a page that two registers share; an older
print of the same register that still counts: the new one replaces it.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import date, datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from tuogu import vault
from tuogu.core.custody import business_date
from tuogu.core.page_code import KEY_BYTES, key_of
from tuogu.kit.content import Line, canonical, digest_of, lines_of
from tuogu.kit.failures import KitRefused
from tuogu.kit.kinds import RegisterKind
from tuogu.kit.models import Page, PageCustomer, Print
from tuogu.org import queries as org
from tuogu.org.scope import Scope
from tuogu.rules import queries as rules

_SALT_BYTES = 16
_NOTHING = {
    RegisterKind.CONTACT: gettext_noop("当月没有应收保单"),
    RegisterKind.ASSIGNED: gettext_noop("这一天没有下发给他的保单"),
    RegisterKind.VISIT_DAY: gettext_noop("这一天没有计划拜访的客户，也没有到期的任务"),
    RegisterKind.VISIT_WEEK: gettext_noop("这一周没有计划拜访的客户，也没有到期的任务"),
}


def print_register(scope: Scope, kind: str, person: int, first_date: date, *, by: int, at: datetime) -> int:
    """Freeze and store a register of `person`; returns its id. KitRefused: nothing to print, or not within scope."""
    visible = org.custodians_within(scope)
    if not org.is_person(person) or (visible is not None and person not in visible):
        raise KitRefused(_("这位人员不在您的范围内；没有印制"))
    if kind not in RegisterKind.values:
        raise KitRefused(_("没有这种登记表；没有印制"))
    day = _first(kind, first_date)
    lines = lines_of(kind, person, day)
    if not lines:
        raise KitRefused(_("%(why)s；没有印制") % {"why": _(_NOTHING[RegisterKind(kind)])})
    try:
        with transaction.atomic():
            return _store(kind, person, day, lines, by=by, at=at)
    except IntegrityError as twice:
        raise KitRefused(_("另一人正在印制同一份登记表；没有印制，请刷新后使用那一份")) from twice


def _first(kind: str, day: date) -> date:
    """The day that names the register: the first of the month, the Monday of the week, the day."""
    if kind == RegisterKind.CONTACT:
        return day.replace(day=1)
    return day - timedelta(days=day.weekday()) if kind == RegisterKind.VISIT_WEEK else day


def _store(kind: str, person: int, day: date, lines: list[Line], *, by: int, at: datetime) -> int:
    size = _size(at)
    parts = [lines[start : start + size] for start in range(0, len(lines), size)]
    texts = [
        canonical(place, len(parts), secrets.token_hex(_SALT_BYTES), part)
        for place, part in enumerate(parts, 1)
    ]
    digests = [digest_of(text) for text in texts]
    before = Print.objects.filter(kind=kind, person_id=person, first_date=day).order_by("-pk").first()
    row = Print.objects.create(
        kind=kind, person_id=person, first_date=day, rows=len(lines), pages=len(parts),
        digest=digest_of("\n".join(digests)), replaces=before, made_by_id=by, made_at=at,
    )  # fmt: skip
    pages = [
        Page.objects.create(
            register=row, place=place, key=key_of(secrets.token_bytes(KEY_BYTES)), digest=digest, rows=len(part),
            content_sealed=vault.seal_text(text),
        )
        for place, (part, text, digest) in enumerate(zip(parts, texts, digests, strict=True), 1)
    ]  # fmt: skip
    _name_customers(pages, parts)
    return int(row.pk)


def _size(at: datetime) -> int:
    return int(rules.applicable(business_date(at))["kit.rows_per_page"])


def _name_customers(pages: Sequence[Page], parts: Sequence[Sequence[Line]]) -> None:
    PageCustomer.objects.bulk_create(
        PageCustomer(page=page, customer_number=number)
        for page, part in zip(pages, parts, strict=True)
        for number in sorted(set().union(*(line.customers for line in part)))
    )
