"""Details of every policy: agent, source, dates, product, payment, premium; and the riders.

In: a portfolio, the branch's people, sizes, the data date, a random generator. Out: `Contracts`: arrays,
one entry a main policy, and riders that point to their main policy. Never: a policy sold before its
agent was hired or after he left; a planned policy without an instalment in the year after the data date;
a premium total of a screened group that differs from its quota.

Days count from 1970-01-01. Null is -1 in codes and `NO_DAY` in days.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tuogu.core.tables import ORPHAN_SOURCES
from tuogu.synth import premiums
from tuogu.synth.calendar import NO_DAY, add_months, day_of, full_years
from tuogu.synth.geography import Geography
from tuogu.synth.lifetimes import (
    FREQUENCIES,
    inceptions,
    lapses,
    possible_stages,
    seasons,
    single_once,
    terms,
)
from tuogu.synth.portfolio import Nature, Portfolio, Stage
from tuogu.synth.sizes import AREAS, Group, Sizes
from tuogu.synth.vocabulary import (
    LONG_FROM,
    PROTECTIONS,
    PROTECTIONS_FROM,
    RIDERS_LONG,
    RIDERS_SHORT,
    SAVINGS,
    SAVINGS_FROM,
    SHORT_FROM,
    Product,
)

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

SOURCE = {name: i for i, name in enumerate(ORPHAN_SOURCES)}
COMPONENTS = ("single", "main_rider_short", "main_rider_long", "main_main")

PREMIUM_SIGMA = 0.75
SINGLE_FACTOR = 5.0  # a single premium against one year's regular premium
RIDER_SHARES = (0.10, 0.05)  # regular policies with a short, a long rider
RIDER_MEDIAN_YUAN = 260.0
MAIN_MAIN_SHARE = 0.04  # of the policies of holders of several
UNKNOWN_AGENT_SHARE = 0.06  # of orphans
AGENT_IN_POST_SHARE = 0.04  # of orphans of holders of several: moved to after-sales though the agent stays
REGISTERED_SHARE = 0.72  # of orphans whose source the branch has written down
AVERAGE_FEN = {Group.SEVERAL: 290_000, Group.PROTECTION: 140_000}


@dataclass(frozen=True)
class Contracts:
    """Main policies, entry by entry as in the portfolio, and riders."""

    agent: Ints  # row of Staff.people, -1 unknown
    source: Ints  # index into ORPHAN_SOURCES, -1 not given
    stage: Ints
    inception: Ints
    end: Ints
    lapse: Ints
    product: Ints  # index into SHELF
    frequency: Ints  # 0 single
    term: Ints  # payment term in years, 1 for a single premium
    premium_fen: Ints
    sum_insured_fen: Ints
    components: Ints  # index into COMPONENTS
    rider_of: Ints  # index of the main policy of each rider
    rider_product: Ints
    rider_premium_fen: Ints


def draw_contracts(
    portfolio: Portfolio,
    people: pl.DataFrame,
    geography: Geography,
    sizes: Sizes,
    data_date: date,
    rng: np.random.Generator,
) -> Contracts:
    """Draw the details of `portfolio`'s policies."""
    today = day_of(data_date)
    agent, source = _agents(portfolio, people, rng)
    frequency_draw, month = seasons(portfolio, geography, rng)
    inception = inceptions(agent, people, month, today, rng)
    age = full_years(inception, today)
    stage = possible_stages(portfolio.p_stage.astype(np.int64), age)
    single = (stage == Stage.SINGLE) | single_once(stage, rng)
    frequency = np.where(single, 0, np.array(FREQUENCIES)[frequency_draw])
    product = _products(portfolio.p_protection, single, rng)
    term, end = terms(stage, single, product, inception, age, data_date, rng)
    lapse = lapses(portfolio, stage, inception, age, today, rng)
    source = _long_lapse_source(portfolio, source, lapse, today, rng)
    premium = _premiums(portfolio, frequency, sizes, rng)
    rider_of, rider_product, components = _riders(portfolio, stage, single, rng)
    return Contracts(
        agent=agent,
        source=source,
        stage=stage,
        inception=inception,
        end=end,
        lapse=lapse,
        product=product,
        frequency=frequency,
        term=term,
        premium_fen=premium,
        sum_insured_fen=_sums_insured(premium, frequency, portfolio.p_protection, rng),
        components=components,
        rider_of=rider_of,
        rider_product=rider_product,
        rider_premium_fen=premiums_of_riders(len(rider_of), rng),
    )


# --- agents and sources -----------------------------------------------------------------------------------


def _agents(portfolio: Portfolio, people: pl.DataFrame, rng: np.random.Generator) -> tuple[Ints, Ints]:
    """Selling agent (row of `people`) and source of each policy."""
    n = len(portfolio.p_holder)
    seller = people["seller"].to_numpy()
    gone = people["left_date"].is_not_null().to_numpy()
    where = people["area"].to_numpy()
    orphan, area = portfolio.p_orphan, portfolio.p_area
    several = portfolio.h_group[portfolio.p_holder] == Group.SEVERAL
    u = rng.random(n)
    unknown = orphan & (u < UNKNOWN_AGENT_SHARE)
    stays = orphan & several & (u > 1 - AGENT_IN_POST_SHARE)
    agent = np.full(n, -1, np.int64)
    for a in range(len(AREAS)):
        for left in (False, True):
            staff = np.flatnonzero(seller & (gone == left) & (where == a))
            mine = np.flatnonzero((area == a) & ((orphan & ~stays) == left) & ~unknown)
            if len(mine):
                agent[mine] = staff[rng.integers(0, len(staff), len(mine))]
    return agent, _sources(portfolio, unknown, stays, rng)


