"""Writes of this room: ask, decide, build, fetch, expire. Keyword-only `by` (custodian id) and `at`; refusals are
ExportRefused, with a sentence in Chinese and nothing done."""

from __future__ import annotations

from datetime import datetime

from tuogu.exports.asking import Asked, approve, ask, decline, withdraw
from tuogu.exports.building import Fetched, build, expire, fetch
from tuogu.exports.failures import ExportExpired, ExportRefused

__all__ = [
    "Asked",
    "ExportExpired",
    "ExportRefused",
    "Fetched",
    "approve",
    "ask",
    "build",
    "decline",
    "expire",
    "fetch",
    "tick",
    "withdraw",
]


def tick(*, by: int, at: datetime) -> int:
    """What happens by itself: files past their days are deleted. Returns how many."""
    return expire(by=by, at=at)
