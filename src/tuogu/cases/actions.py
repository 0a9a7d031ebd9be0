"""Writes of the cases: open, take a step, acknowledge a receipt, replace a card; and what happens by itself.

Keyword-only `by` (custodian id) and `at` (moment); each act is one transaction. The database refuses to change a row, and a
step that the table does not hold.
"""

from __future__ import annotations

from datetime import datetime

from tuogu.cases import shares
from tuogu.cases.cards import replace as replace_card
from tuogu.cases.ending import end_closed, follow_service
from tuogu.cases.failures import CaseRefused, CaseUnknown
from tuogu.cases.following import follow
from tuogu.cases.kinds import Kind
from tuogu.cases.lapsing import lapsed_held
from tuogu.cases.needs import Given
from tuogu.cases.opening import Matter, open_all, open_case
from tuogu.cases.receipts import acknowledge
from tuogu.cases.stepping import Taken, take

__all__ = [
    "CaseRefused",
    "CaseUnknown",
    "Given",
    "Taken",
    "acknowledge",
    "open_case",
    "replace_card",
    "roll",
    "take",
    "tick",
]


def tick(*, by: int, at: datetime) -> int:
    """Every few minutes: receipts, hand-overs and shares of new batches; what was claimed."""
    return follow(by=by, at=at) + shares.file_claims(at=at)


def roll(*, by: int, at: datetime) -> int:
    """Once a day: cases of lapsed policies that people hold; what has ended; customers who came to somebody else."""
    matters = [
        Matter(Kind.LAPSED, str(subject), subject, policy, customer)
        for subject, policy, customer in lapsed_held()
    ]
    opened = open_all(matters, by=by, at=at) if matters else []
    return len(opened) + end_closed(by=by, at=at) + follow_service(by=by, at=at)
