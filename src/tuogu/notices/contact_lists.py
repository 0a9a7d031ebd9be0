"""WeCom hand-overs in lists. In: a scope. Out: plain rows. Never: WeCom's id of a customer."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import polars as pl
from django.db.models import Count, Q, QuerySet

from tuogu.books import queries as books
from tuogu.notices.models import ContactLink, ContactTransfer
from tuogu.org import queries as org
from tuogu.org.scope import Scope


@dataclass(frozen=True)
class TransferRow:
    """One hand-over."""

    id: int
    customer_number: str
    kind: str
    giver: int
    receiver: int
    state: str
    code: str
    asked_by: int
    asked_at: datetime
    sent_at: datetime | None
    settled_at: datetime | None


@dataclass(frozen=True)
class ContactPage:
    """A page by row number."""

    rows: list[TransferRow]
    total: int


def _within(scope: Scope) -> QuerySet[ContactTransfer]:
    visible = org.custodians_within(scope)
    rows = ContactTransfer.objects.all()
    return rows if visible is None else rows.filter(Q(giver_id__in=visible) | Q(receiver_id__in=visible))


def transfer_page(scope: Scope, *, state: str = "", first: int = 1, size: int = 40) -> ContactPage:
    """Hand-overs from or to somebody within scope, newest first."""
    rows = _within(scope).filter(state=state) if state else _within(scope)
    found = rows.order_by("-pk")[first - 1 : first - 1 + size]
    return ContactPage(
        [
            TransferRow(
                int(t.pk), t.customer_number, t.kind, t.giver_id, t.receiver_id, t.state, t.code, t.asked_by_id,
                t.asked_at, t.sent_at, t.settled_at,
            )
            for t in found
        ],
        rows.count(),
    )  # fmt: skip


def transfer_counts(scope: Scope) -> dict[str, int]:
    """State → how many."""
    return dict(_within(scope).values("state").annotate(n=Count("pk")).values_list("state", "n"))


def transfer_within(scope: Scope, transfer: int) -> bool:
    """Whether the hand-over is from or to somebody within scope."""
    return _within(scope).filter(pk=transfer).exists()


def contacts_with(person: int) -> list[str]:
    """Customers who are connected with this person in WeCom."""
    rows = ContactLink.objects.filter(person_id=person).order_by("customer_number")
    return list(rows.values_list("customer_number", flat=True))


def customers_within(scope: Scope, customers: Iterable[str]) -> list[str]:
    """Those of some customers of whom the scope shows a live policy."""
    wanted = sorted(set(customers))
    stock = books.contact_stock(scope).filter(pl.col("holder_number").is_in(wanted))
    return stock["holder_number"].unique().sort().to_list()
