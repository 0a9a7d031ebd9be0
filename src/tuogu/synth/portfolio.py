"""Who holds how many policies, which of them are orphans, which the territory plan will take, and who lives
where.

In: sizes, geography, a random generator. Out: `Portfolio`: arrays, one entry a holder or a main policy.
Never: a text; a planned policy whose holder cannot be coded or is not a normal case.

Everything that a promised count depends on is decided here, by quota, before details are drawn at
random.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from tuogu.synth.geography import Geography
from tuogu.synth.sizes import AREAS, Group, Sizes

Ints = NDArray[np.int64]
Small = NDArray[np.int8]
Flags = NDArray[np.bool_]


class Stage(IntEnum):
    """Where a main policy is in its life."""

    PAYING = 0  # in force, regular premium, instalments still to come
    SINGLE = 1  # in force, single premium
    PAID_UP = 2  # in force, payment term over
    LAPSED = 3
    MATURED = 4
    SURRENDERED = 5
    TERMINATED = 6
    PAID_OUT = 7
    TRANSFERRED = 8


class Nature(IntEnum):
    """What intake knows of the holder (S4-03, S4-04)."""

    NORMAL = 0
    UNREACHABLE = 1  # not yet all six methods
    DIFFICULT = 2  # all six methods failed
    COMPLAINT = 3
    MISCONDUCT = 4


class Coding(IntEnum):
    """Whether the holder's address can be coded, and why not."""

    CODED = 0
    NO_COMMUNITY = 1
    DISTRICT_ONLY = 2
    NO_ADDRESS = 3
    AMBIGUOUS = 4
    UNKNOWN_COMMUNITY = 5
    OUTSIDE_CITY = 6


CODING_SHARES = (0.93, 0.035, 0.008, 0.006, 0.006, 0.015, 0.0)
OUTSIDE_SHARE = 0.02  # of customers that S2-01 does not screen
NATURE_SHARES = (0.955, 0.018, 0.012, 0.011, 0.004)
SEVERAL_COUNTS, SEVERAL_SHARES = (2, 3, 4), (0.65, 0.25, 0.10)
SEVERAL_ORPHAN_SHARE, PROTECTION_ORPHAN_SHARE = 0.38, 0.37
SEVERAL_PROTECTION_SHARE = 0.35
HOUSEHOLD_SHARE = 0.12  # of holders who share the address of another holder
# Stages in the order of Stage, for policies that are not chosen for the plan.
ORPHAN_STAGES = (0.0, 0.36, 0.08, 0.22, 0.12, 0.12, 0.04, 0.03, 0.03)
ORPHAN_STAGES_OUTSIDE_PLAN = (0.55, 0.16, 0.04, 0.10, 0.05, 0.05, 0.02, 0.02, 0.01)
IN_POST_STAGES = (0.66, 0.13, 0.03, 0.03, 0.055, 0.06, 0.015, 0.015, 0.005)


@dataclass(frozen=True)
class Portfolio:
    """Holders (h_*), one entry each, and main policies (p_*), one entry each."""

    h_group: Small
    h_area: Small
    h_nature: Small
    h_coding: Small
    h_community: NDArray[np.int32]
    h_household: NDArray[np.int32]  # index of the holder whose address this one shares (itself if none)
    p_holder: NDArray[np.int32]
    p_orphan: Flags  # agent gone, unknown, or moved to after-sales (long lapses of others come on top)
    p_protection: Flags
    p_planned: Flags
    p_stage: Small

    @property
    def p_area(self) -> Small:
        """Area of each policy: its holder's."""
        return self.h_area[self.p_holder]


def draw_portfolio(sizes: Sizes, geography: Geography, rng: np.random.Generator) -> Portfolio:
    """Draw holders and main policies; the planned ones are chosen by the quotas of the communities."""
    keys = [key for key in sizes.members if key[0] != Group.MEMBER]
    counts = [sizes.members[key] for key in keys]
    group = np.repeat(np.array([g for g, _ in keys], np.int8), counts)
    area = np.repeat(np.array([a for _, a in keys], np.int8), counts)
    nature = rng.choice(len(NATURE_SHARES), len(group), p=NATURE_SHARES).astype(np.int8)
    coding = rng.choice(len(CODING_SHARES), len(group), p=CODING_SHARES).astype(np.int8)
    unscreened = (group == Group.SEVERAL) | (group == Group.PROTECTION)
    coding[unscreened & (rng.random(len(group)) < OUTSIDE_SHARE)] = Coding.OUTSIDE_CITY
    holder, orphan, protection = _policies(group, rng)
    fit = orphan & (coding[holder] == Coding.CODED) & (nature[holder] == Nature.NORMAL)
    planned = _choose_planned(fit, area[holder], geography, rng)
    community = _settle(np.bincount(holder[planned], minlength=len(group)), area, geography, rng)
    return Portfolio(
        h_group=group,
        h_area=area,
        h_nature=nature,
        h_coding=coding,
        h_community=community,
        h_household=_households(community, coding, rng),
        p_holder=holder,
        p_orphan=orphan,
        p_protection=protection,
        p_planned=planned,
        p_stage=_stages(planned, orphan, fit, rng),
    )


