"""The one category that makes a customer a resource on a day (S1-01…S1-06).

In: main policies, the plan's day, the rulebook. Out: one row a customer with category, amount, dates and what else its
ranking reads. Never: a customer with two categories, a policy of pure protection taken for one that pays at maturity.
"""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl

from tuogu.core.dues import next_due_dates
from tuogu.core.rulebook import Rulebook
from tuogu.core.tables import Schema, conform

CATEGORIES = ("maturity", "renewal", "old", "not_yet_due", "other")
RESOURCES: Schema = {
    "number": pl.String,  # the customer
    "category": pl.String,
    "policies": pl.Int64,  # that make the customer one of this category
    "amount_fen": pl.Int64,  # sum over those policies
    "date": pl.Date,  # of maturity or of the premium; null for other
    "release_date": pl.Date,  # maturity only: the day about which it is handed out
    "inception": pl.Date,  # of the oldest of those policies
    "payment_time": pl.Int64,  # years of payment, the longest of those policies
    "favoured": pl.Boolean,  # bought at one of the favoured institutions
    "bought_again": pl.Boolean,  # after the money of the old policy (转保或加保)
}
_KEPT = ("holder_number", "policy_number", "inception_date", "payment_term_years", "institution_code")


def month_start(day: date, months: int = 0) -> date:
    """First day of the month `months` after the one of `day`."""
    index = day.year * 12 + day.month - 1 + months
    return date(index // 12, index % 12 + 1, 1)


def horizon_end(day: date, months: int) -> date:
    """The last day within so many months from `day`, itself counted in; a month's end stays one.  # S1-06"""
    first = month_start(day, months)
    last = month_start(first, 1) - timedelta(days=1)
    return first.replace(day=min(day.day, last.day))


def categorised(mains: pl.DataFrame, as_of: date, rulebook: Rulebook) -> pl.DataFrame:
    """RESOURCES of every holder who is one, by number; `mains` are main policies in any state."""
    order = {name: place for place, name in enumerate(rulebook["centre.category_order"])}
    favoured = list(rulebook["centre.favoured_institutions"])
    rows = pl.concat(
        [
            _maturity(mains, as_of, rulebook),
            _renewal(mains, as_of, rulebook),
            _old(mains, as_of, rulebook),
            _not_yet_due(mains, as_of, rulebook),
            _other(mains, rulebook),
        ]
    ).with_columns(
        _place=pl.col("category").replace_strict(order, return_dtype=pl.Int64),
        favoured=pl.col("institution_code").is_in(favoured).fill_null(False),
    )
    decided = rows.filter(pl.col("_place") == pl.col("_place").min().over("holder_number"))  # S1-01
    customers = decided.group_by("holder_number").agg(
        pl.col("category").first(),
        policies=pl.len().cast(pl.Int64),
        amount_fen=pl.col("amount_fen").fill_null(0).sum(),
        date=pl.when(pl.col("category").first().is_in(rulebook["centre.late_first"]))
        .then(pl.col("date").max())
        .otherwise(pl.col("date").min()),
        release_date=pl.col("release_date").min(),
        inception=pl.col("inception_date").min(),
        payment_time=pl.col("payment_term_years").max(),
        favoured=pl.col("favoured").any(),
        _first=pl.col("date").min(),
    )
    bought = mains.group_by("holder_number").agg(_last=pl.col("inception_date").max())
    again = (pl.col("category") == "old") & (pl.col("_last") >= pl.col("_first"))
    customers = customers.join(bought, on="holder_number").with_columns(bought_again=again.fill_null(False))
    return conform(customers.rename({"holder_number": "number"}).select(*RESOURCES).sort("number"), RESOURCES)


def _saving(states: list[str]) -> pl.Expr:
    """Policies in these states that pay their holder at the end: no pure protection."""
    return pl.col("state").is_in(states) & ~pl.col("protection").fill_null(False)


def _rows(frame: pl.DataFrame, category: str, amount: str, day: str | None, release: pl.Expr) -> pl.DataFrame:
    return frame.select(
        *_KEPT,
        category=pl.lit(category),
        amount_fen=pl.col(amount),
        date=pl.col(day) if day else pl.lit(None, pl.Date),
        release_date=release,
    )


def _maturity(mains: pl.DataFrame, as_of: date, rulebook: Rulebook) -> pl.DataFrame:
    """Maturing policies whose release day falls into the plan's month.  # S1-03"""
    release = pl.col("end_date") - timedelta(days=rulebook["centre.maturity_lead_days"])
    within = release.is_between(month_start(as_of), month_start(as_of, 1), closed="left")
    frame = mains.filter(_saving(rulebook["centre.maturity_states"]) & within)
    return _rows(frame, "maturity", rulebook["centre.maturity_amount"], "end_date", release)


def _renewal(mains: pl.DataFrame, as_of: date, rulebook: Rulebook) -> pl.DataFrame:
    """Regular premium that falls due in the month after the plan's.  # S1-04"""
    ahead = rulebook["centre.renewal_months_ahead"]
    first, after = month_start(as_of, ahead), month_start(as_of, ahead + 1)
    paying = mains.filter((pl.col("state") == "in_force") & (pl.col("premium_mode") == "regular"))
    due = next_due_dates(paying, first).filter(pl.col("next_due_date") < after)
    frame = paying.join(due, on="policy_number")
    return _rows(frame, "renewal", "premium_fen", "next_due_date", pl.lit(None, pl.Date))


def _old(mains: pl.DataFrame, as_of: date, rulebook: Rulebook) -> pl.DataFrame:
    """Single premium whose money was paid before this year.  # S1-05"""
    before = (pl.col("premium_mode") == "single") & (pl.col("end_date") < date(as_of.year, 1, 1))
    frame = mains.filter(_saving(rulebook["centre.old_states"]) & before)
    return _rows(frame, "old", rulebook["centre.maturity_amount"], "end_date", pl.lit(None, pl.Date))


def _not_yet_due(mains: pl.DataFrame, as_of: date, rulebook: Rulebook) -> pl.DataFrame:
    """Single premium in force that matures later, within the horizon.  # S1-06"""
    last = horizon_end(as_of, rulebook["centre.horizon_months"])
    later = pl.col("end_date").is_between(as_of, last, closed="right")
    frame = mains.filter(_saving(["in_force"]) & (pl.col("premium_mode") == "single") & later)
    return _rows(frame, "not_yet_due", rulebook["centre.maturity_amount"], "end_date", pl.lit(None, pl.Date))


def _other(mains: pl.DataFrame, rulebook: Rulebook) -> pl.DataFrame:
    """Every other customer with a policy in one of these states."""
    frame = mains.filter(pl.col("state").is_in(rulebook["centre.other_states"]))
    return _rows(frame, "other", "premium_fen", None, pl.lit(None, pl.Date))
