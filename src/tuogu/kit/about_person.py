"""What this room stores about one person: told in a copy for the person (L-07, PIPL 45), emptied when the person is erased.

In: customer numbers. Out: a frame for the copy; emptied pages and scans. Never: a fact away: that a register was printed,
with which digest, and came back signed, stays. A page names others, too, and cannot be written anew: it was signed.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import polars as pl

from tuogu.core.custody import SHANGHAI
from tuogu.kit.models import Page, PageCustomer, Scan
from tuogu.org import append_only
from tuogu.org import queries as org
from tuogu.privacy import actions as privacy

_COLUMNS = ("登记表", "期间", "印制时间", "客户经理工号", "印制人工号", "页内容摘要", "签收时间")


def join_in() -> None:
    """Copies and deletions of a person ask this room, too."""
    privacy.also_in_copies("印制的登记表", _pages)
    privacy.also_erased("印制的登记表与签名扫描件", erase)


def _pages(number: str) -> pl.DataFrame:
    named = PageCustomer.objects.filter(customer_number=number).values("page")
    rows = list(Page.objects.filter(pk__in=named).select_related("register", "signed").order_by("pk"))
    who = org.labels([n for row in rows for n in (row.register.person_id, row.register.made_by_id)])
    told = [
        (
            row.register.get_kind_display(), row.register.first_date.isoformat(), _moment(row.register.made_at),
            who.get(row.register.person_id), who.get(row.register.made_by_id), row.digest,
            _moment(row.signed.at) if hasattr(row, "signed") else None,
        )
        for row in rows
    ]  # fmt: skip
    return pl.DataFrame(told, schema=dict.fromkeys(_COLUMNS, pl.String), orient="row")


def erase(numbers: Sequence[str], *, by: int, at: datetime) -> int:  # noqa: ARG001 - the deletion names who and when
    """Empty the pages that name one of these people, and the scans on which such a page came back."""
    named = list(
        PageCustomer.objects.filter(customer_number__in=list(numbers)).values_list("page", flat=True)
    )
    with append_only.lifted(Page._meta.db_table):
        emptied = Page.objects.filter(pk__in=named).update(content_sealed=None)
    with append_only.lifted(Scan._meta.db_table):
        emptied += Scan.objects.filter(signed__page__in=named).update(content_sealed=None)
    return emptied


def _moment(at: datetime) -> str:
    return at.astimezone(SHANGHAI).isoformat(timespec="minutes")
