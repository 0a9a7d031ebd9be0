"""Timelines case by case and day by day.

In: cases, events, evidence as rows; duties; days. Out: what core.timeline gives. Never: a look at core.timeline's columns:
every day of the period is asked whether it is the anchor's day of this case.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from tuogu.core.timeline.obligations import Obligation
from tuogu.data.festivals import festival_days
from tuogu.data.workdays import is_working_day

Row = Mapping[str, Any]
Version = tuple[date, Sequence[Obligation]]
Found = tuple[int, str, date, date, date, int]  # subject, duty, anchor, opens, due, needed
DAY = timedelta(days=1)
YEAR = 12  # months of the calendar
_LONG = 100  # years of a contract that never ends, as far as a test looks
_QUARTERS = (1, 4, 7, 10)  # months in which the calendar's quarters begin
_EVENTS = {"papers_complete", "papers_answered", "second_meeting", "missed_visit"}


def occurrences(
    cases: Sequence[Row], events: Sequence[Row], versions: Sequence[Version], since: date, until: date
) -> list[Found]:
    """Every duty that opens from `since` to `until`, sorted."""
    found: dict[tuple[object, str, date], Found] = {}
    for case in sorted(cases, key=lambda row: row["subject_id"], reverse=True):
        for version in versions:
            for duty in version[1]:
                for anchor in _days(since - duty.opens_after * DAY, until - duty.opens_after * DAY):
                    if in_force(versions, anchor) is version and (row := owed(case, events, duty, anchor)):
                        shared = duty.per == "customer" and case["customer_number"] is not None
                        whose = case["customer_number"] if shared else case["subject_id"]
                        found[whose, duty.key, anchor] = row  # the customer's first policy comes last
    return sorted(found.values())


def in_force(versions: Sequence[Version], day: date) -> Version:
    """The latest version that has begun, or the first."""
    begun = [version for version in versions if version[0] <= day]
    return max(begun, key=lambda v: v[0]) if begun else min(versions, key=lambda v: v[0])


def owed(case: Row, events: Sequence[Row], duty: Obligation, anchor: date) -> Found | None:
    """What the case owes from that day on."""
    end = anchor_end(case, events, duty, anchor)
    if end is None or not owes(case, duty):
        return None
    opens = anchor + duty.opens_after * DAY
    return case["subject_id"], duty.key, anchor, opens, due_date(duty, anchor, end, opens), duty.times


def owes(case: Row, duty: Obligation) -> bool:
    """Whether the case is one of those for whom the duty is."""
    lists = (
        ("service_class", duty.service_classes),
        ("nature", duty.natures),
        ("state", duty.states),
        ("premium_mode", duty.premium_modes),
    )
    return (
        all("any" in words or case[column] in words for column, words in lists)
        and (case["orphan"] or not duty.orphan_only)
        and (case["live"] or duty.closed_too)
        and (case["service_class"] == "lapsed" or duty.instalments != "lapsing")
    )


def due_date(duty: Obligation, anchor: date, end: date, opens: date) -> date:
    """The last day that is in time."""
    day, left = end if duty.due_from == "end" else anchor, duty.due_after
    forward = DAY if left > 0 else -DAY
    while left:
        day += forward
        if duty.days == "calendar" or is_working_day(day):
            left -= 1 if left > 0 else -1
    while duty.roll != "none" and not is_working_day(day):
        day += DAY if duty.roll == "next_working" else -DAY
    return max(day, opens)


def anchor_end(case: Row, events: Sequence[Row], duty: Obligation, day: date) -> date | None:
    """The last day of what begins on `day` if the duty is anchored there, else None."""
    anchor, begun, over = duty.anchor, case["inception_date"], case["end_date"]
    if anchor == "received":
        return day if case["received_date"] == day else None
    if anchor in {"maturity", "renewal"}:
        short = bool(begun and over) and over <= later(begun, YEAR)
        return day if over == day and short == (anchor == "renewal") else None
    if anchor == "policy_year":
        for year in range(_LONG if begun else 0):
            first = later(begun, YEAR * year)
            if first > day:
                break
            if first == day and (over is None or day < over):
                last = later(begun, YEAR * (year + 1)) - DAY
                return min(last, over) if over else last
        return None
    if anchor == "birthday":
        born = case["birth_date"]
        return (
            day if born and (turn := day.year - born.year) > 0 and later(born, YEAR * turn) == day else None
        )
    if anchor == "lapsed_held":
        return day if day in _lapsed_days(case, duty) else None
    if anchor in {"due", "grace_end"}:
        fell_due = day - duty.grace_days * DAY
        lapsed = case["lapse_date"]
        if anchor == "grace_end" and case["state"] == "lapsed" and lapsed is not None and fell_due > lapsed:
            return None
        known = lapsed is not None and fell_due <= lapsed <= day + duty.due_after * DAY
        if anchor == "grace_end" and duty.instalments == "lapsing" and not known:
            return None
        return day if fell_due in _due_days(case, events) else None
    if anchor == "quarter":
        first = date(day.year, day.month, 1)
        return later(first, YEAR // len(_QUARTERS)) - DAY if day == first and day.month in _QUARTERS else None
    if anchor == "festival":
        of_year = (festival_days(day.year, name) for name in duty.festivals)
        return next((days[1] for days in of_year if days and days[0] == day), None)
    assert anchor in _EVENTS
    told = any((e["subject_id"], e["kind"], e["day"]) == (case["subject_id"], anchor, day) for e in events)
    return day if told else None


def _lapsed_days(case: Row, duty: Obligation) -> list[date]:
    if case["lapse_date"] is None:
        return []
    held = max(case["lapse_date"], case["received_date"] or date.min)
    if not duty.every_months:
        return [held]
    return [later(held, duty.every_months * turn) for turn in range(1, duty.repeats + 1)]


def _due_days(case: Row, events: Sequence[Row]) -> list[date]:
    a_year, begun = case["payments_per_year"], case["inception_date"]
    if case["premium_mode"] != "regular" or not a_year or begun is None:
        return []
    years = _LONG if case["payment_term_years"] is None else case["payment_term_years"]
    paid = {e["day"] for e in events if e["subject_id"] == case["subject_id"] and e["kind"] == "paid"}
    return [d for turn in range(1, years * a_year) if (d := later(begun, 12 // a_year * turn)) not in paid]


def later(day: date, months: int) -> date:
    """The same day so many months later, or that month's last."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    number = day.day
    while True:
        try:
            return date(year, month + 1, number)
        except ValueError:
            number -= 1


def standing(
    found: Sequence[Found],
    cases: Sequence[Row],
    evidence: Sequence[Row],
    duties: Sequence[Obligation],
    as_of: date,
) -> list[tuple[int, int, str, date | None]]:
    """(done, in time, state, day met) of each occurrence, in their order."""
    by_key, customers = {d.key: d for d in duties}, {c["subject_id"]: c["customer_number"] for c in cases}
    answers = []
    for subject, key, _anchor, opens, due, needed in found:
        duty, days = by_key[key], set()
        for record in evidence:
            same = record["subject_id"] == subject
            if duty.count_by == "customer":
                same = None not in {customers[subject]} and record["customer_number"] == customers[subject]
            if same and record["kind"] in duty.met_by and opens <= record["day"] <= as_of:
                days.add(record["day"])
        met = sorted(days)[needed - 1] if len(days) >= needed else None
        state = ("met" if met <= due else "met_late") if met else ("late" if due < as_of else "open")
        answers.append((len(days), sum(day <= due for day in days), state, met))
    return answers


def _days(first: date, last: date) -> list[date]:
    return [first + i * DAY for i in range((last - first).days + 1)]
