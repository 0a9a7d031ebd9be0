"""What customers said, as lists: of one person, and of everybody within a scope.

In: a customer number, or a Scope with filters. Out: rows newest first. Never: a statement left out because a later one
replaced it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from tuogu.books import queries as books
from tuogu.org.scope import Scope
from tuogu.privacy.models import Consent


@dataclass(frozen=True)
class Statement:
    """One thing that a customer said."""

    id: int
    number: str
    purpose: str
    channel: str
    said: str
    said_at: datetime
    source: str
    source_ref: str
    text_version: str
    by: int
    recorded_at: datetime


@dataclass(frozen=True)
class StatementPage:
    """Rows newest first; `older` = the id to go on from, None = that is the end."""

    rows: list[Statement]
    older: int | None


def history(number: str) -> list[Statement]:
    """Everything that the person ever said, under any of the own numbers, newest first."""
    numbers = books.same_person([number])["same"].to_list()
    rows = Consent.objects.filter(customer_number__in=numbers).order_by("-said_at", "-id")
    return [_statement(row) for row in rows]


def statement_page(
    scope: Scope, *, purpose: str = "", said: str = "", before: int | None = None, size: int = 50
) -> StatementPage:
    """One page of all statements within scope, the newest entry first."""
    rows = Consent.objects.order_by("-id")
    numbers = books.numbers_within(scope)
    if numbers is not None:
        rows = rows.filter(customer_number__in=numbers)
    for name, value in (("purpose", purpose), ("said", said)):
        if value:
            rows = rows.filter(**{name: value})
    if before is not None:
        rows = rows.filter(id__lt=before)
    found = [_statement(row) for row in rows[: size + 1]]
    return StatementPage(found[:size], found[size - 1].id if len(found) > size else None)


def _statement(row: Consent) -> Statement:
    return Statement(
        row.pk, row.customer_number, row.purpose, row.channel, row.said, row.said_at, row.source, row.source_ref,
        row.text_version, row.by_id, row.recorded_at,
    )  # fmt: skip
