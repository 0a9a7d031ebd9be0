"""The numbers of this room, read from the rulebook of a day.

In: a rulebook. Out: values with names. Never: a number of the business in code.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from tuogu.core.rulebook import Rulebook
from tuogu.rules import queries as rules


@dataclass(frozen=True)
class CaseRules:
    """[cases] and what other sections say about cases."""

    book: Rulebook
    text_chars_max: int
    backdated_days: int
    look_back_days: int
    handover_items: tuple[str, ...]
    receipt_days: int
    income_share_bp: dict[str, int]

    @classmethod
    def on(cls, day: date) -> CaseRules:
        """The rules of a day."""
        return cls.of(rules.applicable(day))

    @classmethod
    def of(cls, book: Rulebook) -> CaseRules:
        """The rules of a rulebook."""
        return cls(
            book,
            int(book["cases.text_chars_max"]),
            int(book["cases.backdated_days"]),
            int(book["cases.look_back_days"]),
            tuple(book["cases.handover_items"]),
            int(book["inspection.receipt_days"]),
            {str(name): int(share) for name, share in book["cases.income_share_bp"].items()},
        )
