"""The numbers of this room from the rulebook: `[work]`.

In: a day. Out: values. Never: a number in code.
"""

from __future__ import annotations

from datetime import date

from tuogu.core.rulebook import Rulebook
from tuogu.rules import queries as rules
from tuogu.work.said import Limits

_KB = 1024


def limits(on: date) -> Limits:
    """What a record may hold on that day."""
    book = rules.applicable(on)
    return Limits(
        text_chars_max=int(book["work.text_chars_max"]),
        backdated_days=int(book["work.backdated_days"]),
        ahead_days=int(book["work.ahead_days"]),
        papers_max=int(book["work.papers_max"]),
        paper_bytes_max=int(book["work.paper_kb_max"]) * _KB,
    )


def escalation_steps(book: Rulebook) -> list[tuple[int, str]]:
    """(days late, post) of each step, the first one first (P-20)."""
    return list(zip(map(int, book["work.escalate_days"]), book["work.escalate_to"], strict=False))
