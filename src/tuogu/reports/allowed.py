"""The allowances of a month for messages and visits, from the figures of that month (S4-27, S4-28).

In: a scope, a month. Out: core.measures ALLOWANCES with what is doubtful about them. Never: money where the rulebook leaves
a band open (ReportsRefused names the parameter); a person out of scope.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import polars as pl
from django.utils.translation import gettext as _

from tuogu.core.measures.allowances import (
    WORK,
    AllowanceError,
    Kind,
    allowances,
    open_bands,
    outside_range,
)
from tuogu.core.measures.periods import Period
from tuogu.core.tables import conform
from tuogu.org.scope import Scope
from tuogu.reports.failures import ReportsRefused
from tuogu.reports.live import figures
from tuogu.rules import queries as rules
from tuogu.work import queries as work

_C = pl.col


@dataclass(frozen=True)
class Allowed:
    """`rows`: ALLOWANCES; `open`: bands that nobody has set; `doubtful`: coefficients outside the source's own range."""

    rows: pl.DataFrame
    open: list[tuple[Kind, int]]
    doubtful: list[tuple[Kind, int, int]]


def allowances_of(scope: Scope, month: date, *, on: date) -> Allowed:
    """What everybody within scope earns for the month. ReportsRefused when a rate lies in a band that is not set."""
    period = Period.of(month)
    book = rules.applicable(min(period.last, on))
    try:
        rows = allowances(_done(scope, period, on), book)
    except AllowanceError as refused:
        raise ReportsRefused(refused.told(_)) from None
    return Allowed(rows, open_bands(book), outside_range(book))


def _done(scope: Scope, period: Period, on: date) -> pl.DataFrame:
    """WORK of everybody who had a customer in the month."""
    rates = figures(scope, period.first, ("contact", "visit"), ["person"], on=on)
    contact, visit = (rates.filter(_C("measure") == key) for key in ("contact", "visit"))
    sides = contact.select(person_id="person", reached="numerator", customers="denominator").join(
        visit.select(person_id="person", met="numerator"), on="person_id", how="left"
    )
    acts = work.contacts_measured(period.first, period.end)
    sent = acts.filter(_C("kind") == "message").group_by("person_id").agg(messages=pl.len().cast(pl.Int64))
    seen = acts.filter(_C("kind") == "visit").group_by("person_id")
    visited = seen.agg(visited=_C("customer_number").n_unique().cast(pl.Int64))
    joined = sides.join(sent, on="person_id", how="left").join(visited, on="person_id", how="left")
    return conform(joined.with_columns(_C("messages", "visited").fill_null(0)), WORK)
