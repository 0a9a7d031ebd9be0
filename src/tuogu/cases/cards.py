"""Service cards (S1-28): numbered by the database, one in use for each customer, replaced but never numbered again.

In: a customer, who builds it, when. Out: a card. Never: a number used twice, a second card in use.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from tuogu.cases.failures import refused
from tuogu.cases.models import ServiceCard

REASON_MIN = 4  # characters: a word says nothing


@dataclass(frozen=True)
class Card:
    """The card in use. `label`: as it is written on it."""

    number: int
    customer_number: str
    by: int
    at: datetime
    replaces: int | None = None

    @property
    def label(self) -> str:
        return label(self.number)


def label(number: int) -> str:
    """FW-0000001."""
    return f"FW-{number:07d}"


def card_of(customer: str) -> Card | None:
    """The card in use of a customer; None = not built yet."""
    return cards_of([customer]).get(customer)


def cards_of(customers: Iterable[str]) -> dict[str, Card]:
    """The cards in use, by customer: one query."""
    rows = ServiceCard.objects.filter(customer_number__in=sorted(set(customers)), replaced_by__isnull=True)
    return {
        row.customer_number: Card(row.number, row.customer_number, row.by_id, row.at, row.replaces_id)
        for row in rows
    }


def build(customer: str, *, by: int, at: datetime) -> Card:
    """The first card of a customer; CaseRefused when there is one."""
    try:
        with transaction.atomic():
            row = ServiceCard.objects.create(customer_number=customer, by_id=by, at=at)
    except IntegrityError:
        raise refused(_("这位客户已有服务卡")) from None
    return Card(row.number, customer, by, at)


def build_missing(customers: Iterable[str], *, by: int, at: datetime) -> int:
    """Cards for those of `customers` who have none; how many were built."""
    wanted = sorted(set(customers))
    lacking = [one for one in wanted if one not in cards_of(wanted)]
    ServiceCard.objects.bulk_create(
        [ServiceCard(customer_number=one, by_id=by, at=at) for one in lacking], batch_size=500
    )
    return len(lacking)


@transaction.atomic
def replace(customer: str, *, reason: str, by: int, at: datetime) -> Card:
    """Another card in place of one that is lost or full: a number of its own; the old number stays used."""
    if len(reason.strip()) < REASON_MIN:
        raise refused(_("换卡理由：至少 %(n)s 个字") % {"n": REASON_MIN})
    before = card_of(customer)
    if before is None:
        raise refused(_("这位客户还没有服务卡"))
    try:
        with transaction.atomic():
            row = ServiceCard.objects.create(
                customer_number=customer, replaces_id=before.number, reason=reason.strip(), by_id=by, at=at
            )
    except IntegrityError:
        raise refused(_("这张卡刚被别人换过")) from None
    return Card(row.number, customer, by, at, before.number)
