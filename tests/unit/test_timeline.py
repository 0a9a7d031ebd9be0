"""Duties read from a rulebook, versions side by side, working days by the column."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import polars as pl
import pytest

from territory_books import standard_rules
from timeline_books import cases_of, duties, events_of, evidence_of
from tuogu.core.labels import CASE_EVENTS, EVIDENCE_KINDS, VISIT_REASONS
from tuogu.core.reference import timeline as twin
from tuogu.core.rulebook import Parameter, Rulebook, RulebookError
from tuogu.core.rulebook_checks import check_rulebook
from tuogu.core.rulebook_forms import read_form
from tuogu.core.tables import TableError, empty
from tuogu.core.timeline.anchors import ANCHORS
from tuogu.core.timeline.meeting import standing
from tuogu.core.timeline.obligations import obligation_keys, obligations_of
from tuogu.core.timeline.occurrences import occurrences, occurrences_by_version
from tuogu.core.timeline.tables import CASES, EVENTS, EVIDENCE, OCCURRENCES, PAID
from tuogu.core.timeline.working import add_working_days, provisional, rolled
from tuogu.data.festivals import FESTIVALS, festival_days
from tuogu.data.workdays import LAST_YEAR

MARCH, MAY = date(2026, 3, 1), date(2026, 5, 1)


def series(*days: date | None) -> pl.Series:
    return pl.Series(days, dtype=pl.Date)


# --- duties from the rulebook --------------------------------------------------------------------------------------


@pytest.mark.req("S4-17", "S4-18", "S4-19", "S4-20", "S4-23", "S4-37")
def test_the_numbers_of_the_source_are_those_of_the_duties() -> None:
    found = duties()
    expected = {
        "first_visits": (60, 3, "calendar"),
        "check_up": (60, 1, "calendar"),
        "year_visits": (0, 4, "calendar"),
        "papers_in": (2, 1, "calendar"),
        "third_meeting": (3, 1, "calendar"),
    }
    assert {key: (found[key].due_after, found[key].times, found[key].days) for key in expected} == expected
    assert found["papers_in"].roll == "next_working"
    assert {
        key: found[key].met_by for key in ("first_visits", "year_visits", "lapse_visit")
    } == dict.fromkeys(("first_visits", "year_visits", "lapse_visit"), ("visit",))
    assert [key for key in found if key.startswith(("lapse_", "loss_"))] == [
        "loss_notice", "lapse_visit", "lapse_revisits", "lapse_file",
    ]  # fmt: skip


@pytest.mark.req("S4-18", "S4-19", "S4-23")
def test_a_number_that_stands_elsewhere_is_taken_from_there() -> None:
    changed = duties(
        visits__first_window_days=45, visits__per_policy_year=5, service__papers_days_count="working"
    )
    assert (changed["first_visits"].due_after, changed["check_up"].due_after) == (45, 45)
    assert (changed["year_visits"].times, changed["papers_in"].days) == (5, "working")
    assert {d.count_by for d in duties(visits__count_by="customer").values() if d.met_by == ("visit",)} == {
        "customer"
    }


def test_a_duty_that_is_owed_no_time_is_switched_off() -> None:
    assert "year_visits" in duties()
    assert "year_visits" not in duties(visits__per_policy_year=0)


@pytest.mark.req("S4-21")
def test_words_of_duties_are_known_everywhere() -> None:
    rules = standard_rules()
    assert len(VISIT_REASONS) == 10
    lists = {"reason": VISIT_REASONS, "anchor": ANCHORS, "met_by": EVIDENCE_KINDS, "festivals": FESTIVALS}
    for key, parameter in rules.parameters.items():
        word = key.rpartition(".")[2]
        if key.startswith("obligation.") and word in lists:
            words = read_form(parameter.form).cells[0].words
            assert words, key
            assert set(words) <= set(lists[word]), key
            if word in {"reason", "met_by"}:
                assert all(label == lists[word][code] for code, label in words.items()), key
    events = {anchor for anchor, rule in ANCHORS.items() if rule is ANCHORS["papers_complete"]}
    assert events | {PAID} == set(CASE_EVENTS)
    keys = obligation_keys(rules)
    assert len({rules[f"obligation.{key}.name"] for key in keys}) == len(keys)


def with_parameter(key: str, value: object) -> Rulebook:
    rules = standard_rules()
    added = Parameter(key, value, "S4-18", "ours: test")
    return replace(rules, parameters={**rules.parameters, key: added})


@pytest.mark.parametrize(
    ("key", "value", "at", "says"),
    [
        ("obligation.first_visits.colour", "red", "obligation.first_visits.colour", "没有这一项"),
        ("obligation.check_up.same_as", ["due_after=visits.nowhere"], "visits.nowhere", "check_up"),
        (
            "obligation.check_up.same_as",
            ["due_after=visits.count_by"],
            "obligation.check_up.same_as",
            "policy",
        ),
        (
            "obligation.papers_in.same_as",
            ["days=service.papers_days"],
            "obligation.papers_in.same_as",
            "不能作 days",
        ),
        (
            "obligation.check_up.same_as",
            ["reason=match.custodian"],
            "obligation.check_up.same_as",
            "不能取自",
        ),
        ("obligation.check_up.same_as", ["visits"], "obligation.check_up.same_as", "不能取自"),
        ("obligation.check_up.same_as", ["times=visits.per_policy_year"], "obligation.check_up", "due_after"),
        ("obligation.loss_notice.due_after", -31, "obligation.loss_notice.due_after", "早于开始"),
        ("obligation.tea.name", "喝茶", "obligation.tea", "obligation.default"),
    ],
)
def test_a_book_whose_duties_cannot_be_followed_is_refused(
    key: str, value: object, at: str, says: str
) -> None:
    problems = check_rulebook(with_parameter(key, value))
    assert [(p.key, says in p.wrong) for p in problems] == [(at, True)]


def test_a_section_without_a_name_is_no_duty() -> None:
    rules = standard_rules()
    left = {k: p for k, p in rules.parameters.items() if k != "obligation.check_up.name"}
    with pytest.raises(RulebookError, match=r"obligation\.check_up\.name"):
        obligations_of(replace(rules, parameters=left))


# --- occurrences ---------------------------------------------------------------------------------------------------


def test_tables_of_another_shape_are_refused_and_empty_ones_are_not() -> None:
    rules = list(duties().values())
    assert dict(occurrences(empty(CASES), empty(EVENTS), rules, MARCH, MAY).schema) == OCCURRENCES
    assert occurrences(cases_of({}), empty(EVENTS), [], MARCH, MAY).is_empty()
    assert occurrences(cases_of({}), empty(EVENTS), rules, MAY, MARCH).is_empty()
    with pytest.raises(TableError):
        occurrences(cases_of({}).drop("live"), empty(EVENTS), rules, MARCH, MAY)
    with pytest.raises(TableError):
        standing(empty(OCCURRENCES), empty(EVIDENCE).drop("kind"), rules, MAY)


@pytest.mark.req("N-09", "S4-18")
def test_a_case_keeps_the_limits_of_its_anchors_day() -> None:
    """From 1 April on four visits within 45 days: who was received on 31 March keeps three in sixty."""
    old = tuple(duties().values())
    new = tuple(duties(visits__first_window_days=45, visits__first_window_visits=4).values())
    cases = cases_of(
        {"subject_id": 1, "received_date": date(2026, 3, 31)},
        {"subject_id": 2, "received_date": date(2026, 4, 1)},
    )
    versions = [(date(2026, 4, 1), new), (date(2026, 1, 1), old)]  # in whatever order
    found = occurrences_by_version(cases, empty(EVENTS), versions, MARCH, MAY).filter(
        obligation="first_visits"
    )
    assert found.select("subject_id", "due_date", "needed").rows() == [
        (1, date(2026, 5, 30), 3),
        (2, date(2026, 5, 16), 4),
    ]
    before = occurrences_by_version(cases, empty(EVENTS), [(date(2026, 4, 1), new)], MARCH, MAY)
    assert before.filter(obligation="first_visits")["needed"].to_list() == [
        4,
        4,
    ]  # nothing is known of earlier rules


@pytest.mark.req("N-09")
def test_a_rule_on_the_day_of_the_anchor_counts_though_the_duty_opens_before_it() -> None:
    """A birthday on 5 March opens a week before: two weeks before under the version of 1 March. Once, not twice."""
    old = duties()["birthday_card"]
    versions = [(date(2026, 1, 1), [old]), (MARCH, [replace(old, opens_after=-14)])]
    cases = cases_of({"birth_date": date(1980, 3, 5)})
    found = occurrences_by_version(cases, empty(EVENTS), versions, date(2026, 1, 1), MAY)
    assert found["opens_date"].to_list() == [date(2026, 2, 19)]


def test_an_event_told_twice_is_one_event_and_one_of_another_policy_is_none() -> None:
    rule = [duties()["papers_in"]]
    events = events_of(
        [(1, "papers_complete", MARCH), (1, "papers_complete", MARCH), (9, "papers_complete", MARCH)]
    )
    assert len(occurrences(cases_of({}), events, rule, MARCH, MARCH)) == 1


def test_customers_who_are_not_known_share_nothing() -> None:
    card = [duties()["birthday_card"]]
    unknown = {"customer_number": None, "birth_date": date(1980, 3, 8)}
    cases = cases_of({**unknown, "subject_id": 1}, {**unknown, "subject_id": 2})
    found = occurrences(cases, empty(EVENTS), card, MARCH, MAY)
    assert found["subject_id"].to_list() == [1, 2]
    judged = standing(found, evidence_of([(1, None, "card", MARCH)]), card, MAY)
    assert judged["done"].to_list() == [0, 0]  # counted by customer: a record that names none meets nothing


# --- working days --------------------------------------------------------------------------------------------------


@pytest.mark.req("S4-23")
@pytest.mark.parametrize("count", [-7, -1, 0, 1, 2, 30, 300])
def test_working_days_are_counted_as_one_by_one(count: int) -> None:
    days = series(*(date(2026, 1, 20) + timedelta(days=i) for i in range(60)))
    base = replace(duties()["papers_in"], days="working", roll="none", due_after=count)
    one_by_one = [twin.due_date(base, d, d, date.min) for d in days]
    assert add_working_days(days, count).to_list() == one_by_one


def test_rolls_and_what_is_not_published() -> None:
    off = series(date(2026, 2, 15), None, date(2026, 2, 14), date(2026, 2, 15))
    assert rolled(off, "next_working").to_list() == [
        date(2026, 2, 24),
        None,
        date(2026, 2, 14),
        date(2026, 2, 24),
    ]
    assert rolled(off, "previous_working").to_list() == [
        date(2026, 2, 14),
        None,
        date(2026, 2, 14),
        date(2026, 2, 14),
    ]
    assert rolled(off, "none").equals(off)
    assert rolled(series(None), "next_working").to_list() == [None]
    assert rolled(series(), "next_working").is_empty()
    years = series(date(LAST_YEAR, 12, 31), date(LAST_YEAR + 1, 1, 1), None)
    assert provisional(years).to_list() == [False, True, False]


@pytest.mark.req("S1-27")
def test_festivals_of_published_years_only() -> None:
    assert festival_days(2026, "spring_festival") == (date(2026, 2, 15), date(2026, 2, 23))
    assert festival_days(2025, "national_day") == (
        date(2025, 10, 1),
        date(2025, 10, 8),
    )  # Mid-Autumn lies within
    assert festival_days(2023, "new_year") == (
        date(2023, 1, 1),
        date(2023, 1, 2),
    )  # 30 December belongs to 2024
    assert festival_days(2020, "mid_autumn") is None
    assert festival_days(LAST_YEAR + 1, "spring_festival") is None
    assert all(festival_days(LAST_YEAR, name) for name in FESTIVALS)
