"""Which rulebook is in force on a day, a clerk's changes adopted, and old plans under their old rules."""

from __future__ import annotations

import tomllib
from datetime import date, datetime
from typing import Any

import pytest

from ledger_world import moment
from plan_desk import Desk, make_desk
from territory_books import standard_rules
from tuogu.core.check import check_plan
from tuogu.core.digest import plan_digest
from tuogu.core.plan import make_plan
from tuogu.core.rulebook import Rulebook, RulebookProblems
from tuogu.org import queries as org
from tuogu.plans import actions as plans
from tuogu.plans import queries as stored
from tuogu.rules import actions, queries

pytestmark = [pytest.mark.database, pytest.mark.django_db]
MARCH, APRIL, JULY = date(2026, 3, 2), date(2026, 4, 1), date(2026, 7, 1)


@pytest.fixture
def desk() -> Desk:
    return make_desk(policies=900, managers=3)


def overlay(version: str, day: date, text: str, base: str = "standard") -> dict[str, Any]:
    return tomllib.loads(
        f'[rulebook]\nbase = "{base}"\nversion = "{version}"\neffective_date = {day.isoformat()}\n{text}'
    )


def adopt(desk: Desk, *words: Any, at: datetime | None = None) -> Rulebook:
    return actions.adopt_overlay(overlay(*words), by=desk.lead, at=at or moment(MARCH))


@pytest.mark.req("N-09", "S1-02")
def test_a_change_is_in_force_from_its_day_on_and_not_before(desk: Desk) -> None:
    adopt(desk, "2026.4", APRIL, "[territory]\nmonth_load_max = 55\n")
    days = [MARCH, date(2026, 3, 31), APRIL, date(2030, 1, 1)]
    assert [queries.applicable(day)["territory.month_load_max"] for day in days] == [60, 60, 55, 55]
    assert [queries.applicable(day).version for day in days] == ["2026.1", "2026.1", "2026.4", "2026.4"]


@pytest.mark.req("N-09")
def test_a_plan_of_march_replays_under_marchs_rules_after_a_change_in_april(desk: Desk) -> None:
    march = queries.applicable(MARCH)
    plan = make_plan(desk.book, march, MARCH, 3, 5_000)
    plan_id = plans.store_plan(
        plan, desk.book, march, check_plan(plan, desk.book, march), by=desk.clerk, at=moment(MARCH)
    )
    adopt(desk, "2026.4", APRIL, "[territory]\nmonth_load_max = 24\nmonth_load_min = 20\n")
    held = stored.rulebook_by_plan(plan_id)
    assert (held.version, held["territory.month_load_max"]) == ("2026.1", 60)
    again = make_plan(desk.book, held, MARCH, 3, 5_000)
    assert plan_digest(again) == plan_digest(plan), "the same plan, byte by byte"
    kept, _book = stored.load_plan(plan_id)
    assert check_plan(kept, desk.book, held).height == 0
    now = queries.applicable(APRIL)
    assert check_plan(kept, desk.book, now).height > 0, "under April's rules it would be refused"


@pytest.mark.req("S1-02")
def test_the_same_overlay_again_changes_nothing_and_another_of_that_version_is_refused(desk: Desk) -> None:
    words = ("2026.4", APRIL, "[territory]\nmonth_load_max = 55\n")
    adopt(desk, *words)
    adopt(desk, *words)
    assert [row["version"] for row in queries.versions()].count("2026.4") == 1
    with pytest.raises(actions.RulesError, match="新的版本号"):
        adopt(desk, "2026.4", APRIL, "[territory]\nmonth_load_max = 54\n")


def test_a_change_never_takes_back_silently_what_is_in_force(desk: Desk) -> None:
    adopt(desk, "2026.4", APRIL, "[territory]\nmonth_load_max = 55\n")
    with pytest.raises(actions.RulesError, match=r"会撤回：territory\.month_load_max；.*standard 2026\.4"):
        adopt(desk, "2026.7", JULY, "[visits]\nper_policy_year = 5\n")
    july = adopt(desk, "2026.7", JULY, "[visits]\nper_policy_year = 5\n", "standard 2026.4")
    assert (july["territory.month_load_max"], july["visits.per_policy_year"]) == (55, 5)


def test_only_a_person_adopts_and_only_a_sound_book(desk: Desk) -> None:
    good = overlay("2026.4", APRIL, "[territory]\nmonth_load_max = 55\n")
    with pytest.raises(actions.RulesError, match="个人令牌"):
        actions.adopt_overlay(good, by=org.machine(), at=moment(MARCH))
    with pytest.raises(RulebookProblems, match="month_load_max"):
        adopt(desk, "2026.4", APRIL, "[territory]\nmonth_load_max = -1\n")
    with pytest.raises(actions.RulesError, match="没有制度"):
        adopt(desk, "2026.4", APRIL, "[territory]\nmonth_load_max = 55\n", "standard 1999.1")
    assert all(row["version"] == standard_rules().version for row in queries.versions())


def test_a_book_adopted_before_a_release_is_completed_with_what_the_release_added(desk: Desk) -> None:
    whole = standard_rules()
    parameters = {key: p for key, p in whole.parameters.items() if not key.startswith("renewal.")}
    lower = whole.replace(territory__month_load_max=55)
    parameters["territory.month_load_max"] = lower.parameters["territory.month_load_max"]
    old = Rulebook(whole.name, "2025.9", APRIL, parameters)
    actions.adopt(old, by=desk.lead, at=moment(MARCH))
    book = queries.applicable(APRIL)
    assert book.version == f"2025.9+{whole.version}"
    assert (book["territory.month_load_max"], book["renewal.claim_days"]) == (55, 5), "adopted numbers stay"
    assert queries.version(whole.name, "2025.9").parameters.keys() == parameters.keys(), (
        "what was adopted stays as it was"
    )
    actions.adopt(book, by=desk.lead, at=moment(MARCH))
    assert queries.applicable(APRIL) == book, "once adopted it is a version like any other"
    july = adopt(desk, "2026.7", JULY, "[visits]\nper_policy_year = 5\n", f"standard {book.version}")
    assert july["territory.month_load_max"] == 55


def test_history_begins_with_the_shipped_book_until_it_is_adopted() -> None:
    first = queries.history()
    assert [(book.rulebook.version, book.adopted_at) for book in first] == [(standard_rules().version, None)]
    actions.adopt(standard_rules(), by=org.machine(), at=moment(MARCH))
    (only,) = queries.history()
    assert (only.rulebook.digest(), only.adopted_at) == (standard_rules().digest(), moment(MARCH))
