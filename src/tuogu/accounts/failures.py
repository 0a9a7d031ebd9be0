"""What the room of accounts refuses."""

from __future__ import annotations


class AccountRefused(ValueError):
    """The act is refused and nothing was written; the message (Chinese) says why."""