def _sources(portfolio: Portfolio, unknown: Flags, stays: Flags, rng: np.random.Generator) -> Ints:
    """The orphan source as the branch wrote it down, or -1."""
    u = rng.random(len(unknown))
    unreachable = np.isin(portfolio.h_nature[portfolio.p_holder], (Nature.UNREACHABLE, Nature.DIFFICULT))
    source = np.where(u < 0.94, SOURCE["leaver"], SOURCE["team_not_qualified"])
    source = np.where(unreachable, SOURCE["unreachable"], source)
    source = np.where(rng.random(len(unknown)) < REGISTERED_SHARE, source, -1)
    moved = np.where(u < 0.5, SOURCE["moved_in"], np.where(u < 0.85, SOURCE["integrated"], SOURCE["other"]))
    source = np.where(unknown, moved, source)
    source = np.where(stays, np.where(u < 0.5, SOURCE["team_not_qualified"], SOURCE["moved_in"]), source)
    return np.where(portfolio.p_orphan, source, -1)


def _long_lapse_source(
    portfolio: Portfolio, source: Ints, lapse: Ints, today: int, rng: np.random.Generator
) -> Ints:
    """Some of the long lapses sold by agents in post are already registered as such."""
    long_ago = ~portfolio.p_orphan & (lapse != NO_DAY) & (lapse <= add_months(np.array([today]), -7)[0])
    return np.where(long_ago & (rng.random(len(source)) < 0.5), SOURCE["long_lapsed"], source)


# --- products and money -----------------------------------------------------------------------------------


def _products(protection: Flags, single: Flags, rng: np.random.Generator) -> Ints:
    """Index into SHELF by what is protected and how it is paid."""
    product = np.zeros(len(single), np.int64)
    for table, first, of in ((SAVINGS, SAVINGS_FROM, False), (PROTECTIONS, PROTECTIONS_FROM, True)):
        for once in (False, True):
            mine = np.flatnonzero((protection == of) & (single == once))
            product[mine] = first + _weighted(table, once, len(mine), rng)
    return product


def _weighted(table: tuple[Product, ...], single: bool, n: int, rng: np.random.Generator) -> Ints:
    index = np.array([i for i, p in enumerate(table) if p.single == single])
    weight = np.array([table[i].weight for i in index], float)
    return np.asarray(index[rng.choice(len(index), n, p=weight / weight.sum())], np.int64)


def _premiums(portfolio: Portfolio, frequency: Ints, sizes: Sizes, rng: np.random.Generator) -> Ints:
    """One instalment, or the single premium, in fen: lognormal; totals of the screened groups are exact."""
    group, area = portfolio.h_group[portfolio.p_holder], portfolio.p_area
    weight = rng.lognormal(0, PREMIUM_SIGMA, len(frequency))
    weight *= np.where(frequency == 0, SINGLE_FACTOR, 1 / np.maximum(frequency, 1))
    premium = np.zeros(len(frequency), np.int64)
    for g in (Group.IN_POST, Group.ORPHAN, Group.SEVERAL, Group.PROTECTION):
        for a in range(len(AREAS)):
            mine = np.flatnonzero((group == g) & (area == a))
            total = sizes.premium_fen.get((g, a), AVERAGE_FEN.get(g, 0) * len(mine))
            premium[mine] = premiums.share_out(weight[mine], total)
    return premium


def _sums_insured(premium: Ints, frequency: Ints, protection: Flags, rng: np.random.Generator) -> Ints:
    """Whole thousands of yuan in a plausible relation to a year's premium."""
    year = premium * np.maximum(frequency, 1)
    ratio = np.where(protection, 120.0, np.where(frequency == 0, 1.1, 12.0)) * rng.uniform(
        0.8, 1.3, len(premium)
    )
    thousand = 1000 * premiums.YUAN
    return np.maximum(1, np.rint(year * ratio / thousand)).astype(np.int64) * thousand


def _riders(
    portfolio: Portfolio, stage: Ints, single: Flags, rng: np.random.Generator
) -> tuple[Ints, Ints, Ints]:
    """Main policy and product of each rider, and what each contract is made of (index into COMPONENTS)."""
    n = len(stage)
    u = rng.random(n)
    short = ~single & (u < RIDER_SHARES[0])
    long = ~single & (u >= RIDER_SHARES[0]) & (u < sum(RIDER_SHARES))
    several = portfolio.h_group[portfolio.p_holder] == Group.SEVERAL
    main_main = ~short & ~long & several & (rng.random(n) < MAIN_MAIN_SHARE)
    of = np.concatenate([np.flatnonzero(short), np.flatnonzero(long)])
    product = np.concatenate(
        [
            SHORT_FROM + _weighted(RIDERS_SHORT, False, int(short.sum()), rng),
            LONG_FROM + _weighted(RIDERS_LONG, False, int(long.sum()), rng),
        ]
    )
    second = np.flatnonzero(rng.random(len(of)) < 0.15)  # some contracts carry a second, short rider
    of = np.concatenate([of, of[second]])
    product = np.concatenate([product, SHORT_FROM + _weighted(RIDERS_SHORT, False, len(second), rng)])
    return of, product, np.select([short, long, main_main], [1, 2, 3], 0)


def premiums_of_riders(n: int, rng: np.random.Generator) -> Ints:
    """Yearly premium of each rider in fen, whole yuan."""
    yuan = np.rint(rng.lognormal(np.log(RIDER_MEDIAN_YUAN), 0.6, n)).astype(np.int64)
    return np.maximum(yuan, 10) * premiums.YUAN
