"""Reports as people read them: by their names, in their scope, issued once, the same on page, in workbook and PDF."""

from __future__ import annotations

import io
import json
import re
from datetime import timedelta
from typing import Any

import pytest
from pypdf import PdfReader
from python_calamine import CalamineWorkbook
from typer.testing import CliRunner

from cast import Cast
from exported import taken
from report_world import Now, end, page, words
from tuogu.cli import app
from tuogu.core.measures.periods import month_after
from tuogu.org import actions as org_actions
from tuogu.org import queries as org
from tuogu.org.roles import Role
from tuogu.renewals.models import Ended
from tuogu.reports import actions
from tuogu.reports.models import Issued
from tuogu.reports.queries import REPORTS
from work_world import make_work

pytestmark = [pytest.mark.database, pytest.mark.django_db(databases="__all__")]
KEEPER, LEAD = Role.RENEWAL_ADMINISTRATOR, Role.TEAM_LEAD


@pytest.fixture
def world(cast: Cast, settings: Any) -> Now:
    """Cover of five cars ends today: four of team 1, one renewed; one of team 2. Four orphans, one of them called."""
    settings.TUOGU_DEMO = True
    made = make_work(cast, 4)
    made.record("C000000")
    world = Now(cast)
    other = {"agent_number": "9101", "entrant_number": "9101", "institution_code": "T2"}
    world.import_motor(
        *(
            {"policy_number": f"V{n}", "holder_number": f"C{n:06d}", "expiry_date": cast.today,
             "premium_fen": 100_000 * (n + 1), **(other if n == 4 else {})}
            for n in range(5)
        )
    )  # fmt: skip
    end(world, "V0", "renewed")
    return world


@pytest.mark.req("S3-19")
@pytest.mark.req("S3-24")
@pytest.mark.req("S4-14")
def test_every_report_is_found_by_its_name_and_opens_for_those_who_read(world: Now):
    for role in (KEEPER, Role.DEPARTMENT_MANAGER, Role.AUDITOR):
        client = world.cast.client(role)
        hub = page(client, "/reports/")
        assert 'href="/reports/"' in page(client, "/")
        for one in REPORTS.values():
            assert one.title in hub
    for key in REPORTS:
        assert "tg-bad" not in page(client, f"/reports/{key}/"), key
    assert world.cast.client(Role.ACCOUNT_MANAGER).get("/reports/").status_code == 403


@pytest.mark.req("S3-19")
@pytest.mark.req("S3-23")
def test_a_month_is_told_from_the_same_events_to_everybody_within_the_own_scope(world: Now):
    whole, team = world.cast.client(KEEPER), world.cast.client(LEAD)
    told, own = page(whole, "/reports/renewal_monthly/"), page(team, "/reports/renewal_monthly/")
    assert "终保 5 件，续保 1 件；续保率按件数 20.00%，按保费 6.67%" in told
    assert "终保 4 件，续保 1 件；续保率按件数 25.00%，按保费 10.00%" in own
    assert "收展二组" in told
    assert "收展二组" not in own
    refused = page(team, "/reports/renewal_monthly/", 400, institution="T2")
    assert "不在你的范围内" in refused
    assert "终保 1 件" not in refused
    assert "终保 1 件" in page(whole, "/reports/renewal_monthly/", institution="T2")
    week = words(page(whole, "/reports/renewal_weekly/"))
    assert "本周终保 5 件，已续保 1 件；本周办成续保 1 件，流失 0 件" in week
    rows = words(page(whole, "/reports/renewal_daily/"))
    for form in ("", "pdf"):
        file = taken(whole, "/reports/renewal_daily/file/", asked=f"day={world.today.isoformat()}", form=form)
        assert file[:4] == (b"%PDF" if form else b"PK\x03\x04")
    assert re.search(r"客户经理甲 9000 收展一组 (\d+ ){5}1 0", rows), rows[rows.find("各责任人") :][:600]


@pytest.mark.req("S3-24")
def test_the_assessment_reaches_specialist_person_and_channel(world: Now):
    told = words(page(world.cast.client(KEEPER), "/reports/renewal_assessment/"))
    assert "续期管理岗甲 9005 宁波分公司 5 1 20.00%" in told
    assert "客户经理甲 9000 4 1 25.00%" in told
    assert "方二组甲 9101 1 0 0.00%" in told
    assert "直销 5 1 20.00%" in told
    assert "考核奖励政策尚未审批" in told


