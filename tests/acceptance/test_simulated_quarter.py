"""Weeks of care on a clock: tasks due = tasks created, nothing twice, the late list is the truth, custody unbroken.

Small with eight customers and two managers; a whole quarter of the synthetic branch in the long runs. The truth is counted
customer by customer and day by day (tests/care_truth.py, core/reference/timeline.py) from a diary kept beside the product.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

import polars as pl
import pytest

import care_truth
from branch_site import opened_branch
from care_custody import at, held_by
from care_judged import Judging
from care_quarter import Quarter
from cast import Cast
from listed_world import GONE, customer_rows, import_rows, policy_rows
from tuogu.ledger.kinds import EntryKind
from tuogu.org import actions as org_actions
from tuogu.org import queries as org
from tuogu.org.roles import Role
from tuogu.org.scope import Scope
from tuogu.review import actions as review
from tuogu.review import queries as reviewed
from tuogu.review.models import Penalty
from tuogu.synth.behaviour import Manner
from tuogu.work import queries
from tuogu.work.models import Conflict, Escalation, Record, Task

pytestmark = pytest.mark.database


def equal_to_the_truth(quarter: Quarter, customers: Iterable[str]) -> Counter[str]:
    """Assert that the tasks of these customers are what was owed, neither more nor less, and that what is listed as late is
    what is late; returns how the tasks ended."""
    customers = sorted(customers)
    subjects = {row["subject_id"] for c in customers for row in quarter.known[c][-1].rows}
    started = {duty.key for duty in quarter.duties if duty.anchor in care_truth.EVENTS}
    stored = {n: t for n, t in care_truth.stored_tasks(subjects).items() if n[1] not in started}
    owed = quarter.truth(customers)
    assert sorted(owed.keys() - stored.keys()) == [], "owed, no task"
    assert sorted(stored.keys() - owed.keys()) == [], "a task that nobody owes"
    for name, true in owed.items():
        task, state = stored[name], "open" if true.state == "late" else true.state
        assert (task.opens, task.due, task.needed, task.state) == (
            true.opens,
            true.due,
            true.needed,
            state,
        ), (name, true)
    listed = {
        one for one in late_as_listed(quarter) if one[0] in subjects and one[1] in quarter.plain() - started
    }
    assert listed == {name[:2] for name, true in owed.items() if true.state == "late"}
    return Counter(true.state for true in owed.values())


def late_as_listed(quarter: Quarter) -> set[tuple[int, str]]:
    """(subject, duty) on the list of what is late."""
    rows, after = [], ""
    while after is not None:
        page = queries.late_rows(Scope.everything(), quarter.last, after=after)
        rows, after = rows + page.rows, page.after
    assert len({row.id for row in rows}) == len(rows) == queries.late_count(Scope.everything(), quarter.last)
    return {(row.subject_id, row.obligation) for row in rows}


def nothing_lost(quarter: Quarter) -> None:
    """Every record once, with what it served; every conflict decided or waiting; appointments asked for once."""
    assert care_truth.custody_faults() == []
    stored = {fact.client_key: fact for fact in care_truth.stored_facts()}
    assert stored == {fact.client_key: fact for fact in quarter.facts}
    assert Record.objects.count() == len(quarter.facts)
    assert Conflict.objects.filter(end__isnull=True).count() == len(quarter.waiting)
    asked = Task.objects.filter(obligation="appointment")
    assert sorted(asked.values_list("key", flat=True)) == sorted(
        f.client_key for f in quarter.facts if f.appointed
    )
    steps = Escalation.objects.values_list("task_id", "step")
    assert len(set(steps)) == len(steps)


def penalties_recompute(judging: Judging, last: date) -> None:
    """The ledger of penalties is what the facts give, and tells of the reports that were confirmed and of nothing else."""
    review.judge(by=org.machine(), at=at(last, 23))  # what was confirmed after the last roll
    assert reviewed.recomputed(last).is_empty()
    told = set(Penalty.objects.filter(source_kind="event").values_list("source_ref", flat=True))
    assert told == judging.confirmed
    assert told


# --- small ------------------------------------------------------------------------------------------------------------

DAYS, CUSTOMERS = 20, 8


def small_books(today: date) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Eight customers of a leaver with eleven policies: dues, birthdays, anniversaries and lapses fall into the weeks."""
    rows = policy_rows(CUSTOMERS + 3, agent=GONE)
    for i, row in enumerate(rows):
        row["inception_date"] = (today + timedelta(days=3 * i)).replace(year=2017, day=min(28, 1 + 2 * i))
        owner = f"C{i % CUSTOMERS:06d}"
        row |= {"holder_number": owner, "insured_number": owner, "payment_term_years": 20}
    rows[3] |= {"state": "lapsed", "lapse_date": today - timedelta(days=100)}
    rows[5] |= {"payments_per_year": 12}
    customers = customer_rows(rows)
    for i, row in enumerate(customers):
        row["birth_date"] = (today + timedelta(days=4 * i)).replace(year=1980, day=min(28, 1 + 3 * i))
    return rows, customers


