"""The weeks of which a campaign's departments report, and the monthly ranking (S2-13, S2-16).

In: days, counts by department. Out: weeks; places by how far each department has come towards its target. Never: a float at
a boundary; a department with a target reached among those named; a place by number or name where two are equal.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

import polars as pl

from tuogu.core.campaign.evaluation import WHOLE_BP
from tuogu.core.rulebook import Rulebook
from tuogu.core.tables import Schema, conform

TO_RANK: Schema = {"department": pl.String, "quota": pl.Int64, "second": pl.Int64, "target_bp": pl.Int64}
RANKED: Schema = {
    **TO_RANK,
    "place": pl.Int64,  # null = no quota
    "attained_bp": pl.Int64,  # of the target; cut, never rounded up
    "met": pl.Boolean,
    "best": pl.Boolean,  # in the first place, alone or beside others
    "named": pl.Boolean,  # in the bulletin
}
_LONGEST_MONTH = timedelta(days=31)  # from its first day on, this leads into the following one
BY_RATE, BY_COUNT = "rate", "count"


@dataclass(frozen=True)
class Ways:
    """By what departments are ranked, and how many of the lowest are named."""

    rank_by: str
    bulletin_share_bp: int

    @classmethod
    def of(cls, rulebook: Rulebook) -> Ways:
        """As the rulebook says."""
        way, share = rulebook["campaign.follow_up.rank_by"], rulebook["campaign.follow_up.bulletin_share_bp"]
        return cls(str(way), int(share))


@dataclass(frozen=True)
class Week:
    """A reporting period, both days counted; `due_date`: the last day on which a report of it is in time."""

    number: int
    first: date
    last: date
    due_date: date


def weeks(begun: date, until: date, rulebook: Rulebook) -> list[Week]:
    """The periods from the Monday on or before `begun` that have started by `until`."""
    every = int(rulebook["campaign.follow_up.report_every_days"])
    grace = timedelta(days=int(rulebook["campaigns.report_grace_days"]))
    found: list[Week] = []
    first = begun - timedelta(days=begun.weekday())
    while first <= until:
        last = first + timedelta(days=every - 1)
        found.append(Week(len(found) + 1, first, last, last + grace))
        first = last + timedelta(days=1)
    return found


def months(begun: date, until: date, rulebook: Rulebook) -> list[date]:
    """First days of the months that are ranked and have ended by `until`: every one, or every second, third …"""
    every = int(rulebook["campaign.follow_up.tracked_every_months"])
    found, month, number = [], begun.replace(day=1), 0
    while (following := _next(month)) <= until:
        number += 1
        if number % every == 0:
            found.append(month)
        month = following
    return found


def last_day(month: date) -> date:
    """Of the month that begins on this day."""
    return _next(month) - timedelta(days=1)


def _next(month: date) -> date:
    return (month + _LONGEST_MONTH).replace(day=1)


def ranked(counts: pl.DataFrame, ways: Ways) -> pl.DataFrame:
    """RANKED of TO_RANK, the best first."""
    rows = conform(counts.select(*TO_RANK), TO_RANK).sort("department").to_dicts()
    keys = {row["department"]: _key(row, ways.rank_by) for row in rows if row["quota"]}
    order = sorted(set(keys.values()), reverse=True)
    ahead = {key: sum(other > key for other in keys.values()) + 1 for key in order}
    named = _named(rows, keys, ways.bulletin_share_bp)
    found = []
    for row in rows:
        key = keys.get(row["department"])
        place = None if key is None else ahead[key]
        target = row["quota"] * row["target_bp"]
        found.append(
            row
            | {
                "place": place,
                "attained_bp": row["second"] * WHOLE_BP * WHOLE_BP // target if target else None,
                "met": _met(row),
                "best": place == 1 and row["second"] > 0,
                "named": row["department"] in named,
            }
        )
    frame = conform(pl.DataFrame(found, schema=RANKED), RANKED)
    return frame.sort("place", "department", nulls_last=True)


def _key(row: dict[str, int], way: str) -> tuple[Fraction, Fraction]:
    rate, count = Fraction(row["second"], row["quota"]), Fraction(row["second"])
    if row["target_bp"]:
        rate = rate / row["target_bp"]
    return (count, rate) if way == BY_COUNT else (rate, count)


def _met(row: dict[str, int]) -> bool:
    return bool(row["quota"]) and row["second"] * WHOLE_BP >= row["quota"] * row["target_bp"]


def _named(rows: list[dict[str, int]], keys: dict[str, tuple[Fraction, Fraction]], share_bp: int) -> set[str]:
    """The lowest departments by rate: a share of those ranked, at least one; equals are named together or, where that
    would be everybody, not at all."""
    low = {row["department"]: _key(row, BY_RATE)[0] for row in rows if row["quota"]}
    if not low:
        return set()
    how_many = max(1, len(low) * share_bp // WHOLE_BP)
    line = sorted(low.values())[how_many - 1]
    spared = {str(row["department"]) for row in rows if _met(row)}
    best = max(keys.values())
    spared |= {str(department) for department, key in keys.items() if key == best}
    return {str(department) for department, rate in low.items() if rate <= line} - spared
