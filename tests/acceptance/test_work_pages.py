"""Supervision of care, through its pages: what is late and by whom, waivers, escalation, late records, coverage."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from html import unescape
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cast import Cast
from listed_world import GONE, customer_rows, import_rows, policy_rows
from pool_world import hand_over
from tuogu import clock
from tuogu.org import queries as org
from tuogu.org.roles import Role
from tuogu.org.scope import Scope
from tuogu.work import actions
from tuogu.work import queries as work
from tuogu.work.failures import Moved
from tuogu.work.said import CARD, Said

pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.database]
HERE, AWAY = 4, 2  # policies of the account manager in team 1, of the colleague in team 2
LATER = 70  # days after which the first sixty have passed
DUTY = "first_visits"
CARE = dict.fromkeys(CARD, "说过了")


class World:
    """The account manager holds HERE orphans since today, a colleague in team 2 AWAY; the day's tasks are made."""

    def __init__(self, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
        self.cast, self._patch = cast, monkeypatch
        rows = policy_rows(HERE + AWAY, agent=GONE)
        births = [row | {"birth_date": date(1980, 1, 1)} for row in customer_rows(rows)]
        soon = cast.today + timedelta(days=3)
        births[0]["birth_date"] = date(1980, soon.month, min(soon.day, 28) if soon.month == 2 else soon.day)
        import_rows(cast, rows, births)
        self.mine = [row["policy_number"] for row in rows[:HERE]]
        self.theirs = [row["policy_number"] for row in rows[HERE:]]
        self.manager = cast.people[Role.ACCOUNT_MANAGER]
        hand_over(cast, self.mine, self.manager, key="mine")
        hand_over(cast, self.theirs, cast.other, key="theirs")
        actions.roll(by=org.machine(), at=cast.now)

    def go(self, days: int) -> None:
        """The pages are opened so many days later."""
        at = self.at(days)
        self._patch.setattr(clock, "now", lambda: at)
        self._patch.setattr(clock, "business_today", lambda: at.astimezone(clock.BUSINESS_ZONE).date())

    def at(self, days: int) -> datetime:
        return self.cast.now + timedelta(days=days)

    def roll(self, days: int) -> None:
        actions.roll(by=org.machine(), at=self.at(days))
        actions.tick(by=org.machine(), at=self.at(days))

    def file(
        self, number: str, *, by: int | None = None, days: int = 0, sent: int | None = None, **said: Any
    ) -> int:
        """A record about the holder of a policy; `sent`: the day on which it arrives."""
        what = {"kind": "visit", "outcome": "met", "reason": "explanation"} | said
        if (what["kind"], what["outcome"]) == ("visit", "met"):
            what.setdefault("card", CARE)
        one = Said(
            client_key=f"{number}-{days}-{what['kind']}-{what['outcome']}", customer=holder(number),
            happened_at=self.at(days), **what,
        )  # fmt: skip
        return actions.record(
            one, by=by or self.manager, at=self.at(days if sent is None else sent)
        ).record_id

    def page(self, role: Role, name: str, status: int = 200, *args: Any, **query: Any) -> str:
        return text(self.cast.client(role).get(reverse(f"work:{name}", args=args), query), status)


@pytest.fixture
def world(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> World:
    return World(cast, monkeypatch)


def text(answer: Any, status: int = 200) -> str:
    assert answer.status_code == status, (answer.status_code, answer.content[:400])
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode())))


def holder(number: str) -> str:
    return "C" + number[3:]


def rows_of(page: str) -> int:
    return len(re.findall(r"迟 \d+ 天", page))


def late_tasks(world: World, days: int, **narrowed: Any) -> list[Any]:
    today = world.at(days).astimezone(clock.BUSINESS_ZONE).date()
    return work.late_rows(Scope.everything(), today, size=100, **narrowed).rows


# --- what is late ---------------------------------------------------------------------------------------------


