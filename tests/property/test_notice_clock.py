"""Whoever leaves, whenever, and whatever becomes of the messages: every case is proved in time or on the red list.

A simulated branch lives day by day; what the room says is compared with a diary that knows nothing of its tables.
"""

from __future__ import annotations

import random
from datetime import date, timedelta
from typing import Any

import pytest

from cast import Cast
from listed_world import import_rows, policy_rows
from notices_world import at, gateway, registered
from tuogu.books import actions as books
from tuogu.notices import actions, queries
from tuogu.notices.models import ContactLink, ContactTransfer, Message, NoticeCase
from tuogu.org import queries as org
from tuogu.org.roles import Role
from tuogu.org.scope import Scope
from tuogu.rules import queries as rules
from tuogu.vault import keyed_hash, seal_text

pytestmark = [pytest.mark.database, pytest.mark.django_db(databases="__all__")]
DAYS, PER_PERSON, CLOCK = 45, 4, timedelta(days=30)
LEAVERS = (Role.ACCOUNT_MANAGER, Role.TEAM_LEAD, Role.INSPECTOR)


def branch_of(cast: Cast) -> dict[int, list[str]]:
    """Policies of three people: person → numbers."""
    held, first = {}, 0
    for role in LEAVERS:
        person = cast.people[role]
        rows = policy_rows(PER_PERSON, agent=cast.numbers[person], first=first)
        import_rows(cast, rows)
        held[person] = [row["policy_number"] for row in rows]
        first += 10
    return held


@pytest.mark.req("N-07", "L-01")
@pytest.mark.parametrize("seed", [3, pytest.param(8, marks=pytest.mark.exhaustive)])
def test_every_day_every_case_has_a_proof_in_time_or_stands_on_the_red_list(
    cast: Cast, settings: Any, seed: int
):
    chance = random.Random(seed)
    registered(cast)
    held = branch_of(cast)
    leave_on = {person: cast.today + timedelta(days=chance.randrange(8)) for person in held}
    left: dict[str, date] = {}  # policy → leave date: the diary
    proved: dict[str, date] = {}
    with gateway(settings) as world:
        for step in range(DAYS):
            today = cast.today + timedelta(days=step)
            now = max(cast.now + timedelta(minutes=1), at(today, 12))
            for person, day in leave_on.items():
                if day == today:
                    books.leave(person, leave_date=day, recorded_at=now, by=org.machine())
                    left |= dict.fromkeys(held[person], day)
            actions.tick(by=org.machine(), at=now)
            waiting = list(NoticeCase.objects.filter(state="waiting").values_list("pk", flat=True))
            chosen = [pk for pk in waiting if chance.random() < 0.15]
            if chosen:
                actions.prepare(chosen, channel="sms", by=org.machine(), at=now)
            world.mode = chance.choice(["ok", "ok", "refuse", "broken"])
            for key in world.taken:
                world.states.setdefault(key, chance.choice(["delivered", "failed", "sent", "sent"]))
                if world.states[key] == "sent" and chance.random() < 0.1:
                    world.states[key] = "delivered"
            actions.tick(by=org.machine(), at=now + timedelta(minutes=40))
            for number in NoticeCase.objects.filter(state="proved").values_list("policy_number", flat=True):
                proved.setdefault(number, today)
            assert_complete(left, proved, today)


def assert_complete(left: dict[str, date], proved: dict[str, date], today: date) -> None:
    """The red list is exactly what the diary says it is."""
    book = rules.applicable(today)
    wanted = queries.CaseFilter(view="red")
    red = {
        row.policy_number for row in queries.case_page(Scope.everything(), wanted, today, book, size=500).rows
    }
    due = {number for number, day in left.items() if today >= day + CLOCK and number not in proved}
    assert red == due
    cases = set(NoticeCase.objects.values_list("policy_number", flat=True))
    assert cases == set(left)
    for number, day in left.items():
        in_time = number in proved and proved[number] <= day + CLOCK
        assert in_time or number in red or today < day + CLOCK or number in proved, (number, today)
    assert not Message.objects.filter(state="sending").exists()


@pytest.mark.req("P-11", "N-08")
@pytest.mark.parametrize("seed", [5, *(pytest.param(n, marks=pytest.mark.exhaustive) for n in (1, 9))])
def test_hand_overs_follow_the_four_states_and_never_touch_custody(cast: Cast, settings: Any, seed: int):
    from notices_world import wecom
    from tuogu.ledger import queries as ledger

    chance = random.Random(seed)
    giver, clerk = cast.people[Role.ACCOUNT_MANAGER], cast.people[Role.RESOURCE_CLERK]
    receivers = [cast.people[Role.TEAM_LEAD], cast.people[Role.BUFFER_MEMBER], cast.other]
    customers = [f"C{i:06d}" for i in range(130)]
    externals = {c: f"wm-{c}{'-refuse' if chance.random() < 0.2 else ''}" for c in customers}
    ContactLink.objects.bulk_create(
        ContactLink(
            customer_number=c, external_sealed=seal_text(x), external_hash=keyed_hash(x, "wecom_external"),
            person_id=giver, since_date=cast.today, recorded_at=cast.now,
        )
        for c, x in externals.items()
    )  # fmt: skip
    import_rows(cast, policy_rows(5, agent=cast.numbers[giver]))
    if chance.random() < 0.5:
        books.leave(giver, leave_date=cast.today, recorded_at=cast.now, by=org.machine())
    custody = ledger.holdings(Scope.everything()).rows()
    used: dict[tuple[str, int], int] = {}
    seconds = [0.0]
    with wecom(settings, lambda: seconds[0]) as world:
        world.full_at = 40
        for _turn in range(25):
            now = cast.now + timedelta(seconds=seconds[0])
            if chance.random() < 0.5:
                some = chance.sample(customers, chance.choice([3, 30, 130]))
                actions.plan_transfers(some, receiver=chance.choice(receivers), by=clerk, at=now)
            world.failing = chance.random() < 0.15
            actions.hand_over(by=clerk, at=now)
            assert_states(world, externals)
            seconds[0] += chance.choice([600, 7200, 90000])
    assert ledger.holdings(Scope.everything()).rows() == custody
    assert all(
        len(p["external_userid"]) <= 100 for path, p in world.calls if path.endswith("transfer_customer")
    )
    for row in ContactTransfer.objects.filter(kind="in_post").exclude(state="failed"):
        used[(row.customer_number, 0)] = used.get((row.customer_number, 0), 0) + 1
    assert all(n <= 2 for n in used.values())  # 25 turns last less than 90 days


def assert_states(world: Any, externals: dict[str, str]) -> None:
    """A link moves when WeCom says done, and is pending exactly while a hand-over of it is open."""
    ours = {t.customer_number: t for t in ContactTransfer.objects.order_by("pk")}  # the newest of each
    told = {one.external: one.state for one in world.handed}
    for link in ContactLink.objects.all():
        newest = ours.get(link.customer_number)
        if newest is None:
            assert link.state == "active"
            continue
        if newest.state == "done":
            assert (told[externals[link.customer_number]], link.person_id) == ("done", newest.receiver_id)
        if newest.state in ("refused", "full"):
            assert told[externals[link.customer_number]] == newest.state
            assert link.person_id == newest.giver_id
        assert (link.state == "pending") == (newest.state in ("planned", "sending", "waiting"))
