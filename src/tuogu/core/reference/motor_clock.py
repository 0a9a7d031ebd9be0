"""The clock of motor renewal case by case and day by day: what core.motor.clock must agree with.

In: cases, fired steps and holidays as rows; limits; a day. Out: the steps due. Never: a look at core.motor's columns: every
day back from the end of cover is counted one by one.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from tuogu.core.motor.limits import Limits

Row = Mapping[str, Any]
Step = tuple[int, str, int, date, str]  # subject, step, round, due, reason
ONE = timedelta(days=1)
YEAR = 12  # months of the calendar
LONG = 600  # rounds of rescue, as far as a test looks


def due(
    cases: Sequence[Row], fired: Sequence[tuple[int, str, int]], limits: Mapping[str, Limits], holidays: Sequence[Row],
    day: date,
) -> list[Step]:  # fmt: skip
    """Everything due on the day or missed before, sorted."""
    done = set(fired)
    found = [step for case in cases for step in _case(case, limits[case["rulebook"]], holidays, day)]
    return sorted(step for step in found if step[:3] not in done)


def moved(day: date, festivals: tuple[str, ...], holidays: Sequence[Row]) -> date:
    """The day, or the last working day before the festival that it falls into."""
    inside = [
        row["before_date"] for row in holidays
        if row["festival"] in festivals and row["first_date"] <= day <= row["last_date"]
    ]  # fmt: skip
    return moved(min(inside), festivals, holidays) if inside else day


def _case(case: Row, limits: Limits, holidays: Sequence[Row], day: date) -> list[Step]:
    subject, expiry = case["subject_id"], case["expiry_date"]
    if expiry < day:
        return _after(case, limits, day)
    if case["ended"]:
        return []

    def back(days: int) -> date:
        anchor = moved(expiry, limits.early_holidays, holidays)
        for _ in range(days):
            anchor -= ONE
        return moved(anchor, limits.early_holidays, holidays)

    found: list[Step] = []
    sms, own = back(limits.sms_before_days), back(limits.own_contact_before_days)
    if sms <= day < own and not case["opted_out"]:
        found.append((subject, "sms", 1, sms, ""))
    urge = back(limits.urge_before_days)
    for step, when in (
        ("own_contact", own), ("call_all", back(limits.call_all_before_days)), ("urge", urge),
        ("final", back(limits.second_round_before_days)),
    ):  # fmt: skip
        if when <= day:
            found.append((subject, step, 1, when, ""))
    if case["claim_due_date"] is not None and case["claim_due_date"] < day and not case["named"]:
        found.append((subject, "claim_late", 1, case["claim_due_date"] + ONE, ""))
    why = big(case, limits)
    if why and urge <= day:
        found.append((subject, "to_leaders", 1, urge, why))
    elif case["intention"] == "wont":
        found.append((subject, "to_leaders", 1, day, why or "wont"))
    return found


def big(case: Row, limits: Limits) -> str:
    """Why the city company is asked for help; '' where it is not."""
    if case["important"]:
        return "important"
    if limits.important_premium_fen is not None and case["premium_fen"] >= limits.important_premium_fen:
        return "premium"
    if limits.fleet_vehicles is not None and case["fleet_vehicles"] >= limits.fleet_vehicles:
        return "fleet"
    return ""


def _after(case: Row, limits: Limits, day: date) -> list[Step]:
    subject, first = case["subject_id"], case["expiry_date"] + ONE
    if case["ended"] and case["outcome"] != "elsewhere":
        return []
    found: list[Step] = [(subject, "next_year", 1, first, "untrue" if case["data_true"] is False else "")]
    if not case["ended"]:
        begun = [
            (turn, start) for turn in range(LONG)
            if (start := _months_on(first, turn * limits.lapsed_list_every_months)) <= day
        ]  # fmt: skip
        turn, start = begun[-1]
        found.append((subject, "lapsed", turn + 1, start, ""))
    return found


def _months_on(day: date, months: int) -> date:
    year, month = divmod(day.year * YEAR + day.month - 1 + months, YEAR)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
