"""When things happen to a policy: month and year of inception, payment term, end of cover, lapse.

In: a portfolio, agents, the data date, a random generator. Out: arrays, one entry a main policy. Never: an
inception outside the agent's time in post; a season that one cell has and another lacks.
"""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tuogu.synth.calendar import NO_DAY, add_months, day_of, days_from_civil
from tuogu.synth.geography import Geography
from tuogu.synth.portfolio import Portfolio, Stage
from tuogu.synth.sizes import Group
from tuogu.synth.vocabulary import SHELF

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

# A mild season: the busiest month has 1.28 times the quietest.
SEASON = (1.18, 0.95, 1.10, 0.97, 0.95, 1.05, 0.95, 0.92, 0.98, 0.96, 0.97, 1.02)
FREQUENCIES, FREQUENCY_SHARES = (1, 2, 4, 12), (0.82, 0.10, 0.05, 0.03)  # 1.58 instalments a policy and year
GOLDEN = 0.6180339887498949
TERMS = (3, 5, 10, 15, 20, 30)
TERM_WEIGHTS = (0.05, 0.15, 0.35, 0.15, 0.25, 0.05)
COVERS = (5, 10, 15, 20, 30)
LONG_LAPSE_SHARE = 0.5  # of lapsed policies of holders of several with an agent in post
RECENT_LAPSE_DAYS = (5, 50)  # of screened policies with an agent in post: far from the six months of S4-02


def seasons(portfolio: Portfolio, geography: Geography, rng: np.random.Generator) -> tuple[Ints, Ints]:
    """Index into FREQUENCIES and month of inception (1..12): inside a cell, planned policies keep the shares.

    A golden-ratio sequence spreads the months evenly over each frequency of each cell, so that no cell has a
    month far from the season by bad luck.
    """
    n = len(portfolio.p_holder)
    cell = geography.communities["cell"].to_numpy()[portfolio.h_community[portfolio.p_holder]]
    group = np.where(portfolio.p_planned, cell, -1)
    order = np.lexsort((rng.random(n), group))
    starts = np.flatnonzero(np.diff(group[order], prepend=-2))
    counts = np.diff(np.append(starts, n))
    rank = np.arange(n) - np.repeat(starts, counts)
    share = (rank + 0.5) / np.repeat(counts, counts)
    frequency = np.empty(n, np.int64)
    frequency[order] = np.searchsorted(np.cumsum(FREQUENCY_SHARES), share, side="right")
    season = np.cumsum(SEASON) / sum(SEASON)
    phase = np.repeat(rng.random(len(starts)), counts)
    month = np.empty(n, np.int64)
    month[order] = np.searchsorted(season, (rank * GOLDEN + phase) % 1.0, side="right") + 1
    return np.minimum(frequency, len(FREQUENCIES) - 1), np.minimum(month, 12)


def inceptions(agent: Ints, people: pl.DataFrame, month: Ints, today: int, rng: np.random.Generator) -> Ints:
    """A day in the given month, in a year in which the agent was in post on that day."""
    hired = people["hired_date"].cast(pl.Int32).to_numpy().astype(np.int64)
    left = people["left_date"].cast(pl.Int32).fill_null(today + 1).to_numpy().astype(np.int64)
    first = np.where(agent < 0, day_of(date(2003, 1, 1)), hired[agent])
    last = np.where(agent < 0, today - 430, left[agent] - 1)
    day = rng.integers(1, 29, len(agent))
    first_year, last_year = _year(first), _year(last)
    low = first_year + (days_from_civil(first_year, month, day) < first)
    high = last_year - (days_from_civil(last_year, month, day) > last)
    year = low + (rng.random(len(agent)) * (high - low + 1)).astype(np.int64)
    return days_from_civil(year, month, day)


def _year(days: Ints) -> Ints:
    return np.asarray(days.astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64) + 1970)


