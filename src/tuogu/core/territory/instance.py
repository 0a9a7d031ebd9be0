"""The numbers of one territory problem: units, managers, months, costs, who touches whom.

In: arrays built by `core.plan` from a Book. Out: `Instance` (immutable) and `Loads` derived from labels.
Never: a name, a customer, a file; a unit without a policy; an adjacency that is not symmetric.

Letters: u units, a managers, t due types. A due type is a vector of 12 zeros and ones: the months in which a
policy of that type falls due. `labels` is (u,): the manager of each unit.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Ints32 = NDArray[np.int32]
Floats = NDArray[np.float64]
Keys = NDArray[np.uint64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Band:
    """The hard and soft limits of one manager. Pieces due a month; policies held a year."""

    month_min: int
    month_max: int
    held_min: int  # soft: balance
    held_max: int  # soft: balance, never above held_cap
    held_cap: int  # hard: 60 x 12 and what the visits allow


@dataclass(frozen=True)
class Instance:
    """One problem. Everything is sorted by code before it comes here, so that input order cannot matter."""

    stock: Ints  # (u, t) policies of each due type
    vectors: Ints  # (t, 12) 0/1
    metres: Ints32  # (u, a) cost of one policy: distance plus trait mismatch
    xy_m: Floats  # (u, 2); zeros where there are no coordinates
    touching: Ints  # (p, 2) pairs of units that touch
    team: Ints32  # (a,) team number of each manager
    band: Band
    judged: bool  # False: areas cannot be judged, only distance and loads count
    unit_keys: Keys  # (u,) and (a,): hashes of the codes with the seed, for ties
    manager_keys: Keys
    hand_over_m: int  # price of one policy handed to a touching manager
    other_team_m: int  # added when that manager is of another team
    team_detour_m: int  # farther than this from home nobody is drawn for the sake of a whole team

    def __post_init__(self) -> None:
        units, managers = self.metres.shape
        if self.stock.shape != (units, len(self.vectors)) or self.team.shape != (managers,):
            raise ValueError("shapes of stock, vectors, metres and team do not agree")
        if units and int(self.policies.min()) < 1:
            raise ValueError("a unit holds at least one policy")

    @property
    def units(self) -> int:
        return int(self.metres.shape[0])

    @property
    def managers(self) -> int:
        return int(self.metres.shape[1])

    @cached_property
    def policies(self) -> Ints:
        """(u,) policies of each unit."""
        return np.asarray(self.stock.sum(axis=1), dtype=np.int64)

    @cached_property
    def months(self) -> Ints:
        """(u, 12) pieces due of each unit."""
        return self.stock @ self.vectors

    @cached_property
    def links(self) -> tuple[Ints32, Ints32]:
        """Adjacency in compressed rows: the neighbours of u are `to[start[u]:start[u + 1]]`, ascending."""
        both = np.concatenate([self.touching, self.touching[:, ::-1]]).reshape(-1, 2)
        both = both[np.lexsort((both[:, 1], both[:, 0]))]
        start = np.searchsorted(both[:, 0], np.arange(self.units + 1))
        return start.astype(np.int32), both[:, 1].astype(np.int32)

    def held(self, labels: Ints) -> Ints:
        """(a,) policies held."""
        return np.bincount(labels, self.policies, self.managers).astype(np.int64)

    def due(self, labels: Ints) -> Ints:
        """(a, 12) pieces due."""
        out = np.zeros((self.managers, 12), dtype=np.int64)
        np.add.at(out, labels, self.months)
        return out

    def objective(self, labels: Ints) -> int:
        """Policy-metres of a whole labelling."""
        metres = self.metres[np.arange(self.units), labels].astype(np.int64)
        return int((self.policies * metres).sum())

    def month_excess(self, labels: Ints) -> int:
        """Pieces by which (manager, month) cells are outside the band."""
        due = self.due(labels)
        over = np.maximum(due - self.band.month_max, 0) + np.maximum(self.band.month_min - due, 0)
        return int(over.sum())


def hashed_keys(codes: list[str], seed: int) -> Keys:
    """64-bit keys of codes under a seed: equal costs are decided by these, not by who comes first in the
    file.
    """
    salt = seed.to_bytes(16, "big", signed=True)
    digests = (blake2b(code.encode(), digest_size=8, key=salt).digest() for code in codes)
    return np.array([int.from_bytes(d, "big") for d in digests], dtype=np.uint64)
