"""Figures row by row: what core.measures counts by columns, written as plainly as the definitions read.

In: tables as rows (dictionaries), a measure, a month. Out: (numerator, denominator). Never: a look at columns.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from tuogu.core.measures.definitions import Measure

Row = Mapping[str, Any]
Tables = Mapping[str, Sequence[Row]]
Sides = tuple[int, int]
DAY = timedelta(days=1)
_DECEMBER, _YEAR = 12, 12  # months of the calendar


def figure(tables: Tables, measure: Measure, month: date, on: date, term_min: int = 0) -> Sides:
    """Both sides of one figure of one month, known up to `on`."""
    return _COUNTS[measure.ground](tables, measure, month, on, term_min)


def _month_plus(day: date, months: int) -> date:
    year, month = day.year, day.month + months
    while month > _DECEMBER:
        year, month = year + 1, month - _YEAR
    while month < 1:
        year, month = year - 1, month + _YEAR
    return date(year, month, 1)


def _same_month(day: date, month: date) -> bool:
    return (day.year, day.month) == (month.year, month.month)


def _in_month(day: date | None, month: date, on: date) -> bool:
    return day is not None and _same_month(day, month) and day <= on


def _last(rows: Sequence[Row], day: str) -> Row:
    return max(rows, key=lambda row: (row[day], row["person_id"]))


def _bought(tables: Tables, customer: str, first: date, last: date, term_min: int) -> bool:
    return any(
        row["customer_number"] == customer
        and first <= row["inception_date"] <= last
        and (not term_min or (row["payment_term_years"] or 0) >= term_min)
        for row in tables["new_policies"]
    )


def _development(tables: Tables, measure: Measure, month: date, on: date, term_min: int) -> Sides:
    cohort, end = _month_plus(month, -measure.months), month - DAY
    given = [row for row in tables["allocations"] if _same_month(row["allocated_date"], cohort)]
    hits = [
        _bought(tables, customer, _last(rows, "allocated_date")["allocated_date"], min(end, on), term_min)
        for customer, rows in _by_customer(given).items()
    ]
    return sum(hits), len(hits)


def _development_days(tables: Tables, measure: Measure, month: date, on: date, term_min: int) -> Sides:
    over, span = _month_plus(month, -1), measure.days * DAY
    given = [row for row in tables["allocations"] if _same_month(row["allocated_date"] + span, over)]
    hits = []
    for customer, rows in _by_customer(given).items():
        first = _last(rows, "allocated_date")["allocated_date"]
        hits.append(_bought(tables, customer, first, min(first + span, on), term_min))
    return sum(hits), len(hits)


def _by_customer(rows: Sequence[Row]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(row["customer_number"], []).append(row)
    return found


def _assigned(tables: Tables, month: date, on: date) -> dict[str, list[Row]]:
    days = _days(month)
    there = [
        row
        for row in tables["held"]
        if row["from_date"] <= on
        and any(
            row["from_date"] <= day and (row["until_date"] is None or day < row["until_date"]) for day in days
        )
    ]
    return _by_customer(there)


def _days(month: date) -> list[date]:
    last = _month_plus(month, 1)
    return [month + n * DAY for n in range((last - month).days)]


def _reached(*kinds: str) -> Callable[..., Sides]:
    def count(tables: Tables, _measure: Measure, month: date, on: date, _term_min: int) -> Sides:
        told = {
            row["customer_number"]
            for row in tables["contacts"]
            if row["kind"] in kinds and _in_month(row["happened_date"], month, on)
        }
        assigned = _assigned(tables, month, on)
        return sum(customer in told for customer in assigned), len(assigned)

    return count


def _in_time(tables: Tables, _measure: Measure, month: date, on: date, _term_min: int) -> Sides:
    owed = [row for row in tables["duties"] if _in_month(row["due_date"], month, on)]
    return sum(row["done_date"] is not None and row["done_date"] <= row["due_date"] for row in owed), len(
        owed
    )


def _persistency(tables: Tables, measure: Measure, month: date, on: date, term_min: int) -> Sides:
    cohort, end = _month_plus(month, -measure.months), min(_month_plus(month, 1) - DAY, on)
    alive = whole = 0
    for row in tables["cohort"]:
        asked = (row["payment_term_years"] or 0) >= term_min
        if not _same_month(row["inception_date"], cohort) or row["left_by_contract"] or not asked:
            continue
        weight = row[measure.weight] if measure.weight else 1
        kept = row["kept"] if row["ended_date"] is None else row["ended_date"] > end
        alive, whole = alive + weight * kept, whole + weight
    return alive, whole


def _renewal(tables: Tables, measure: Measure, month: date, on: date, _term_min: int) -> Sides:
    renewed = whole = 0
    for row in tables["motor"]:
        if not _same_month(row["expiry_date"], month) or row["outcome"] == "scrapped":
            continue
        weight = row[measure.weight] if measure.weight else 1
        hit = row["outcome"] == "renewed" and row["ended_date"] is not None and row["ended_date"] <= on
        renewed, whole = renewed + weight * hit, whole + weight
    return renewed, whole


_COUNTS: Mapping[str, Callable[..., Sides]] = {
    "development": _development,
    "development_days": _development_days,
    "contact": _reached("call", "message"),
    "visit": _reached("visit"),
    "in_time": _in_time,
    "persistency": _persistency,
    "renewal": _renewal,
}
COUNTED = frozenset(_COUNTS)
