"""What the ledger refuses as a whole. Single rows that cannot move are rows of a result, not exceptions."""

from __future__ import annotations


class LedgerError(ValueError):
    """The act is refused and nothing was written; the message (Chinese) says why."""


class KeyReusedError(LedgerError):
    """The idempotency key was already used for other content."""
