"""How much one person can be handed, and in which release: the visits decide (N-20).

In: the as-of date, the rulebook. Out: `Allowance`; the instalment of each customer. Never: a customer in two instalments, a
release that one person's working days cannot serve.

Where visits are counted by customer, pieces are counted all the same: a customer is at least one piece.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np

from tuogu.core.capacity import held_max
from tuogu.core.match import dealing
from tuogu.core.match.field import Ints
from tuogu.core.rulebook import Rulebook


@dataclass(frozen=True)
class Allowance:
    """`per_release` pieces of one person in one release, over `releases` releases."""

    per_release: int
    releases: int

    @classmethod
    def of(cls, as_of: date, rulebook: Rulebook) -> Allowance:
        releases = int(rulebook["territory.instalments"])
        return cls(held_max(as_of, rulebook) // releases, releases)

    def most(self, largest: int) -> int:
        """Pieces that always fit into the releases when no customer has more than `largest`: every release but the last
        may stay `largest - 1` short of its limit, for customers are not split."""
        return self.releases * self.per_release - (self.releases - 1) * max(largest - 1, 0)


def instalments(agent: Ints, size: Ints, people: int, allowance: Allowance) -> Ints:
    """(customers,) release number, in handling order; 0 for who goes to nobody."""
    number = np.zeros(len(agent), dtype=np.int64)
    dealing.instalments(agent, size, allowance.per_release, np.zeros(people, dtype=np.int64), number)
    return number