@pytest.mark.req("S4-18", "P-12")
def test_the_lead_sees_what_is_late_by_whom_and_since_when_and_only_of_the_own_team(world: World) -> None:
    world.go(LATER)
    world.roll(LATER)
    board = world.page(Role.TEAM_LEAD, "board")
    assert world.cast.numbers[world.manager] in board
    assert world.cast.numbers[world.cast.other] not in board
    rows = world.page(Role.TEAM_LEAD, "late", duty=DUTY)
    due = (world.cast.today + timedelta(days=60)).isoformat()
    assert rows_of(rows) == HERE
    assert f"逾期 {HERE} 项" in rows, "as narrowed"
    assert rows.count(due) == HERE
    assert "迟 10 天" in rows
    assert world.page(Role.BRANCH_MANAGER, "late", duty=DUTY).count(due) == HERE + AWAY
    assert rows_of(world.page(Role.BRANCH_MANAGER, "late", duty=DUTY, person=world.cast.other)) == AWAY
    assert "没有符合条件" in world.page(Role.TEAM_LEAD, "late", duty=DUTY, person=world.cast.other)


@pytest.mark.req("S4-18")
def test_the_figures_the_table_and_the_map_show_the_same_number(world: World) -> None:
    world.go(LATER)
    world.roll(LATER)
    client = world.cast.client(Role.BRANCH_MANAGER)
    total = len(late_tasks(world, LATER))
    assert total >= HERE + AWAY
    assert f"逾期任务 {total} 项" in text(client.get(reverse("work:board")))
    ground = client.get(reverse("work:map")).json()
    assert sum(place["n"] for place in ground["places"]) + ground["missing"] == total
    community, count, _ = work.late_places(Scope.everything(), clock.business_today()).row(0)
    listed = text(client.get(reverse("work:late"), {"area": community}))
    assert rows_of(listed) == count > 0


def test_a_day_without_lateness_says_so(world: World) -> None:
    assert "没有逾期的任务" in world.page(Role.TEAM_LEAD, "board")
    assert "没有逾期的任务" in world.page(Role.TEAM_LEAD, "late")
    assert "没有升级的任务" in world.page(Role.TEAM_LEAD, "escalations")


def test_a_longer_list_asks_the_database_no_more_often(world: World) -> None:
    world.go(LATER)
    world.roll(LATER)
    client = world.cast.client(Role.BRANCH_MANAGER)

    def asked(**query: Any) -> int:
        client.get(reverse("work:late"), query)  # what is read once a process is read
        with CaptureQueriesContext(connection) as queries:
            assert client.get(reverse("work:late"), query).status_code == 200
        return len(queries)

    assert asked(person=world.cast.other, duty=DUTY) == asked(duty=DUTY)


@pytest.mark.req("S4-18")
def test_the_list_is_paged_by_key_without_a_row_lost_or_twice(world: World) -> None:
    world.roll(LATER)
    today = world.at(LATER).astimezone(clock.BUSINESS_ZONE).date()
    whole = [row.id for row in late_tasks(world, LATER)]
    found, after = [], ""
    while after is not None:
        page = work.late_rows(Scope.everything(), today, after=after, size=2)
        found += [row.id for row in page.rows]
        after = page.after
    assert found == whole
    assert len(set(found)) == len(found)


# --- waivers --------------------------------------------------------------------------------------------------


def test_a_task_is_waived_with_a_reason_only_and_only_within_the_own_team(world: World) -> None:
    world.go(LATER)
    world.roll(LATER)
    lead = world.cast.client(Role.TEAM_LEAD)
    mine = late_tasks(world, LATER, person=world.manager, obligation=DUTY)
    theirs = late_tasks(world, LATER, person=world.cast.other, obligation=DUTY)
    address = reverse("work:waive", args=[mine[0].id])
    assert "请写明理由" in text(lead.post(address, {"reason": " "}, follow=True))
    assert rows_of(text(lead.get(reverse("work:late"), {"duty": DUTY}))) == HERE
    said = text(lead.post(address, {"reason": "客户长期在外地", "back": f"?duty={DUTY}"}, follow=True))
    assert "已免办" in said
    assert rows_of(said) == HERE - 1
    assert lead.post(reverse("work:waive", args=[theirs[0].id]), {"reason": "不是我的"}).status_code == 404
    assert len(late_tasks(world, LATER, person=world.cast.other, obligation=DUTY)) == AWAY


