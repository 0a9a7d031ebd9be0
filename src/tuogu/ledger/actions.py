"""The acts of the ledger: everything that may move custody, ownership, development rights or supervision.

Every act is one transaction, takes its actor, moment and rule as arguments, and appends entries; none
changes one. Custodians, batches and subjects are ids outside this room. Whole acts are refused by
LedgerError; rows that cannot move are listed in the result. See DESIGN in docs/adr for what the acts
promise.
"""

from __future__ import annotations

from django.db import connection

from tuogu.ledger import guards
from tuogu.ledger.batches import post_batch, transfer
from tuogu.ledger.ending import close, reopen
from tuogu.ledger.erasure import empty_number
from tuogu.ledger.failures import KeyReusedError, LedgerError
from tuogu.ledger.holdings import rebuild_holdings
from tuogu.ledger.leaving import leave, note_leaves
from tuogu.ledger.locks import lock_shared
from tuogu.ledger.opening import open_custody, register_subjects
from tuogu.ledger.sealing import seal_pending
from tuogu.ledger.single import claim, return_to_pool
from tuogu.ledger.undoing import take_back_leave, undo_batch

__all__ = [
    "KeyReusedError",
    "LedgerError",
    "claim",
    "close",
    "empty_number",
    "leave",
    "lock_shared",
    "note_leaves",
    "open_custody",
    "post_batch",
    "rebuild_holdings",
    "register_subjects",
    "reopen",
    "require_guards",
    "return_to_pool",
    "seal_pending",
    "take_back_leave",
    "transfer",
    "undo_batch",
]


def require_guards() -> None:
    """Start-up check of every command that writes: LedgerError unless all append-only triggers stand."""
    guards.require_guards(connection)
