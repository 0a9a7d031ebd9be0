"""Drafts revised by hand in the room: what is kept, refused, shown to the approver; what-ifs; overlaps; the audit."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import polars as pl
import pytest
from django.db import DatabaseError, transaction

from ledger_world import moment
from plan_desk import AS_OF, Desk, approve, make_desk
from territory_books import standard_rules
from tuogu.core.check import check_plan
from tuogu.core.plan import make_plan
from tuogu.core.rulebook import Rulebook
from tuogu.org.scope import Scope
from tuogu.plans import actions, queries
from tuogu.plans.models import Adjustment, StoredPlan
from tuogu.rules import actions as rules

pytestmark = [pytest.mark.database, pytest.mark.django_db]
ALL = Scope.everything()
WHY = "客户与新经理同村"


@pytest.fixture
def desk() -> Desk:
    return make_desk()


def rows_of(desk: Desk, receiver: str) -> list[str]:
    return queries.chosen_rows(desk.plan, ALL, queries.Chosen(receiver=receiver))["number"].to_list()


def moves(numbers: list[str], to: str, why: str = WHY) -> list[actions.Move]:
    return [actions.Move(number, to, why) for number in numbers]


def adjusted(
    desk: Desk, *, by: str = "M01", plan: int | None = None, n: int = 2, to: str = "M03", skip: int = 0
) -> int:
    numbers = rows_of(desk, "M04")[skip : skip + n]
    new, _found = actions.adjust(
        plan or desk.plan,
        moves(numbers, to),
        reason=WHY,
        source="selection",
        by=desk.people[by],
        at=moment(AS_OF, 11),
    )
    return new


@pytest.mark.req("N-04")
def test_a_revision_is_a_further_draft_and_the_draft_before_stays(desk):
    before = queries.load_plan(desk.plan)[0]
    held = desk.held()
    new = adjusted(desk)
    assert queries.load_plan(desk.plan)[0].placements.equals(before.placements)
    head = queries.plan_head(new, ALL)
    assert (head.state, head.adjusts, head.adjusted) == ("awaiting", desk.plan, 2)
    rows = queries.table_of(new, "assignments").filter(lever="hand")
    assert rows["staff_number"].to_list() == ["M03", "M03"]
    told = queries.table_of(new, "adjusted")
    assert set(told["by"]) == {"M01"}
    assert set(told["reason"]) == {WHY}
    (line,) = queries.revisions(head)
    assert (line.original, line.number, line.rows, line.reason) == (desk.plan, 1, 2, WHY)
    assert desk.held() == held


def test_a_preview_is_what_is_stored_and_writes_nothing(desk):
    numbers = rows_of(desk, "M04")[:3]
    count = StoredPlan.objects.count()
    found = actions.revision(desk.plan, moves(numbers, "M03"), by=desk.clerk, at=moment(AS_OF, 11))
    assert StoredPlan.objects.count() == count
    new, stored = actions.adjust(
        desk.plan, moves(numbers, "M03"), reason=WHY, source="sheet", by=desk.clerk, at=moment(AS_OF, 11)
    )
    assert stored.after == found.after
    assert queries.plan_head(new, ALL).objective == found.after.objective


@pytest.mark.parametrize(
    ("to", "number", "why", "said"),
    [
        ("M03", "P99999", WHY, "方案没有分配 P99999"),
        ("M99", "", WHY, "没有接收人 M99"),
        ("M03", "", " ", "写明理由"),
        ("M04", "", WHY, "没有要调整的"),
        ("buffer", "", WHY, "违反不可放宽的规定"),
    ],
)
def test_what_cannot_be_adjusted_is_refused_with_its_reason(desk, to, number, why, said):
    rows = moves([number or rows_of(desk, "M04")[0]], to, why)
    with pytest.raises(actions.PlanRefused, match=said):
        actions.adjust(desk.plan, rows, reason=why, source="selection", by=desk.clerk, at=moment(AS_OF, 11))
    assert not Adjustment.objects.exists()


def test_only_what_the_house_lets_people_break_goes_through_openly(desk):
    numbers = rows_of(desk, "M04")
    everything = moves(numbers, "M03")
    found = actions.revision(desk.plan, everything, by=desk.clerk, at=moment(AS_OF, 11))
    assert "month_band" in set(found.openly["rule"])
    strict = standard_rules()
    closed = [rule for rule in strict["plans.adjust_openly"] if rule != "month_band"]
    rules.adopt(
        _version(strict.replace(plans__adjust_openly=closed), "9999.1", AS_OF),
        by=desk.clerk,
        at=moment(AS_OF),
    )
    found = actions.revision(desk.plan, everything, by=desk.clerk, at=moment(AS_OF, 11))
    assert "month_band" in set(found.refused["rule"])


def test_who_made_or_adjusted_it_does_not_approve_and_the_other_drafts_close(desk):
    new = adjusted(desk, by="M05")
    for person, said in (("M05", "制表人"), ("M01", "编制或调整过")):
        with pytest.raises(actions.PlanRefused, match=said):
            actions.approve(
                new, by=desk.people[person], at=moment(AS_OF, 12), first_release_date=AS_OF, note="可"
            )
    actions.approve(new, by=desk.lead, at=moment(AS_OF, 12), first_release_date=AS_OF, note="可")
    assert queries.plan_head(desk.plan, ALL).state == "archived"
    actions.release_due(by=desk.people["M06"], at=moment(AS_OF, 13), override_reason="演练")
    held = desk.held()
    first = queries.table_of(new, "placements").filter(instalment=1, lever="hand")
    assert all(held[n] == desk.people["M03"] for n in first["number"])


def test_taking_an_adjustment_back_is_going_back_one_revision(desk):
    once = adjusted(desk)
    twice = adjusted(desk, plan=once, to="M05", skip=2)
    assert queries.plan_head(twice, ALL).adjusted == 4
    assert [line.number for line in queries.revisions(queries.plan_head(desk.plan, ALL))] == [1, 2]
    actions.withdraw(twice, by=desk.clerk, at=moment(AS_OF, 12))
    assert queries.plan_head(once, ALL).state == "awaiting"
    assert approve(replace(desk, plan=once), note="可")


def test_a_decided_plan_is_not_adjusted(desk):
    approve(desk)
    with pytest.raises(actions.PlanRefused, match="只有待审批的方案"):
        adjusted(desk)


def test_an_adjustment_is_never_rewritten(desk):
    adjusted(desk)
    with pytest.raises(DatabaseError), transaction.atomic():
        Adjustment.objects.update(reason="别的")


def _version(book: Rulebook, number: str, day: date) -> Rulebook:
    return replace(book, version=number, effective_date=day)


@pytest.mark.req("N-04")
def test_a_plan_by_another_rulebook_than_the_one_of_its_day_is_a_what_if(desk):
    later = _version(
        standard_rules().replace(territory__month_load_max=58), "2099.1", AS_OF + timedelta(days=90)
    )
    rules.adopt(later, by=desk.clerk, at=moment(AS_OF))
    plan = make_plan(desk.book, later, AS_OF, 3, 20_000)
    trial = actions.store_plan(
        plan, desk.book, later, check_plan(plan, desk.book, later), by=desk.clerk, at=moment(AS_OF)
    )
    head = queries.plan_head(trial, ALL)
    assert "按制度 2099.1 试算" in head.what_if
    assert queries.plan_head(desk.plan, ALL).what_if == ""
    with pytest.raises(actions.PlanRefused, match="试算方案不能审批"):
        actions.approve(trial, by=desk.lead, at=moment(AS_OF, 10), first_release_date=AS_OF, note="可")
    assert queries.plan_head(trial, ALL).state == "awaiting"


@pytest.mark.req("P-03")
def test_an_overlap_is_approved_with_open_eyes_only(desk):
    rules_ = standard_rules()
    plan = make_plan(desk.book, rules_, AS_OF, 2, 20_000)
    other = actions.store_plan(
        plan, desk.book, rules_, check_plan(plan, desk.book, rules_), by=desk.clerk, at=moment(AS_OF)
    )
    StoredPlan.objects.filter(pk=other).update(strategy="arrivals")
    approve(desk)
    words = {"by": desk.lead, "at": moment(AS_OF, 11), "first_release_date": AS_OF, "note": "可"}
    with pytest.raises(actions.PlanRefused, match="与其他方案重叠"):
        actions.approve(other, **words)
    (line,) = queries.approved_overlapping(other, ALL)
    assert (line.plan, line.released) == (desk.plan, False)
    actions.release_due(by=desk.people["M05"], at=moment(AS_OF, 11))
    waiting, released = queries.approved_overlapping(other, ALL)
    assert (waiting.released, released.released) == (False, True)
    actions.approve(other, overlap_reason="两案各管一半，已逐件核对", **words)
    assert queries.plan_head(other, ALL).overlap_note == "两案各管一半，已逐件核对"


def test_the_auditor_is_told_everything_and_no_customer(desk):
    new = adjusted(desk)
    approve(desk)
    tables = queries.audit_tables(AS_OF, AS_OF)
    assert set(tables["方案"]["方案"]) == {desk.plan, new}
    assert tables["人工调整"]["修订稿方案"].to_list() == [new]
    assert tables["发放安排"].height == 4
    assert tables["方案决定"].filter(pl.col("方案") == desk.plan)["决定人员号"].to_list() == [desk.lead]
    assert queries.audit_tables(AS_OF + timedelta(days=1), AS_OF + timedelta(days=2))["方案"].is_empty()
    number = rows_of(desk, "M04")[0]
    assert not any(number in str(frame.rows()) for frame in tables.values())
