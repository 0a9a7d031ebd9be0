"""Customers as people: who is insured by whom, ages that fit the policies, documents.

In: portfolio, contracts, sizes, a random generator. Out: `Customers`: arrays, one entry a customer
(holders first, then members: people insured under somebody else's policy). Never: a holder under age at
his first policy, a child insured before birth.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tuogu.synth.calendar import add_months
from tuogu.synth.geography import Geography
from tuogu.synth.identities import id_serials
from tuogu.synth.portfolio import Coding, Nature, Portfolio
from tuogu.synth.sizes import AREAS, Group, Sizes
from tuogu.synth.vocabulary import OTHER_REGIONS

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
HOLDER_AGE = (20, 33, 58)  # at the first policy: youngest, most, oldest
CHILD_SHARE = 0.55
BORN_ELSEWHERE = 0.15  # whose ID was issued in another province
TWICE_SHARE = 0.03  # of pairs of protection holders that are one person
OTHER_PAPERS = (0.97, 0.02, 0.01)  # resident ID, passport, other


@dataclass(frozen=True)
class Customers:
    """One entry a customer. `home_of` is the customer (index) whose written address this one has."""

    group: Ints
    area: Ints
    community: Ints
    coding: Ints
    nature: Ints
    home_of: Ints
    male: Flags
    birth: Ints  # days from 1970-01-01
    id_region: Ints
    id_serial: Ints
    papers: Ints  # 0 resident ID, 1 passport, 2 other
    same_as: Ints  # customer (index) who is the same person under another number; itself for nearly all
    insured_of: Ints  # per main policy: customer who is insured


def draw_customers(
    portfolio: Portfolio,
    inception: Ints,
    geography: Geography,
    sizes: Sizes,
    today: int,
    rng: np.random.Generator,
) -> Customers:
    """Complete the holders and add the members."""
    holders = len(portfolio.h_group)
    host, policy = _hosts(portfolio, sizes, rng)
    first = np.full(holders, today, np.int64)
    np.minimum.at(first, portfolio.p_holder, inception)
    birth = add_months(first, -(rng.triangular(*HOLDER_AGE, holders) * 12).astype(np.int64))
    birth = birth - rng.integers(0, 28, holders)
    male = rng.random(holders + len(host)) < 0.5
    birth = np.concatenate([birth, _member_births(birth[host], inception[policy], rng)])
    insured = portfolio.p_holder.astype(np.int64)
    insured[policy] = holders + np.arange(len(host))
    same_as = _same_people(portfolio, birth, rng)
    birth, male = np.minimum(birth, birth[same_as]), male[same_as]
    papers = rng.choice(len(OTHER_PAPERS), len(birth), p=OTHER_PAPERS)
    papers[np.bincount(same_as, minlength=len(papers)) != 1] = 0  # known twice by the same resident ID
    community = _extend(portfolio.h_community, host)
    region = _id_regions(community, geography, rng)
    return Customers(
        group=np.concatenate([portfolio.h_group, np.full(len(host), Group.MEMBER)]).astype(np.int64),
        area=_extend(portfolio.h_area, host),
        community=community,
        coding=_extend(portfolio.h_coding, host),
        nature=np.concatenate([portfolio.h_nature, np.full(len(host), Nature.NORMAL)]).astype(np.int64),
        home_of=_extend(portfolio.h_household, host),
        male=male,
        birth=birth,
        id_region=region[same_as],
        id_serial=id_serials(region, birth, male, rng)[same_as],
        papers=papers,
        same_as=same_as,
        insured_of=insured,
    )


def _extend(of_holders: NDArray[np.generic], host: Ints) -> Ints:
    values = of_holders.astype(np.int64)
    return np.concatenate([values, values[host]])


def _hosts(portfolio: Portfolio, sizes: Sizes, rng: np.random.Generator) -> tuple[Ints, Ints]:
    """Holder and policy under which each member is insured: one member a holder, by area."""
    first_policy = np.searchsorted(portfolio.p_holder, np.arange(len(portfolio.h_group)))
    hosts = []
    for a in range(len(AREAS)):
        candidates = np.flatnonzero((portfolio.h_area == a) & (portfolio.h_coding != Coding.NO_ADDRESS))
        hosts.append(rng.permutation(candidates)[: sizes.members[Group.MEMBER, a]])
    host = np.concatenate(hosts)
    return host, first_policy[host]


def _member_births(host_birth: Ints, inception: Ints, rng: np.random.Generator) -> Ints:
    """Children born 21 to 36 years after the holder and before the policy, otherwise a spouse of like age."""
    n = len(host_birth)
    child = add_months(host_birth, rng.integers(21 * 12, 36 * 12, n)) + rng.integers(0, 28, n)
    spouse = host_birth + rng.integers(-5 * 365, 5 * 365, n)
    is_child = (rng.random(n) < CHILD_SHARE) & (child < inception - 30)
    return np.where(is_child, child, spouse)


def _same_people(portfolio: Portfolio, birth: Ints, rng: np.random.Generator) -> Ints:
    """Some people are in the books under two numbers, each with one protection policy.

    Merged, such a person holds two policies, apart, one each of protection: S2-01 takes neither, so the
    campaign's counts do not depend on whether duplicates have been merged.
    """
    same_as = np.arange(len(birth))
    candidates = np.flatnonzero(portfolio.h_group == Group.PROTECTION)
    candidates = candidates[np.lexsort((candidates, birth[candidates]))]  # neighbours are of like age
    first = np.arange(0, len(candidates) - 1, 2)
    chosen = first[rng.random(len(first)) < TWICE_SHARE]
    same_as[candidates[chosen + 1]] = candidates[chosen]
    return same_as


def _id_regions(community: Ints, geography: Geography, rng: np.random.Generator) -> Ints:
    home = geography.communities["district_code"].cast(pl.Int64).to_numpy()[community]
    other = np.array([int(c) for c in OTHER_REGIONS])[rng.integers(0, len(OTHER_REGIONS), len(community))]
    return np.where(rng.random(len(community)) < BORN_ELSEWHERE, other, home)
