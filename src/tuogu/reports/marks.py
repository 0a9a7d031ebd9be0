"""What a figure is kept under: changes with every event that may change it.

In: a scope. Out: a word. Never: a mark that stays when something that figures read has changed.
"""

from __future__ import annotations

from tuogu.books import queries as books
from tuogu.campaigns import queries as campaigns
from tuogu.org import queries as org
from tuogu.org.scope import Scope
from tuogu.plans import queries as plans
from tuogu.renewals import queries as renewals
from tuogu.work import queries as work


def mark(scope: Scope) -> str:
    """One word for the state of everything that figures read, within a scope."""
    persons = org.custodians_within(scope)
    whose = "all" if persons is None else ",".join(map(str, sorted(persons)))
    parts = (
        books.stock_mark(scope), work.measured_mark(), plans.facts_mark(), renewals.measured_mark(),
        campaigns.measured_mark(), org.people_mark(), whose,
    )  # fmt: skip
    return "|".join(parts)
