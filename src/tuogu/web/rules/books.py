"""Which books there are, when each is in force, and which one a page shows.

In: the viewer's day, words of an address. Out: books with their dates. Never: a book that nobody may see (all may).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from tuogu.core.rulebook import Rulebook
from tuogu.core.rulebook_changes import changes, since
from tuogu.org import queries as org
from tuogu.rules import queries as rules

AHEAD, NOW, PAST = "ahead", "now", "past"


@dataclass(frozen=True)
class Version:
    """One book of the list. `changed`: how many numbers differ from the book before it."""

    rulebook: Rulebook
    state: str  # ahead | now | past
    adopted_at: datetime | None
    by: str
    before: str  # version of the book before it, "" = the first
    changed: int


@dataclass(frozen=True)
class Shelf:
    """All books in the order of coming into force."""

    books: tuple[rules.Adopted, ...]
    now: Rulebook

    def named(self, version: str) -> Rulebook:
        """The book of that version; the one in force today when there is none."""
        found = (book.rulebook for book in self.books if book.rulebook.version == version)
        return next(found, self.now)

    def since(self, rulebook: Rulebook) -> dict[str, date]:
        """From which day each number of a book holds as it stands there."""
        upto = [book.rulebook for book in self.books]
        if rulebook in upto:
            upto = upto[: upto.index(rulebook)]
        return since([*upto, rulebook])

    def versions(self) -> list[Version]:
        """Newest first."""
        names = org.labels({book.by for book in self.books if book.by})
        found, before = [], None
        for book in self.books:
            rulebook = book.rulebook
            found.append(
                Version(
                    rulebook, self._state(rulebook), book.adopted_at, names.get(book.by or 0, ""),
                    before.version if before else "", len(changes(before, rulebook)) if before else 0,
                )
            )  # fmt: skip
            before = rulebook
        return found[::-1]

    def _state(self, rulebook: Rulebook) -> str:
        if rulebook == self.now:
            return NOW
        return AHEAD if rulebook.effective_date > self.now.effective_date else PAST


def shelf(today: date) -> Shelf:
    """Every book, and the one in force today."""
    books, now = rules.history(), rules.applicable(today)
    if all(
        book.rulebook != now for book in books
    ):  # completed with the numbers of this release, adopted by the next plan
        books.append(rules.Adopted(now, None, None))
    return Shelf(tuple(books), now)
