"""What the search of an instance ends in: who holds what, and who else could.

In: nothing. Out: the values that the planner's parts hand on. Never: a way to find them (that is `solve`, which brings a
compiler along: who only tells of an outcome does not wait for it).
"""

from __future__ import annotations

from dataclasses import dataclass

from tuogu.core.territory.instance import Instance, Ints


@dataclass(frozen=True)
class Ranking:
    """Column k of row u: the k-th cheapest manager (-1 = none). The chosen manager stands somewhere in each
    row.

    `excluded` is a sum of CAP, MONTH_BAND, FLOOR, BALANCE, CONTIGUITY, TEAM, KEPT (0 = permitted); `place`
    the rank among all managers from 1. `over` and `under` hold (month 0..11 or -1, pieces after the move)
    where the taker would pass the ceiling and the giver the floor; `held` the policies of (taker, giver)
    after the move.
    """

    manager: Ints
    place: Ints
    excluded: Ints
    over: Ints
    under: Ints
    held: Ints


@dataclass(frozen=True)
class Solution:
    """Who holds what. `atoms` are single policies handed over: (site, kind, label) with site = the unit left.

    `instance` and `labels` cover the units first (less what was handed over), then one row for each atom.
    """

    instance: Instance
    labels: Ints
    atoms: tuple[Ints, Ints, Ints]
    ranking: Ranking
    bound_m: int
    objective: int
    rung: str
    limits_hit: tuple[str, ...]
