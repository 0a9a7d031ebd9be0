"""Pieces due by month, one dot a person, against the band of the plan's rulebook.

In: the loads of the approved plan. Out: the chart's data, and the same numbers as a table. Never: a band that the rulebook
does not name, a dot moved off its value (dots that meet stand side by side).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

import polars as pl
from django.utils.translation import gettext as _

from tuogu.plans import queries as plans

DOT = 0.105  # the width of a dot in months
HALF_MONTH = 0.42  # dots stay within their month
TICK = 20


@dataclass(frozen=True)
class Spread:
    """Person-months by where they lie."""

    total: int
    inside: int
    below: int
    above: int


@dataclass(frozen=True)
class MonthRow:
    """One month of the table."""

    name: str
    people: int
    least: int
    mean: float
    most: int
    below: int
    above: int


@dataclass(frozen=True)
class TeamRow:
    """One person of the viewer's own people: what they hold now and what the plan brings."""

    person: int
    staff_number: str
    held: int
    year: int
    least: int
    most: int
    outside: int  # months outside the band


def spread(loads: plans.MonthLoads) -> Spread:
    """How many person-months lie below, inside and above the band."""
    due = loads.frame["due"]
    below, above = int((due < loads.low).sum()), int((due > loads.high).sum())
    return Spread(due.len(), due.len() - below - above, below, above)


def month_rows(loads: plans.MonthLoads) -> list[MonthRow]:
    """The chart as a table, in the order of the plan's year."""
    by_month = loads.frame.group_by("month").agg(
        people=pl.len(),
        least=pl.col("due").min(),
        mean=pl.col("due").mean(),
        most=pl.col("due").max(),
        below=(pl.col("due") < loads.low).sum(),
        above=(pl.col("due") > loads.high).sum(),
    )
    rows = {row.pop("month"): row for row in by_month.iter_rows(named=True)}
    return [MonthRow(name=_month_name(month), **rows[month]) for month in _order(loads) if month in rows]


def chart(loads: plans.MonthLoads, names: dict[int, str | None]) -> dict[str, Any]:
    """What charts.js draws as kind `months`."""
    order = _order(loads)
    rows = month_rows(loads)
    top = max([loads.high + TICK, *(row.most for row in rows)])
    return {
        "months": [_month_name(month) for month in order],
        "dots": _dots(loads.frame, order, names),
        "mean": [round(row.mean, 1) for row in rows],
        "band": {"low": loads.low, "high": loads.high},
        "top": -(-top // TICK) * TICK,
        "words": {"unit": _("件"), "mean": _("人均"), "people": _("客户经理")},
    }


def team_rows(loads: plans.MonthLoads | None, held: dict[int, int]) -> list[TeamRow]:
    """The viewer's people, by staff number. `held`: how many each holds now."""
    if loads is None or loads.frame.is_empty():
        return []
    outside = (pl.col("due") < loads.low) | (pl.col("due") > loads.high)
    people = loads.frame.group_by("custodian_id", "staff_number").agg(
        year=pl.col("due").sum(), least=pl.col("due").min(), most=pl.col("due").max(), outside=outside.sum()
    )
    return [
        TeamRow(
            row["custodian_id"], row["staff_number"], held.get(row["custodian_id"], 0),
            row["year"], row["least"], row["most"], row["outside"],
        )
        for row in people.sort("staff_number").iter_rows(named=True)
    ]  # fmt: skip


def _order(loads: plans.MonthLoads) -> list[int]:
    return [(loads.first_month - 1 + later) % 12 + 1 for later in range(12)]


def _month_name(month: int) -> str:
    return _("%(month)s 月") % {"month": month}


def _dots(frame: pl.DataFrame, order: list[int], names: dict[int, str | None]) -> list[list[Any]]:
    """[place on the axis, pieces, name]: people with the same load in a month stand around its middle, left and right."""
    place = {month: index for index, month in enumerate(order)}
    met: Counter[tuple[int, int]] = Counter()
    dots = []
    for person, month, due in (
        frame.sort("month", "due", "staff_number").select("custodian_id", "month", "due").iter_rows()
    ):
        rank = met[month, due]
        met[month, due] += 1
        shift = min((rank + 1) // 2 * DOT, HALF_MONTH) * (1 if rank % 2 else -1)
        dots.append([round(place[month] + shift, 3), due, names.get(person) or ""])
    return dots