def _policies(group: Small, rng: np.random.Generator) -> tuple[NDArray[np.int32], Flags, Flags]:
    """Holder, orphan and protection of each main policy."""
    several = group == Group.SEVERAL
    count = np.where(several, rng.choice(SEVERAL_COUNTS, len(group), p=SEVERAL_SHARES), 1)
    holder = np.repeat(np.arange(len(group), dtype=np.int32), count)
    of = group[holder]
    u = rng.random(len(holder))
    orphan = (of == Group.ORPHAN) | ((of == Group.SEVERAL) & (u < SEVERAL_ORPHAN_SHARE))
    orphan |= (of == Group.PROTECTION) & (u < PROTECTION_ORPHAN_SHARE)
    protection = (of == Group.PROTECTION) | (
        (of == Group.SEVERAL) & (rng.random(len(holder)) < SEVERAL_PROTECTION_SHARE)
    )
    return holder, orphan, protection


def _choose_planned(fit: Flags, area: Small, geography: Geography, rng: np.random.Generator) -> Flags:
    """As many fit orphans in each area as its communities' quotas ask for, or all that are fit."""
    planned = np.zeros(len(fit), bool)
    quota = geography.communities["planned"].to_numpy()
    where = geography.communities["area"].to_numpy()
    for a in range(len(AREAS)):
        candidates = np.flatnonzero(fit & (area == a))
        wanted = min(int(quota[where == a].sum()), len(candidates))
        planned[rng.permutation(candidates)[:wanted]] = True
    return planned


def _settle(
    planned_of_holder: Ints, area: Small, geography: Geography, rng: np.random.Generator
) -> NDArray[np.int32]:
    """Community of each holder: planned policies fill the quotas in random order, others follow the pull."""
    quota = geography.communities["planned"].to_numpy()
    pull = geography.communities["pull"].to_numpy()
    where = geography.communities["area"].to_numpy()
    community = np.zeros(len(area), np.int32)
    for a in range(len(AREAS)):
        inside = np.flatnonzero(where == a)
        if not len(inside):
            continue
        rest = np.flatnonzero((area == a) & (planned_of_holder == 0))
        share = pull[inside] / pull[inside].sum()
        community[rest] = inside[rng.choice(len(inside), len(rest), p=share)]
        settlers = rng.permutation(np.flatnonzero((area == a) & (planned_of_holder > 0)))
        if not len(settlers):
            continue
        filled = np.cumsum(planned_of_holder[settlers])
        limits = np.cumsum(quota[inside]) * (filled[-1] / max(quota[inside].sum(), 1))
        place = np.searchsorted(limits, filled - 0.5 * planned_of_holder[settlers], side="right")
        community[settlers] = inside[np.minimum(place, len(inside) - 1)]
    return community


def _households(community: NDArray[np.int32], coding: Small, rng: np.random.Generator) -> NDArray[np.int32]:
    """Some holders share the address of the holder before them in the same community."""
    order = np.lexsort((rng.random(len(community)), coding, community))
    same = community[order[1:]] == community[order[:-1]]
    both = (coding[order[1:]] == Coding.CODED) & (coding[order[:-1]] == Coding.CODED)
    joins = np.concatenate([[False], same & both & (rng.random(len(order) - 1) < HOUSEHOLD_SHARE)])
    joins[1:] &= ~joins[:-1]  # pairs, no chains
    household = np.arange(len(community), dtype=np.int32)
    follower = np.flatnonzero(joins)
    household[order[follower]] = order[follower - 1]
    return household


def _stages(planned: Flags, orphan: Flags, fit: Flags, rng: np.random.Generator) -> Small:
    """Stage of each policy: the planned pay; orphans fit for the plan but not chosen never do."""
    n = len(planned)
    u = rng.random(n)
    stage = _pick(IN_POST_STAGES, u)
    stage = np.where(orphan, _pick(ORPHAN_STAGES_OUTSIDE_PLAN, u), stage)
    stage = np.where(fit & ~planned, _pick(ORPHAN_STAGES, u), stage)
    return np.where(planned, Stage.PAYING, stage).astype(np.int8)


def _pick(shares: tuple[float, ...], u: NDArray[np.float64]) -> Ints:
    edges = np.cumsum(shares)
    return np.minimum(np.searchsorted(edges / edges[-1], u, side="right"), len(shares) - 1)
