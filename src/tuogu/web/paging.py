"""What every keyset list reads from its address: rows a page, the number of the first row.

In: the query string. Out: numbers within limits. Never: an error for an address that somebody typed by hand.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from tuogu.web.parts import Pager

ID_DIGITS = 12  # more than any table holds, less than a database refuses


def size_of(query: Mapping[str, str]) -> int:
    """Rows a page: one of the sizes that the pager offers."""
    sizes = Pager.sizes
    asked = query.get("size", "")
    return next((size for size in sizes if asked == str(size)), sizes[0])


def first_of(query: Mapping[str, str]) -> int:
    """The number of the page's first row, as the pager counts on."""
    asked = query.get("first", "")
    return int(asked) if asked.isdecimal() and len(asked) < 10 else 1


def day_of(text: str) -> date | None:
    """A day typed or picked as 2026-11-22; None for anything else."""
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        return None


def id_of(text: str) -> int | None:
    """The id that an address names; None for anything that can be none."""
    return int(text) if text.isdecimal() and len(text) <= ID_DIGITS else None