def test_nobody_waives_an_own_task_nor_writes_a_book_about_it(world: World) -> None:
    lead = world.cast.people[Role.TEAM_LEAD]
    hand_over(world.cast, [world.mine[0]], lead, key="own")
    world.go(LATER)
    world.roll(LATER)
    own = late_tasks(world, LATER, person=lead)[0]
    client, address = world.cast.client(Role.TEAM_LEAD), reverse("work:waive", args=[own.id])
    assert address not in client.get(reverse("work:late"), {"person": lead}).content.decode()
    assert "由上级免办" in text(client.post(address, {"reason": "不想去"}, follow=True))
    assert own.id in {row.id for row in late_tasks(world, LATER, person=lead)}
    above = world.cast.client(Role.DEPARTMENT_MANAGER)
    assert "理由太长" in text(above.post(address, {"reason": "长" * 501}, follow=True))
    assert "已免办" in text(above.post(address, {"reason": "客户长期在外地"}, follow=True))


def test_the_way_back_from_a_waiver_is_never_another_site(world: World) -> None:
    world.go(LATER)
    world.roll(LATER)
    task = late_tasks(world, LATER, person=world.manager)[0]
    lead = world.cast.client(Role.TEAM_LEAD)
    answer = lead.post(
        reverse("work:waive", args=[task.id]), {"reason": "客户长期在外地", "back": "//evil.example/"}
    )
    assert answer.headers["Location"] == reverse("work:late")


# --- escalation -----------------------------------------------------------------------------------------------


@pytest.mark.req("P-20")
def test_each_step_stands_once_with_before_whom_it_was_brought(world: World) -> None:
    world.go(LATER)
    world.roll(LATER)
    world.roll(LATER)
    told = [row for row in work.escalation_rows(Scope.everything(), size=1_000) if row.obligation == DUTY]
    mine = [row for row in told if row.person == world.manager]
    assert sorted(row.step for row in mine) == sorted([1, 2, 3] * HERE)
    of = {row.step: row.told for row in mine}
    assert of == {
        1: world.cast.people[Role.TEAM_LEAD], 2: world.cast.people[Role.DEPARTMENT_MANAGER],
        3: world.cast.people[Role.BRANCH_MANAGER],
    }  # fmt: skip
    page = world.page(Role.BRANCH_MANAGER, "escalations", size=200)
    assert world.cast.numbers[of[1]] in page
    assert "仍未办" in page
    assert work.escalation_rows(org.scope_of(world.cast.stranger, world.cast.today), size=10) == []
    assert "升级到您的逾期任务" in text(world.cast.client(Role.TEAM_LEAD).get(reverse("home")))


# --- records that came too late ---------------------------------------------------------------------------------


@pytest.mark.req("P-21")
def test_a_record_of_a_former_custodian_waits_until_another_person_decides(world: World) -> None:
    number = world.mine[0]
    hand_over(world.cast, [number], world.cast.other, key="moved", days=1)
    with pytest.raises(Moved):
        world.file(number, days=0, sent=2, kind="call", outcome="reached", offline=True)
    world.go(2)
    lead = world.cast.client(Role.BRANCH_MANAGER)
    assert "待定记录" in text(lead.get(reverse("work:conflicts")))
    (waiting,) = work.conflicts(Scope.everything())
    keeper = world.cast.client(Role.DEPARTMENT_MANAGER)
    address = reverse("work:resolve", args=[waiting.id])
    assert "写明理由" in text(keeper.post(address, {"decision": "accept", "reason": ""}, follow=True))
    assert work.conflicts(Scope.everything())
    assert not work.records_of_customer(holder(number), limit=5)
    done = text(keeper.post(address, {"decision": "accept", "reason": "当天确已联系"}, follow=True))
    assert "已决定" in done
    assert "没有待定的记录" in done
    (record,) = work.records_of_customer(holder(number), limit=5)
    assert record.by == world.manager
    assert "当天确已联系" in text(keeper.get(reverse("work:conflicts"), {"of": "decided"}))
    again = text(keeper.post(address, {"decision": "drop", "reason": "再决定一次"}, follow=True))
    assert "已处理" in again
    assert len(work.records_of_customer(holder(number), limit=5)) == 1


# --- coverage, counts, birthdays, plans -----------------------------------------------------------------------------


