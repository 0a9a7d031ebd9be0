"""Pages of logs and inspection, as people at their posts use them: the log on the phone, the desk, the ledger, an appeal."""

from __future__ import annotations

import io
from contextlib import ExitStack
from typing import Any

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext

from cast import Cast
from listed_world import GONE, import_rows, policy_rows
from review_world import EVERYTHING, FULL, World, make_world
from tuogu import clock
from tuogu.books import queries as books
from tuogu.core.custody import business_date
from tuogu.org import queries as org
from tuogu.org.roles import Role
from tuogu.org.scope import Scope
from tuogu.plans import queries as plans
from tuogu.privacy.copying import everything_about
from tuogu.review import actions
from tuogu.review import queries as review
from tuogu.rules import queries as rules

pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.database]
WHY = "有依据的理由"
BUSY_HOME_QUERIES_MAX = 45


@pytest.fixture
def world(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> World:
    """The pages' clock goes with the world."""
    made = make_world(cast)
    monkeypatch.setattr(clock, "now", lambda: made.at)
    monkeypatch.setattr(clock, "business_today", lambda: business_date(made.at))
    changed = rules.applicable(made.day).replace(inspection__random_share_bp=10_000)
    monkeypatch.setattr(rules, "applicable", lambda _day: changed)
    return made


def text(answer: Any) -> str:
    return str(answer.content.decode())


def penalised(world: World) -> review.PenaltyLine:
    """A penalty of the owner that the owner was told of."""
    world.log()
    world.mark(18)
    world.random_check(12)
    world.judged()
    world.tell_all()
    return next(line for line in review.penalty_page(EVERYTHING) if line.person == world.owner)


@pytest.mark.req("S1-32")
def test_the_account_manager_writes_the_log_on_the_phone_and_hears_what_is_lacking(world):
    client = world.cast.client_of(world.owner)
    page = text(client.get("/review/log/"))
    assert "tg-phone" in page
    assert "明日工作计划" in page
    answer = client.post("/review/log/", {"day": world.day, **FULL, "next_plan": ""}, follow=True)
    assert "缺明日工作计划" in text(answer)
    answer = client.post("/review/log/", {"day": world.day, **FULL}, follow=True)
    assert "日志已存" in text(answer)
    assert review.log_of(world.owner, world.day).lacking == ()
    world.mark(18)
    refused = client.post("/review/log/", {"day": world.day, **FULL, "work": "改一改"})
    assert refused.status_code == 409
    assert "批阅" in text(refused)
    assert "改一改" in text(refused)


@pytest.mark.req("S1-32", "P-22")
def test_the_log_is_filled_in_from_the_days_records(world, monkeypatch):
    from tuogu.review import prefill

    monkeypatch.setattr(prefill.work, "day_of", lambda _person, _day: [])
    monkeypatch.setattr(prefill, "_planned", lambda _person, day: [_Line("K1")] if day > world.day else [])
    page = text(world.cast.client_of(world.owner).get("/review/log/"))
    assert "拜访 1 位：K1" in page
    assert "已按当日记录预填" in page


@pytest.mark.req("S1-32", "L-07", "P-10")
def test_a_customer_in_the_prefilled_log_is_called_by_the_masked_name(world, monkeypatch):
    from tuogu.review import prefill

    import_rows(world.cast, policy_rows(2, agent=GONE, first=1))
    number = "C000001"
    monkeypatch.setattr(prefill.work, "day_of", lambda _person, _day: [])
    monkeypatch.setattr(prefill, "_planned", lambda _person, day: [_Line(number)] if day > world.day else [])
    page = text(world.cast.client_of(world.owner).get("/review/log/"))
    clear, masked = (books.shown_customers([number], clear=c)[number].name for c in (True, False))
    assert f"拜访 1 位：{masked}（{number}）" in page
    assert clear not in page
    assert masked != clear
    world.log(next_plan=f"拜访 1 位：{masked}（{number}）")
    assert everything_about(number)["工作日志"]["内容"].to_list() == [f"拜访 1 位：{masked}（{number}）"]


class _Line:
    def __init__(self, customer: str) -> None:
        self.customer = customer


@pytest.mark.req("S1-18", "S1-32")
def test_the_supervisor_marks_at_the_desk_and_goes_on_to_the_next(world):
    world.log()
    client = world.cast.client_of(world.supervisor)
    page = text(client.get("/review/desk/"))
    assert FULL["work"] in page
    line = review.due_for(world.supervisor, world.day)[0]
    refused = client.post("/review/desk/", {"line": line.key, "points": "21"}, follow=True)
    assert "0 至 20 分" in text(refused)
    assert "没有写入" in text(refused)
    done = client.post(
        "/review/desk/",
        {"line": line.key, "points": "18.5", "session": "morning", "remark": "很好"},
        follow=True,
    )
    assert "18.5 分" in text(done)
    assert "没有待您检查的日志" in text(done)
    mark = review.log_of(world.owner, world.day).mark
    assert (mark.found_points, mark.session, mark.remark) == (1850, "早会", "很好")
    again = client.post("/review/desk/", {"line": line.key, "points": "10"}, follow=True)
    assert "已不在待检查之列" in text(again)


@pytest.mark.req("S1-18", "N-05")
def test_manager_and_quality_draw_by_their_files_and_anybody_may_fetch_the_record(world):
    world.log()
    manager, quality = (world.cast.client_of(person) for person in (world.manager, world.quality))
    opened = manager.post("/review/lots/open/", {"department": "D"})
    assert "只显示这一次" in text(opened)
    lot = review.lots(EVERYTHING)[0].id
    files = {}
    for client in (manager, quality):
        secret = client.post(f"/review/lots/{lot}/secret/")
        files[client] = b"".join(secret) if secret.streaming else secret.content
        answer = client.post(f"/review/lots/{lot}/commit/", {"secret": _file(files[client])}, follow=True)
        assert "已记下你的承诺" in text(answer)
    for client in (manager, quality):
        client.post(f"/review/lots/{lot}/reveal/", {"secret": _file(files[client])})
    assert review.lot_of(EVERYTHING, lot).settled
    assert "各方都已公开" in text(manager.get(f"/review/lots/{lot}/"))
    assert manager.get(f"/review/lots/{lot}/public.json").content.decode() == review.lot_record(lot)
    assert "抽查" in text(manager.get("/review/desk/"))


def _file(content: bytes) -> io.BytesIO:
    held = io.BytesIO(content)
    held.name = "secret.json"
    return held


@pytest.mark.req("N-14", "S1-19")
def test_a_penalty_is_told_appealed_and_reversed_by_somebody_else(world):
    line = penalised(world)
    owner = world.cast.client_of(world.owner)
    page = text(owner.get("/review/mine/"))
    assert "S1-19" in page
    assert "相差6" in page
    page = text(owner.get(f"/review/penalties/{line.id}/"))
    assert "申诉的理由" in page
    assert "制度版本" in page
    owner.post(f"/review/penalties/{line.id}/appeal/", {"reason": WHY})
    quality = world.cast.client_of(world.quality)
    assert "决定的理由" not in text(quality.get(f"/review/penalties/{line.id}/"))  # who told of it
    refused = quality.post(
        f"/review/penalties/{line.id}/decide/", {"decision": "reverse", "reason": WHY}, follow=True
    )
    assert "没有参与" in text(refused)
    assert "没有写入" in text(refused)
    branch = world.cast.client(Role.BRANCH_MANAGER)
    done = branch.post(
        f"/review/penalties/{line.id}/decide/", {"decision": "reverse", "reason": WHY}, follow=True
    )
    assert "已撤销" in text(done)
    assert review.penalty(line.id, EVERYTHING, viewer=0).line.state == "reversed"


@pytest.mark.req("N-14")
def test_penalties_that_wait_are_told_from_the_list(world):
    world.log()
    world.mark(18)
    world.random_check(12)
    world.judged()
    client = world.cast.client(Role.BRANCH_MANAGER)
    assert "全部告知（2）" in text(client.get("/review/penalties/?view=untold"))
    assert text(world.cast.client_of(world.owner).get("/review/mine/")).count("S1-19") == 0  # not told yet
    answer = client.post("/review/penalties/notify/", {"all": "1"}, follow=True)
    assert "已告知 2 笔" in text(answer)


def test_anothers_penalty_is_not_there_for_an_account_manager(world):
    world.log()
    world.mark(18)
    world.random_check(12)
    world.judged()
    client = world.cast.client_of(world.owner)
    for line in review.penalty_page(EVERYTHING):  # the supervisor's, and the own one that nobody told of
        assert client.get(f"/review/penalties/{line.id}/").status_code == 404
    assert client.get("/review/penalties/").status_code == 403


@pytest.mark.req("S1-35")
def test_a_report_is_confirmed_by_another_person(world):
    world.log()
    number, day = world.cast.numbers[world.owner], world.day
    supervisor, quality = (world.cast.client_of(person) for person in (world.supervisor, world.quality))
    said = {"finding": "falsified", "evidence": WHY}
    assert "已报告" in text(supervisor.post(f"/review/people/{number}/{day}/report/", said, follow=True))
    report = review.open_reports(EVERYTHING)[0].id
    assert "认定属实" in text(quality.get(f"/review/people/{number}/{day}/"))
    done = quality.post(f"/review/reports/{report}/end/", {"decision": "confirm", "reason": WHY}, follow=True)
    assert "已认定" in text(done)
    page = text(quality.get(f"/review/people/{number}/"))
    assert "100.00" in page
    assert "停发客户资源" in page


@pytest.mark.req("S1-32", "N-14")
def test_a_month_is_closed_on_its_page(world):
    world.log()
    world.mark(18)
    month = world.day.replace(day=1)
    while world.day.replace(day=1) == month:
        world.next_day()
    client = world.cast.client_of(world.manager)
    where = {"institution": "D", "month": f"{month:%Y-%m}"}
    page = text(client.get("/review/months/", where))
    assert "工作日志合格率" in page
    assert "登记为考核指标" in page
    assert "已登记" in text(client.post("/review/months/close/", where, follow=True))
    assert review.closes(EVERYTHING)[0].institution_code == "D"
    outside = client.post("/review/months/close/", where | {"institution": "X"})
    assert outside.status_code == 404


@pytest.mark.req("S1-32", "P-12")
def test_the_month_that_a_lead_closes_is_that_of_the_leads_own_team(world):
    """Closing follows scope: a lead files for the team led, and for nobody beside or above it."""
    lead, elsewhere = world.supervisor, world.head
    for person in (world.owner, elsewhere):
        world.log(person=person)
    world.mark(18)
    month = world.day.replace(day=1)
    while world.day.replace(day=1) == month:
        world.next_day()
    client = world.cast.client_of(lead)
    page = text(client.get("/review/months/"))
    assert 'value="T1"' in page
    for beyond in ("T2", "D", "B", "X", ""):
        where = {"institution": beyond, "month": f"{month:%Y-%m}"}
        assert client.post("/review/months/close/", where).status_code == 404
        if beyond:
            assert client.get("/review/months/", where).status_code == 404
    assert review.closes(EVERYTHING) == []
    assert plans.facts_of(EVERYTHING, month, month).is_empty()

    asked = {"institution": "T1", "month": f"{month:%Y-%m}", "unmarked_fail": "1"}
    assert "已登记" in text(client.post("/review/months/close/", asked, follow=True))
    filed = plans.facts_of(EVERYTHING, month, month)
    led = set(org.people(Scope(institution_codes=frozenset({"T1"})))["staff_number"])
    assert world.cast.numbers[world.owner] in set(filed["subject"]) <= led
    assert world.cast.numbers[elsewhere] not in led
    above = world.cast.client_of(world.manager)
    above.post("/review/months/close/", asked | {"institution": "D"})
    later = plans.facts_of(EVERYTHING, month, month)
    assert world.cast.numbers[elsewhere] in set(later["subject"])
    assert set(later.join(filed, on=["subject", "key"], how="semi")["value"]) == set(filed["value"])


@pytest.mark.req("S1-18")
def test_only_posts_that_write_a_log_stand_in_the_plan(world):
    """An auditor, quality, whoever keeps the machines: on the roll of a series that writes logs, and yet none of theirs is
    due. The posts are named in the rulebook."""
    world.log()
    page = text(world.cast.client_of(world.manager).get("/review/"))
    assert rules.applicable(world.day)["inspection.log_posts"] == ["account_manager", "team_lead"]
    due = set(review.plan_of(EVERYTHING, world.day)["custodian_id"])
    people = world.cast.people
    assert due == {world.owner, world.supervisor, world.head}
    silent = set(people) - {Role.ACCOUNT_MANAGER, Role.TEAM_LEAD, Role.DEPARTMENT_MANAGER}
    assert silent
    for role in silent:
        assert f">{world.cast.numbers[people[role]]}<" not in page, role


def test_the_home_of_a_lead_asks_little_on_a_busy_day(world):
    """Logs to check, a settled lot, a penalty to tell of, an appeal."""
    line = penalised(world)
    actions.appeal(line.id, reason=WHY, by=world.owner, at=world.at)
    world.next_day()
    world.log()
    client = world.cast.client_of(world.supervisor)
    assert "待批阅" in text(client.get("/"))
    with ExitStack() as stack:
        captured = [stack.enter_context(CaptureQueriesContext(connections[alias])) for alias in connections]
        client.get("/")
    assert sum(len(one) for one in captured) <= BUSY_HOME_QUERIES_MAX


def test_the_plan_page_names_who_checks_whom(world):
    world.log()
    page = text(world.cast.client_of(world.manager).get("/review/"))
    assert world.cast.numbers[world.owner] in page
    assert world.cast.numbers[world.supervisor] in page