@pytest.mark.req("S4-40")
@pytest.mark.req("S3-19")
def test_what_was_issued_stays_and_is_the_same_in_every_form(world: Now, monkeypatch: pytest.MonkeyPatch):
    client = world.cast.client(KEEPER)
    asked = {"day": world.today.isoformat(), "institution": "B"}
    made = client.post("/reports/renewal_monthly/issue/", asked).headers["Location"]
    assert (
        client.post("/reports/renewal_monthly/issue/", asked).headers["Location"] == made
    )  # says the same: once
    assert world.cast.client(LEAD).post("/reports/renewal_monthly/issue/", asked).status_code == 403
    assert world.cast.client(LEAD).get(made).status_code == 404  # of the whole branch
    before = words(page(client, made))
    end(world, "V1", "renewed")
    assert "续保 2 件" in page(client, "/reports/renewal_monthly/")
    after = words(page(client, made))
    row = "宁波分公司 5 1 20.00% 15,000.00 1,000.00 6.67%"
    assert row in before
    assert row in after
    second = client.post("/reports/renewal_monthly/issue/", asked).headers["Location"]
    assert second != made
    assert "第 2 版" in page(client, second)

    book = CalamineWorkbook.from_filelike(io.BytesIO(taken(client, f"{made}file/")))
    sheet = book.get_sheet_by_name("各机构").to_python()
    assert ["宁波分公司", 5, 1, 20.0, 15000.0, 1000.0, 6.67] in [
        [*line[:6], round(line[6], 2) if isinstance(line[6], float) else line[6]] for line in sheet if len(line) > 6
    ]  # fmt: skip
    assert {"图表", "图表数据", "口径"} <= set(book.sheet_names)
    paper = PdfReader(io.BytesIO(taken(client, f"{made}file/", form="pdf")))
    text = re.sub(r"\s+", " ", " ".join(one.extract_text() for one in paper.pages))
    assert all(
        word in text for word in ("月度车险续保分析报告", "15,000.00", "6.67%", "制表", "续保率（件数）")
    )

    monkeypatch.setattr("tuogu.cli.report.open_database", lambda _url: None)
    token = org_actions.issue_token(world.city, by=org.machine(), at=world.at)
    number = made.rstrip("/").rsplit("/", 1)[-1]
    run = ["report", "issued", number, "--db", "sqlite:///x", "--token", token, "--json"]
    told = json.loads(CliRunner().invoke(app, run).stdout)
    assert ["宁波分公司", 5, 1, 2000, 1_500_000, 100_000, 667] in told["tables"][0]["rows"]
    assert told["digest"] == Issued.objects.get(pk=number).digest
    assert told["definitions"][0]["denominator"] in after


@pytest.mark.req("S4-14")
@pytest.mark.req("S4-40")
def test_a_figure_stands_beside_its_definition_and_leads_to_its_rows(world: Now):
    client = world.cast.client(Role.BRANCH_MANAGER)
    told = words(page(client, "/reports/figures/contact/", by="person"))
    assert "分子：其中期内至少有一次短信、微信送达或电话接通的客户数" in told
    assert re.search(r"客户经理甲 9000 1 4 25.00%", told)
    person = str(world.manager)
    rows = page(client, "/reports/figures/contact/rows/", person=person)
    assert "1 ÷ 4 = 25.00%" in rows
    assert rows.count("C00000") >= 4
    assert "张三" not in words(rows)
    only = page(client, "/reports/figures/contact/rows/", person=person, side="numerator")
    assert only.count('<span class="tg-id">C0') == 1
    assert (
        page(client, "/reports/figures/contact/rows/", person=person, side="missing").count(
            'class="tg-id">C0'
        )
        == 3
    )
    assert client.get("/reports/figures/nothing/").status_code == 404
    for cut in ("branch", "department", "team", "source", "district", "street"):
        assert "25.00%" in page(client, "/reports/figures/contact/", by=cut), cut
    assert client.get("/reports/figures/contact/map/").json()["words"]["pieces"] == "%"
    team = page(world.cast.client(LEAD), "/reports/figures/renewal/rows/")
    assert "1 ÷ 4 = 25.00%" in team
    assert "V4" not in words(team)


@pytest.mark.req("N-16")
def test_a_frozen_month_is_marked_and_what_became_known_later_stands_beside(world: Now):
    first = world.today.replace(day=1)
    then = world.at + (month_after(first, 1) - world.today) + timedelta(days=1)
    actions.freeze_month(first, by=org.machine(), at=then)
    client = world.cast.client(Role.PROVINCE_OFFICER)
    assert f"/reports/frozen/{first:%Y-%m}/" in page(client, "/reports/frozen/")
    assert "完全一致" in page(client, f"/reports/frozen/{first:%Y-%m}/", recount="1")
    assert "已冻结" in page(client, "/reports/renewal_monthly/")
    Ended.objects.create(
        subject_id=world.subject("V1"), seq=1, outcome="renewed", proof="保单", by_id=world.city, ended_date=world.today,
        at=then + timedelta(days=3),
    )  # fmt: skip
    assert "续保 1 件；续保率按件数 20.00%" in page(client, "/reports/renewal_monthly/", institution="B")
    frozen = words(page(client, "/reports/figures/renewal/", by="department"))
    assert "收展部 1 5 20.00%" in frozen
    assert "40.00%" not in frozen  # what was frozen, without counting anything again
    beside = words(page(client, "/reports/figures/renewal/", by="department", now="1"))
    assert "收展部 2 5 40.00% 20.00% 1/5" in beside
    assert "1/5 = 20.00% 2/5 = 40.00%" in words(page(client, f"/reports/frozen/{first:%Y-%m}/", recount="1"))


@pytest.mark.req("S4-28")
def test_allowances_are_refused_where_the_band_is_open_and_told_where_it_is_not(world: Now):
    told = words(page(world.cast.client(KEEPER), "/reports/allowance/"))
    assert "面访津贴50%以上的系数尚未设定" in told
    assert "客户经理甲 9000 1 4 25.00%" in told
