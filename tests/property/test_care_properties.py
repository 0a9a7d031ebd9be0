"""Rules of care on random facts, against the same rules written out one row after the other."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from territory_books import fill, standard_rules
from tuogu.core.inspection import InspectionFacts, differences, penalties, standing
from tuogu.core.inspection.tables import CHECKS, REVERSALS
from tuogu.core.pressure import ASKED, CONTACTS, STATEMENTS, verdicts

RULES = standard_rules()
START = datetime(2026, 3, 1)  # noqa: DTZ001 - local by contract
HOURS = st.integers(0, 24 * 50)
PURPOSES = st.sampled_from(["marketing", "campaign", "renewal", "event", "service", "due"])
CHANNELS = st.sampled_from(["phone", "sms", "letter"])
CUSTOMERS = st.sampled_from(["K1", "K2"])
DUTIES = {"service", "due"}


def at(hours: int) -> datetime:
    return START + timedelta(hours=hours)


@pytest.mark.req("N-17")
@settings(max_examples=60, deadline=None)
@given(
    asks=st.lists(st.tuples(CUSTOMERS, PURPOSES, CHANNELS, HOURS), min_size=1, max_size=5),
    made=st.lists(st.tuples(CUSTOMERS, PURPOSES, CHANNELS, HOURS), max_size=12),
    said=st.lists(
        st.tuples(
            CUSTOMERS,
            st.sampled_from(["marketing", "event"]),
            st.sampled_from(["any", "phone", "sms"]),
            st.sampled_from(["given", "refused", "withdrawn"]),
            HOURS,
        ),
        max_size=4,
    ),
)
def test_pressure_agrees_with_the_rule_written_out(
    asks: list[tuple[str, str, str, int]],
    made: list[tuple[str, str, str, int]],
    said: list[tuple[str, str, str, str, int]],
) -> None:
    asked = pl.DataFrame(
        [(n, *row[:3], at(row[3])) for n, row in enumerate(asks)], schema=ASKED, orient="row"
    )
    contacts = pl.DataFrame([(*row[:3], at(row[3])) for row in made], schema=CONTACTS, orient="row")
    words = pl.DataFrame([(*row[:4], at(row[4])) for row in said], schema=STATEMENTS, orient="row")
    answers = verdicts(asked, contacts, words, RULES)
    for ask, answer in zip(asks, answers.iter_rows(named=True), strict=True):
        assert set(filter(None, (answer["rules"] or "").split(","))) == forbidding(ask, made, said)
        until = answer["until_at"]
        if until is not None:  # then, and not an hour before, it is allowed
            later = round((until - START).total_seconds() // 3600)
            assert (
                forbidding((*ask[:3], later), [m for m in made if m[3] <= ask[3]], said_by(said, ask[3]))
                == set()
            )
            before = (*ask[:3], later - 1)
            assert forbidding(before, [m for m in made if m[3] <= ask[3]], said_by(said, ask[3]))


def said_by(said: list[tuple[str, str, str, str, int]], hour: int) -> list[tuple[str, str, str, str, int]]:
    return [row for row in said if row[4] <= hour]


def forbidding(
    ask: tuple[str, str, str, int],
    made: list[tuple[str, str, str, int]],
    said: list[tuple[str, str, str, str, int]],
) -> set[str]:
    """The rules that forbid an ask, one after the other."""
    customer, purpose, channel, hour = ask
    if purpose in DUTIES:
        return set()
    found = set()
    for cover in ("event", "marketing") if purpose == "event" else ("marketing",):
        heard = [
            row for row in said
            if row[0] == customer and row[1] == cover and row[2] in {"any", channel} and row[4] <= hour
        ]  # fmt: skip
        if heard and max(enumerate(heard), key=lambda pair: (pair[1][4], pair[0]))[1][3] != "given":
            found.add("refused")
    if channel != "letter":
        counted = [
            m for m in made if m[0] == customer and m[1] not in DUTIES and m[2] != "letter" and m[3] <= hour
        ]
        if sum(hour - m[3] < 7 * 24 for m in counted) >= 2:
            found.add("week")
        if sum(hour - m[3] < 30 * 24 for m in counted) >= 4:
            found.add("month")
        if not 9 <= hour % 24 < 20:
            found.add("quiet")
    return found


RESULTS = st.lists(st.sampled_from(["seen", "lost", "wrong", "gross"]), max_size=14)


@pytest.mark.req("N-14", "S1-19", "S1-20", "S1-21")
@settings(max_examples=60, deadline=None)
@given(results=RESULTS, taken_back=st.sets(st.integers(0, 13)), shuffled=st.randoms(use_true_random=False))
def test_penalties_agree_with_the_rule_written_out_whatever_the_order(
    results: list[str], taken_back: set[int], shuffled: object
) -> None:
    first = date(2026, 1, 5)
    worth = {"seen": 2000, "wrong": 1400, "gross": 900}
    rows = [
        {"check": f"C{n:02}", "level": "department", "staff_number": "E1", "log_date": first + timedelta(days=n),
         "checked_date": first + timedelta(days=n), "by": "D1", "outcome": "lost" if result == "lost" else "seen",
         "marked_points": 2000, "marker_number": "S1", "found_points": worth.get(result)}
        for n, result in enumerate(results)
    ]  # fmt: skip
    gone = [n for n, result in enumerate(results) if result == "lost" and n in taken_back]
    reversals = fill(
        [{"penalty": f"S1-21:zero:C{n:02}:E1", "reversed_date": date(2026, 3, 1)} for n in gone], REVERSALS
    )
    shuffled.shuffle(rows)
    facts = InspectionFacts(checks=fill(rows, CHECKS), reversals=reversals)
    found = penalties(facts, RULES, date(2026, 6, 1))
    points, run, barred = 0, 0, False
    for n, result in enumerate(results):
        points += {"seen": 0, "lost": 2000, "wrong": 600, "gross": 2000}[result]
        if result == "lost":
            run += n not in gone
        else:
            run = 0
        barred |= run > 3
    assert found.filter(pl.col("staff_number") == "E1")["points"].sum() == points
    assert ("bar" in found["effect"].to_list()) == barred
    assert standing(found, reversals).height == found.height - len(gone)
    assert found["penalty"].is_unique().all()
    again = penalties(facts, RULES, date(2026, 9, 1))
    assert differences(found, again, reversals).is_empty()
