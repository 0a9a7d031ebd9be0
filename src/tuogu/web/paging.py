"""What every keyset list reads from its address: rows a page, the number of the first row.

In: the query string. Out: numbers within limits. Never: an error for an address that somebody typed by hand.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from tuogu.web.parts import Pager


def size_of(query: Mapping[str, str]) -> int:
    """Rows a page: one of the sizes that the pager offers."""
    sizes = Pager.sizes
    asked = query.get("size", "")
    return int(asked) if asked.isdigit() and int(asked) in sizes else sizes[0]


def first_of(query: Mapping[str, str]) -> int:
    """The number of the page's first row, as the pager counts on."""
    asked = query.get("first", "")
    return int(asked) if asked.isdigit() and len(asked) < 10 else 1


def day_of(text: str) -> date | None:
    """A day typed or picked as 2026-11-22; None for anything else."""
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        return None