@pytest.fixture
def small(cast: Cast) -> tuple[Quarter, Judging]:
    import_rows(cast, *small_books(cast.today))
    quarter = Quarter(
        cast.today + timedelta(days=1), 7, cast.people[Role.TEAM_LEAD], cast.people[Role.RESOURCE_CLERK],
        cast.people[Role.BRANCH_MANAGER], Manner(a_day=3, unsent=0.3, idle=0.3, put_off=0.3),
    )  # fmt: skip
    judges = (cast.people[role] for role in (Role.TEAM_LEAD, Role.DEPARTMENT_MANAGER, Role.BRANCH_MANAGER))
    judging = Judging(*judges, quarter.chance)
    manager, other = cast.people[Role.ACCOUNT_MANAGER], cast.other
    numbers = [f"P{i:08d}" for i in range(CUSTOMERS + 3)]

    def moves(running: Quarter, day: date) -> None:
        since = (day - running.first).days
        judging.live([person for person in (manager, other) if person not in running.gone], day)
        if since == 0:
            running.hand_over(numbers[:6], manager, day, EntryKind.RELEASE)
        if since == 4:
            running.hand_over(numbers[6:9], other, day, EntryKind.RELEASE)
        if since in {8, 12}:
            running.hand_over(held_by(manager)[:2], other, day)
        if since == 15:
            running.leave(manager, day)
        if since == 17:
            running.hand_over([n for n in numbers if n in held_by(org.buffer_group())][:3], other, day)

    quarter.live(DAYS, moves)
    return quarter, judging


@pytest.mark.django_db(databases="__all__")
@pytest.mark.req("S4-17", "S4-18", "S4-20", "N-14", "P-20", "P-21")
def test_twenty_days_of_two_managers_end_in_what_is_true(small: tuple[Quarter, Judging]):
    quarter, judging = small
    states = equal_to_the_truth(quarter, quarter.known)
    assert min(states["done"], states["late"] + states["void"]) > 0, (
        states
    )  # whom chance sends twice differs by day
    nothing_lost(quarter)
    penalties_recompute(judging, quarter.last)
    assert quarter.refused == []


# --- a whole quarter of the branch ------------------------------------------------------------------------------------

QUARTER_DAYS = 92
COUNTED = 60  # customers that are counted slowly, of those that moved and of the others


@pytest.mark.exhaustive
@pytest.mark.timeout(3600)
@pytest.mark.req("S4-17", "S4-18", "S4-20", "N-14", "P-20", "P-21")
def test_a_quarter_of_the_synthetic_branch(tmp_path_factory: pytest.TempPathFactory, django_db_blocker: Any):
    with opened_branch(tmp_path_factory.mktemp("quarter") / "branch", django_db_blocker) as branch:
        quarter, judging = _lived(branch.result["plan"])
        moved, others = quarter.moved(), sorted(set(quarter.known) - set(quarter.moved()))
        chosen = [
            *quarter.chance.sample(moved, min(COUNTED, len(moved))),
            *quarter.chance.sample(others, COUNTED),
        ]
        states = equal_to_the_truth(quarter, chosen)
        assert min(states[state] for state in ("done", "open", "late", "void")) > 0, states
        nothing_lost(quarter)
        penalties_recompute(judging, quarter.last)
        assert sum(quarter.decided.values()) > 0
        assert len(quarter.facts) > 3_000
        print(
            states, len(quarter.facts), Task.objects.count(), dict(quarter.decided)
        )  # pytest -s shows the size


def _lived(plan: int) -> tuple[Quarter, Judging]:
    """The branch lives: four instalments are released, leavers go, customers change hands."""
    from tuogu import clock
    from tuogu.plans import actions as plans

    today, machine = clock.business_today(), org.machine()
    staff = org.people(Scope.everything(), today).sort("staff_number")
    approver, clerk, lead, third = staff.filter(series="planner")["custodian_id"].to_list()[:4]
    posts = {approver: Role.BRANCH_MANAGER, clerk: Role.RESOURCE_CLERK, lead: Role.TEAM_LEAD}
    for person, role in posts.items():
        org_actions.appoint(person, role, everywhere=True, from_date=today, by=machine, at=clock.now())
    first = today + timedelta(days=1)
    plans.approve(plan, by=approver, at=clock.now(), first_release_date=first, note="模拟一季")
    quarter = Quarter(first, 11, lead, clerk, approver, Manner(a_day=3, unsent=0.25))
    judging = Judging(lead, third, approver, quarter.chance)
    agents = staff.filter(pl.col("series").is_in(["marketing", "collection"]))["custodian_id"].to_list()

    def moves(running: Quarter, day: date) -> None:
        plans.release_due(by=clerk, at=at(day, 11), plan_id=plan)
        since = (day - running.first).days
        still = [person for person in agents if person not in running.gone and held_by(person)]
        judging.live(still, day)
        if since % 6 == 5:
            giver, taker = running.chance.sample(still, 2)
            waiting = running.on_phones(still)  # a customer moves whose report is still on its way (P-21)
            if waiting:
                giver = running.chance.choice(sorted(waiting))
                taker = running.chance.choice([person for person in still if person != giver])
            theirs = dict.fromkeys([*waiting.get(giver, ()), *held_by(giver)])
            running.hand_over(list(theirs)[:4], taker, day)
        if since in {17, 44, 70}:
            running.leave(max(still, key=lambda person: len(held_by(person))), day)
        if since in {24, 51, 77}:
            waiting = held_by(org.buffer_group())
            running.hand_over(waiting[:40], running.chance.choice(still), day, EntryKind.RELEASE)

    quarter.live(QUARTER_DAYS, moves)
    return quarter, judging
