"""The campaign in operation through its pages: preconditions, weekly reports against the books, audit, frozen ranking with
bulletin and seminar, scripts, completeness, evaluation day."""

from __future__ import annotations

import io
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from openpyxl import load_workbook

from campaign_world import BEGUN, BRANCH, CLERK, EVERYTHING, MANAGER_OF_D, World, line_of, make_world, running
from exported import taken
from tuogu.campaigns import actions
from tuogu.campaigns import queries as campaigns
from tuogu.campaigns.models import MonthRanking, ReportedPolicy, WeeklyReport
from tuogu.corrections import actions as corrections
from tuogu.org import append_only
from tuogu.org.roles import Role
from tuogu.plans import actions as plan_actions

pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.database]
MONDAY = BEGUN - timedelta(days=2)
TEXTS = {"analysis": "面访八位", "next_plan": "再访三位", "practice": "先检视保单"}


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch, settings: Any) -> World:
    settings.TUOGU_DEMO, settings.SECURE_SSL_REDIRECT = True, False  # the test client speaks plain HTTP
    return running(monkeypatch)


def form(world: World, department: str = "D", first: date = MONDAY) -> str:
    return world.page(f"reports/{department}/{first.isoformat()}/")


def filed(world: World, department: str = "D", **changes: Any) -> int:
    """The department manager files the first week as the form is filled in; the report's id."""
    row = campaigns.campaign(world.campaign, EVERYTHING)
    week = campaigns.week_of(row, MONDAY, world.day)
    said = {
        key: campaigns.prefilled(row, department, week, world.day).figures[key] for key in campaigns.FIGURES
    }
    page = world.post(MANAGER_OF_D, form(world, department), **(said | TEXTS | changes))
    assert "周报已报" in page, page
    return WeeklyReport.objects.filter(department_code=department).latest("pk").pk


