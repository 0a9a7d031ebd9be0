"""Whatever people do in whatever order, tasks stand: made and ended once, held by somebody, moved with custody."""

from __future__ import annotations

from collections import Counter

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from cast import Cast
from tuogu.ledger import actions as ledger
from tuogu.ledger import queries as custody
from tuogu.ledger.kinds import Relation
from tuogu.org import queries as org
from tuogu.org.roles import Role
from tuogu.work import actions
from tuogu.work.failures import WorkRefused
from tuogu.work.models import Record, Task, TaskEnd
from work_world import WorkWorld, make_work

pytestmark = [
    pytest.mark.django_db(databases="__all__"),
    pytest.mark.database,
    pytest.mark.req("S4-18", "N-01"),
]
ACTS = ("roll", "call", "visit", "no_show", "check", "moved", "give", "pool", "waive", "correct", "escalate")
HISTORIES = st.lists(
    st.tuples(st.sampled_from(ACTS), st.integers(0, 1), st.integers(0, 9)), min_size=4, max_size=14
)


@pytest.fixture
def world(cast: Cast) -> WorkWorld:
    return make_work(cast, count=2)


@settings(
    max_examples=8,
    deadline=None,
    derandomize=True,
    phases=[
        Phase.explicit,
        Phase.generate,
    ],  # a step costs a second on a busy machine: a short history is short enough
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(history=HISTORIES)
def test_any_history_keeps_tasks_whole(world: WorkWorld, history: list[tuple[str, int, int]]) -> None:
    with transaction.atomic():
        day = 0
        world.roll()
        for step, (act, which, days) in enumerate(history):
            day += days
            _do(world, act, which, day, step)
            _whole(day, world)
        transaction.set_rollback(True)


def _do(world: WorkWorld, act: str, which: int, day: int, step: int) -> None:
    number = world.numbers[which]
    customer = "C" + number[3:]
    subject = world.subject(number)
    holder = custody.relations_of(subject)[Relation.CUSTODY].custodian_id
    assert holder is not None
    by = world.cast.people[Role.BUFFER_MEMBER] if holder == org.buffer_group() else holder
    before = _open()
    try:
        match act:
            case "roll":
                made = world.roll(day)
                assert made >= 0
                assert world.roll(day) == 0, "the same day again"
            case "call":
                world.record(customer, days=day, by=by)
            case "visit":
                world.visit(customer, days=day, by=by)
            case "check":
                world.visit(customer, days=day, by=by, policies=(number,), checked=(number,))
            case "no_show":
                world.visit(customer, days=day, by=by, outcome="no_show")
                assert "next_appointment" in world.owed(customer, day, person=holder)
            case "moved":
                world.visit(customer, days=day, by=by, outcome="not_home", no_visit="moved")
                assert "data_repair" in world.owed(customer, day, person=holder)
            case "give":
                to = world.cast.other if holder == world.manager else world.manager
                world.give([number], to, key=f"give-{step}", days=day)
                assert _open() == before, "custody moved, tasks stand"
                theirs = world.owed(customer, day, person=to)
                assert {task.id for task in theirs.values()} <= before
            case "pool":
                ledger.return_to_pool(
                    subject, by=by, recorded_at=world.later(day), rule="test", reason_code="given_back"
                )
                assert _open() == before
            case "waive":
                actions.waive(min(before, default=0), reason="免", by=world.manager, at=world.later(day))
            case "correct":
                last = Record.objects.filter(customer_number=customer, corrected_by=None).last()
                said = world.said(customer, days=day)
                actions.correct(last.pk if last else 0, said, reason="写错了", by=by, at=world.later(day))
            case "escalate":
                actions.tick(by=org.machine(), at=world.later(day))
                assert actions.tick(by=org.machine(), at=world.later(day)) == 0
    except WorkRefused:
        assert _open() == before, "refused: nothing was written"


def _open() -> set[int]:
    return set(Task.objects.filter(end__isnull=True).values_list("pk", flat=True))


def _whole(day: int, world: WorkWorld) -> None:
    held = set(custody.open_subjects().values_list("subject_id", flat=True))
    assert set(Task.objects.filter(end__isnull=True).values_list("subject_id", flat=True)) <= held
    names = Counter(Task.objects.values_list("subject_id", "obligation", "anchor_date", "key"))
    assert max(names.values()) == 1
    for end in TaskEnd.objects.select_related("task"):
        assert end.outcome != "done" or end.record_id is not None or end.reason
    shown = [task.id for person in (world.manager, world.cast.other, org.buffer_group()) for task in
             world.tasks(day, person=person)]  # fmt: skip
    started = Task.objects.filter(end__isnull=True, opens_date__lte=world.day(day)).count()
    assert len(shown) == len(set(shown)) == started, "on exactly one list"
