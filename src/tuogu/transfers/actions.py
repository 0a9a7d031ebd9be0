"""Writes of the transfers: ask with what was confirmed, agree or refuse as a second person, take back by two people.

Keyword-only `by` (custodian id) and `at` (moment); each act is one transaction. The database refuses to change a request, a
row or a step.
"""

from __future__ import annotations

from tuogu.transfers.asking import ask
from tuogu.transfers.deciding import (
    agree,
    ask_undo,
    confirm_undo,
    refuse,
    refuse_undo,
    withdraw,
    withdraw_undo,
)
from tuogu.transfers.failures import SelectionChanged, TransferRefused

__all__ = [
    "SelectionChanged",
    "TransferRefused",
    "agree",
    "ask",
    "ask_undo",
    "confirm_undo",
    "refuse",
    "refuse_undo",
    "withdraw",
    "withdraw_undo",
]
