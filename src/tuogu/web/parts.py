"""Values that the shared pieces of pages are filled with. In: what a view found. Out: what a template shows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Figure:
    """One number of a board. Every number leads to its rows (`url`) and carries its definition."""

    name: str
    value: str
    unit: str
    note: str
    url: str
    definition: str  # numerator, denominator, period
    tone: str = ""  # of the note: good | warn | bad


@dataclass(frozen=True)
class View:
    """A saved view of a list: a tab with its count (None = not counted)."""

    name: str
    url: str
    count: int | None = None
    current: bool = False


@dataclass(frozen=True)
class Chip:
    """A filter in force and the URL without it."""

    name: str
    value: str
    without_url: str


@dataclass(frozen=True)
class Moment:
    """One line of a timeline."""

    head: str
    tag: str
    when: str
    text: str
    mark: str = ""  # small, at the right
    current: bool = False
    replaced: bool = False  # a later line took its place
    tone: str = ""


@dataclass(frozen=True)
class ToDo:
    """Something that waits for the viewer, the nearest deadline first."""

    icon: str
    title: str
    text: str
    due: date | None
    due_words: str  # where there is no date
    url: str
    action: str


@dataclass(frozen=True)
class Pager:
    """Where a keyset page stands. `first` = number of its first row; urls are '' where there is no more."""

    first: int
    shown: int
    size: int
    before_url: str
    next_url: str
    sizes: tuple[int, ...] = (40, 100, 200)
