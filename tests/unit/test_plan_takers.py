"""Who is offered for rows that somebody picked, and what a release holds back for who is away."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from ledger_world import moment
from plan_desk import AS_OF, Desk, approve, make_desk
from territory_books import standard_rules
from tuogu.core.rulebook import Rulebook
from tuogu.org import actions as org
from tuogu.org.scope import Scope
from tuogu.plans import actions, queries, takers
from tuogu.plans.models import ScheduledRelease
from tuogu.rules import actions as rules

pytestmark = [pytest.mark.database, pytest.mark.django_db]
ALL = Scope.everything()


@pytest.fixture
def desk() -> Desk:
    return make_desk()


def rows_of(desk: Desk, receiver: str) -> list[str]:
    return queries.chosen_rows(desk.plan, ALL, queries.Chosen(receiver=receiver))["number"].to_list()


# --- who could take them ------------------------------------------------------------------------------------


@pytest.mark.req("N-04")
def test_who_is_offered_first_is_who_the_checker_accepts(desk):
    numbers = rows_of(desk, "M04")[:3]
    offered = queries.takers_of(desk.plan, ALL, numbers, on=AS_OF)
    assert {taker.receiver for taker in offered} == set(desk.people)
    assert [t.receiver for t in offered if t.verdict == takers.HAS_THEM] == ["M04"]
    assert offered[-1].receiver == "M04", "nothing to move to who has them all"
    kinds = [takers.ORDER.index(taker.verdict) for taker in offered]
    assert kinds == sorted(kinds)
    for taker in offered[:-1]:
        wanted = [actions.Move(n, taker.receiver, "同村") for n in numbers]
        found = actions.revision(desk.plan, wanted, by=desk.clerk, at=moment(AS_OF, 11))
        assert (found.refused.height == 0, found.openly.height) == (taker.acceptable, taker.breaches)


def test_who_would_break_what_the_house_does_not_let_people_break_stands_last_with_the_reason(desk):
    strict = standard_rules()
    kept = [rule for rule in strict["plans.adjust_openly"] if rule not in ("month_band", "visits")]
    rules.adopt(
        _version(strict.replace(plans__adjust_openly=kept), "9999.1"), by=desk.clerk, at=moment(AS_OF)
    )
    offered = queries.takers_of(desk.plan, ALL, rows_of(desk, "M04"), on=AS_OF)
    refused = [taker for taker in offered if taker.verdict == takers.REFUSED]
    assert refused, "a whole list more is beyond the band of anybody"
    assert all(taker.why and taker.breaches for taker in refused)
    assert not any(taker.acceptable for taker in refused)


def test_beyond_what_a_page_may_check_people_are_offered_as_not_yet_checked(desk, monkeypatch):
    monkeypatch.setattr(takers, "CHECKED_ROWS", 1)
    verdicts = [t.verdict for t in queries.takers_of(desk.plan, ALL, rows_of(desk, "M04")[:2], on=AS_OF)]
    assert verdicts.count(takers.UNCHECKED) == len(desk.people) - 2
    assert verdicts.count(takers.HAS_THEM) == 1


def _version(book: Rulebook, version: str) -> Rulebook:
    return replace(book, version=version, effective_date=AS_OF)


# --- away on the day of the release -------------------------------------------------------------------------


def away(desk: Desk, person: str, days: int = 3) -> None:
    org.record_absence(
        desk.people[person], "leave", from_date=AS_OF, until_date=AS_OF + timedelta(days=days), by=desk.clerk,
        at=moment(AS_OF),
    )  # fmt: skip


def first_of(desk: Desk, person: str) -> set[str]:
    rows = queries.table_of(desk.plan, "placements").filter(instalment=1, receiver=person)
    return set(rows["number"])


def release(desk: Desk, days: int = 0, hour: int = 13) -> actions.Released:
    day = AS_OF + timedelta(days=days)
    (done,) = actions.release_due(by=desk.people["M06"], at=moment(day, hour), override_reason="演练")
    assert isinstance(done, actions.Released)
    return done


@pytest.mark.req("P-06", "P-03")
def test_who_is_away_on_the_day_gets_nothing_and_gets_it_on_coming_back(desk):
    before, waiting = desk.held(), first_of(desk, "M04")
    approve(desk, note="可")
    away(desk, "M04")
    (scheduled, *_rest) = queries.releases(desk.plan, ALL)
    told = queries.release_outlook(scheduled.id, ALL, on=AS_OF)
    assert set(told.held["number"]) == waiting
    assert not told.away_gets
    done = release(desk)
    assert done.posted == told.posted
    assert (done.held.height, done.again) == (len(waiting), AS_OF + timedelta(days=3))
    held = desk.held()
    assert all(held[n] == before[n] for n in waiting), "what is held back stays with whom it is"
    assert all(held[n] == desk.people["M03"] for n in first_of(desk, "M03"))
    first, again = (row for row in queries.releases(desk.plan, ALL) if row.instalment == 1)
    assert first.outcome["held"] == again.pieces == len(waiting)
    assert (again.state, again.due_date) == ("scheduled", done.again)
    assert actions.release_due(by=desk.people["M06"], at=moment(AS_OF, 14)) == []
    later = release(desk, days=3)
    assert (later.posted, later.held.height, later.again) == (len(waiting), 0, None)
    held = desk.held()
    assert all(held[n] == desk.people["M04"] for n in waiting)


def test_who_is_still_away_is_held_back_again_and_a_house_may_release_all_the_same(desk):
    approve(desk, note="可")
    away(desk, "M04", days=2)
    away(desk, "M05", days=5)
    assert release(desk).again == AS_OF + timedelta(days=2)
    second = release(desk, days=2)
    assert second.held.height == len(first_of(desk, "M05"))
    assert second.again == AS_OF + timedelta(days=5)
    day = AS_OF + timedelta(days=3)
    all_same = standard_rules().replace(plans__release_to_absent=True)
    rules.adopt(_version(all_same, "9999.2"), by=desk.clerk, at=moment(AS_OF))
    again = next(row for row in queries.releases(desk.plan, ALL) if row.attempt == 3)
    told = queries.release_outlook(again.id, ALL, on=day)
    assert told.away_gets
    assert set(told.held["number"]) == first_of(desk, "M05")


def test_an_undone_instalment_takes_what_was_held_back_off_the_calendar(desk):
    approve(desk, note="可")
    away(desk, "M04")
    release(desk)
    first = ScheduledRelease.objects.get(plan_id=desk.plan, instalment=1, attempt=1)
    actions.undo_release(first.pk, by=desk.clerk, approved_by=desk.lead, at=moment(AS_OF, 15))
    again = ScheduledRelease.objects.get(plan_id=desk.plan, instalment=1, attempt=2)
    assert again.state == "cancelled"
    assert "已撤销" in again.override_reason
    new = actions.schedule_again(
        again.pk, due_date=AS_OF + timedelta(days=3), by=desk.clerk, at=moment(AS_OF, 16)
    )
    assert new
    later = release(desk, days=3)
    assert later.posted == queries.table_of(desk.plan, "placements").filter(instalment=1).height