def possible_stages(stage: Ints, age: Ints) -> Ints:
    """A stage that a policy is too young for becomes one that fits; nothing becomes PAYING."""
    stage = np.where((stage == Stage.PAID_UP) & (age < 4), Stage.SINGLE, stage)
    young = (np.isin(stage, (Stage.MATURED, Stage.PAID_OUT)) & (age < 6)) | (
        (stage == Stage.LAPSED) & (age < 2)
    )
    return np.where(young, Stage.SURRENDERED, stage)


def single_once(stage: Ints, rng: np.random.Generator) -> Flags:
    """Which of the ended policies were single premium."""
    share = np.zeros(len(Stage))
    share[[Stage.MATURED, Stage.PAID_OUT]] = 0.6
    share[[Stage.SURRENDERED, Stage.TERMINATED, Stage.TRANSFERRED]] = 0.3
    return rng.random(len(stage)) < share[stage]


def terms(
    stage: Ints,
    single: Flags,
    product: Ints,
    inception: Ints,
    age: Ints,
    data_date: date,
    rng: np.random.Generator,
) -> tuple[Ints, Ints]:
    """Payment term in years, and the day cover ends (NO_DAY = whole life)."""
    need = data_date.year - _year(inception) + 2
    term = np.where(stage == Stage.PAYING, _option_at_least(need, rng), _option_at_least(age + 1, rng))
    term = np.where(stage == Stage.PAID_UP, _option_at_most(age, TERMS, rng), term)
    term = np.where(single, 1, term)
    shelf_cover = np.array([p.cover_years for p in SHELF])[product]
    ended = np.isin(stage, (Stage.MATURED, Stage.PAID_OUT))
    cover = np.where(shelf_cover == 0, 0, np.maximum(shelf_cover, term))
    outlived = (cover > 0) & (cover <= age) & ~ended
    cover = np.where(outlived, np.array(COVERS)[np.searchsorted(COVERS, np.minimum(age + 1, 30))], cover)
    cover = np.where(ended, _option_at_most(age, COVERS, rng), cover)
    term = np.where(ended & ~single, np.minimum(term, cover), term)
    end = np.where(cover == 0, NO_DAY, add_months(inception, 12 * cover))
    return term, end


def _option_at_least(need: Ints, rng: np.random.Generator) -> Ints:
    """One of TERMS ≥ need, by weight; the longest where none is."""
    options = np.array(TERMS)
    edges = np.concatenate([[0.0], np.cumsum(TERM_WEIGHTS)])
    first = np.minimum(np.searchsorted(options, need), len(options) - 1)
    u = edges[first] + rng.random(len(need)) * (edges[-1] - edges[first])
    chosen = np.searchsorted(edges, u, side="right") - 1
    return np.asarray(options[np.clip(chosen, first, len(options) - 1)])


def _option_at_most(limit: Ints, options: tuple[int, ...], rng: np.random.Generator) -> Ints:
    """One of `options` ≤ limit, all alike; the smallest where none is."""
    count = np.maximum(np.searchsorted(options, limit, side="right"), 1)
    return np.array(options)[(rng.random(len(limit)) * count).astype(np.int64)]


def lapses(
    portfolio: Portfolio, stage: Ints, inception: Ints, age: Ints, today: int, rng: np.random.Generator
) -> Ints:
    """Day of lapse: after the second due date; recent where S2-02 must still see an agent in post."""
    n = len(stage)
    lapsed = stage == Stage.LAPSED
    years = 1 + (rng.random(n) * np.maximum(age - 1, 1)).astype(np.int64)
    old = add_months(inception, 12 * years) + 60
    old = np.where(old > today - 200, add_months(inception, 12 * np.maximum(years - 1, 1)) + 60, old)
    recent = today - rng.integers(*RECENT_LAPSE_DAYS, n)
    several = portfolio.h_group[portfolio.p_holder] == Group.SEVERAL
    keeps_long = portfolio.p_orphan | (several & (rng.random(n) < LONG_LAPSE_SHARE))
    return np.where(lapsed, np.where(keeps_long, np.minimum(old, today - 1), recent), NO_DAY)
