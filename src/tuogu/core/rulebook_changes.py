"""What differs between rulebooks, and since when a number holds.

In: rulebooks. Out: changed keys old → new; the day from which each value has stood unchanged. Never: a difference in words
(titles, notes) shown as a difference in rules.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from tuogu.core.rulebook import Parameter, Rulebook


@dataclass(frozen=True)
class Change:
    """A key whose value differs; None = the book has no such parameter."""

    key: str
    old: Parameter | None
    new: Parameter | None

    @property
    def title(self) -> str:
        """The parameter's name for people."""
        return next((p.title for p in (self.new, self.old) if p and p.title), self.key)


def changes(old: Rulebook, new: Rulebook) -> list[Change]:
    """Every key whose value differs, in the order of the new book, then what it no longer has."""
    keys = [*new.parameters, *(key for key in old.parameters if key not in new.parameters)]
    found = [Change(key, old.parameters.get(key), new.parameters.get(key)) for key in keys]
    return [
        change for change in found
        if change.old is None or change.new is None or change.old.value != change.new.value
    ]  # fmt: skip


def since(books: Sequence[Rulebook]) -> dict[str, date]:
    """For each key of the last book: the effective date of the first book of the unbroken run with this value.

    `books` in the order in which they came into force.
    """
    days: dict[str, date] = {}
    before: Rulebook | None = None
    for book in books:
        same = before.parameters if before else {}
        days = {
            key: days[key] if key in same and same[key].value == parameter.value else book.effective_date
            for key, parameter in book.parameters.items()
        }
        before = book
    return days