@pytest.mark.req("S4-17")
def test_the_share_of_each_person_and_the_gap_lists(world: World) -> None:
    visited = world.mine[0]
    world.file(visited, policies=(visited,), checked=(visited,))
    page = world.page(Role.TEAM_LEAD, "coverage")
    assert f"1 / {HERE} 25" in page
    gaps = world.page(Role.TEAM_LEAD, "gaps", duty=DUTY, person=world.manager)
    assert visited not in gaps
    assert all(number in gaps for number in world.mine[1:])
    assert not any(number in gaps for number in world.theirs)
    for number in world.mine[1:]:
        world.file(number, policies=(number,), checked=(number,))
    assert f"{HERE} / {HERE} 100" in world.page(Role.TEAM_LEAD, "coverage")
    assert "没有符合条件的缺口" in world.page(Role.TEAM_LEAD, "gaps", duty=DUTY, person=world.manager)


@pytest.mark.req("S4-38")
def test_assessed_and_service_pieces_are_counted_apart(world: World) -> None:
    counted = work.pieces(Scope.everything(), world.cast.today)
    row = counted.filter(person=world.manager).row(0, named=True)
    assert row["assessed"] + row["service"] == HERE
    page = world.page(Role.TEAM_LEAD, "coverage")
    assert "考核件" in page
    assert "服务件" in page


@pytest.mark.req("S1-26", "S4-36")
def test_services_by_kind_and_reasons_for_no_visit_in_a_period(world: World) -> None:
    world.file(world.mine[0], services=("explain", "tidy_up"))
    world.file(world.mine[1], kind="call", outcome="reached", services=("explain",))
    world.file(world.mine[2], kind="call", outcome="wrong_contact", no_visit="number_changed")
    page = world.page(Role.TEAM_LEAD, "counts")
    assert f"{world.cast.numbers[world.manager]} 1 0 1 1 0" in page  # met, away, reached, missed, other
    assert "解释条款 2 2" in page
    assert "保单整理与建议 1 1" in page
    assert re.search(r"号码已换 1", page)
    assert "无法拜访的客户超过通常的" in page  # one of four
    early = {"from": "2020-01-01", "to": "2020-01-31"}
    assert "还没有服务记录" in world.page(Role.TEAM_LEAD, "counts", **early)
    repair = work.tasks_of_customer(holder(world.mine[2]), world.cast.today)
    assert "data_repair" in {row.obligation for row in repair}


@pytest.mark.req("S1-27")
def test_birthdays_of_a_range_and_guests_of_events(world: World) -> None:
    page = world.page(Role.TEAM_LEAD, "greetings")
    assert world.mine[0] in page or holder(world.mine[0]) in page or "1 位客户" in page
    assert "1980" not in page
    far = (world.cast.today + timedelta(days=4)).isoformat()
    until = (world.cast.today + timedelta(days=20)).isoformat()
    assert "没有客户过生日" in world.page(Role.TEAM_LEAD, "greetings", **{"from": far, "to": until})
    world.file(world.mine[1], kind="event", outcome="met")
    assert "到场" in world.page(Role.TEAM_LEAD, "greetings", of="events")


@pytest.mark.req("S4-26")
def test_who_has_not_planned_the_coming_week_is_named(world: World) -> None:
    monday = world.cast.today + timedelta(days=7 - world.cast.today.weekday())
    page = world.page(Role.TEAM_LEAD, "week_plans")
    assert "未交 1 人，已交 0 人" in page
    lines = [actions.PlanLine(monday, holder(world.mine[0]), "visit", "explanation")]
    actions.file_week_plan(world.manager, monday, lines, by=world.manager, at=world.cast.now)
    page = world.page(Role.TEAM_LEAD, "week_plans")
    assert "未交 0 人，已交 1 人" in page
    assert "还没有交" not in page


def test_the_board_of_today_names_who_is_late(world: World) -> None:
    world.go(LATER)
    world.roll(LATER)
    home = text(world.cast.client(Role.TEAM_LEAD).get(reverse("home")))
    assert "服务逾期" in home
    scope = org.scope_of(world.cast.people[Role.TEAM_LEAD], world.cast.today)
    total = int(work.late(scope, clock.business_today())["count"].sum())
    assert f"合计 1 人 {total}" in home
