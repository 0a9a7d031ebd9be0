"""Can the people make the visits that the service rules demand (N-20)? Arithmetic before a release, and
inside a plan.

In: releases (who receives how many on which day) and the rulebook. Out: visits a working day in the first
window of each release, earlier releases counted in, and a verdict with the sum written out. Never: a
release refused without its arithmetic, a holiday guessed (an unpublished year is counted by weekends and
marked provisional).

The rules behind the sum: `visits.first_window_visits` face visits within `visits.first_window_days` of the
release; the rest of `visits.per_policy_year` evenly over the rest of that policy year;
`visits.per_policy_year` in every later year. A person may shift visits inside a window, so the window's
mean is what counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

from tuogu.core.rulebook import Rulebook
from tuogu.core.tables import Schema, conform
from tuogu.data.workdays import working_days

RELEASES: Schema = {
    "staff_number": pl.String,
    "release_date": pl.Date,
    "policies": pl.Int64,
    "customers": pl.Int64,  # distinct customers among them; counted instead when visits.count_by is customer
}
WINDOWS: Schema = {
    "staff_number": pl.String,
    "release_date": pl.Date,
    "policies": pl.Int64,  # or customers, whatever is counted
    "working_days": pl.Int64,
    "visits_new": pl.Float64,
    "visits_earlier": pl.Float64,
    "visits_per_day": pl.Float64,
    "limit_per_day": pl.Float64,
    "fits": pl.Boolean,
    "provisional": pl.Boolean,
    "detail": pl.String,  # the sum, in Chinese
}
_YEAR = timedelta(days=365)  # length of a policy year in a calendar; leap days fall to the next
_SEARCH_TOP = 10  # years of full months: no book is larger, so the bisection starts above every answer
_ROUNDING = 1e-9  # of a visit: keeps 8.0000000001 from being called more than 8


@dataclass(frozen=True)
class CapacityReport:
    """One row a person and release day (WINDOWS), worst verdicts named in `refusals`."""

    windows: pl.DataFrame
    limit_per_day: float

    @property
    def accepted(self) -> bool:
        """True when every window fits."""
        return bool(self.windows["fits"].all())

    @property
    def refusals(self) -> list[str]:
        """The sums of the windows that do not fit, in Chinese."""
        return self.windows.filter(~pl.col("fits"))["detail"].to_list()


def check_capacity(releases: pl.DataFrame, rulebook: Rulebook) -> CapacityReport:
    """Judge every release of RELEASES against the person's own earlier ones. Row order does not matter."""
    counted = "customers" if rulebook["visits.count_by"] == "customer" else "policies"
    frame = conform(releases, RELEASES).group_by("staff_number", "release_date").agg(pl.col(counted).sum())
    frame = frame.rename({counted: "policies"}).sort("staff_number", "release_date")
    days = frame["release_date"].unique().sort().to_list()
    shares = pl.DataFrame(
        [
            (given, judged, _visits_within(given, judged, rulebook))
            for judged in days
            for given in days
            if given <= judged
        ],
        schema={"given": pl.Date, "release_date": pl.Date, "visits": pl.Float64},
        orient="row",
    )
    window = pl.DataFrame(
        [(day, *_window(day, rulebook)) for day in days],
        schema={"release_date": pl.Date, "working_days": pl.Int64, "provisional": pl.Boolean},
        orient="row",
    )
    earlier = frame.select("staff_number", given="release_date", n="policies")
    demand = (
        frame.select("staff_number", "release_date")
        .join(shares, on="release_date")
        .join(earlier, on=["staff_number", "given"])
        .with_columns(total=pl.col("n") * pl.col("visits"), own=pl.col("given") == pl.col("release_date"))
        .group_by("staff_number", "release_date")
        .agg(
            visits_new=pl.col("total").filter(pl.col("own")).sum(),
            visits_earlier=pl.col("total").filter(~pl.col("own")).sort().sum(),
        )
    )
    limit = float(rulebook["visits.per_working_day"])
    judged = frame.join(window, on="release_date").join(demand, on=["staff_number", "release_date"])
    return CapacityReport(conform(_verdicts(judged, limit, rulebook), WINDOWS), limit)


