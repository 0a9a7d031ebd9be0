"""Motor renewal day by day through the room's own face: steps, tasks, messages, contacts, ends."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import polars as pl
import pytest

from cast import Cast
from motor_world import EVERYTHING, START, MotorWorld, make_motor
from notices_world import gateway
from tuogu.exports.kinds import Order, Table, kind_of
from tuogu.ledger.kinds import Relation
from tuogu.org import queries as org
from tuogu.org.roles import Role
from tuogu.privacy import actions as privacy
from tuogu.renewals import actions, queries
from tuogu.renewals.failures import RenewalRefused
from tuogu.work import queries as tasks

pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.database]
EXPIRY = 90  # days after START


@pytest.fixture
def world(cast: Cast) -> MotorWorld:
    return make_motor(cast)


def of_clock(world: MotorWorld, number: str) -> dict[str, int]:
    """What fired, as days before the end of cover."""
    claims = ("listed", "claim_late", "city_open", "dealt")
    return {step: EXPIRY - day for step, day in world.fired(number).items() if step not in claims}


@pytest.mark.req("S3-09", "S3-10", "S3-11", "S3-12", "S3-13", "S3-14", "S3-17")
def test_every_step_fires_once_on_its_day_for_the_right_ones(world: MotorWorld) -> None:
    """Every day around each step (what fell due between would fire late and be seen); the book ends, refuses, asks for help,
    or nothing happens."""
    v1, v2, v3, v4, v5 = world.book(EXPIRY, {}, {}, {}, {"important": True}, {})
    privacy.record_consent(
        "C000002", purpose="marketing", said="refused", channel="sms", source="call", text_version="1", by=world.city,
        at=world.cast.now,
    )  # fmt: skip
    for first, last in ((-62, -59), (-31, -29), (-21, -20)):
        world.day = EXPIRY + first - 1
        world.run_to(EXPIRY + last)
    actions.end_case(
        world.subject(v1), "renewed", proof="新保单", successor_number="W1", by=world.manager, at=world.at
    )
    actions.state_intention(
        world.subject(v5), "wont", record=world.talk("C000004"), by=world.manager, at=world.at
    )
    for first, last in ((-19, -18), (-16, -14), (-11, -9), (-6, -4), (0, 2), (30, 33)):
        world.day = EXPIRY + first - 1
        world.run_to(EXPIRY + last)
    usual = {
        "sms": 60,
        "own_contact": 30,
        "call_all": 15,
        "urge": 10,
        "final": 5,
        "lapsed": -1,
        "next_year": -1,
    }
    usual |= {"lapsed:2": -32 if world_month_days() == 31 else -31}
    assert of_clock(world, v1) == {"sms": 60, "own_contact": 30}
    assert of_clock(world, v2) == usual
    assert of_clock(world, v3) == {step: day for step, day in usual.items() if step != "sms"}
    assert of_clock(world, v4) == usual | {"to_leaders": 10}
    assert of_clock(world, v5) == usual | {"to_leaders": 19}
    asked = {row.policy_number: (row.asked_of, row.why) for row in queries.supports(EVERYTHING)}
    assert asked == {v4: ("city", "important"), v5: ("leader", "wont")}
    assert world.roll() == 0, "again changes nothing"


def world_month_days() -> int:
    """Days of the month in which the cover of these policies ends."""
    after = START.date() + timedelta(days=EXPIRY + 1)
    return ((after.replace(day=1) + timedelta(days=31)).replace(day=1) - after.replace(day=1)).days


@pytest.mark.req("S3-10", "S3-08")
def test_the_task_of_the_responsible_person(world: MotorWorld) -> None:
    """Made at D-30 for who holds the case, due at D-25, done by a talk of that person, not by another purpose."""
    (v1, _v2) = world.book(EXPIRY, {}, {})
    world.day = EXPIRY - 31
    world.roll()
    assert not tasks.tasks_of(world.manager, world.today, view="all")
    world.run_to(EXPIRY - 30)
    found = tasks.tasks_of(world.manager, world.today, view="all")
    assert [(one.policy_number, one.obligation, one.customer_number) for one in found] == [
        ("V1", "renewal", "C000000"), ("V2", "renewal", "C000001"),
    ]  # fmt: skip
    assert {one.due_date for one in found} == {START.date() + timedelta(days=EXPIRY - 25)}
    world.talk("C000001", purpose="service")
    record = world.talk("C000000")
    actions.state_intention(world.subject(v1), "will", record=record, by=world.manager, at=world.at)
    world.run_to(EXPIRY - 29)
    assert [one.policy_number for one in tasks.tasks_of(world.manager, world.today, view="all")] == ["V2"]


@pytest.mark.req("S3-08")
def test_few_contacts_are_listed_by_person(world: MotorWorld) -> None:
    v1, v2, v3, v4 = world.book(EXPIRY, {}, {}, {}, {})
    world.day = EXPIRY - 40
    world.roll()
    for customer, times in (("C000000", 2), ("C000001", 1), ("C000002", 3)):
        for n in range(times):
            world.talk(customer, purpose="service" if customer == "C000002" and n else "renewal")
    world.talk("C000001", outcome="no_answer")
    actions.end_case(
        world.subject(v4), "scrapped", proof="报废证明", by=world.manager, at=world.at, paper=b"photo"
    )
    first = START.date() + timedelta(days=EXPIRY)
    found = queries.few_contacts(EVERYTHING, first, first + timedelta(days=1))
    assert found.select("policy_number", "custodian_id", "own_contacts", "owed").rows() == [
        (v2, world.manager, 1, 2), (v3, world.manager, 1, 2),
    ]  # fmt: skip
    assert v1 not in found["policy_number"]
    assert queries.few_contacts(EVERYTHING, first + timedelta(days=1), first + timedelta(days=9)).is_empty()


@pytest.mark.req("S3-08")
def test_an_intention_needs_the_talk_in_which_it_was_heard(world: MotorWorld) -> None:
    v1, v2 = world.book(EXPIRY, {}, {})
    record = world.talk("C000000")
    with pytest.raises(RenewalRefused, match="续保联系"):
        actions.state_intention(world.subject(v2), "will", record=record, by=world.manager, at=world.at)
    with pytest.raises(RenewalRefused, match="不在您名下"):
        actions.state_intention(world.subject(v1), "will", record=record, by=world.leader, at=world.at)
    service = world.talk("C000000", purpose="service")
    with pytest.raises(RenewalRefused, match="续保联系"):
        actions.state_intention(world.subject(v1), "will", record=service, by=world.manager, at=world.at)


@pytest.mark.req("S3-09", "S3-11")
def test_one_message_a_policy_none_to_who_refuses_or_renewed(world: MotorWorld, settings: Any) -> None:
    """Through the gateway, with its key: at D-60 the courtesy, at D-15 once more; none at night."""
    v1, v2, v3 = world.book(EXPIRY, {}, {}, {})
    privacy.record_consent(
        "C000001", purpose="marketing", said="refused", channel="sms", source="call", text_version="1", by=world.city,
        at=world.cast.now,
    )  # fmt: skip
    world.registered()
    with gateway(settings) as sent:
        world.day = EXPIRY - 60
        world.roll()
        world.tick(hours=12)  # 22:00
        assert not sent.taken
        world.tick()
        world.tick()
        assert sorted(one["to"] for one in sent.taken.values()) == ["13800000000", "13800000002"]
        assert all("2031-09-01" in one["text"] for one in sent.taken.values())
        actions.end_case(
            world.subject(v3), "renewed", proof="新保单", successor_number="W3", by=world.manager, at=world.at
        )
        world.day = EXPIRY - 15
        world.roll()
        world.tick()
        assert len(sent.taken) == 3
        called = queries.call_list(EVERYTHING, world.today)
        assert called["subject_id"].to_list() == [world.subject(v1), world.subject(v2)], "unrenewed only"
        actions.file_call(called["fired"][0], "reached", by=world.city, at=world.at)
        assert queries.call_list(EVERYTHING, world.today)["subject_id"].to_list() == [world.subject(v2)]


@pytest.mark.req("S3-12")
def test_an_urging_is_acknowledged_by_the_person_urged(world: MotorWorld) -> None:
    v1, v2 = world.book(EXPIRY, {}, {})
    world.day = EXPIRY - 10
    world.roll()
    urged = {number: next(s for s in queries.steps_of(world.subject(number), EVERYTHING) if s.step == "urge")
             for number in (v1, v2)}  # fmt: skip
    assert urged[v1].person == world.manager
    with pytest.raises(RenewalRefused, match="不在您名下"):
        actions.acknowledge(urged[v1].id, by=world.leader, at=world.at)
    actions.acknowledge(urged[v1].id, what="已约客户", by=world.manager, at=world.at)
    world.day += 1
    assert queries.unacknowledged(EVERYTHING, world.today).is_empty()
    world.day += 1
    found = queries.unacknowledged(EVERYTHING, world.today)
    assert found.select("subject_id", "person_id").rows() == [(world.subject(v2), world.manager)]


@pytest.mark.req("S3-13", "S3-16")
def test_second_allocation_moves_the_responsible_person_and_leaves_the_owner(world: MotorWorld) -> None:
    (v1,) = world.book(EXPIRY, {})
    subject = world.subject(v1)
    world.day = EXPIRY - 6
    world.roll()
    coming = queries.calendar(EVERYTHING, world.today, world.today + timedelta(days=2))
    assert coming.select("step", "due_date").rows() == [("final", world.today + timedelta(days=1))]
    with pytest.raises(RenewalRefused, match="最终确认日"):
        actions.confirm_final(subject, can_renew=False, why="客户失联", by=world.leader, at=world.at)
    world.run_to(EXPIRY - 5)
    assert [one.policy_number for one in queries.finals_waiting(EVERYTHING, world.today)] == [v1]
    actions.confirm_final(subject, can_renew=False, why="客户失联", by=world.leader, at=world.at)
    assert world.holder(v1) == org.buffer_group(), "somebody answers meanwhile"
    assert [(one.round, one.until_at - world.at) for one in queries.second_waiting(EVERYTHING, world.at)] == [
        ("second", timedelta(hours=24))
    ]
    with pytest.raises(RenewalRefused, match="二次分配"):  # nor past it, by the first round
        actions.confirm(subject, world.manager, scope=EVERYTHING, note="核对", by=world.leader, at=world.at)
    (claimed,) = actions.claim([v1], by=world.cast.other, at=world.at)
    assert "二次分配" in claimed.why
    with pytest.raises(RenewalRefused, match="换一位"):
        actions.claim_second(subject, world.manager, by=world.leader, at=world.at)
    with pytest.raises(RenewalRefused, match="认领范围"):
        actions.claim_second(subject, world.cast.other, by=world.leader, at=world.at)
    world.tick(hours=23)
    assert "second_city_open" not in world.fired(v1)
    world.tick(hours=24)
    assert world.fired(v1)["second_city_open"] == EXPIRY - 4
    world.day += 1
    actions.claim_second(subject, world.cast.other, by=world.city, at=world.at)
    assert world.holder(v1) == world.cast.other
    assert world.holder(v1, Relation.OWNERSHIP) == world.manager
    with pytest.raises(LookupError):
        actions.claim_second(subject, world.leader, by=world.city, at=world.at)
    world.tick(hours=48)
    assert "head_office" not in world.fired(v1)


@pytest.mark.req("S3-15")
def test_what_nobody_claims_and_what_may_be_lost_goes_to_head_office_and_comes_back(
    world: MotorWorld,
) -> None:
    v1, v2, v3 = world.book(EXPIRY, {}, {}, {})
    world.day = EXPIRY - 5
    world.roll()
    actions.confirm_final(world.subject(v1), can_renew=False, why="不愿续保", by=world.leader, at=world.at)
    actions.confirm_final(world.subject(v3), can_renew=True, why="已约", by=world.leader, at=world.at)
    actions.report_risk(world.subject(v2), why="比价中", by=world.manager, at=world.at)
    world.tick(hours=24)
    world.tick(hours=48)
    waiting = queries.to_call_out(EVERYTHING)
    assert waiting.select("policy_number", "reason").rows() == [(v1, "unclaimed"), (v2, "risk:比价中")]
    world.day += 2
    made = actions.make_call_out(EVERYTHING, by=world.city, at=world.at)
    with pytest.raises(RenewalRefused):
        actions.make_call_out(EVERYTHING, by=world.city, at=world.at)
    order = Order("E1", "renewal_call_out", {"call_out": made}, world.city, world.at)
    table = kind_of("renewal_call_out").build(order)
    assert isinstance(table, Table)
    told = {column.head: list(column.values) for column in table.columns}
    assert told["提交原因"] == ["二次分配后无人认领", "流失风险较大：比价中"]
    assert told["联系电话"] == ["13800000000", "13800000001"]
    centre = world.person(Role.CALL_CENTRE)
    results = pl.DataFrame(
        {
            "policy_number": [v1, "V9", v2, v2],
            "result": ["will", "will", "?", "wont"],
            "note": ["周五办理", "", "", ""],
        }
    )
    taken, rejected = actions.file_results(made, results, by=centre, at=world.at)
    assert taken == 2
    assert rejected["policy_number"].to_list() == ["V9", v2]
    lines = queries.call_out_lines(made, EVERYTHING)
    assert lines.select("policy_number", "result").rows() == [(v1, "will"), (v2, "wont")]
    due = tasks.tasks_of(org.buffer_group(), world.today, view="all")
    soon = world.today + timedelta(days=1)
    assert (v1, "renewal", soon) in [(one.policy_number, one.obligation, one.due_date) for one in due]


@pytest.mark.req("S3-17", "S3-21")
def test_rescue_goes_on_until_insured_anywhere_with_proof(world: MotorWorld) -> None:
    v1, v2, v3 = world.book(EXPIRY, {}, {}, {})
    actions.mark_truth("C000000", true=True, found_by="contact", by=world.city, at=world.at)
    actions.mark_truth("C000001", true=False, found_by="contact", by=world.city, at=world.at)
    world.day = EXPIRY + 1
    world.roll()
    month = world.today
    assert queries.lapsed_list(EVERYTHING, month)["policy_number"].to_list() == [v1, v2, v3]
    assert queries.lapsed_register(EVERYTHING, month, true=True)["policy_number"].to_list() == [v1]
    assert queries.lapsed_register(EVERYTHING, month, true=False)["policy_number"].to_list() == [v2]
    assert queries.lapsed_register(EVERYTHING, month, true=None)["policy_number"].to_list() == [v3]
    mine = tasks.tasks_of(world.manager, world.today + timedelta(days=300), view="all")
    owed = sorted((one.policy_number, one.obligation) for one in mine if one.obligation != "renewal")
    assert owed == [(v1, "next_year"), (v2, "data_repair"), (v3, "next_year")]
    with pytest.raises(RenewalRefused, match="凭证"):
        actions.end_case(world.subject(v1), "elsewhere", proof=" ", by=world.manager, at=world.at)
    for wrong in (
        {"outcome": "elsewhere", "ended_date": date(1900, 1, 1)},
        {"outcome": "elsewhere", "proof": "证" * 2_001},
        {"outcome": "renewed", "successor_number": "长" * 20},
        {"outcome": "renewed", "successor_number": "P" * 41},
    ):
        with pytest.raises(RenewalRefused):
            actions.end_case(
                world.subject(v1), **{"proof": "照片", "by": world.manager, "at": world.at} | wrong
            )
    actions.end_case(world.subject(v1), "elsewhere", proof="他司保单照片", by=world.manager, at=world.at)
    with pytest.raises(RenewalRefused, match="已经结束"):
        actions.end_case(world.subject(v1), "scrapped", proof="报废", by=world.manager, at=world.at)
    world.day = EXPIRY + 40
    world.roll()
    assert "lapsed:2" not in world.fired(v1)
    assert world.fired(v2)["lapsed:2"] == EXPIRY + 40
    assert world.holder(v1) == world.manager, "somebody stays in touch for next year"
    actions.withdraw_end(world.subject(v1), reason="照片是另一辆车", by=world.leader, at=world.at)
    world.day += 1
    world.roll()
    assert "lapsed:2" in world.fired(v1)
