"""Month closes as pages show them.

In: a scope. Out: lines. Never: a month of an institution outside the scope.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from tuogu.org import queries as org
from tuogu.org.scope import Scope
from tuogu.review.models import MonthClose

_SHOWN = 60


@dataclass(frozen=True)
class CloseLine:
    """One filing of a month."""

    month: date
    institution_code: str
    number: int
    owed: int
    passed: int
    facts: int
    by: int
    at: datetime


def closes(scope: Scope) -> list[CloseLine]:
    """What was filed of months, the newest first, of institutions within scope."""
    rows = MonthClose.objects.order_by("-month", "-pk")
    if not scope.all_rows:
        rows = rows.filter(institution_code__in=org.institutions_within(scope))
    return [
        CloseLine(r.month, r.institution_code, r.number, r.owed, r.passed, r.facts, r.by_id, r.at)
        for r in rows[:_SHOWN]
    ]
