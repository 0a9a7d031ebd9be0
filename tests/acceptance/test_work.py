"""What is owed to customers and what was done: tasks, records, families, plans, escalation."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import polars as pl
import pytest

from cast import Cast
from listed_world import GONE, import_rows, policy_rows
from pool_world import hand_over, ruled
from tuogu.audit.sources import SOURCES
from tuogu.core.custody import SHANGHAI
from tuogu.ledger import actions as ledger
from tuogu.org import actions as org_actions
from tuogu.org import queries as org
from tuogu.org.roles import Role
from tuogu.org.scope import Scope
from tuogu.pools import queries as pools
from tuogu.privacy import actions as privacy
from tuogu.work import about_person, actions, queries
from tuogu.work.failures import Moved, WorkRefused
from tuogu.work.kinds import Kind, Outcome
from tuogu.work.models import Conflict, Escalation, Record, Task, TaskEnd
from work_world import CARD, WorkWorld, make_work

pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.database]
EVERYTHING = Scope.everything()
FIRST, SECOND = "C000000", "C000001"
FIVE = {"address_changed": "no", "when": "agreed", "complaints": "none", "views": "need", "easy": "yes"}


@pytest.fixture
def world(cast: Cast) -> WorkWorld:
    return make_work(cast)


# --- tasks ---------------------------------------------------------------------------------------------------------


@pytest.mark.req("S4-18", "S4-21", "S4-24")
def test_what_opens_becomes_a_task_once_with_its_reason_and_only_the_holder_sees_it(world: WorkWorld) -> None:
    made = world.roll()
    assert made == Task.objects.count() > 0
    assert world.roll() == 0, "the same day again"
    owed = world.owed(FIRST)
    assert {"first_contact", "first_visits", "check_up", "year_visits"} <= owed.keys()
    visits = owed["first_visits"]
    assert (visits.needed, visits.due_date, visits.title) == (3, world.day(60), "首段面访")
    assert visits.policy_number == "P00000000"
    assert all(task.reason for task in world.tasks())
    assert owed["first_contact"].policy_number == "", "about the customer"
    assert world.tasks(person=world.cast.other) == []
    assert {task.customer_number for task in queries.tasks_of_customer(SECOND, world.day(0))} == {SECOND}


@pytest.mark.req("S4-18")
def test_three_visits_on_three_days_up_to_day_sixty_end_the_first_window(world: WorkWorld) -> None:
    world.roll()
    assert world.visit(FIRST, days=0).tasks_done >= 1, "the first contact"
    world.record(FIRST, days=1)
    world.record(FIRST, days=1, kind="sms", outcome="sent")
    world.visit(FIRST, days=1)
    world.visit(FIRST, days=1)
    assert world.owed(FIRST, 1)["first_visits"].done == 2, (
        "calls and messages are no visits, two of one day are one"
    )
    world.visit(FIRST, days=60)
    assert "first_visits" not in world.owed(FIRST, 60)
    end = TaskEnd.objects.get(task__obligation="first_visits")
    assert (end.outcome, end.ended_date) == ("done", world.day(60))
    assert [t.days_late for t in world.tasks(61, view="late") if t.obligation == "first_visits"] == [1, 1, 1]
    assert world.roll(61) >= 0
    assert Task.objects.filter(obligation="first_visits").count() == 4


@pytest.mark.req("S4-17", "S4-19")
def test_shares_and_gaps_for_each_person(world: WorkWorld) -> None:
    world.roll()
    world.visit(FIRST, policies=("P00000000",), checked=("P00000000",))
    world.visit(SECOND)
    shares, gaps = queries.coverage(EVERYTHING, world.day(0))
    told = {row["obligation"]: (row["owed"], row["done"]) for row in shares.iter_rows(named=True)}
    assert told == {"check_up": (4, 1), "first_visits": (4, 2), "year_visits": (4, 2)}
    assert set(shares["holder"]) == {str(world.manager)}
    assert gaps.filter(pl.col("obligation") == "first_visits").height == 2
    assert not shares["enough"].any()
    nobody, _ = queries.coverage(Scope(custodian_ids=frozenset({world.cast.other})), world.day(0))
    assert nobody.is_empty()


@pytest.mark.req("S4-19", "N-01")
def test_a_move_of_custody_moves_the_open_tasks_and_begins_the_first_window_anew(world: WorkWorld) -> None:
    world.roll()
    before = Task.objects.filter(end__isnull=True).count()
    world.give(world.numbers[:1], world.cast.other, key="second", days=5)
    assert Task.objects.filter(end__isnull=True).count() == before
    assert world.owed(FIRST, 5) == {}
    assert "first_visits" in world.owed(FIRST, 5, person=world.cast.other), "at once, before any round"
    world.roll(5)
    visits = world.owed(FIRST, 5, person=world.cast.other)["first_visits"]
    assert visits.due_date == world.day(65)
    assert TaskEnd.objects.get(task__obligation="first_visits").reason == "责任人已变更，自新的接手日重新计"
    ledger.leave(
        world.cast.other, leave_date=world.day(6), recorded_at=world.later(6), by=org.machine(), rule="test"
    )
    assert "year_visits" in world.owed(FIRST, 6, person=org.buffer_group()), "no task without a custodian"


def test_what_closes_owes_nothing_any_more(world: WorkWorld) -> None:
    world.roll()
    rows = policy_rows(1, agent=GONE)
    import_rows(world.cast, [rows[0] | {"state": "surrendered"}], days_ago=0)
    world.roll()
    assert world.owed(FIRST) == {}
    assert set(TaskEnd.objects.values_list("outcome", flat=True)) == {"void"}


def test_a_running_task_keeps_the_rulebook_of_its_day(world: WorkWorld) -> None:
    world.roll()
    label = Task.objects.filter(obligation="first_visits").values_list("rulebook", flat=True).first()
    later = Cast(
        world.cast.people, world.cast.numbers, world.cast.other, world.cast.stranger, world.day(10), world.later(10)
    )  # fmt: skip
    ruled(later, visits__first_window_visits=1)
    for day in (11, 12):
        world.visit(FIRST, days=day)
    assert world.owed(FIRST, 12)["first_visits"].done == 2, "three are owed, as on the day of the release"
    world.give(world.numbers[1:2], world.cast.other, key="later", days=12)
    world.roll(12)
    fresh = Task.objects.filter(obligation="first_visits").latest("pk")
    assert (fresh.needed, fresh.rulebook == label) == (1, False)


@pytest.mark.req("S4-22")
def test_five_answers_tell_the_class_and_the_class_drives_the_order(world: WorkWorld) -> None:
    world.roll()
    world.record(SECOND, answers=FIVE)
    world.record(FIRST, answers=FIVE | {"easy": "no", "views": "doubts"})
    assert queries.attitudes_of([FIRST, SECOND]) == {FIRST: "cold", SECOND: "warm"}
    rows = queries.tasks_of(world.manager, world.day(0), view="all", order="attitude")
    order = [row.customer_number for row in rows if row.obligation == "first_visits"]
    assert order.index(SECOND) < order.index("C000002") < order.index(FIRST)
    with pytest.raises(WorkRefused, match="请从选项中选择"):
        world.record(FIRST, answers={"easy": "vielleicht"})
    assert queries.record_detail(Record.objects.latest("pk").pk).answers["views"] == "doubts"


# --- records -------------------------------------------------------------------------------------------------------


@pytest.mark.req("S1-24")
def test_a_refusal_says_how_the_premium_will_be_collected(world: WorkWorld) -> None:
    with pytest.raises(WorkRefused, match="请确认续收保费方式"):
        world.record(FIRST, outcome="refused")
    assert not Record.objects.exists()
    world.record(FIRST, outcome="refused", collection_method="bank")
    assert queries.records_of_customer(FIRST)[0].collection_method == "bank"


@pytest.mark.req("S1-24")
def test_the_call_list_goes_by_due_date_and_never_names_a_minor(cast: Cast) -> None:
    rows = policy_rows(3, agent=GONE)
    child = [row | {"insured_number": "C000009"} for row in rows[:1]]
    people = [
        {"customer_number": row["holder_number"], "phone": "13800000001", "id_number": None} for row in rows
    ]
    people[0] |= {"phone": None}
    born = world_born(cast, 10)
    people.append(
        {"customer_number": "C000009", "phone": "13800000009", "id_number": None, "birth_date": born}
    )
    import_rows(cast, child + rows[1:], people)
    hand_over(cast, [row["policy_number"] for row in rows], cast.people[Role.ACCOUNT_MANAGER], key="calls")
    listed = queries.call_list(cast.people[Role.ACCOUNT_MANAGER], cast.today)
    assert "C000009" not in listed["customer_number"].to_list()
    assert listed["policy_number"].to_list().count("P00000000") == 0
    assert listed["due_date"].to_list() == sorted(listed["due_date"].to_list())
    assert set(listed["script"]) == {"YF-孤儿-1"}
    assert queries.nobody_to_call(cast.people[Role.ACCOUNT_MANAGER], cast.today).height == 1


def world_born(cast: Cast, years: int) -> date:
    return cast.today.replace(year=cast.today.year - years, day=1)


@pytest.mark.req("S1-25")
def test_a_no_show_without_a_new_appointment_keeps_a_task_open(world: WorkWorld) -> None:
    world.roll()
    world.visit(FIRST, outcome="no_show")
    task = world.owed(FIRST)["next_appointment"]
    assert (task.title, task.due_date) == ("爽约后再约", world.day(1))
    assert "next_appointment" in {t.obligation for t in world.tasks(3, view="late")}
    world.record(FIRST, days=3, next_at=world.later(5), next_kind="visit")
    owed = world.owed(FIRST, 3)
    assert "next_appointment" not in owed
    assert owed["appointment"].due_date == world.day(5)
    world.visit(FIRST, days=5)
    assert "appointment" not in world.owed(FIRST, 5), "kept"
    world.visit(SECOND, days=5, outcome="no_show", next_at=world.later(6), next_kind="visit")
    assert "next_appointment" not in world.owed(SECOND, 5), "agreed on the spot"


@pytest.mark.req("S1-26", "S1-27")
def test_services_are_counted_by_type_and_events_by_customer(world: WorkWorld) -> None:
    world.visit(FIRST, services=("explain", "verify"))
    world.record(SECOND, services=("explain",))
    world.record(SECOND, kind="event", outcome="met", reason="greeting")
    with pytest.raises(WorkRefused, match="不认识的项目"):
        world.record(FIRST, services=("massage",))
    counted = queries.service_counts(EVERYTHING, world.day(0), world.day(0))
    told = {row["service"]: (row["records"], row["customers"]) for row in counted.iter_rows(named=True)}
    assert counted.height == 9
    assert told["explain"] == (2, 2)
    assert told["verify"] == (1, 1)
    assert told["preservation"] == (0, 0)
    assert queries.attended(EVERYTHING, world.day(0), world.day(0))["customer_number"].to_list() == [SECOND]
    assert queries.service_counts(Scope.nothing(), world.day(0), world.day(0))["records"].sum() == 0


@pytest.mark.req("S1-27")
def test_birthdays_of_a_period_by_day(cast: Cast) -> None:
    rows = policy_rows(3, agent=GONE)
    days = (cast.today, cast.today + timedelta(days=6), cast.today + timedelta(days=7))
    people = [
        {"customer_number": row["holder_number"], "birth_date": day.replace(year=1980), "id_number": None}
        for row, day in zip(rows, days, strict=True)
    ]
    import_rows(cast, rows, people)
    found = queries.birthdays(EVERYTHING, cast.today, cast.today + timedelta(days=6))
    assert found.select("customer_number", "day").rows() == [(FIRST, days[0]), (SECOND, days[1])]


@pytest.mark.req("S1-33", "L-11")
def test_the_first_visit_stays_incomplete_until_the_questionnaire_is_signed(world: WorkWorld) -> None:
    first = world.visit(FIRST)
    row = queries.record(first.record_id)
    assert row is not None
    assert "问卷未签" in row.incomplete
    assert world.owed(FIRST)["satisfaction"].due_date == world.day(7)
    signature = actions.Paper("signature", "image/png", b"\x89PNG signed")
    with pytest.raises(WorkRefused, match="亲笔签名"):
        world.visit(FIRST, days=1, satisfaction={"service": 5})
    with pytest.raises(WorkRefused, match="没有单独同意"):
        world.visit(FIRST, days=1, satisfaction={"service": 5}, papers=(signature,))
    privacy.record_consent(
        FIRST, purpose="signature", said="given", source="door", text_version="1", by=world.manager,
        at=world.cast.now,
    )  # fmt: skip
    signed = world.visit(FIRST, days=1, satisfaction={"service": 5}, papers=(signature,))
    assert "satisfaction" not in world.owed(FIRST, 1)
    row = queries.record(first.record_id)
    assert row is not None
    assert row.incomplete == ""
    paper = queries.attachment(next(iter(queries.record(signed.record_id).papers)))  # type: ignore[union-attr]
    assert paper is not None
    assert paper.content == b"\x89PNG signed"
    assert queries.record_detail(signed.record_id).satisfaction == {"service": 5}


@pytest.mark.req("P-21")
def test_a_record_that_comes_twice_is_stored_once(world: WorkWorld) -> None:
    said = world.said(FIRST, offline=True)
    first = actions.record(said, by=world.manager, at=world.later(0))
    again = actions.record(said, by=world.manager, at=world.later(1))
    assert (again.record_id, again.again, first.again) == (first.record_id, True, False)
    assert Record.objects.count() == 1
    with pytest.raises(WorkRefused, match="已被另一条记录使用"):
        actions.record(said, by=world.cast.other, at=world.later(1))
    old = world.said(FIRST, days=0)
    with pytest.raises(WorkRefused, match="最多补记 7 天"):
        actions.record(old, by=world.manager, at=world.later(8))
    with pytest.raises(WorkRefused, match="不能晚于现在"):
        actions.record(world.said(FIRST, days=2), by=world.manager, at=world.later(1))


@pytest.mark.req("P-21")
def test_a_record_after_custody_moved_waits_for_a_person(world: WorkWorld) -> None:
    said = world.said(FIRST, kind="visit", offline=True)
    world.give(world.numbers[:1], world.cast.other, key="moved", days=2)
    for _ in range(2):  # the phone sends again
        with pytest.raises(Moved, match="客户已转由9101负责"):
            actions.record(said, by=world.manager, at=world.later(2))
    (waiting,) = queries.conflicts(EVERYTHING)
    assert (waiting.by, waiting.held_by, waiting.customer_number) == (world.manager, world.cast.other, FIRST)
    assert not Record.objects.exists()
    with pytest.raises(WorkRefused, match="不能处理自己"):
        actions.resolve(waiting.id, "accept", reason="是", by=world.manager, at=world.later(3))
    lead = world.cast.people[Role.TEAM_LEAD]
    record = actions.resolve(waiting.id, "accept", reason="当时在他名下", by=lead, at=world.later(3))
    assert record is not None
    stored = Record.objects.get()
    assert (stored.person_id, stored.by_id, stored.client_key) == (
        world.manager,
        world.manager,
        said.client_key,
    )
    assert queries.conflicts(EVERYTHING) == []
    assert queries.conflicts(EVERYTHING, decided=True)[0].decision == "accept"
    assert actions.record(said, by=world.manager, at=world.later(4)).again, "the phone learns that it arrived"
    with pytest.raises(WorkRefused, match="已处理"):
        actions.resolve(waiting.id, "drop", reason="再来", by=lead, at=world.later(4))
    with pytest.raises(WorkRefused, match="不在您名下"):
        world.record(SECOND, by=world.cast.stranger)
    assert Conflict.objects.count() == 1


@pytest.mark.req("P-05")
def test_a_substitute_records_in_the_name_of_the_colleague(world: WorkWorld) -> None:
    org_actions.set_substitute(
        world.manager, world.cast.people[Role.TEAM_LEAD], from_date=world.day(0), until_date=world.day(9), reason="休假",
        by=org.machine(), at=world.cast.now,
    )  # fmt: skip
    filed = world.record(FIRST, by=world.cast.people[Role.TEAM_LEAD])
    row = Record.objects.get(pk=filed.record_id)
    assert (row.person_id, row.by_id) == (world.manager, world.cast.people[Role.TEAM_LEAD])


def test_a_correction_is_a_further_row_and_what_it_unproves_is_owed_again(world: WorkWorld) -> None:
    world.roll()
    filed = world.visit(FIRST, checked=("P00000000",), policies=("P00000000",))
    assert "check_up" not in world.owed(FIRST)
    fixed = actions.correct(
        filed.record_id, world.said(FIRST, days=1, policies=("P00000000",)), reason="当天只打了电话", by=world.manager,
        at=world.later(1),
    )  # fmt: skip
    assert "check_up" in world.owed(FIRST, 1)
    assert world.owed(FIRST, 1)["first_visits"].done == 0
    shown = {row.id: row for row in queries.records_of_customer(FIRST)}
    assert shown[filed.record_id].corrected_by == fixed.record_id
    assert [row.id for row in queries.day_of(world.manager, world.day(1))] == [fixed.record_id]
    with pytest.raises(WorkRefused, match="更正最新"):
        actions.correct(
            filed.record_id, world.said(FIRST, days=1), reason="再改", by=world.manager, at=world.later(1)
        )


@pytest.mark.req("S4-36")
def test_reasons_for_no_visit_are_reported_and_a_move_opens_the_repair_of_the_data(world: WorkWorld) -> None:
    world.visit(FIRST, outcome="not_home", no_visit="moved")
    world.record(SECOND, outcome="no_answer", no_visit="died")
    report, above = queries.no_visit_report(EVERYTHING, world.day(0), world.day(0))
    told = {row["reason"]: (row["customers"], row["share_bp"]) for row in report.iter_rows(named=True)}
    assert told["moved"] == told["died"] == (1, 2500)
    assert told["absconded"] == (0, 0)
    assert above, "more than the usual five in a hundred"
    repair = world.owed(FIRST)["data_repair"]
    assert (repair.title, repair.reason) == ("修正客户资料", "data_change")
    assert "data_repair" not in world.owed(SECOND)
    world.record(FIRST, outcome="no_answer", no_visit="number_changed")
    assert Task.objects.filter(obligation="data_repair").count() == 1
    actions.finish(repair.id, reason="新地址已登记更正", by=world.manager, at=world.later(0))
    assert "data_repair" not in world.owed(FIRST)


@pytest.mark.req("S4-37")
def test_the_third_meeting_is_due_three_days_after_the_second(world: WorkWorld) -> None:
    world.roll()
    world.visit(FIRST)
    assert "third_meeting" not in world.owed(FIRST)
    world.visit(FIRST, days=10)
    assert "third_meeting" not in world.owed(FIRST, 10), "another day"
    assert world.owed(FIRST, 11)["third_meeting"].due_date == world.day(13)
    world.visit(FIRST, days=13)
    assert "third_meeting" not in world.owed(FIRST, 13)


@pytest.mark.req("S4-38")
def test_assessed_and_service_pieces_are_counted_apart(cast: Cast) -> None:
    rows = policy_rows(5, agent=GONE)
    for row in rows[:2]:
        row |= {"premium_mode": "single", "payments_per_year": 0}
    import_rows(cast, rows)
    hand_over(cast, [row["policy_number"] for row in rows], cast.people[Role.ACCOUNT_MANAGER], key="pieces")
    assert queries.pieces(EVERYTHING, cast.today).rows() == [(cast.people[Role.ACCOUNT_MANAGER], 3, 2)]


@pytest.mark.req("S4-39", "N-17", "P-22")
def test_marketing_stops_at_the_cap_and_at_a_refusal_and_service_goes_on(world: WorkWorld) -> None:
    noon = datetime(2026, 6, 10, 12, tzinfo=SHANGHAI)
    at = max(noon, world.cast.now.astimezone(SHANGHAI).replace(hour=12) + timedelta(days=10))
    for hours in (30, 50):
        said = world.said(FIRST, kind="wecom", outcome="sent", purpose="campaign")
        said = actions.Said(**{**vars(said), "happened_at": at - timedelta(hours=hours)})
        actions.record(said, by=world.manager, at=at - timedelta(hours=hours - 1))
    assert queries.records_of_customer(FIRST)[0].kind == Kind.WECHAT
    third = queries.may_contact(FIRST, "campaign", Kind.WECHAT, at)
    assert not third.allowed
    assert third.until is not None
    assert queries.may_contact(FIRST, "service", Kind.CALL, at).allowed
    assert queries.may_contact(SECOND, "campaign", Kind.SMS, at).allowed
    privacy.record_consent(
        SECOND, purpose="marketing", channel="sms", said="refused", source="door", text_version="1", by=world.manager,
        at=world.cast.now,
    )  # fmt: skip
    assert not queries.may_contact(SECOND, "campaign", Kind.SMS, at).allowed
    assert queries.may_contact(SECOND, "campaign", Kind.CALL, at).allowed, "that channel only"
    assert queries.may_contact(SECOND, "service", Kind.SMS, at).allowed


@pytest.mark.req("S4-21", "S4-25")
def test_reasons_come_from_data_and_due_goes_before_birthday(cast: Cast) -> None:
    rows = policy_rows(2, agent=GONE)
    soon, far = cast.today + timedelta(days=10), cast.today + timedelta(days=100)
    for row, day in zip(rows, (soon, far), strict=True):
        row["inception_date"] = day.replace(year=2015, day=min(day.day, 28))
    people = [
        {
            "customer_number": row["holder_number"],
            "birth_date": cast.today.replace(year=1980, day=1),
            "id_number": None,
        }
        for row in rows
    ]
    import_rows(cast, rows, people)
    manager = cast.people[Role.ACCOUNT_MANAGER]
    hand_over(cast, [row["policy_number"] for row in rows], manager, key="reasons")
    types = dict(queries.default_service(manager, cast.today).iter_rows())
    assert types == {"P00000000": "due", "P00000001": "birthday"}
    found = queries.suggestions(manager, cast.today, [FIRST])
    assert found["reason"][0] == "due_reminder"
    assert "应缴" in found["detail"][0]
    assert set(found["customer_number"]) == {FIRST}


# --- families, plans -----------------------------------------------------------------------------------------------


@pytest.mark.req("S4-33", "L-07")
def test_referrals_make_a_chain_and_families_are_kept_sealed_and_erased(world: WorkWorld) -> None:
    filed = world.visit(FIRST)
    actions.refer(filed.record_id, to_customer=SECOND, by=world.manager, at=world.later(0))
    other = world.visit(SECOND)
    actions.refer(other.record_id, name="王五", phone="13900000000", by=world.manager, at=world.later(0))
    chain = queries.referral_chain(FIRST)
    assert [(one.customer_number, one.to) for one in chain] == [(FIRST, SECOND), (SECOND, "")]
    assert [one.customer_number for one in queries.referred_by(SECOND)] == [FIRST]
    with pytest.raises(WorkRefused, match="就是本人"):
        actions.refer(filed.record_id, to_customer=FIRST, by=world.manager, at=world.later(0))
    son = actions.keep_member(
        FIRST,
        relation="子女",
        name="张小",
        sex="M",
        birth_date=date(2015, 1, 1),
        by=world.manager,
        at=world.later(0),
    )
    son = actions.keep_member(
        FIRST, relation="子女", name="张晓", sex="M", replaces=son, by=world.manager, at=world.later(0)
    )
    actions.keep_outside_policy(
        FIRST,
        detail={"insurer": "某公司", "protects": "health"},
        member=son,
        by=world.manager,
        at=world.later(0),
    )
    assert [member.name for member in queries.members(FIRST)] == ["张晓"]
    assert queries.outside_policies(FIRST)[0].detail["insurer"] == "某公司"
    with pytest.raises(WorkRefused, match="不在您名下"):
        actions.keep_member(FIRST, relation="配偶", by=world.cast.stranger, at=world.later(0))
    assert about_person.erase([FIRST], by=world.manager, at=world.later(0)) > 0
    assert [member.name for member in queries.members(FIRST)] == [""]
    assert queries.record_detail(filed.record_id).card == {}
    actions.withdraw_member(son, by=world.manager, at=world.later(0))
    assert queries.members(FIRST) == []


@pytest.mark.req("S4-26")
def test_a_weekly_plan_is_filed_before_its_week(world: WorkWorld) -> None:
    monday = world.day(0) + timedelta(days=7 - world.day(0).weekday())
    days = (monday - world.day(0)).days
    lines = [actions.PlanLine(monday + timedelta(days=1), FIRST, "visit", "review")]
    by = world.manager
    with pytest.raises(WorkRefused, match="已经开始"):
        actions.file_week_plan(by, monday, lines, by=by, at=world.later(days))
    actions.file_week_plan(by, monday, lines, by=by, at=world.later(days - 1))
    plan = queries.week_plan(by, monday)
    assert plan is not None
    assert plan.lines == tuple(lines)
    assert world.manager not in queries.week_plans_missing(EVERYTHING, monday)
    assert world.manager in queries.week_plans_missing(EVERYTHING, monday + timedelta(days=7))
    for wrong, words in (
        ([actions.PlanLine(monday + timedelta(days=7), FIRST, "visit", "review")], "不在这一周"),
        ([actions.PlanLine(monday, "C999999", "visit", "review")], "不在名下"),
        ([], "1 至"),
    ):
        with pytest.raises(WorkRefused, match=words):
            actions.file_week_plan(by, monday, wrong, by=by, at=world.later(0))
    with pytest.raises(WorkRefused, match="星期一"):
        actions.file_week_plan(by, monday + timedelta(days=1), lines, by=by, at=world.later(0))


# --- supervision ---------------------------------------------------------------------------------------------------


@pytest.mark.req("P-20")
def test_three_steps_fire_once_each_for_the_next_post_up(world: WorkWorld) -> None:
    world.roll()
    due = (world.owed(FIRST)["first_contact"].due_date - world.day(0)).days
    told = {
        step: world.cast.people[role]
        for step, role in enumerate((Role.TEAM_LEAD, Role.DEPARTMENT_MANAGER, Role.BRANCH_MANAGER), 1)
    }
    seen: list[set[int]] = []
    for day in range(due + 1, due + 9):
        actions.tick(by=org.machine(), at=world.later(day))
        actions.tick(by=org.machine(), at=world.later(day))
        rows = Escalation.objects.filter(task__obligation="first_contact", task__subject__number="P00000000")
        seen.append(set(rows.values_list("step", flat=True)))
    assert seen == [set(), set(), {1}, {1}, {1, 2}, {1, 2}, {1, 2, 3}, {1, 2, 3}], "after 3, 5 and 7 days"
    assert Escalation.objects.count() == 12, "four customers, three steps, once each"
    assert dict(Escalation.objects.values_list("step", "told_id").distinct()) == told


def test_late_work_by_person_duty_and_street_within_scope(world: WorkWorld) -> None:
    world.roll()
    day = world.owed(FIRST)["first_contact"].due_date
    assert queries.late(EVERYTHING, day).is_empty(), "the last day is in time"
    after = day + timedelta(days=1)
    found = queries.late(EVERYTHING, after)
    assert (found["count"].sum(), set(found["person"]), set(found["oldest"])) == (4, {world.manager}, {day})
    assert set(found["obligation"]) == {"first_contact"}
    assert queries.late(Scope.nothing(), after).is_empty()
    page = queries.late_rows(EVERYTHING, after, size=3)
    rest = queries.late_rows(EVERYTHING, after, size=3, after=page.after or "")
    assert [len(page.rows), len(rest.rows), rest.after] == [3, 1, None]
    assert queries.late_count(EVERYTHING, after, person=world.cast.other) == 0
    actions.waive(
        page.rows[0].id, reason="客户在国外", by=world.cast.people[Role.TEAM_LEAD], at=world.later(0)
    )
    assert queries.late_count(EVERYTHING, after) == 3
    with pytest.raises(WorkRefused, match="已结束"):
        actions.waive(page.rows[0].id, reason="再来", by=world.manager, at=world.later(0))
    with pytest.raises(WorkRefused, match="理由"):
        actions.waive(page.rows[1].id, reason=" ", by=world.manager, at=world.later(0))


def test_people_ask_for_tasks(world: WorkWorld) -> None:
    subject = world.subject(world.numbers[0])
    asked = [
        actions.ask_task(
            subject,
            "other",
            due_date=world.day(3),
            key="case-1",
            reason="claim",
            by=world.manager,
            at=world.later(0),
        )
        for _ in range(2)
    ]
    assert asked[0] == asked[1]
    assert world.owed(FIRST)["other"].due_date == world.day(3)
    for wrong in ({"obligation": "dance"}, {"due_date": world.day(-1)}, {"subject_id": 999_999}):
        given = {"subject_id": subject, "obligation": "other", "due_date": world.day(3)} | wrong
        with pytest.raises(WorkRefused):
            actions.ask_task(**given, key="x", reason="claim", by=world.manager, at=world.later(0))  # type: ignore[arg-type]


@pytest.mark.req("P-09")
def test_a_record_about_a_claimed_piece_is_the_pools_follow_up(cast: Cast) -> None:
    from pool_world import make_world

    pool = make_world(cast, count=2)
    pool.claim(pool.here[0])
    world = WorkWorld(cast, pool.here)
    world.record(FIRST, next_at=world.later(3), next_kind="visit")
    (followed,) = pools.follow_ups(FIRST)
    assert (followed.channel, followed.outcome, followed.next_date) == ("phone", "appointed", world.day(3))


def test_the_auditor_reads_what_happened(world: WorkWorld) -> None:
    world.roll()
    world.visit(FIRST)
    tables = next(source for source in SOURCES if source.room == "work").tables(world.day(0), world.day(0))
    assert tables["任务"].height == Task.objects.count()
    assert tables["服务记录"]["结果"].to_list() == [Outcome.MET.label]
    assert queries.counts(None, world.day(0), world.day(0)).rows() == [
        (world.manager, world.day(0), "visit", "met", 1)
    ]
    assert CARD["content"] not in str(tables["服务记录"].rows())
