"""Which kinds of file may leave the house. A kind is named here by the page or query that knows its content.

In: `register`, once for each kind, when the program starts. Out: the kind by its name. Never: content known to this room;
a file of a kind that nobody named.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from tuogu.org.rights import Right

Value = str | int | float | date | None


@dataclass(frozen=True)
class Order:
    """What a builder is told: which export, for whom, narrowed by what. `query` is plain JSON without personal values."""

    code: str
    kind: str
    query: Mapping[str, Any]
    by: int
    at: datetime


@dataclass(frozen=True)
class Column:
    """One column of a list. `role` says what an invented row must be given here: number, name, phone, id or ''."""

    head: str
    values: Sequence[Value]
    role: str = ""


@dataclass(frozen=True)
class Table:
    """A plain list: one sheet of columns of one length. `taken`: which of some numbers are real ones."""

    title: str
    columns: tuple[Column, ...]
    taken: Callable[[Collection[str]], Collection[str]] | None = None

    @property
    def rows(self) -> int:
        """Without the head."""
        return len(self.columns[0].values) if self.columns else 0


@dataclass(frozen=True)
class Paper:
    """A file with a form of its own (a register, rows to correct): `write` puts it at a path. `printed`: a digest that
    stands in the file itself; a signed paper that was saved anew is still found by it."""

    rows: int
    write: Callable[[Path], object]
    printed: str = ""


Built = Table | Paper


class BuildRefused(ValueError):
    """The content cannot be had (any more); the message (Chinese) says why."""


@dataclass(frozen=True)
class Kind:
    """`right`: who may take it, one of several where there are several. `canaries`: whether long lists get invented rows
    (N-13): never in a paper that others sign, count or feed into a machine. `signed`: its bytes are those that somebody
    signed (S0-07), so no mark is written into them; a copy is found by its digest. `suffix`: where files of one kind end
    differently, an order's query says so under that name."""

    name: str
    label: str
    right: Right | tuple[Right, ...]
    build: Callable[[Order], Built]
    canaries: bool = False
    suffix: str = "xlsx"
    signed: bool = False

    def open_to(self, rights: Collection[Right]) -> bool:
        """Whether these rights are enough to take it."""
        wanted = self.right if isinstance(self.right, tuple) else (self.right,)
        return any(right in rights for right in wanted)


_KINDS: dict[str, Kind] = {}


def register(kind: Kind) -> None:
    """Make the kind known; ValueError for a name that is another kind's."""
    if _KINDS.setdefault(kind.name, kind) is not kind:
        raise ValueError(f"export kind {kind.name!r} is registered twice")


def kind_of(name: str) -> Kind:
    """The kind; KeyError when nobody registered it."""
    return _KINDS[name]


def label_of(name: str) -> str:
    """What a kind is called; its name where the program no longer knows it."""
    kind = _KINDS.get(name)
    return kind.label if kind else name


def all_kinds() -> list[Kind]:
    """Every kind, by name."""
    return [_KINDS[name] for name in sorted(_KINDS)]
