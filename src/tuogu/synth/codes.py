"""A whole city as integers: two frames of small numbers from which any slice can be spelt out.

In: the drawn portfolio, contracts and customers. Out: `CityCodes`. Never: text per policy or customer;
ten million policies fit into about a gigabyte.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tuogu.synth.addresses import Scribe
from tuogu.synth.calendar import NO_DAY, add_months, day_of, full_years
from tuogu.synth.contracts import Contracts
from tuogu.synth.customers import Customers
from tuogu.synth.geography import Geography
from tuogu.synth.identities import draw_names, draw_phones
from tuogu.synth.portfolio import Portfolio
from tuogu.synth.premiums import YUAN
from tuogu.synth.staff import Staff
from tuogu.synth.vocabulary import EMPLOYERS, LONG_FROM, SHELF

Ints = NDArray[np.int64]
NO_EMPLOYER_SHARE = 0.35
GONE_AGENT_SHARE = 0.15  # of unknown agents: a number is written down that the roster no longer has
RIDER_COVER_RATIO = 100
SMALLEST_SUM_FEN = 10_000 * YUAN


@dataclass(frozen=True)
class CityCodes:
    """`policy_codes`: main policies, then riders. `customer_codes`: holders, then members. Row = index."""

    geography: Geography
    staff: Staff
    scribe: Scribe
    policy_codes: pl.DataFrame
    customer_codes: pl.DataFrame
    people_drawn: pl.DataFrame  # address parts of staff, row by row
    data_date: date


def encode_policies(
    portfolio: Portfolio,
    contracts: Contracts,
    customers: Customers,
    data_date: date,
    rng: np.random.Generator,
) -> pl.DataFrame:
    """The integer frame of main policies and riders; serial numbers say nothing about the row."""
    c, of = contracts, contracts.rider_of
    mains = len(portfolio.p_holder)
    unknown = c.agent < 0
    gone = unknown & (rng.random(mains) < GONE_AGENT_SHARE)
    agent = np.where(gone, -2 - rng.integers(0, 1_000_000, mains), c.agent)
    rider_term, rider_end = _rider_times(contracts, data_date)

    def both(main_values: NDArray[np.generic], rider_values: NDArray[np.generic]) -> NDArray[np.generic]:
        return np.concatenate([main_values, rider_values])

    rider_sum = np.maximum(SMALLEST_SUM_FEN, c.rider_premium_fen * RIDER_COVER_RATIO)
    columns = {
        "main": both(np.full(mains, -1), of).astype(np.int32),
        "holder": both(portfolio.p_holder, portfolio.p_holder[of]).astype(np.int32),
        "insured": both(customers.insured_of, customers.insured_of[of]).astype(np.int32),
        "agent": both(agent, agent[of]).astype(np.int32),
        "source": both(c.source, c.source[of]).astype(np.int8),
        "stage": both(c.stage, c.stage[of]).astype(np.int8),
        "product": both(c.product, c.rider_product).astype(np.int8),
        "frequency": both(c.frequency, np.ones(len(of))).astype(np.int8),
        "term": both(c.term, rider_term).astype(np.int8),
        "components": both(c.components, c.components[of]).astype(np.int8),
        "inception": both(c.inception, c.inception[of]).astype(np.int32),
        "end": both(c.end, rider_end).astype(np.int32),
        "lapse": both(c.lapse, c.lapse[of]).astype(np.int32),
        "premium_fen": both(c.premium_fen, c.rider_premium_fen).astype(np.int64),
        "sum_insured_fen": both(c.sum_insured_fen, rider_sum).astype(np.int64),
        "planned": both(portfolio.p_planned, np.zeros(len(of))).astype(bool),
        "orphan": both(portfolio.p_orphan, portfolio.p_orphan[of]).astype(bool),
        "serial": (rng.permutation(mains + len(of)) + 1).astype(np.int32),
    }
    return pl.DataFrame(columns)


def _rider_times(contracts: Contracts, data_date: date) -> tuple[Ints, Ints]:
    """Payment term and end of each rider: short ones run to their next anniversary."""
    of = contracts.rider_of
    inception = contracts.inception[of]
    age = full_years(inception, day_of(data_date))
    long = contracts.rider_product >= LONG_FROM
    shelf = np.array([p.cover_years for p in SHELF])[contracts.rider_product]
    years = np.where(long, np.maximum(shelf, age + 1), age + 1)
    term = np.where(long, np.minimum(contracts.term[of], years), 1)
    end = add_months(inception, 12 * years)
    main_end = contracts.end[of]
    return term, np.where(main_end == NO_DAY, end, np.minimum(end, main_end))


def encode_customers(
    customers: Customers, geography: Geography, scribe: Scribe, rng: np.random.Generator
) -> pl.DataFrame:
    """The integer frame of customers, address parts included; one household, one address."""
    n = len(customers.group)
    name = draw_names(customers.male, rng)
    drawn = scribe.draw(n, rng)[customers.home_of]
    employer = rng.integers(0, len(EMPLOYERS), n)
    frame = pl.DataFrame(
        {
            "group": customers.group.astype(np.int8),
            "area": customers.area.astype(np.int8),
            "community": customers.community.astype(np.int32),
            "coding": customers.coding.astype(np.int8),
            "nature": customers.nature.astype(np.int8),
            "male": customers.male,
            "birth": customers.birth.astype(np.int32),
            "id_region": customers.id_region.astype(np.int32),
            "id_serial": customers.id_serial.astype(np.int16),
            "papers": customers.papers.astype(np.int8),
            "surname": name.surname[customers.same_as],
            "first": name.first[customers.same_as],
            "second": name.second[customers.same_as],
            "phone": draw_phones(n, geography.city_code, rng)[customers.same_as],
            "employer": np.where(rng.random(n) < NO_EMPLOYER_SHARE, -1, employer).astype(np.int8),
            "answered": rng.integers(0, 10, n).astype(np.int8),
            "serial": (rng.permutation(n) + 1).astype(np.int32),
        }
    )
    return frame.hstack(drawn)
