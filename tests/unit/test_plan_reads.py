"""What plan pages are told: burdens, bars, changes, comparisons, what a release or an undo would do, who may see a plan."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from itertools import pairwise

import polars as pl
import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from ledger_world import moment
from plan_desk import AS_OF, Desk, approve, make_desk
from territory_books import standard_rules
from tuogu.core.check import check_plan
from tuogu.core.plan import make_plan
from tuogu.core.tables import MONTH_COLUMNS
from tuogu.ledger import actions as ledger
from tuogu.ledger import queries as custody
from tuogu.org import queries as staff
from tuogu.org.scope import Scope
from tuogu.plans import actions, burdens, memory, queries
from tuogu.plans.buffered import _said
from tuogu.plans.models import PlanRow, ScheduledRelease, StoredPlan, UndoStep
from tuogu.plans.plan_board import _edges

pytestmark = [pytest.mark.database, pytest.mark.django_db]
ALL = Scope.everything()


@pytest.fixture
def desk() -> Desk:
    return make_desk()


def released(desk: Desk) -> queries.ReleaseRow:
    """Approve, release the first instalment; its row."""
    approve(desk)
    (done,) = actions.release_due(by=desk.clerk, at=moment(AS_OF, 11))
    assert isinstance(done, actions.Released)
    return queries.releases(desk.plan, ALL)[0]


def transfer(desk: Desk, number: str, person: int) -> None:
    """Move one policy by hand."""
    row = custody.holdings(ALL, kind="policy").filter(number=number).row(0, named=True)
    ledger.transfer(
        row["subject_id"], person, expected_head=row["head"], key=f"t {number}", by=desk.clerk, approved_by=desk.lead,
        effective_date=AS_OF, recorded_at=moment(AS_OF, 12), rule="S0-25", reason_code="asked",
    )  # fmt: skip


def test_burdens_of_a_plan_are_its_loads_and_its_mean_distance(desk):
    stored = StoredPlan.objects.get(pk=desk.plan)
    carried, loads = burdens.planned(stored), queries.table_of(desk.plan, "loads")
    for month, name in enumerate(MONTH_COLUMNS, 1):
        due = dict(loads.filter(month=month).select("staff_number", "due").iter_rows())
        assert dict(carried.select("staff_number", name).iter_rows()) == due
    figures = dict(queries.load_plan(desk.plan)[0].certificate.figures)
    assert burdens.mean_distance_m(carried) == pytest.approx(figures["mean_distance_m"], abs=0.06)


@pytest.mark.req("N-04")
def test_today_is_counted_as_the_plan_is_and_follows_the_ledger(desk):
    stored = StoredPlan.objects.get(pk=desk.plan)
    assert burdens.current(stored)["held"].sum() == 0
    first = queries.table_of(desk.plan, "assignments").filter(instalment=1)
    released(desk)
    now = burdens.current(stored)
    assert dict(now.select("staff_number", "held").iter_rows()) == dict(
        first.group_by("staff_number").len().select("staff_number", pl.col("len").cast(pl.Int64)).iter_rows()
    )
    assert now["year"].sum() == first.select(pl.sum_horizontal(pl.col(MONTH_COLUMNS).sum())).item()
    number = first["policy_number"][0]
    transfer(desk, number, staff.buffer_group())
    assert burdens.current(stored)["held"].sum() == first.height - 1


@pytest.mark.parametrize(
    ("low", "high", "least", "most", "wanted"),
    [
        (
            25,
            60,
            30,
            55,
            [(20, 24), (25, 29), (30, 34), (35, 39), (40, 44), (45, 49), (50, 54), (55, 60), (61, 65)],
        ),
        (25, 30, 3, 33, [(0, 4), (5, 9), (10, 14), (15, 19), (20, 24), (25, 30), (31, 35)]),
        (3, 8, 0, 9, [(0, 2), (3, 8), (9, 13)]),
    ],
)
def test_bars_end_on_the_band_and_hold_every_person_month(low, high, least, most, wanted):
    bars = _edges(low, high, least, most)
    assert bars == wanted
    assert bars[0][0] <= least
    assert bars[-1][1] >= most
    assert all(after[0] == before[1] + 1 for before, after in pairwise(bars))


def test_the_board_adds_up(desk):
    board = queries.board(desk.plan, ALL)
    assert sum(bar.planned for bar in board.bars) == board.band.person_months == 12 * len(board.managers)
    assert sum(row.policies for row in board.unplaced) == queries.plan_head(desk.plan, ALL).unplaced
    outside = sum(bar.planned for bar in board.bars if bar.high < board.band.low or bar.low > board.band.high)
    assert outside == board.band.outside
    assert all(row.change == row.year for row in board.managers), "nobody holds anything yet"


@pytest.mark.req("P-03")
def test_changes_by_unit_and_one_by_one_are_the_same_rows(desk):
    one_by_one, page = (
        queries.policy_changes(desk.plan, ALL, on=AS_OF),
        queries.unit_changes(desk.plan, ALL, on=AS_OF, size=5),
    )
    assert page.policies == one_by_one.height == queries.plan_head(desk.plan, ALL).placed
    assert page.units == one_by_one.select("unit_code", "old_id", "new_id", "lever").n_unique()
    every = queries.unit_changes(desk.plan, ALL, on=AS_OF, size=page.units).rows
    assert every["policies"].sum() == one_by_one.height
    assert page.rows.equals(every.head(5))
    assert every["why"].null_count() == 0
    register = queries.change_register(desk.plan, ALL, on=AS_OF).rows
    assert set(register["policy_number"]) == set(one_by_one["number"])
    assert register["old_custodian"].unique().to_list() == ["buffer"]


@pytest.mark.req("P-03", "S0-25")
def test_rows_whose_receiver_left_are_counted_apart_as_the_release_leaves_them(desk):
    approve(desk)
    assigned = queries.table_of(desk.plan, "assignments")
    leaver = assigned["staff_number"][-1]
    theirs = assigned.filter(staff_number=leaver)
    moved = assigned.filter((pl.col("staff_number") != leaver) & (pl.col("instalment") == 1))[
        "policy_number"
    ][0]
    ledger.leave(
        desk.people[leaver], leave_date=AS_OF, recorded_at=moment(AS_OF, 12), by=desk.clerk, rule="S0-25"
    )
    transfer(desk, moved, desk.lead)
    page = queries.unit_changes(desk.plan, ALL, on=AS_OF)
    assert (page.gone, page.leavers) == (theirs.height, 1)
    assert page.posted == assigned.height - theirs.height - page.moved_since
    assert queries.drift(desk.plan, ALL, on=AS_OF).moving == page.posted
    register = queries.change_register(desk.plan, ALL, on=AS_OF)
    assert register.rows.height == page.posted
    assert leaver not in register.rows["new_custodian"].to_list()
    assert dict(register.not_released) == {
        "接收人已离司": page.gone,
        "方案之后责任人已变动": page.moved_since,
    }
    first = queries.policy_changes(desk.plan, ALL, on=AS_OF).filter(instalment=1)
    (done,) = actions.release_due(by=desk.clerk, at=moment(AS_OF, 13))
    assert done.posted == first.filter(~pl.col("gone") & ~pl.col("moved_since")).height
    assert done.stale.height == first.height - done.posted


@pytest.mark.req("N-06", "S0-23")
def test_undoing_an_older_release_warns_of_what_the_plan_in_force_relies_on_and_that_can_be_scheduled_again(
    desk,
):
    old = released(desk)
    rules = standard_rules()
    plan = make_plan(desk.book, rules, AS_OF, 9, 0, earlier=queries.load_plan(desk.plan)[0])
    second = actions.store_plan(
        plan, desk.book, rules, check_plan(plan, desk.book, rules), by=desk.clerk, at=moment(AS_OF, 12)
    )
    actions.approve(second, by=desk.lead, at=moment(AS_OF, 13), first_release_date=AS_OF)
    (done,) = actions.release_due(by=desk.clerk, at=moment(AS_OF, 14), plan_id=second)
    wanted = dict(plan.assignments.select("policy_number", "staff_number").iter_rows())
    moved = queries.table_of(desk.plan, "assignments").filter(instalment=1)
    held = [n for n, s in moved.select("policy_number", "staff_number").iter_rows() if wanted[n] == s]
    assert done.unchanged == len(held) > 1
    by_hand, left = held[0], len(held) - 1  # somebody moves one on purpose: no undo takes it back
    other = next(i for n, i in desk.people.items() if n != wanted[by_hand])
    transfer(desk, by_hand, other)
    ahead = queries.undo_outlook(old.id, ALL, on=AS_OF)
    assert (ahead.relied_by, ahead.relied_on) == (second, left)
    assert queries.attention(ALL, AS_OF, days_ahead=7).taken_back == ()
    actions.undo_release(old.id, by=desk.clerk, approved_by=desk.lead, at=moment(AS_OF, 15))

    row = queries.releases(second, ALL)[0]
    assert (row.state, row.taken_back) == ("posted", left)
    (asks,) = queries.attention(ALL, AS_OF, days_ahead=7).taken_back
    assert (asks.plan, asks.instalment, asks.pieces) == (second, 1, left)
    first = plan.assignments.filter(instalment=1)["policy_number"].to_list()
    tomorrow = AS_OF + timedelta(days=1)
    actions.schedule_again(row.id, due_date=tomorrow, by=desk.clerk, at=moment(AS_OF, 16))
    assert queries.attention(ALL, AS_OF, days_ahead=0).taken_back == ()
    (again,) = actions.release_due(by=desk.people["M03"], at=moment(tomorrow), override_reason="补下发")
    assert isinstance(again, actions.Released), again
    assert (again.posted, again.stale.height) == (left, 1)
    now = desk.held()
    assert now[by_hand] == other, "what somebody moved on purpose stays"
    assert all(now[n] == desk.people[wanted[n]] for n in first if n != by_hand)
    assert [r.taken_back for r in queries.releases(second, ALL) if r.instalment == 1] == [0, 0]
    with pytest.raises(actions.PlanRefused, match="没有下发后又被撤回"):
        actions.schedule_again(
            queries.releases(second, ALL)[1].id, due_date=tomorrow, by=desk.clerk, at=moment(tomorrow, 10)
        )


@pytest.mark.req("P-03", "N-04")
def test_a_preview_is_what_the_release_then_does(desk):
    approve(desk)
    first = queries.table_of(desk.plan, "assignments").filter(instalment=1).sort("policy_number")
    elsewhere, already = first.row(0, named=True), first.row(1, named=True)
    other = next(p for n, p in desk.people.items() if n != elsewhere["staff_number"])
    transfer(desk, elsewhere["policy_number"], other)
    transfer(desk, already["policy_number"], desk.people[already["staff_number"]])
    before = custody.version()
    ahead = queries.release_outlook(queries.releases(desk.plan, ALL)[0].id, ALL, on=AS_OF)
    assert custody.version() == before
    assert (ahead.posted, ahead.unchanged, ahead.left_out) == (first.height - 2, 1, 1)
    assert ahead.stale.row(0)[0] == elsewhere["policy_number"]
    assert "已变动" in ahead.stale.row(0)[2]
    (done,) = actions.release_due(by=desk.clerk, at=moment(AS_OF, 13))
    assert (done.posted, done.unchanged, done.stale.height) == (ahead.posted, ahead.unchanged, ahead.left_out)


@pytest.mark.req("N-04")
def test_drift_tells_who_left_and_what_moved_since(desk):
    calm = queries.drift(desk.plan, ALL, on=AS_OF)
    placed = queries.plan_head(desk.plan, ALL).placed
    assert (calm.moving, calm.unchanged, calm.left_out, calm.gone) == (placed, 0, [], [])
    assigned = queries.table_of(desk.plan, "assignments")
    leaver = assigned["staff_number"][-1]
    row = assigned.filter(pl.col("staff_number") != leaver).row(0, named=True)
    other = next(p for n, p in desk.people.items() if n not in {row["staff_number"], leaver})
    transfer(desk, row["policy_number"], other)
    ledger.leave(
        desk.people[leaver], leave_date=AS_OF, recorded_at=moment(AS_OF, 12), by=desk.clerk, rule="S0-25"
    )
    now = queries.drift(desk.plan, ALL, on=AS_OF)
    theirs = assigned.filter(staff_number=leaver).height
    assert dict(now.left_out)["接收人已离司或不是可接收的责任人"] == theirs
    assert dict(now.left_out)["预分配之后责任人已变动"] == 1
    assert len(now.gone) == 1
    assert now.moving == placed - theirs - 1


@pytest.mark.req("N-06")
def test_an_undo_preview_is_what_the_undo_then_does(desk):
    release = released(desk)
    rows = queries.table_of(desk.plan, "assignments").filter(instalment=1)
    moved = rows["policy_number"][:4].to_list()
    for number in moved:
        transfer(desk, number, staff.buffer_group())
    ahead = queries.undo_outlook(release.id, ALL, on=AS_OF)
    assert (ahead.undoable, ahead.kept, ahead.posted) == (rows.height - 4, 4, rows.height)
    assert (ahead.to_buffer, ahead.to_people, ahead.redirected) == (rows.height - 4, 0, 0)
    assert set(ahead.conflicts["number"]) == set(moved)
    actions.ask_undo(release.id, by=desk.clerk, at=moment(AS_OF, 13), reason="用错编码簿")
    done = actions.confirm_undo(release.id, by=desk.lead, at=moment(AS_OF, 14))
    assert (done.posted, done.conflicts.height) == (ahead.undoable, ahead.kept)
    with pytest.raises(queries.PlanUnknown):
        queries.undo_outlook(release.id, ALL, on=AS_OF)


@pytest.mark.req("N-06")
def test_an_undo_is_asked_by_one_and_confirmed_by_another(desk):
    release = released(desk)
    at = {"at": moment(AS_OF, 13)}
    held = desk.held()
    with pytest.raises(actions.PlanRefused, match="没有等待确认"):
        actions.confirm_undo(release.id, by=desk.lead, **at)
    with pytest.raises(actions.PlanRefused, match="理由"):
        actions.ask_undo(release.id, by=desk.clerk, reason="  ", **at)
    with pytest.raises(actions.PlanRefused, match="在册人员"):
        actions.ask_undo(release.id, by=staff.machine(), reason="试", **at)
    actions.ask_undo(release.id, by=desk.clerk, reason="用错编码簿", **at)
    with pytest.raises(actions.PlanRefused, match="已有人申请"):
        actions.ask_undo(release.id, by=desk.lead, reason="再来", **at)
    with pytest.raises(actions.PlanRefused, match="申请人不能确认"):
        actions.confirm_undo(release.id, by=desk.clerk, **at)
    with pytest.raises(actions.PlanRefused, match="只有申请人"):
        actions.withdraw_undo(release.id, by=desk.lead, **at)
    actions.refuse_undo(release.id, by=desk.lead, reason="不必", **at)
    actions.ask_undo(release.id, by=desk.clerk, reason="再看一次", **at)
    actions.withdraw_undo(release.id, by=desk.clerk, **at)
    assert desk.held() == held
    log = queries.releases(desk.plan, ALL)[0].undo_log
    assert [(line.step, line.reason) for line in log] == [
        ("asked", "用错编码簿"), ("refused", "不必"), ("asked", "再看一次"), ("withdrawn", ""),
    ]  # fmt: skip
    assert queries.releases(desk.plan, ALL)[0].undo_asked is None


def test_the_undo_log_is_append_only_and_of_two_who_decide_at_once_one_is_refused(desk):
    release = released(desk)
    actions.ask_undo(release.id, by=desk.clerk, at=moment(AS_OF, 13), reason="用错编码簿")
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        UndoStep.objects.update(reason="别的理由")
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        UndoStep.objects.all().delete()
    with pytest.raises(DatabaseError), transaction.atomic():
        UndoStep.objects.create(
            scheduled_id=release.id, number=1, step="confirmed", by_id=desk.lead, at=moment(AS_OF, 14)
        )
    with pytest.raises(IntegrityError), transaction.atomic():
        UndoStep.objects.create(
            scheduled_id=release.id, number=2, step="refused", by_id=desk.lead, at=moment(AS_OF, 14)
        )


@pytest.mark.req("P-12")
def test_a_plan_is_visible_to_whose_scope_covers_it_whole(desk):
    def sees(*codes: str) -> bool:
        return bool(queries.plan_heads(Scope(institution_codes=frozenset(codes))))

    StoredPlan.objects.filter(pk=desk.plan).update(institution_codes=["T0", "T1"])
    assert sees("B")
    assert sees("T0", "T1")
    assert not sees("T0")
    assert queries.plan_heads(Scope(custodian_ids=frozenset({desk.clerk}))) == []
    half = Scope(institution_codes=frozenset({"T1"}))
    changes = partial(queries.unit_changes, on=AS_OF)
    for read in (queries.plan_head, queries.board, queries.releases, queries.picture, changes):
        with pytest.raises(queries.PlanUnknown):
            read(desk.plan, half)
    StoredPlan.objects.filter(pk=desk.plan).update(institution_codes=[])
    assert not sees("B"), "a plan of nobody's institutions is for who sees everything"
    assert queries.plan_heads(ALL)


@pytest.mark.req("N-04")
def test_two_plans_of_one_book_are_compared_person_by_person(desk):
    rules = standard_rules()
    other = make_plan(desk.book, rules, AS_OF, 2, 20_000)
    second = actions.store_plan(
        other, desk.book, rules, check_plan(other, desk.book, rules), by=desk.clerk, at=moment(AS_OF, 12)
    )
    found = queries.compare_plans(desk.plan, second, ALL)
    before = dict(
        queries.table_of(desk.plan, "assignments").select("policy_number", "staff_number").iter_rows()
    )
    after = dict(other.assignments.select("policy_number", "staff_number").iter_rows())
    assert found.moved == sum(after[number] != person for number, person in before.items())
    for person in found.people:
        assert person.held_after - person.held_before == person.gained - person.lost
    same = queries.compare_plans(desk.plan, desk.plan, ALL)
    assert (same.moved, same.moved_share) == (0, 0.0)
    assert all(figure.before == figure.after for figure in same.figures)


def test_stored_tables_are_decoded_once_and_within_the_budget(desk, monkeypatch):
    stored = StoredPlan.objects.select_related("rulebook").get(pk=desk.plan)
    memory.forget()
    frame = memory.table(stored, "assignments")
    assert memory.table(stored, "assignments") is frame
    monkeypatch.setattr(memory, "_FRAMES_BYTES", 1)
    other = memory.table(stored, "candidates")
    assert memory.table(stored, "candidates") is other
    assert memory.table(stored, "assignments") is not frame, "the oldest made room"
    assert replace(memory.plan(stored)).as_of == date(2025, 12, 2)


def test_a_piece_that_any_custody_plan_has_scheduled_waits_for_its_day(desk):
    """A match beside the territories: what it has scheduled is not told as if a person had to look at it."""
    approve(desk)
    territory = StoredPlan.objects.get(pk=desk.plan)
    ScheduledRelease.objects.filter(plan=territory, instalment=2).update(state="cancelled")
    rows = PlanRow.objects.filter(plan=territory).order_by("subject_id")
    placed = set(rows.exclude(instalment=2).values_list("subject_id", flat=True))
    waiting = rows.filter(instalment=2).values_list("subject_id", flat=True)
    mine, buffered, developed = waiting[:3]

    def scheduled(strategy: str, relation: str, subject: int, custodian: int) -> None:
        plan = StoredPlan.objects.create(
            digest=strategy, state="approved", as_of=AS_OF, seed=1, effort=1, rulebook=territory.rulebook,
            book_digest="", certificate={}, violations=0, strategy=strategy, relation=relation,
            made_by_id=desk.clerk, made_at=moment(AS_OF), decided_by_id=desk.lead, decided_at=moment(AS_OF, 10),
        )  # fmt: skip
        PlanRow.objects.create(
            plan=plan,
            subject_id=subject,
            custodian_id=custodian,
            expected_head=0,
            instalment=1,
            unit_code="",
            lever="",
        )
        ScheduledRelease.objects.create(
            plan=plan, instalment=1, due_date=AS_OF, changed_by_id=desk.lead, changed_at=moment(AS_OF, 10)
        )

    before = set(_said().planned.values_list("subject_id", flat=True))
    assert before == placed
    scheduled("match", "custody", mine, desk.people["M03"])
    scheduled("block", "custody", buffered, staff.buffer_group())
    scheduled("centre", "development", developed, desk.people["M03"])
    with CaptureQueriesContext(connection) as asked:
        said = _said()
    assert set(said.planned.values_list("subject_id", flat=True)) == placed | {mine}
    assert len(asked) <= 4, "as many for one plan as for three"


def test_a_certificate_of_an_old_database_is_brought_into_the_words_of_today(desk):
    """Stored when only distances were minimised: the lists of plans and the home page must still show it."""
    from importlib import import_module
    from types import SimpleNamespace

    from django.apps import apps

    before = queries.plan_head(desk.plan, ALL)
    stored = StoredPlan.objects.get(pk=desk.plan)
    old = {"objective": "value_m", "lower_bound": "lower_bound_m"}
    words = {old.get(name, name): value for name, value in stored.certificate.items()}
    StoredPlan.objects.filter(pk=desk.plan).update(certificate=words)
    rename = import_module("tuogu.plans.migrations.0008_certificate_words").rename
    for _ in range(2):
        rename(apps, SimpleNamespace(connection=connection))
        assert queries.plan_head(desk.plan, ALL) == before
