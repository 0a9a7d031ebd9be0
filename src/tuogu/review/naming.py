"""Which customers the texts of a log name.

In: texts. Out: numbers of known customers. Never: a name read from a text.
"""

from __future__ import annotations

from collections.abc import Iterable

from tuogu.books import queries as books
from tuogu.core.named_lines import TOKEN

_CHARS_MIN = 3  # shorter ones are figures


def named_in(texts: Iterable[str]) -> list[str]:
    """The customers whose numbers stand in these texts, in order. One query."""
    tokens = {token for text in texts for token in TOKEN.findall(text) if len(token) >= _CHARS_MIN}
    return sorted(books.customers_known(tokens)) if tokens else []
