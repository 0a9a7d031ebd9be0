"""Which customers the texts of a log name: by their number, which is what the prefilled texts carry.

In: texts. Out: numbers of known customers; lines that name one. Never: a name read from a text.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from tuogu.books import queries as books

_TOKEN = re.compile(r"[0-9A-Za-z_-]+")
_CHARS_MIN = 3  # shorter ones are figures


def named_in(texts: Iterable[str]) -> list[str]:
    """The customers whose numbers stand in these texts, in order. One query."""
    tokens = {token for text in texts for token in _TOKEN.findall(text) if len(token) >= _CHARS_MIN}
    return sorted(books.customers_known(tokens)) if tokens else []


def names(line: str, numbers: Collection[str]) -> bool:
    """Whether a line names one of these customers."""
    return any(token in numbers for token in _TOKEN.findall(line))


def without(text: str, numbers: Collection[str]) -> str:
    """The text without the lines that name one of these customers; as it was where none does."""
    lines = text.splitlines()
    kept = [line for line in lines if not names(line, numbers)]
    return text if len(kept) == len(lines) else "\n".join(kept).strip()


def only(text: str, numbers: Collection[str]) -> str:
    """The lines that name one of these customers."""
    return "\n".join(line.strip() for line in text.splitlines() if names(line, numbers))
