"""The code book in force: the shipped one with every approved local change up to a day laid over it (S0-10, N-12).

In: cities, a day. Out: `Codebook` as imports, plans and the desk use it; the versions there were. Never: a stored copy of
the shipped book (only the changes are stored), a version that is not reproducible from them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from typing import NamedTuple

import polars as pl

from tuogu.core.address import Gazetteer
from tuogu.core.codebook_changes import CHANGES, applied
from tuogu.data.codebook import VERSION, Codebook, load
from tuogu.regions.models import CodebookChange, CodebookVerdict

_CITY_DIGITS = 4
_KEPT = 6  # code books of a process: today's, the ones compared with it, of one or two cities


@dataclass(frozen=True)
class Version:
    """One version of the local code book. Number 0 is the shipped one."""

    number: int
    name: str
    effective_date: date | None
    proposal: int | None


class _Step(NamedTuple):
    """One approved version with its rows, as a key of what is kept in memory."""

    number: int
    year: int
    rows: tuple[tuple[object, ...], ...]


def version_name(number: int) -> str:
    """What a version is called: 2026.1+3 is the shipped 2026.1 after the third local change."""
    return f"{VERSION}+{number}" if number else VERSION


def versions() -> list[Version]:
    """Every version, the shipped one first."""
    rows = CodebookVerdict.objects.filter(approved=True).order_by("number")
    found = rows.values_list("number", "proposal__effective_date", "proposal_id")
    return [Version(0, VERSION, None, None), *(Version(n, version_name(n), d, p) for n, d, p in found if n)]


def version_on(on: date) -> int:
    """The number of the version in force on a day."""
    rows = CodebookVerdict.objects.filter(approved=True, proposal__effective_date__lte=on)
    return rows.order_by("-number").values_list("number", flat=True).first() or 0


def codebook(cities: Sequence[str] | None, on: date) -> Codebook:
    """The code book in force on a day, limited to `cities` as `data.codebook.load` limits it. ValueError for an unknown
    city."""
    return codebook_of(cities, version_on(on))


def codebook_of(cities: Sequence[str] | None, number: int) -> Codebook:
    """A version by its number."""
    chosen = None if cities is None else tuple(sorted({city[:_CITY_DIGITS] for city in cities}))
    return _laid_over(chosen, _steps(number))


def gazetteer(city: str, on: date) -> Gazetteer:
    """The names of one city's code book, indexed for the parser; kept while the version is in force."""
    return _indexed((city[:_CITY_DIGITS],), _steps(version_on(on)))


def changes_frame(rows: Iterable[tuple[object, ...]]) -> pl.DataFrame:
    """CHANGES of stored rows."""
    return pl.DataFrame(list(rows), schema=CHANGES, orient="row")


def _steps(number: int) -> tuple[_Step, ...]:
    """The approved changes up to a version, each with the version it made."""
    verdicts = CodebookVerdict.objects.filter(approved=True, number__lte=number).order_by("number")
    made = list(verdicts.values_list("number", "proposal__effective_date", "proposal_id"))
    rows: dict[int, list[tuple[object, ...]]] = {proposal: [] for _, _, proposal in made}
    stored = CodebookChange.objects.filter(proposal_id__in=list(rows)).order_by("row")
    for proposal, *values in stored.values_list("proposal_id", *CHANGES):
        rows[proposal].append(tuple(values))
    return tuple(_Step(n, day.year, tuple(rows[proposal])) for n, day, proposal in made if n)


@lru_cache(maxsize=_KEPT)
def _laid_over(cities: tuple[str, ...] | None, steps: tuple[_Step, ...]) -> Codebook:
    book = load(cities)
    for step in steps:
        book = laid_over(book, changes_frame(step.rows), cities, year=step.year, number=step.number)
    return book


@lru_cache(maxsize=_KEPT)
def _indexed(cities: tuple[str, ...], steps: tuple[_Step, ...]) -> Gazetteer:
    return Gazetteer.of(_laid_over(cities, steps))


def laid_over(
    book: Codebook, changes: pl.DataFrame, cities: Sequence[str] | None, *, year: int, number: int
) -> Codebook:
    """`book` after the part of `changes` that is about its cities."""
    if cities is not None:
        code = pl.coalesce("old_code", "new_code").str.head(_CITY_DIGITS)
        changes = changes.filter(code.is_in(list(cities)))
    regions, events = applied(changes, book.regions, book.events, year=year)
    return replace(book, version=version_name(number), regions=regions, events=events)
