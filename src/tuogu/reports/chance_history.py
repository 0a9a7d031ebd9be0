"""What chances are learned from and applied to, gathered from the rooms (P-07).

In: a target, a day; or the cases and customers asked for. Out: rows of `core.chance`. Never: a name or a phone; a
row at a time.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

import polars as pl

from tuogu.books import queries as books
from tuogu.campaigns import queries as campaigns
from tuogu.core.chance.features import History, renewal_rows, repurchase_rows
from tuogu.core.chance.limits import ChanceLimits
from tuogu.core.chance.tables import POLICIES_BOUGHT, RELEASED, RENEWAL
from tuogu.core.tables import empty
from tuogu.org.scope import Scope
from tuogu.renewals import queries as renewals
from tuogu.work import queries as work

_EVERYTHING = Scope.everything()


def rows_of(target: str, on: date, limits: ChanceLimits) -> pl.DataFrame:
    """Every row of a target, with what became of it as far as it is settled on a day."""
    motor = renewals.chance_history()
    history = History(heard=work.heard(), bought=_bought(), released=_released(on), **motor)
    make = renewal_rows if target == RENEWAL.key else repurchase_rows
    return make(history, on, limits)


def renewal_rows_of(subjects: Collection[int], on: date, limits: ChanceLimits) -> pl.DataFrame:
    """Rows of some listed motor policies."""
    motor = renewals.chance_history(subjects)
    holders = motor["listed"]["holder_number"].unique().to_list()
    history = History(heard=work.heard(holders), bought=_bought(holders), **motor)
    return renewal_rows(history, on, limits)


def repurchase_rows_of(customers: Collection[str], on: date, limits: ChanceLimits) -> pl.DataFrame:
    """Rows of customers that campaigns have given away, the newest release of each."""
    released = _released(on).filter(pl.col("customer_number").is_in(sorted(set(customers))))
    newest = released.sort("released_date").unique("customer_number", keep="last", maintain_order=True)
    if newest.is_empty():
        return repurchase_rows(History(), on, limits)
    wanted = newest["customer_number"].to_list()
    motor = renewals.chance_history(holders=wanted)["motor"]
    history = History(heard=work.heard(wanted), bought=_bought(wanted), released=newest, motor=motor)
    return repurchase_rows(history, on, limits)


def _bought(customers: Collection[str] | None = None) -> pl.DataFrame:
    return books.policies_bought(customers).select(*POLICIES_BOUGHT)


def _released(on: date) -> pl.DataFrame:
    years = sorted({row.year for row in campaigns.campaigns(_EVERYTHING)})
    found = [campaigns.resources(year, on).select(*RELEASED) for year in years]
    return pl.concat([empty(RELEASED), *found])