def _verdicts(frame: pl.DataFrame, limit: float, rulebook: Rulebook) -> pl.DataFrame:
    total = pl.col("visits_new") + pl.col("visits_earlier")
    what = "位客户" if rulebook["visits.count_by"] == "customer" else "件"
    frame = frame.sort("staff_number", "release_date").with_columns(
        visits_per_day=total / pl.col("working_days").clip(lower_bound=1),
        limit_per_day=pl.lit(limit),
        fits=total <= limit * pl.col("working_days") + _ROUNDING,
    )
    detail = pl.format(
        "{}于{}接收{}{}：{}天内须面访{}次{}，{}个工作日{}，每日{}次，{}每日{}次的上限",
        "staff_number",
        pl.col("release_date").dt.to_string("%Y-%m-%d"),
        "policies",
        pl.lit(what),
        pl.lit(rulebook["visits.first_window_days"]),
        pl.col("visits_new").round(0).cast(pl.Int64),
        pl.when(pl.col("visits_earlier") > 0)
        .then(pl.format("，加以前各期{}次", pl.col("visits_earlier").round(1)))
        .otherwise(pl.lit("")),
        "working_days",
        pl.when("provisional").then(pl.lit("（节假日未公布，暂按周末计）")).otherwise(pl.lit("")),
        pl.col("visits_per_day").round(1),
        pl.when("fits").then(pl.lit("不超过")).otherwise(pl.lit("超过")),
        pl.lit(f"{limit:g}"),
    )
    return frame.with_columns(detail=detail)


def _window(day: date, rulebook: Rulebook) -> tuple[int, bool]:
    found = working_days(day, day + timedelta(days=rulebook["visits.first_window_days"]))
    return found.count, found.provisional


def _visits_within(given: date, judged: date, rulebook: Rulebook) -> float:
    """Visits that one policy released on `given` demands in the first window of a release on `judged` >=
    given.
    """
    length = timedelta(days=rulebook["visits.first_window_days"])
    window = (judged, judged + length)
    first = rulebook["visits.first_window_visits"]
    whole = rulebook["visits.per_policy_year"]
    total = _share(first, (given, given + length), window)
    total += _share(whole - first, (given + length, given + _YEAR), window)
    year = given + _YEAR
    while year < window[1]:
        total += _share(whole, (year, year + _YEAR), window)
        year += _YEAR
    return total


def _share(visits: int, period: tuple[date, date], window: tuple[date, date]) -> float:
    """Visits spread evenly over the working days of `period` that fall into `window`."""
    common = working_days(max(period[0], window[0]), min(period[1], window[1])).count
    if common == 0 or visits <= 0:
        return 0.0
    return visits * common / working_days(*period).count


def release_dates(first: date, rulebook: Rulebook) -> tuple[date, ...]:
    """On which days the `territory.instalments` of a plan are released, ascending (docs/adr/0002).

    The first as given; each later one on the first day of the next of `territory.release_months` that leaves a whole
    first-visit window after the one before, so that two such windows of one plan never overlap.
    """
    months = sorted(rulebook["territory.release_months"])
    window = timedelta(days=rulebook["visits.first_window_days"])
    days = [first]
    while len(days) < rulebook["territory.instalments"]:
        earliest = days[-1] + window
        quarters = (date(year, month, 1) for year in (earliest.year, earliest.year + 1) for month in months)
        days.append(next(day for day in quarters if day >= earliest))
    return tuple(days)


def instalment_sizes(count: int, instalments: int) -> tuple[int, ...]:
    """`count` split as evenly as integers allow, larger parts first."""
    return tuple(count // instalments + (i < count % instalments) for i in range(instalments))


def provisional(as_of: date, rulebook: Rulebook) -> bool:
    """True when a window behind `held_max` lies in a year whose holidays are not yet published."""
    return any(_window(day, rulebook)[1] for day in release_dates(as_of, rulebook))


def held_max(as_of: date, rulebook: Rulebook) -> int:
    """The largest new book of one person whose releases on `release_dates` all pass (policies, or customers
    when those are counted). Found by bisection: a larger book never demands fewer visits.
    """
    days = release_dates(as_of, rulebook)
    low, high = 0, 12 * int(rulebook["territory.month_load_max"]) * _SEARCH_TOP
    while low < high:
        middle = (low + high + 1) // 2
        if _fits(instalment_sizes(middle, len(days)), days, rulebook):
            low = middle
        else:
            high = middle - 1
    return low


def _fits(sizes: Sequence[int], days: Sequence[date], rulebook: Rulebook) -> bool:
    rows = [("", day, size, size) for day, size in zip(days, sizes, strict=True)]
    return check_capacity(pl.DataFrame(rows, schema=RELEASES, orient="row"), rulebook).accepted
