"""Lines of a text that name a customer: by number, which is what prefilled texts carry.

In: texts, customer numbers. Out: the lines with them, or without them. Never: a name read from a text.
"""

from __future__ import annotations

import re
from collections.abc import Collection

TOKEN = re.compile(r"[0-9A-Za-z_-]+")


def names(line: str, numbers: Collection[str]) -> bool:
    """Whether a line names one of these customers."""
    return any(token in numbers for token in TOKEN.findall(line))


def without(text: str, numbers: Collection[str]) -> str:
    """The text without the lines that name one of these customers; as it was where none does."""
    lines = text.splitlines()
    kept = [line for line in lines if not names(line, numbers)]
    return text if len(kept) == len(lines) else "\n".join(kept).strip()


def only(text: str, numbers: Collection[str]) -> str:
    """The lines that name one of these customers."""
    return "\n".join(line.strip() for line in text.splitlines() if names(line, numbers))
