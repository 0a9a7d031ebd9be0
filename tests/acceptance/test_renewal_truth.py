"""Truth of data, the monthly sample by lot, improvement orders and the year's policy of rewards, through the room's face."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from cast import Cast
from motor_world import EVERYTHING, MotorWorld, make_motor
from tuogu.core.draw import SALT_BYTES, commitment
from tuogu.ledger.kinds import Relation
from tuogu.org import queries as org
from tuogu.org.roles import Role
from tuogu.plans import actions as plans
from tuogu.plans import queries as draws
from tuogu.renewals import actions, queries
from tuogu.renewals.failures import RenewalRefused

pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.database]
EXPIRY = 10


@pytest.fixture
def world(cast: Cast) -> MotorWorld:
    return make_motor(cast)


def settle(world: MotorWorld, draw: str) -> None:
    """Two parties commit and reveal."""
    parties = [(world.city, b"c" * 32), (world.person(Role.INSPECTOR), b"i" * 32)]
    for person, seed in parties:
        salt = seed[:1] * SALT_BYTES
        plans.commit_draw(draw, commitment=commitment(salt, seed), by=person, at=world.at)
    for person, seed in parties:
        plans.reveal_draw(draw, salt=seed[:1] * SALT_BYTES, seed=seed, by=person, at=world.at)


@pytest.mark.req("S3-22", "S3-16")
def test_a_sample_by_lot_with_four_answers_takes_the_right_of_the_untrue_away(world: MotorWorld) -> None:
    """Eight cars of June: two renewed, one insured elsewhere, the rest lapsed; at least five are drawn, by a public lot."""
    numbers = world.book(EXPIRY, *[{} for _ in range(8)])
    for number in numbers[:2]:
        actions.end_case(
            world.subject(number),
            "renewed",
            proof="新保单",
            successor_number=f"W{number}",
            by=world.manager,
            at=world.at,
        )
    actions.end_case(world.subject(numbers[2]), "elsewhere", proof="照片", by=world.manager, at=world.at)
    month = world.today
    with pytest.raises(RenewalRefused, match="还没有结束"):
        actions.open_sample(month, key=b"k" * 32, by=world.city, at=world.at)
    world.day = 40
    draw = actions.open_sample(month, key=b"k" * 32, by=world.city, at=world.at)
    with pytest.raises(ValueError, match="结果"):
        actions.take_sample(draw, month, by=world.city, at=world.at)
    settle(world, draw)
    assert actions.take_sample(draw, month, by=world.city, at=world.at) == 5
    assert actions.take_sample(draw, month, by=world.city, at=world.at) == 0
    drawn = queries.sample(month, EVERYTHING)
    assert {one.policy_number for one in drawn} == set(draws.drawn_numbers(draw, EVERYTHING)["number"])
    assert numbers[2] not in {one.policy_number for one in drawn}, "insured elsewhere is neither"
    first = next(one for one in drawn if one.policy_number not in numbers[:2])
    second = next(one for one in drawn if one != first)
    with pytest.raises(RenewalRefused, match="责任人以外"):
        actions.file_answers(
            first.id,
            data_true=True,
            service_done=True,
            procedure_kept=True,
            satisfied=True,
            by=world.manager,
            at=world.at,
        )
    inspector = world.city
    actions.file_answers(
        first.id,
        data_true=False,
        service_done=False,
        procedure_kept=True,
        satisfied=False,
        by=inspector,
        at=world.at,
    )
    actions.file_answers(
        second.id,
        data_true=True,
        service_done=True,
        procedure_kept=True,
        satisfied=True,
        by=inspector,
        at=world.at,
    )
    assert world.holder(first.policy_number, Relation.OWNERSHIP) == org.buffer_group()
    assert world.holder(second.policy_number, Relation.OWNERSHIP) == world.manager
    found = queries.sample_findings(month.replace(day=1), month, EVERYTHING)
    assert set(found.select("policy_number", "custodian_id", "data_true", "service_done").rows()) == {
        (first.policy_number, world.manager, False, False), (second.policy_number, world.manager, True, True),
    }  # fmt: skip
    with pytest.raises(RenewalRefused, match="已经回访"):
        actions.file_answers(
            first.id,
            data_true=True,
            service_done=True,
            procedure_kept=True,
            satisfied=True,
            by=inspector,
            at=world.at,
        )


@pytest.mark.req("S3-16")
def test_renewed_by_another_the_owner_stays(world: MotorWorld) -> None:
    """A sold it, B is responsible and renews it: commission A, responsible B. Heard to be untrue by a talk: A keeps it."""
    (v1,) = world.book(EXPIRY, {})
    world.day = EXPIRY - 5
    world.roll()
    actions.confirm_final(world.subject(v1), can_renew=False, why="客户失联", by=world.leader, at=world.at)
    colleague = world.person(Role.RESOURCE_CLERK)
    actions.claim_second(world.subject(v1), colleague, by=world.leader, at=world.at)
    actions.mark_truth("C000000", true=False, found_by="contact", by=world.city, at=world.at)
    assert (world.holder(v1), world.holder(v1, Relation.OWNERSHIP)) == (colleague, world.manager)


@pytest.mark.req("S3-23")
def test_a_low_rate_orders_causes_measures_and_an_outcome(world: MotorWorld) -> None:
    month = date(world.today.year, 5, 1)
    with pytest.raises(RenewalRefused, match="没有设定"):
        actions.order_improvements({"T1": 4_000}, month, by=world.city, at=world.at)
    order = actions.order_improvement("T1", month, measured_bp=4_000, by=world.city, at=world.at)
    with pytest.raises(RenewalRefused, match="已有"):
        actions.order_improvement("T1", month, measured_bp=4_100, by=world.city, at=world.at)
    with pytest.raises(RenewalRefused, match="先填写原因"):
        actions.file_improvement(order, "outcome", text="已改进", by=world.leader, at=world.at)
    actions.file_improvement(order, "causes", text="联系太晚", by=world.leader, at=world.at)
    due = world.today + timedelta(days=15)
    assert not queries.improvements(EVERYTHING, due, late_only=True)
    (late,) = queries.improvements(EVERYTHING, due + timedelta(days=1), late_only=True)
    assert (late.due_date, late.filed) == (due, {"causes": "联系太晚"})
    actions.file_improvement(order, "measures", text="提前一周", by=world.leader, at=world.at)
    actions.file_improvement(order, "outcome", text="六月到八成", by=world.leader, at=world.at)
    (done,) = queries.improvements(EVERYTHING, due + timedelta(days=1))
    assert not done.late
    assert done.filed["outcome"] == "六月到八成"


@pytest.mark.req("S3-24")
def test_the_policy_of_a_year_changes_only_with_a_reason_and_a_second_person(world: MotorWorld) -> None:
    year = world.today.year
    head = world.person(Role.BRANCH_MANAGER)
    first = actions.file_policy(year, "续保率九成奖励一千元", by=world.city, at=world.at)
    assert queries.reward_policy_in_force(world.today) is None
    with pytest.raises(RenewalRefused, match="另一人"):
        actions.approve_policy(first, by=world.city, at=world.at)
    actions.approve_policy(first, by=head, at=world.at)
    with pytest.raises(RenewalRefused, match="写明理由"):
        actions.file_policy(year, "改为八成", by=world.city, at=world.at)
    second = actions.file_policy(year, "改为八成", reason="监管要求", by=world.city, at=world.at)
    now = queries.reward_policy_in_force(world.today)
    assert now is not None
    assert now.version == 1
    world.day += 1
    actions.approve_policy(second, by=head, at=world.at)
    assert [one.version for one in queries.reward_policies(year)] == [2, 1]
    before = queries.reward_policy_in_force(world.today - timedelta(days=1))
    assert before is not None
    assert before.version == 1
