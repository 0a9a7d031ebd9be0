"""Stored plans: who may decide, what a release checks again, when it is refused, and trying again."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import polars as pl
import pytest
from django.db import IntegrityError, transaction

from ledger_world import moment
from plan_desk import AS_OF, Desk, approve, make_desk
from territory_books import standard_rules
from tuogu.core.capacity import RELEASES, check_capacity
from tuogu.core.changes import change_table
from tuogu.core.check import check_plan
from tuogu.core.plan import make_plan
from tuogu.ledger import actions as ledger
from tuogu.ledger import queries as custody
from tuogu.org import queries as staff
from tuogu.plans import actions, queries
from tuogu.plans.archive import as_parquet, digest_of
from tuogu.plans.models import PlanTable, StoredPlan

pytestmark = [pytest.mark.database, pytest.mark.django_db]


@pytest.fixture
def desk() -> Desk:
    return make_desk()


def test_nobody_approves_their_own_plan_and_the_machine_approves_none(desk):
    with pytest.raises(actions.PlanRefused, match="制表人"):
        approve(desk, by=desk.clerk)
    with pytest.raises(actions.PlanRefused, match="个人令牌"):
        approve(desk, by=staff.machine())
    assert queries.plan_rows(desk.plan)[0]["state"] == "awaiting"


def test_the_database_itself_refuses_one_person_as_maker_and_decider(desk):
    with pytest.raises(IntegrityError), transaction.atomic():
        StoredPlan.objects.filter(pk=desk.plan).update(
            state="approved", decided_by_id=desk.clerk, decided_at=moment(AS_OF)
        )


@pytest.mark.req("S0-23")
def test_instalments_wait_for_quarters_that_leave_a_whole_first_window(desk):
    assert approve(desk) == [AS_OF, date(2026, 4, 1), date(2026, 7, 1), date(2026, 10, 1)]


@pytest.mark.req("P-02", "S0-19")
def test_a_stored_or_approved_plan_changes_nothing_until_it_is_released(desk):
    before = desk.held()
    approve(desk)
    assert desk.held() == before
    (released,) = actions.release_due(by=desk.clerk, at=moment(AS_OF, 11))
    first = queries.table_of(desk.plan, "assignments").filter(instalment=1)
    moved = {n: desk.people[s] for n, s in first.select("policy_number", "staff_number").iter_rows()}
    assert released.posted == first.height
    assert desk.held() == before | moved
    assert actions.release_due(by=desk.clerk, at=moment(AS_OF, 12)) == []


@pytest.mark.req("P-03", "N-04")
def test_the_rows_applied_are_the_rows_previewed(desk):
    plan, _ = queries.load_plan(desk.plan)
    preview = change_table(replace(plan, assignments=plan.assignments.filter(instalment=1)))
    approve(desk)
    (released,) = actions.release_due(by=desk.clerk, at=moment(AS_OF, 11))
    posted = custody.batch(released.batch).select("subject_id", "custodian_id")
    numbers = custody.subject_ids("core").select("number", "subject_id")
    people = pl.DataFrame({"new_custodian": list(desk.people), "custodian_id": list(desk.people.values())})
    applied = posted.join(numbers, on="subject_id").join(people, on="custodian_id")
    assert (
        applied.select("number", "new_custodian").sort("number").rows()
        == preview.select("policy_number", "new_custodian").rows()
    )


def test_a_policy_that_moved_since_the_plan_is_left_out_and_listed(desk):
    approve(desk)
    first = queries.table_of(desk.plan, "assignments").filter(instalment=1).sort("policy_number")
    number, receiver = first.select("policy_number", "staff_number").row(0)
    other = next(i for s, i in desk.people.items() if s not in {receiver, "M01", "M02"})
    subject = custody.subject_ids("core", [number])["subject_id"][0]
    claimed = ledger.claim(subject, other, by=other, recorded_at=moment(AS_OF, 10), rule="N-01")
    assert claimed.done, claimed.reason
    (released,) = actions.release_due(by=desk.clerk, at=moment(AS_OF, 11))
    assert (released.posted, released.stale.height) == (first.height - 1, 1)
    assert desk.held()[number] == other


@pytest.mark.req("S0-24", "P-03")
def test_what_the_plan_leaves_aside_goes_back_to_the_buffer_group(desk):
    number = desk.book.classified["policy_number"][0]
    subject = custody.subject_ids("core", [number])["subject_id"][0]
    assert ledger.claim(
        subject, desk.people["M05"], by=desk.people["M05"], recorded_at=moment(AS_OF), rule="N-01"
    ).done
    hard = desk.book.classified.with_columns(
        route=pl.when(policy_number=number).then(pl.lit("specialist")).otherwise(pl.col("route")),
        nature=pl.when(policy_number=number).then(pl.lit("hard")).otherwise(pl.col("nature")),
    )
    book, rules = replace(desk.book, classified=hard), standard_rules()
    plan = make_plan(book, rules, AS_OF, 1, 20_000)
    violations = check_plan(plan, book, rules)
    stored = actions.store_plan(plan, book, rules, violations, by=desk.clerk, at=moment(AS_OF))
    actions.approve(stored, by=desk.lead, at=moment(AS_OF, 10), first_release_date=AS_OF)
    actions.release_due(by=desk.clerk, at=moment(AS_OF, 11), plan_id=stored)
    assert desk.held()[number] == staff.buffer_group()


def test_a_plan_altered_after_approval_is_not_released(desk):
    approve(desk)
    row = PlanTable.objects.get(plan_id=desk.plan, name="assignments")
    frame = queries.table_of(desk.plan, "assignments").with_columns(staff_number=pl.lit("M01"))
    row.content = as_parquet(frame)
    row.digest = digest_of(row.content)
    row.save()
    before = desk.held()
    (refused,) = actions.release_due(by=desk.clerk, at=moment(AS_OF, 11))
    assert "不一致" in refused.reason
    assert desk.held() == before


@pytest.mark.req("N-20")
def test_a_whole_book_at_once_is_refused_with_its_arithmetic_and_by_quarter_accepted():
    one = pl.DataFrame([("M", AS_OF, 300, 300)], schema=RELEASES, orient="row")
    report = check_capacity(one, standard_rules())
    assert not report.accepted
    assert "900次" in report.refusals[0]
    days = [AS_OF, date(2026, 4, 1), date(2026, 7, 1), date(2026, 10, 1)]
    by_quarter = pl.DataFrame([("M", day, 75, 75) for day in days], schema=RELEASES, orient="row")
    assert check_capacity(by_quarter, standard_rules()).accepted


@pytest.mark.req("N-20")
def test_a_release_beyond_visits_is_refused_and_a_reason_lets_it_through():
    desk = make_desk()
    approve(desk)
    actions.release_due(by=desk.clerk, at=moment(AS_OF, 11))
    for scheduled in desk.scheduled()[1:]:  # pull the later quarters into the same first-visit window
        actions.cancel(scheduled["id"], by=desk.clerk, at=moment(AS_OF, 12), reason="提前")
        actions.schedule_again(
            scheduled["id"], due_date=AS_OF + timedelta(days=1), by=desk.clerk, at=moment(AS_OF, 12)
        )
    tomorrow = moment(AS_OF + timedelta(days=1))
    outcomes = actions.release_due(by=desk.clerk, at=tomorrow)
    refused = [o for o in outcomes if isinstance(o, actions.Refused)]
    assert refused
    assert "拜访产能不足" in refused[0].reason
    assert "每日" in refused[0].reason
    own = actions.release_due(by=desk.clerk, at=tomorrow, override_reason="增派人手")
    assert all(isinstance(o, actions.Refused) for o in own), "whoever made the plan may not wave it through"
    let_through = actions.release_due(by=desk.people["M03"], at=tomorrow, override_reason="增派人手")
    assert let_through
    assert all(isinstance(o, actions.Released) for o in let_through)


@pytest.mark.req("P-02")
def test_an_approved_plan_takes_the_place_of_the_one_before(desk):
    approve(desk)
    actions.release_due(by=desk.clerk, at=moment(AS_OF, 11))
    rules = standard_rules()
    plan = make_plan(desk.book, rules, AS_OF, 2, 20_000)
    second = actions.store_plan(
        plan, desk.book, rules, check_plan(plan, desk.book, rules), by=desk.clerk, at=moment(AS_OF, 12)
    )
    actions.approve(second, by=desk.lead, at=moment(AS_OF, 13), first_release_date=AS_OF)
    assert [p["state"] for p in queries.plan_rows()] == ["approved", "archived"]
    assert [r["state"] for r in desk.scheduled()] == ["posted", "cancelled", "cancelled", "cancelled"]
    assert queries.latest_approved() == second


@pytest.mark.req("S0-23", "N-06")
def test_after_an_undo_the_instalment_can_be_scheduled_and_released_again(desk):
    approve(desk)
    before = desk.held()
    (released,) = actions.release_due(by=desk.clerk, at=moment(AS_OF, 11))
    scheduled = desk.scheduled()[0]["id"]
    with pytest.raises(actions.PlanRefused):
        actions.cancel(scheduled, by=desk.clerk, at=moment(AS_OF, 12), reason="迟了")
    undone = actions.undo_release(scheduled, by=desk.clerk, approved_by=desk.lead, at=moment(AS_OF, 12))
    assert (undone.posted, undone.conflicts.height) == (released.posted, 0)
    assert desk.held() == before
    assert actions.undo_release(scheduled, by=desk.clerk, approved_by=desk.lead, at=moment(AS_OF, 13)).already
    actions.schedule_again(scheduled, due_date=AS_OF + timedelta(days=1), by=desk.clerk, at=moment(AS_OF, 14))
    with pytest.raises(actions.PlanRefused, match="已重新安排过"):
        actions.schedule_again(
            scheduled, due_date=AS_OF + timedelta(days=2), by=desk.clerk, at=moment(AS_OF, 15)
        )
    (again,) = actions.release_due(by=desk.clerk, at=moment(AS_OF + timedelta(days=1)))
    assert again.posted == released.posted
    assert custody.verify().problems == ()


def test_the_archive_holds_nothing_personal(desk):
    for name in ("books.customers", "books.people"):
        frame = queries.table_of(desk.plan, name)
        for column in {"name", "phone", "address", "id_number", "employer", "birth_date"} & set(
            frame.columns
        ):
            assert frame[column].null_count() == frame.height, (name, column)


@pytest.mark.req("N-20", "S0-28")
def test_what_a_person_holds_already_is_no_new_visit(desk):
    approve(desk)
    actions.release_due(by=desk.clerk, at=moment(AS_OF, 11))
    rules = standard_rules()
    plan = make_plan(desk.book, rules, AS_OF, 9, 0, earlier=queries.load_plan(desk.plan)[0])
    second = actions.store_plan(
        plan, desk.book, rules, check_plan(plan, desk.book, rules), by=desk.clerk, at=moment(AS_OF, 12)
    )
    assert second != desk.plan
    actions.approve(second, by=desk.lead, at=moment(AS_OF, 13), first_release_date=AS_OF)
    (again,) = actions.release_due(by=desk.clerk, at=moment(AS_OF, 14))
    assert isinstance(again, actions.Released), again
    first = queries.table_of(desk.plan, "assignments").filter(instalment=1)
    same = (
        queries.table_of(second, "assignments")
        .filter(instalment=1)
        .join(first, on=["policy_number", "staff_number"], how="semi")
    )
    assert same.height > 0
    assert again.unchanged == same.height
