"""Refusals of this room: whole acts that cannot be done; nothing was written."""

from __future__ import annotations


class CaseRefused(ValueError):
    """Says in Chinese why, and that nothing was written."""


class CaseUnknown(LookupError):
    """No case or receipt has this id within the scope."""


def refused(words: str) -> CaseRefused:
    """A refusal that ends as every refusal does."""
    return CaseRefused(f"{words}；没有写入任何数据")
