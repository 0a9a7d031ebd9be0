"""What rooms above this one must empty when a person is erased (L-07), and what every room below it empties.

In: the person's customer numbers. Out: how many values were emptied. Never: a room above imported here; a fact taken away
(numbers, days and people stay, under a number that leads to nobody).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from tuogu.regions import actions as regions


class Erase(Protocol):
    """Empties what a room stores about these customers, inside the transaction of the deletion."""

    def __call__(self, numbers: Sequence[str], *, by: int, at: datetime) -> int: ...


_MORE: dict[str, Erase] = {}


def also_erased(title: str, erase: Erase) -> None:
    """A room above says how it empties what it stores about a person; `title` names it, once."""
    _MORE[title] = erase


def erase_elsewhere(numbers: Sequence[str], *, by: int, at: datetime) -> int:
    """Empty it everywhere; an error of one room rolls the whole deletion back."""
    forgotten = regions.forget_addresses(numbers) + regions.forget_hashes(numbers)
    return forgotten + sum(erase(numbers, by=by, at=at) for erase in _MORE.values())