@pytest.mark.req("S2-15")
def test_the_board_says_which_department_has_not_filed_before_wave_1(
    monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    settings.TUOGU_DEMO, settings.SECURE_SSL_REDIRECT = True, False
    world = make_world(monkeypatch)
    said = world.post(BRANCH, "/campaigns/open/", plan=world.plan, title="服务深耕")
    assert "活动已开立" in said
    (row,) = campaigns.campaigns(EVERYTHING)
    world.campaign = row.pk
    page = world.get(BRANCH, world.page(""))
    assert "2 个部门还没有指派专人或报备分配细则" in page
    world.file_departments("D")
    assert "1 个部门还没有指派专人或报备分配细则" in world.get(MANAGER_OF_D, world.page(""))
    assert line_of(world, "D2").missing == ["指派专人", "分配细则"]
    assert "请选择范围内一份已批准" in world.post(
        BRANCH, "/campaigns/open/", plan=world.plan, title="服务深耕"
    )
    world.file_departments("D2")
    assert "还没有指派专人或报备分配细则" not in world.get(BRANCH, world.page(""))
    assert "第一批还没有下发" in world.get(Role.AUDITOR, world.page(""))


@pytest.mark.req("S2-15")
def test_a_campaign_is_opened_on_an_approved_plan_only(
    monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    settings.TUOGU_DEMO, settings.SECURE_SSL_REDIRECT = True, False
    world = make_world(monkeypatch, approved=False)
    page = world.get(BRANCH, "/campaigns/")
    assert "没有可开立的配额方案" in page
    assert f'href="/plans/{world.plan}/"' in page.split("另一人批准以后才能开立")[1]
    opening = {"plan": world.plan, "title": "服务深耕"}
    said = world.post(BRANCH, "/campaigns/open/", **opening)
    assert f"方案 {world.plan} 还没有经另一人批准；批准以后才能开立活动；没有写入任何数据" in said
    assert not campaigns.campaigns(EVERYTHING)
    world.approve()
    assert "另一人批准以后才能开立" not in world.get(BRANCH, "/campaigns/")
    assert "活动已开立" in world.post(BRANCH, "/campaigns/open/", **opening)


@pytest.mark.req("S2-15")
def test_no_campaign_stands_on_a_plan_that_was_sent_back(
    monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    settings.TUOGU_DEMO, settings.SECURE_SSL_REDIRECT = True, False
    world = make_world(monkeypatch, approved=False)
    plan_actions.reject(world.plan, note="重算", **world.by(BRANCH))
    said = world.post(BRANCH, "/campaigns/open/", plan=world.plan, title="服务深耕")
    assert "请选择范围内一份已批准" in said
    assert not campaigns.campaigns(EVERYTHING)


@pytest.mark.req("S2-16", "S2-19")
def test_a_report_is_filled_in_from_the_books_and_filed_once_a_week(world: World) -> None:
    number = world.first_of("D")
    world.go_to(BEGUN + timedelta(days=2))
    world.buys(number, world.day, "P90000001", years=10)
    world.buys(number, world.day, "P90000002", years=5)
    page = world.get(MANAGER_OF_D, form(world))
    for said in ("P90000001", "P90000002", "鑫安年金保险", "5,000.00", number, "张*"):
        assert said in page, said
    assert "张三" not in page
    quota = len(world.quota["D"])
    report = filed(world)
    stored = WeeklyReport.objects.get(pk=report)
    assert {k: stored.derived[k] for k in ("quota", "second", "policies", "policies_long")} == {
        "quota": quota, "second": 1, "policies": 2, "policies_long": 1,
    }  # fmt: skip
    assert stored.reported == {"second": 1, "fresh": 1, "policies": 2, "policies_long": 1}
    page = world.get(BRANCH, f"/campaigns/reports/{report}/")
    assert "面访八位" in page
    assert "P90000002" in page
    long = world.get(BRANCH, f"/campaigns/reports/{report}/?term=long")
    assert "P90000001" in long
    assert "P90000002" not in long.split("上报与账内")[1].split("各版")[0].split("新保单")[1]
    again = world.post(MANAGER_OF_D, form(world), **(stored.reported | TEXTS))
    assert "更正须写明原因" in again
    corrected = world.post(MANAGER_OF_D, form(world), **(stored.reported | TEXTS), why="补写经验")
    assert "周报已报" in corrected
    assert list(WeeklyReport.objects.order_by("number").values_list("number", flat=True)) == [1, 2]
    world.buys(world.quota["D"][1], world.day, "P90000003", years=5)
    rate = {n: f"{n * 10_000 // quota / 100:.2f}%" for n in (1, 2)}
    assert rate[2] in first_line(world.get(BRANCH, world.page("")))
    board = world.get(BRANCH, world.page("?term=long"))
    assert "只看 10 年期及以上" in board
    assert rate[1] in first_line(board)
    assert rate[2] not in first_line(board)
    with pytest.raises(DatabaseError), transaction.atomic():
        WeeklyReport.objects.filter(pk=report).update(number=9)


def first_line(board: str) -> str:
    """Of the table of departments."""
    return board.split("<tbody>")[1].split("</tr>")[0]


@pytest.mark.req("S2-16")
def test_late_departments_are_listed_and_told_at_home(world: World) -> None:
    filed(world, "D")
    row = campaigns.campaign(world.campaign, EVERYTHING)
    world.go_to(date(2026, 4, 6))  # the last day in time
    assert not [line for line in campaigns.due_lines(row, world.day) if line.state == "late"]
    world.go_to(date(2026, 4, 7))
    (late,) = [line for line in campaigns.due_lines(row, world.day) if line.state == "late"]
    assert (late.department, late.week.due_date) == ("D2", date(2026, 4, 6))
    assert line_of(world, "D2").late == 1
    assert "已过截止日：营销二部" in world.get(BRANCH, "/")
    assert "1 份周报过了截止日还没有报" in world.get(Role.AUDITOR, world.page("reports/"))
    assert (
        "填报"
        not in world.get(Role.AUDITOR, world.page("reports/")).split("各部门各周")[1].split("</table>")[0]
    )
    world.post(Role.AUDITOR, form(world), 403, **TEXTS)


@pytest.mark.req("S2-17")
def test_the_branch_audits_what_was_reported_against_the_books(world: World) -> None:
    number, other = world.quota["D"][:2]
    world.buys(number, world.day, "P90000001")
    added = {
        "policy0": "P90000009",
        "holder0": other,
        "product0": "鑫安年金保险",
        "premium0": "1200.50",
        "years0": "10",
    }
    report = filed(world, second=2, fresh=2, policies=2, policies_long=2, **added)
    line = ReportedPolicy.objects.get(report=report, from_books=False)
    assert (line.premium_fen, line.holder_number) == (120_050, other)
    page = world.get(BRANCH, f"/campaigns/reports/{report}/")
    assert "有差异" in page
    assert "只在周报里的保单" in page
    assert "审核意见" in world.post(BRANCH, f"/campaigns/reports/{report}/audit/", remark="")
    assert not campaigns.report(report, EVERYTHING).audits
    said = world.post(BRANCH, f"/campaigns/reports/{report}/audit/", remark="请补交保单")
    assert "已审核：有差异" in said
    (found,) = campaigns.report(report, EVERYTHING).audits
    assert found.differences["figures"][0] == {"key": "second", "reported": 2, "derived": 1}
    assert found.differences["only_reported"] == ["P90000009"]
    world.buys(other, world.day, "P90000009")
    assert "已审核：相符" in world.post(CLERK, f"/campaigns/reports/{report}/audit/", remark="")
    assert [one.agreed for one in campaigns.report(report, EVERYTHING).audits] == [False, True]


@pytest.mark.req("S2-17")
def test_who_filed_a_report_does_not_audit_it(world: World) -> None:
    page = world.post(BRANCH, form(world), second=0, fresh=0, policies=0, policies_long=0, **TEXTS)
    assert "周报已报" in page
    report = WeeklyReport.objects.get().pk
    assert "填报人不能审核自己的周报" in world.post(
        BRANCH, f"/campaigns/reports/{report}/audit/", remark="好"
    )
    assert not campaigns.report(report, EVERYTHING).audits


@pytest.mark.req("S2-13")
def test_the_ranking_stays_what_was_frozen_at_the_month_s_end(world: World) -> None:
    for place, number in enumerate(world.quota["D"][:2]):
        world.buys(number, date(2026, 4, 10), f"P9000001{place}")
    machine = world.cast.people[CLERK]
    world.go_to(date(2026, 5, 2))
    assert actions.roll(by=machine, at=world.at) == 0, "three days after the last of April, not two"
    world.go_to(date(2026, 5, 3))
    assert actions.roll(by=machine, at=world.at) == 1
    assert actions.roll(by=machine, at=world.at) == 0
    frozen = MonthRanking.objects.get()
    assert (frozen.month, frozen.stage) == (date(2026, 4, 1), "q2")
    (found,) = campaigns.rankings(campaigns.campaign(world.campaign, EVERYTHING))
    assert [(r["department"], r["place"], r["second"]) for r in found.rows] == [("D", 1, 2), ("D2", 2, 0)]
    assert [r["department"] for r in found.named] == ["D2"]
    for place, number in enumerate(world.quota["D2"][:2]):  # the books learn of it too late
        world.buys(number, date(2026, 4, 30), f"P9000002{place}")
    page = world.get(Role.AUDITOR, f"/campaigns/rankings/{frozen.pk}/")
    assert "(+2)" in page
    (same,) = campaigns.rankings(campaigns.campaign(world.campaign, EVERYTHING))
    assert same.rows == found.rows
    assert "与定格时一致" in page
    assert "只给予当月排名第一的部门" in world.post(
        BRANCH, f"/campaigns/rankings/{frozen.pk}/seminar/", department="D2"
    )
    assert "已给予专场" in world.post(
        BRANCH, f"/campaigns/rankings/{frozen.pk}/seminar/", department="D", remark="5月"
    )
    assert "通报已发布" in world.post(BRANCH, f"/campaigns/rankings/{frozen.pk}/publish/", remark="再接再厉")
    page = world.get(MANAGER_OF_D, f"/campaigns/rankings/{frozen.pk}/")
    assert "予以通报" in page
    assert "再接再厉" in page
    content = taken(world.cast.client(BRANCH), f"/campaigns/rankings/{frozen.pk}/file/")
    rows = [[cell.value for cell in row] for row in load_workbook(io.BytesIO(content)).active.iter_rows()]
    assert any("营销二部" in row and "通报" in row for row in rows)
    with append_only.lifted(MonthRanking._meta.db_table):  # by who may write in the database itself
        MonthRanking.objects.update(rows=[row | {"second": 9} for row in frozen.rows])
    assert "与定格时不一致" in world.get(Role.AUDITOR, f"/campaigns/rankings/{frozen.pk}/")


@pytest.mark.req("S2-18")
def test_scripts_carry_their_version_and_how_often_they_were_used(world: World) -> None:
    asks = [("need", "您最看重哪一项？"), ("close", "今天就办好吗？")]
    made = corrections.write_script(
        "年金促成", effective_date=world.day, opening="您好", questions=asks, closing="谢谢",
        use="campaign_closing", **world.by(CLERK),
    )  # fmt: skip
    use = {"script": made, "purpose": "rehearsal", "times": 3, "day": world.day.isoformat()}
    assert "只能登记当日已核准" in world.post(Role.TEAM_LEAD, "/campaigns/scripts/", **use)
    corrections.approve_script(made, **world.by(BRANCH))
    assert "已登记使用" in world.post(Role.TEAM_LEAD, "/campaigns/scripts/", **use)
    assert "已登记使用" in world.post(
        Role.ACCOUNT_MANAGER, "/campaigns/scripts/", **(use | {"purpose": "closing", "times": 2})
    )
    tomorrow = (world.day + timedelta(days=1)).isoformat()
    assert "不能在今天以后" in world.post(Role.TEAM_LEAD, "/campaigns/scripts/", **(use | {"day": tomorrow}))
    page = world.get(BRANCH, "/campaigns/scripts/")
    assert "年金促成 第 1 版" in page
    assert "使用 5 次，2 人" in page
    assert "演练 3" in page


@pytest.mark.req("S2-20")
def test_completeness_before_and_after_a_visit_and_use_by_department(world: World) -> None:
    number = world.first_of("D")
    before = line_of(world, "D")
    assert (before.listed, before.used, before.visited) == (before.released, 0, 0)
    world.go_to(BEGUN + timedelta(days=5))
    visited(world, number)
    learnt(world, number)
    assert actions.roll(by=world.cast.people[CLERK], at=world.at) == 1
    assert actions.roll(by=world.cast.people[CLERK], at=world.at) == 0
    after = line_of(world, "D")
    assert (after.used, after.visited) == (1, 1)
    assert (after.known_before, after.known_after, after.wanted) == (6, 7, 7)
    page = world.get(BRANCH, world.page("enrichment/"))
    assert "6 → 7 / 7" in page
    assert "工作单位" in page


def visited(world: World, number: str) -> None:
    """A visit at the door of this customer, as the room of work stores it."""
    from tuogu.work.models import Record

    person = world.cast.people[Role.ACCOUNT_MANAGER]
    Record.objects.create(
        client_key="visit-1", customer_number=number, kind="visit", purpose="campaign", outcome="met", reason="review",
        happened_at=world.at, happened_date=world.day, recorded_at=world.at, person_id=person, by_id=person,
    )  # fmt: skip


def learnt(world: World, number: str) -> None:
    """The books learn where the customer works."""
    from listed_world import customer_rows, import_rows, policy_rows

    index = int(number[1:])
    (row,) = policy_rows(1, agent="9999", first=index)
    (customer,) = customer_rows([row])
    import_rows(world.cast, [row], [customer | {"employer": "宁波港"}], days_ago=0)


@pytest.mark.req("S2-10", "S2-11", "S2-13")
def test_the_evaluation_day_shows_the_test_and_what_is_missing(world: World) -> None:
    world.buys(world.first_of("D"), BEGUN + timedelta(days=9), "P90000031")
    world.go_to(BEGUN + timedelta(days=70))
    page = world.get(CLERK, world.page("evaluation/"))
    row = campaigns.campaign(world.campaign, EVERYTHING)
    found = campaigns.evaluation_day(row, EVERYTHING, world.day)
    verdicts = {line.result.department: line.result.verdict for line in found.lines}
    assert verdicts["D2"] == "reclaim"
    assert "低于回收线，回收" in page
    titles = {step.title: step.state for step in found.steps}
    assert titles["考核期满"] == "done"
    assert titles["周报到齐"] == "todo"
    assert titles["待抽名单"] == "todo"
    assert "/plans/new/?strategy=reclaim&amp;reclaim.stage=q2" in page
    assert "编制方案" not in world.get(Role.AUDITOR, world.page("evaluation/"))
    assert "第三季度考核" in world.get(CLERK, world.page("evaluation/?stage=q3"))


@pytest.mark.req("S2-10")
def test_before_the_period_is_over_the_page_says_so(world: World) -> None:
    world.go_to(BEGUN + timedelta(days=20))
    page = world.get(CLERK, world.page("evaluation/"))
    assert "已 21 天，至少 60 天" in page
    assert "reclaim.early=yes" in page


@pytest.mark.req("S2-14")
def test_another_branch_sees_no_campaign(world: World) -> None:
    from tuogu.org.scope import Scope

    elsewhere = Scope(institution_codes=frozenset({"X"}))
    assert not campaigns.campaigns(elsewhere)
    with pytest.raises(campaigns.CampaignUnknown):
        campaigns.campaign(world.campaign, elsewhere)
    with pytest.raises(campaigns.CampaignUnknown):
        actions.file_report(
            elsewhere, world.campaign, "D", MONDAY, reported={}, texts=TEXTS, **world.by(MANAGER_OF_D)
        )
