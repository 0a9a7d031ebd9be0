"""The plan desk through the pages: rounds of the project with hand-offs and late steps, what departments file, a human who
looks again, which rulebook a plan is made by, stopping one that is in the making.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from html import unescape

import pytest
from django.db import DatabaseError, transaction
from django.test import Client

from cast import Cast, staff_number
from listed_world import import_rows, policy_rows
from tuogu.jobs import queries as jobs
from tuogu.org.roles import Role
from tuogu.org.scope import Scope
from tuogu.plans import actions
from tuogu.plans import queries as plans
from tuogu.plans.models import DepartmentFiling, HandOff, ReviewOutcome
from tuogu.rules import actions as rules_actions
from tuogu.rules import queries as rules

pytestmark = [pytest.mark.database, pytest.mark.django_db(databases="__all__")]
ALL = Scope.everything()
CLERK, LEAD, MANAGER = Role.RESOURCE_CLERK, Role.TEAM_LEAD, Role.BRANCH_MANAGER


def get(client: Client, url: str, status: int = 200) -> str:
    answer = client.get(url)
    assert answer.status_code == status, (url, answer.status_code)
    return unescape(answer.content.decode())


def post(client: Client, url: str, status: int = 200, **values: str) -> str:
    answer = client.post(url, values, follow=True)
    assert answer.status_code == status, (url, answer.status_code)
    return unescape(answer.content.decode())


def opened(cast: Cast) -> plans.RoundLine:
    """A round of three steps, the first of which is late."""
    day = cast.today
    wishes = [("数据清洗", "信息技术部", -2), ("地址编码", "运营", 3), ("方案", "收展部", 9)]
    form = {
        "name": "十一月轮次", "month": f"{day:%Y-%m}", "institution": "B", "coordinating": "孤儿保单协调小组",
        "title": [w[0] for w in wishes], "department": [w[1] for w in wishes],
        "due_date": [(day + timedelta(days=w[2])).isoformat() for w in wishes],
    }  # fmt: skip
    said = post(cast.client(CLERK), "/plans/rounds/new/", **form)
    assert "轮次已开立" in said
    return plans.rounds(ALL)[0]


@pytest.mark.req("S0-26")
def test_a_round_opens_from_the_template_of_the_rulebook(cast):
    page = get(cast.client(CLERK), "/plans/rounds/new/")
    for line in rules.applicable(cast.today)["plans.round_steps"]:
        title, department, _days = line.split("=")
        assert f'value="{title}"' in page
        assert f'value="{department}"' in page
    assert "请写明轮次名称" in post(
        cast.client(CLERK), "/plans/rounds/new/", 400, month="2026-11", institution="B"
    )
    assert plans.rounds(ALL) == []


@pytest.mark.req("S0-26")
def test_each_step_has_its_owner_in_and_out_and_late_ones_are_listed(cast):
    line = opened(cast)
    assert [s.department for s in line.steps] == ["信息技术部", "运营", "收展部"]
    assert line.steps[2].department_code == "D", "a department on record is known by its code"
    first = line.steps[0]
    for role in (CLERK, Role.AUDITOR):
        late = get(cast.client(role), "/plans/rounds/").split("逾期 1 步")[1].split("</section>")[0]
        assert "数据清洗" in late
        assert "地址编码" not in late
    assert "“数据清洗”逾期" in get(cast.client(MANAGER), "/")
    url = f"/plans/rounds/steps/{first.id}/"
    it = cast.client(Role.IT_OFFICER)
    assert "先接收，再移交" in post(it, url, kind="done")
    assert "交接已记录" in post(it, url, kind="taken", note="开始清洗")
    assert "已有人接收" in post(cast.client(CLERK), url, kind="taken")
    assert "没有方案 999" in post(it, url, kind="done", artefact="plan", artefact_id="999")
    assert "交接已记录" in post(it, url, kind="done", note="已入库", artefact="import", artefact_id="7")
    step = plans.round_line(line.id, ALL).steps[0]
    assert (step.state, [x.kind for x in step.log]) == ("done", ["taken", "done"])
    assert {x.by for x in step.log} == {cast.people[Role.IT_OFFICER]}
    assert step.taken_at is not None
    assert step.done_at is not None
    assert plans.overdue_steps(ALL, cast.today) == []
    assert "须写明理由" in post(cast.client(CLERK), url, kind="back")
    post(cast.client(CLERK), url, kind="back", note="漏了一张表")
    assert [s.title for _r, s in plans.overdue_steps(ALL, cast.today)] == ["数据清洗"]
    record = get(cast.client(Role.AUDITOR), f"/plans/rounds/{line.id}/")
    assert "漏了一张表" in record
    assert 'name="kind"' not in record, "who only reads hands nothing on"


def test_hand_offs_are_never_changed_and_rounds_of_others_are_not_there(cast):
    line = opened(cast)
    actions.hand_off(line.steps[0].id, "taken", by=cast.people[CLERK], at=cast.now)
    with pytest.raises(DatabaseError), transaction.atomic():
        HandOff.objects.update(note="别的")
    with pytest.raises(DatabaseError), transaction.atomic():
        HandOff.objects.all().delete()
    lead = cast.client(LEAD)  # of team 1: the branch is beyond
    get(lead, f"/plans/rounds/{line.id}/", 404)
    post(lead, f"/plans/rounds/steps/{line.steps[0].id}/", 404, kind="done")
    assert "还没有轮次" in get(lead, "/plans/rounds/")


@pytest.mark.req("S2-15")
def test_a_department_names_a_person_and_files_rules_with_a_sealed_digest(cast):
    manager = cast.client(Role.DEPARTMENT_MANAGER)
    year = cast.today.year
    said = post(manager, "/plans/filings/", department="D", kind="person", person=staff_number(LEAD))
    assert "已报备并封存摘要" in said
    assert "请写出分配细则的要点" in post(manager, "/plans/filings/", department="D", kind="rules", text=" ")
    assert "没有这个工号" in post(manager, "/plans/filings/", department="D", kind="person", person="0000")
    assert "请选择您范围内的部门" in post(
        manager, "/plans/filings/", department="X", kind="rules", text="细则"
    )
    (state,) = plans.filing_states(["D"], year)
    assert state.missing == ["分配细则"]
    for text in ("第一版", "第二版"):
        post(manager, "/plans/filings/", department="D", kind="rules", text=text)
    (state,) = plans.filing_states(["D"], year)
    assert (state.missing, state.rules.number, state.rules.text) == ([], 2, "第二版")
    assert "齐备" in get(cast.client(Role.AUDITOR), "/plans/filings/")
    assert plans.broken_seals() == []
    with pytest.raises(DatabaseError), transaction.atomic():
        DepartmentFiling.objects.update(text="别的")
    (before,) = plans.filing_states(["D"], year - 1)
    assert before.missing == ["指派专人", "分配细则"], "every campaign year asks anew"


@pytest.mark.req("L-08")
def test_a_decision_is_explained_without_names_and_looked_at_again_by_a_human(cast):
    import_rows(cast, policy_rows(3, agent="9999"))
    call, number = cast.client(Role.CALL_CENTRE), "P00000001"
    page = get(call, f"/plans/reviews/policy/{number}/")
    body = page.split('id="ex"')[1].split("</section>")[0]
    assert "申请由人复核" in body
    assert "个人信息保护法第二十四条" in body
    for secret in ("张三", "C000001", "138", *cast.numbers.values()):
        assert secret not in body, secret
    ask = f"/plans/reviews/policy/{number}/ask/"
    assert "要求复核什么" in post(call, ask, asked_for="customer", statement=" ")
    assert "已登记" in post(call, ask, asked_for="customer", statement="客户希望换人")
    assert "已有一项复核在办" in post(call, ask, asked_for="customer", statement="再来一次")
    (line,) = plans.review_lines(ALL)
    days = rules.applicable(cast.today)["plans.review_days"]
    assert line.due_date == cast.today + timedelta(days=days)
    assert "1 项人工复核待答复" in get(cast.client(MANAGER), "/")
    url = f"/plans/reviews/{line.id}/"
    inspector = cast.client(Role.INSPECTOR)
    assert "客户希望换人" in get(inspector, url)
    assert "结论和理由" in post(inspector, url, outcome="kept", reason=" ")
    assert "须选由哪一步落实" in post(inspector, url, outcome="changed", reason="换人")
    said = post(inspector, url, outcome="changed", reason="同村更近", leads_to="transfer")
    assert "复核结论已记录" in said
    assert "由资源管理岗申请调整责任人" in said, "who reviews does not ask"
    clerk, form = cast.client(CLERK), {"list": "policies", "pick": number, "to": "person"}
    for url_of in ("/plans/reviews/", f"/plans/reviews/policy/{number}/"):
        page = get(clerk, url_of)
        assert f'name="pick" value="{number}"' in page.split('action="/transfers/new/"')[1]
    asked = post(clerk, "/transfers/new/", **form, reason=f"人工复核 {line.id} 结论为更改")
    assert f"人工复核 {line.id} 结论为更改</textarea>" in asked
    assert "调整 1 件保单的责任人" in asked
    assert "已有结论" in post(cast.client(MANAGER), url, outcome="kept", reason="维持")
    done = plans.review_line(line.id, ALL)
    assert (done.outcome, done.reviewer, done.reason) == ("changed", cast.people[Role.INSPECTOR], "同村更近")
    with pytest.raises(DatabaseError), transaction.atomic():
        ReviewOutcome.objects.update(outcome="kept")


@pytest.mark.req("L-08")
def test_who_asked_does_not_review_and_what_is_out_of_scope_is_not_there(cast):
    import_rows(cast, policy_rows(2, agent="9999"))
    number = "P00000001"
    post(cast.client(MANAGER), f"/plans/reviews/policy/{number}/ask/", asked_for="staff", statement="请再看")
    (line,) = plans.review_lines(ALL)
    said = post(cast.client(MANAGER), f"/plans/reviews/{line.id}/", outcome="kept", reason="自己看过")
    assert "登记申请的人不能复核" in said
    assert plans.review_line(line.id, ALL).open
    get(cast.client(CLERK), f"/plans/reviews/{line.id}/", 403)
    get(cast.client(Role.ACCOUNT_MANAGER), f"/plans/reviews/policy/{number}/", 404)
    assert "还没有复核申请" in get(cast.client(LEAD), "/plans/reviews/")


@pytest.mark.req("N-04")
def test_the_clerk_chooses_the_rulebook_and_stops_what_is_in_the_making(cast):
    import_rows(cast, policy_rows(2, agent="9999"))
    later = rules.applicable(cast.today)
    day = cast.today + timedelta(days=30)
    changed = later.replace(territory__month_load_max=58)
    rules_actions.adopt(
        replace(changed, version="2099.1", effective_date=day), by=cast.people[MANAGER], at=cast.now
    )
    clerk = cast.client(CLERK)
    form = get(clerk, "/plans/new/")
    assert '<option value="2099.1">' in form
    wish = {"as_of": cast.today.isoformat(), "seed": "1", "effort": "1", "strategy": "territory"}
    post(clerk, "/plans/new/", 400, rulebook="1999.1", **wish)
    assert jobs.jobs(cast.people[CLERK], kind="plan") == []
    post(clerk, "/plans/new/", rulebook="2099.1", **wish)
    (job,) = jobs.jobs(cast.people[CLERK], kind="plan")
    assert job.arguments["rulebook"] == "2099.1"
    strip = get(clerk, "/plans/making/")
    assert f"/jobs/{job.id}/cancel/" in strip
    assert 'role="progressbar"' in strip
    post(clerk, f"/jobs/{job.id}/cancel/", next="/plans/")
    assert jobs.job(job.id).state == "cancelled"
    assert "已取消；没有写入任何数据" in get(clerk, "/plans/making/")
    assert plans.plan_heads(ALL) == []
