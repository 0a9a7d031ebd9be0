"""The policies in the pages: lists by scope, search without a trace, export, record, who held it when, clear looks."""

from __future__ import annotations

import io
import re
from datetime import timedelta
from typing import Any

import openpyxl
import polars as pl
import pytest
from django.test import Client

from cast import Cast
from exported import REASON
from listed_world import GONE, MANAGER, OTHER, STRANGER, import_rows, policy_rows
from tuogu.accesslog import actions as accesslog_actions
from tuogu.accesslog import queries as accesslog
from tuogu.accesslog.queries import LogFilter
from tuogu.ledger import actions as ledger
from tuogu.ledger import queries as held
from tuogu.org import queries as org
from tuogu.org.roles import Role
from tuogu.org.scope import Scope

pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.database]
EVERYTHING = Scope.everything()
QUERIES_MAX = 34  # saved views and chosen columns are three of them


@pytest.fixture
def site(cast: Cast) -> Cast:
    """40 policies of the manager in team 1, 20 of a leaver, 10 of team 2, 5 of another branch."""
    import_rows(
        cast,
        [
            *policy_rows(40, agent=MANAGER),
            *policy_rows(20, agent=GONE, first=100),
            *policy_rows(10, agent=OTHER, first=200),
            *policy_rows(5, agent=STRANGER, institution="X", first=300),
        ],
    )
    return cast


def text(answer: Any) -> str:
    return str(answer.content.decode())


def listed(answer: Any) -> list[str]:
    """Policy numbers of the rows, in their order."""
    return re.findall(r'<a class="tg-id" href="/policies/(P\d{8})/(?:\?[^"]*)?">', text(answer))


@pytest.mark.req("P-12")
@pytest.mark.parametrize(
    ("role", "count"),
    [(Role.RESOURCE_CLERK, 70), (Role.TEAM_LEAD, 40), (Role.BUFFER_MEMBER, 20), (Role.AUDITOR, 70)],
)
def test_each_post_lists_its_own_subtree(site: Cast, role: Role, count: int) -> None:
    client = site.client(role)
    assert len(listed(client.get("/policies/?size=100"))) == count
    assert f"合计 {count} 件，{count} 户" in text(client.get("/policies/totals/"))
    assert f'全部<span class="n">{count}</span>' in text(client.get("/policies/views/"))


@pytest.mark.req("P-12")
def test_a_record_out_of_scope_is_as_if_it_were_not_there(site: Cast) -> None:
    lead = site.client(Role.TEAM_LEAD)
    assert lead.get("/policies/P00000001/").status_code == 200
    for path in ("", "why/", "held/?on=2026-01-01"):
        assert lead.get(f"/policies/P00000200/{path}").status_code == 404, "team 2"
        assert lead.get(f"/policies/P99999999/{path}").status_code == 404, "nobody's"
    assert lead.get("/ledger/policies/P00000200/").status_code == 404
    assert lead.post("/policies/P00000200/reveal/", {"who": "C000200", "field": "phone"}).status_code == 404
    assert site.client(Role.ACCOUNT_MANAGER).get("/policies/P00000001/").status_code == 200
    assert site.client(Role.ACCOUNT_MANAGER).get("/policies/P00000100/").status_code == 404


def test_pages_follow_each_other_and_keep_their_filters(site: Cast) -> None:
    clerk = site.client(Role.RESOURCE_CLERK)
    first = clerk.get("/policies/?sort=number")
    assert listed(first) == [f"P{i:08d}" for i in range(40)]
    following = re.search(r'rel="next" href="([^"]+)"', text(first))
    assert following
    second = clerk.get("/policies/" + following.group(1).replace("&amp;", "&"))
    assert listed(second) == [f"P{i:08d}" for i in (*range(100, 120), *range(200, 210))]
    assert "自第 41 行起，本页 30 行" in text(second)
    back = re.search(r'rel="prev" href="([^"]+)"', text(second))
    assert back
    assert listed(clerk.get("/policies/" + back.group(1).replace("&amp;", "&"))) == listed(first)


@pytest.mark.req("S0-24")
def test_views_and_filters_show_what_they_say(site: Cast) -> None:
    clerk = site.client(Role.RESOURCE_CLERK)
    orphans = {f"P{i:08d}" for i in range(100, 120)}
    assert set(listed(clerk.get("/policies/?view=orphans"))) == orphans
    assert set(listed(clerk.get("/policies/?view=buffer"))) == orphans
    assert set(listed(clerk.get("/policies/?custodian=buffer"))) == orphans
    assert len(listed(clerk.get(f"/policies/?custodian={MANAGER}"))) == 40
    assert listed(clerk.get("/policies/?custodian=0000")) == []
    manual = listed(clerk.get("/policies/?view=manual"))
    assert manual
    assert all(int(number[1:]) % 7 == 6 for number in manual)
    month = site.today.strftime("%Y-%m")
    assert listed(clerk.get("/policies/?view=due")) == listed(
        clerk.get(f"/policies/?due_from={month}&due_until={month}")
    )
    assert listed(clerk.get("/policies/?state=surrendered")) == []
    assert listed(clerk.get("/policies/?street=330203001&view=orphans")) == [
        n for n in listed(clerk.get("/policies/?view=orphans")) if int(n[1:]) % 7 != 6 and int(n[1:]) % 3 != 2
    ]


def test_a_search_for_a_person_leaves_nothing_of_them_in_the_address(site: Cast) -> None:
    clerk = site.client(Role.RESOURCE_CLERK)
    for typed in ("13800000107", "330203198001010107"):
        answer = clerk.post("/policies/find/", {"q": typed, "view": "all"})
        assert answer.status_code == 302
        assert typed not in answer["Location"]
        assert listed(clerk.get(answer["Location"])) == ["P00000107"]
    assert listed(Client().get(answer["Location"], follow=True)) == [], (
        "the mark means nothing to anybody else"
    )
    assert listed(site.client(Role.AUDITOR).get(answer["Location"])) == []
    everybody = clerk.get(clerk.post("/policies/find/", {"q": "张三"})["Location"])
    assert len(listed(everybody)) == 40, "the first page of seventy"
    assert "按姓名" in text(everybody)
    assert clerk.post("/policies/find/", {"q": "P00000003"})["Location"] == "/policies/P00000003/"
    assert listed(clerk.get(clerk.post("/policies/find/", {"q": "0203"})["Location"])) == ["P00000203"]
    assert "没有看懂" in text(clerk.post("/policies/find/", {"q": "12345"}, follow=True))
    assert listed(clerk.get("/policies/?q=13800000107")) == [], (
        "a person's number in an address finds nothing"
    )


def test_personal_data_is_masked_on_every_list_and_record(site: Cast) -> None:
    clerk = site.client(Role.RESOURCE_CLERK)
    for page in ("/policies/?size=100", "/policies/P00000107/", "/ledger/policies/P00000107/"):
        body = text(clerk.get(page))
        assert "张三" not in body
        assert not re.search(r"13800000\d{3}|3302031980\d+", body)
        assert "1幢101室" not in body
    assert "138****0107" in text(clerk.get("/policies/P00000107/"))


def test_an_export_is_masked_text_and_is_counted(site: Cast) -> None:
    clerk = site.client(Role.RESOURCE_CLERK)
    answer = clerk.post(
        "/policies/export/",
        {"pick": ["P00000002", "P00000001", "P00000200"], "query": "?view=all", "reason": REASON},
    )
    sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).active
    rows = list(sheet.iter_rows(values_only=True))[:-1]  # the last line says whose copy it is
    assert rows[0][:4] == ("保单号", "投保人", "手机", "证件号")
    assert {row[0] for row in rows[1:]} == {"P00000001", "P00000002", "P00000200"}
    assert {row[1] for row in rows[1:]} == {"张**"}
    assert "138****0001" in {row[2] for row in rows[1:]}
    assert sheet["A2"].number_format == "@"
    whole = clerk.post("/policies/export/", {"all": "1", "query": "?view=orphans", "reason": REASON})
    sheet = openpyxl.load_workbook(io.BytesIO(whole.content)).active
    assert sheet.max_row == 22
    log = accesslog.log_page(EVERYTHING, LogFilter(kind="export")).rows
    assert [(look.person, look.rows) for look in log] == [
        (site.people[Role.RESOURCE_CLERK], 20), (site.people[Role.RESOURCE_CLERK], 3),
    ]  # fmt: skip


def test_an_export_never_holds_what_is_out_of_scope_or_too_much(
    site: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    lead = site.client(Role.TEAM_LEAD)
    answer = lead.post(
        "/policies/export/", {"pick": ["P00000001", "P00000200"], "query": "", "reason": REASON}
    )
    sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).active
    assert [row[0].value for row in sheet.iter_rows(min_row=2, max_row=sheet.max_row - 1)] == ["P00000001"]
    from tuogu.rules import queries as rules

    few = rules.applicable(site.today).replace(lists__export_rows_max=39)
    monkeypatch.setattr("tuogu.rules.queries.applicable", lambda on: few)
    refused = lead.post("/policies/export/", {"all": "1", "query": "", "reason": REASON}, follow=True)
    assert "共 40 行，超过单次导出上限 39 行；没有导出任何数据" in text(refused)


@pytest.mark.req("N-01")
def test_who_was_responsible_on_a_day_as_known_on_a_day(site: Cast) -> None:
    """The manager holds P…1 since yesterday; today somebody reports that the manager left yesterday."""
    clerk, person = site.client(Role.RESOURCE_CLERK), site.people[Role.ACCOUNT_MANAGER]
    yesterday, today = (site.today - timedelta(days=1)).isoformat(), site.today.isoformat()
    before = f"{site.today - timedelta(days=9)}"

    def held_on(on: str, known: str) -> str:
        return re.sub(r"\s+", " ", text(clerk.get(f"/policies/P00000001/held/?on={on}&known={known}")))

    assert "客户经理甲" in held_on(yesterday, today)
    assert "无人负责" in held_on(before, today)
    ledger.leave(
        person, leave_date=site.today - timedelta(days=1), recorded_at=site.now,
        by=site.people[Role.RESOURCE_CLERK], rule="S0-25",
    )  # fmt: skip
    assert "<b>保全组" in held_on(yesterday, today)
    then = held_on(yesterday, yesterday)
    assert "无人负责" in then, "yesterday nobody knew of it: the file came today"
    assert "按今日所知：<b>保全组" in then
    record = text(clerk.get("/policies/P00000001/"))
    assert "已被后来的记录覆盖" in record, "the first line of the ledger is struck through, not gone"


@pytest.mark.req("N-01", "S0-24")
def test_the_record_shows_both_relations_and_every_line_of_the_ledger(site: Cast) -> None:
    page = text(site.client(Role.RESOURCE_CLERK).get("/policies/P00000100/"))
    assert "业务员9999已于2020-01-01离司" in page
    assert page.count("序 1") == 1
    relations = re.search(r"各种关系.*?</section>", page, re.DOTALL)
    assert relations
    assert "保全组" in relations.group()
    assert "已离司" in relations.group(), "ownership stays with the seller"
    family = re.search(r"同一投保人或被保险人的有效件 (\d+) 件，年缴合计 ¥([\d,.]+)", page)
    assert family
    assert family.groups() == ("1", "1,001.00")


def test_opening_is_noted_and_a_clear_look_needs_a_reason_and_is_counted(site: Cast) -> None:
    clerk, url = site.client(Role.RESOURCE_CLERK), "/policies/P00000107/"
    assert "打开，脱敏" in text(clerk.get(url)), "the look itself is already on the page"
    refused = clerk.post(f"{url}reveal/", {"who": "C000107", "field": "phone", "reason": ""})
    assert "请写明查看原因" in text(refused)
    assert "13800000107" not in text(refused)
    shown = clerk.post(
        f"{url}reveal/", {"who": "C000107", "field": "phone", "reason": "上门前与客户确认时间"}
    )
    assert "13800000107" in text(shown)
    assert "330203198001010107" not in text(shown), "only what was asked for"
    assert "no-store" in shown["Cache-Control"]
    look = accesslog.who_looked("policy", "P00000107")[0]
    assert (look.kind, look.fields, look.reason) == ("reveal", "phone", "上门前与客户确认时间")
    assert "还可查看 19 次" in text(shown)
    assert (
        clerk.post(f"{url}reveal/", {"who": "C000001", "field": "phone", "reason": "别人的客户"}).status_code
        == 404
    )
    assert site.client(Role.AUDITOR).post(f"{url}reveal/", {"who": "C000107"}).status_code == 403


@pytest.mark.req("P-12")
def test_as_many_queries_for_a_thousand_rows_as_for_ten(
    cast: Cast, django_assert_max_num_queries: Any
) -> None:
    """The lists, their totals and the record; every page within a few dozen queries."""
    from django.db import connections
    from django.test.utils import CaptureQueriesContext

    pages = (
        "/policies/?size=200", "/policies/totals/", "/policies/views/", "/policies/?view=buffer&size=200",
        "/ledger/?size=200", "/ledger/count/", "/ledger/batches/", "/policies/P00000001/", "/policies/P00000001/why/",
        "/ledger/policies/P00000001/",
    )  # fmt: skip
    import_rows(cast, [*policy_rows(5, agent=MANAGER), *policy_rows(5, agent=GONE, first=10_000)], days_ago=2)
    asked: dict[str, list[int]] = {}
    for more in (None, 500):
        if more:
            import_rows(
                cast,
                [*policy_rows(more, agent=MANAGER), *policy_rows(more, agent=GONE, first=10_000)],
                days_ago=1,
            )
        for role in (Role.RESOURCE_CLERK, Role.TEAM_LEAD):
            client = cast.client(role)
            for page in pages:
                client.get(page)
                counted = 0
                for alias in connections:
                    with CaptureQueriesContext(connections[alias]) as captured:
                        assert client.get(page).status_code == 200
                    counted += len(captured)
                asked.setdefault(f"{role} {page}", []).append(counted)
    assert {page: counts for page, counts in asked.items() if counts[0] != counts[1]} == {}
    assert max(counts[1] for counts in asked.values()) <= QUERIES_MAX
    totals = text(cast.client(Role.RESOURCE_CLERK).get("/policies/totals/"))
    assert "合计 1,000 件，1,000 户" in totals


@pytest.mark.req("P-18")
def test_the_distribution_record_tells_trigger_old_new_and_time(site: Cast) -> None:
    clerk = site.client(Role.RESOURCE_CLERK)
    subjects = held.subject_ids("core", [f"P{i:08d}" for i in range(100, 103)])["subject_id"].to_list()
    heads = dict(held.holdings(EVERYTHING).select("subject_id", "head").iter_rows())
    asked = pl.DataFrame(
        {
            "subject_id": subjects,
            "custodian_id": [site.other] * 3,
            "expected_head": [heads[s] for s in subjects],
        }
    )
    signed = {"by": site.people[Role.RESOURCE_CLERK], "approved_by": site.people[Role.BRANCH_MANAGER],
              "recorded_at": site.now, "rule": "S0-23"}  # fmt: skip
    batch = ledger.post_batch(
        asked, key="plan:abc:1", effective_date=site.today, reason_code="instalment_1", **signed
    ).batch_id
    ledger.undo_batch(batch, key="undo:1", reason_code="undo", **signed)
    assert [kind for _, kind, _, _ in _lines(clerk.get("/ledger/?number=P00000100"))] == [
        "撤销",
        "下发",
        "建档",
        "建档",
    ]
    found = {
        (number, kind, old, new) for number, kind, old, new in _lines(clerk.get("/ledger/?kind=release"))
    }
    assert found == {(f"P{i:08d}", "下发", "保全组", "方二组甲") for i in range(100, 103)}
    undone = _lines(clerk.get("/ledger/?kind=undo&number=0101"))
    assert undone == [("P00000101", "撤销", "方二组甲", "保全组")]
    assert len(_lines(clerk.get("/ledger/?batch=plan:abc&relation=custody"))) == 3
    assert "共 3 条" in text(clerk.get("/ledger/count/?batch=plan:abc"))
    assert len(_lines(clerk.get(f"/ledger/?custodian={OTHER}&kind=release"))) == 3
    assert _lines(clerk.get(f"/ledger/?to={site.today - timedelta(days=1)}")) == []
    record = text(clerk.get(f"/ledger/batches/{batch}/"))
    assert "第 1 期" in record
    whole = text(clerk.get("/ledger/policies/P00000100/"))
    assert all(f">{word}<span" in whole for word in ("下发", "撤销", "建档")), (
        "one tab for each trigger that there was"
    )
    releases = text(clerk.get("/ledger/policies/P00000100/?kind=release")).split("逐条记录")[-1]
    assert ("保全组" in releases, "方二组甲" in releases, "机构负责人甲" in releases) == (True, True, True)
    assert releases.count("<td>责任</td>") == 1
    assert "已撤销" in record
    assert "机构负责人甲" in record, "who approved"
    assert 'title="undo:1">撤销批次' in text(clerk.get(f"/ledger/batches/{batch + 1}/"))
    opened = text(clerk.get("/ledger/?kind=open"))
    assert "opening" not in opened
    assert '责任台账 <small class="tg-3">N-01</small>' in opened
    home = text(clerk.get("/"))
    assert f'href="/ledger/batches/{batch}/">批次 {batch} · 下发' in home
    assert f"由批次 {batch + 1} 撤销" in text(clerk.get("/ledger/batches/?kind=release"))


def test_the_board_links_no_batch_that_the_viewer_may_not_open(site: Cast) -> None:
    subject = int(held.subject_ids("core", ["P00000100"])["subject_id"].item())
    head = dict(held.holdings(EVERYTHING).select("subject_id", "head").iter_rows())[subject]
    batch = ledger.post_batch(
        pl.DataFrame({"subject_id": [subject], "custodian_id": [site.other], "expected_head": [head]}),
        key="plan:abc:2", by=site.people[Role.RESOURCE_CLERK], approved_by=site.people[Role.BRANCH_MANAGER],
        effective_date=site.today, recorded_at=site.now, rule="S0-23", reason_code="instalment_1",
    ).batch_id  # fmt: skip
    member, clerk = site.client(Role.BUFFER_MEMBER), site.client(Role.RESOURCE_CLERK)
    assert f"批次 {batch} · 下发" in text(member.get("/"))
    assert f"/ledger/batches/{batch}/" not in text(member.get("/"))
    assert member.get(f"/ledger/batches/{batch}/").status_code == 404
    assert f'href="/ledger/batches/{batch}/"' in text(clerk.get("/"))


def test_who_sees_no_plan_is_told_why_and_not_sent_to_import(site: Cast) -> None:
    lead, clerk = site.client(Role.TEAM_LEAD), site.client(Role.RESOURCE_CLERK)
    page = text(lead.get("/plans/"))
    assert "没有你能查看的方案" in page
    assert "先导入在管保单" not in page
    assert "先导入在管保单" in text(clerk.get("/plans/"))


def test_clear_looks_are_counted_only_for_posts_that_may_look(site: Cast) -> None:
    assert "明文查看余 20 次" in text(site.client(Role.RESOURCE_CLERK).get("/"))
    assert "明文查看余" not in text(site.client(Role.AUDITOR).get("/"))


def test_a_record_names_its_institution_and_a_single_premium_as_one(cast: Cast) -> None:
    once = {"payments_per_year": 0, "premium_mode": "single", "payment_term_years": None}
    import_rows(cast, [policy_rows(1, agent=MANAGER)[0] | once, *policy_rows(1, agent=MANAGER, first=1)])
    clerk = cast.client(Role.RESOURCE_CLERK)
    single, yearly = (text(clerk.get(f"/policies/P0000000{i}/")) for i in (0, 1))
    assert "<dt>保费（趸交）</dt><dd>¥1,000.00</dd>" in single
    assert "趸交 ¥" not in single
    assert "<dt>年缴保费</dt><dd>¥1,000.01</dd>" in yearly
    assert '宁波分公司 <span class="tg-id tg-3">B</span>' in yearly


@pytest.mark.parametrize("mark", ["²", "9" * 30, "x"])
def test_an_address_typed_by_hand_never_breaks_a_page(site: Cast, mark: str) -> None:
    clerk, auditor = site.client(Role.RESOURCE_CLERK), site.client(Role.AUDITOR)
    assert clerk.get("/buffer/", {"after": mark, "size": mark, "first": mark}).status_code == 200
    assert auditor.get("/system/accesslog/", {"after": mark}).status_code == 200


def test_the_way_to_the_phone_keeps_the_theme(site: Cast) -> None:
    answer = site.client(Role.ACCOUNT_MANAGER).get("/?theme=dark")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/m/?theme=dark")


def test_numbers_of_people_lead_to_their_policies_and_exports_are_named(site: Cast) -> None:
    clerk = site.client(Role.RESOURCE_CLERK)
    assert f'<a href="/policies/?custodian={MANAGER}">40</a>' in text(clerk.get("/staff/"))
    accesslog_actions.record_export(
        by=site.people[Role.RESOURCE_CLERK], subject="plan 1 register", rows=3, at=site.now, fields="masked"
    )
    log = text(site.client(Role.AUDITOR).get("/system/accesslog/?kind=export"))
    assert 'title="plan 1 register">方案 1 的登记表' in log
    assert "已脱敏" in log


@pytest.mark.req("P-12", "P-18")
def test_the_distribution_record_shows_only_what_is_within_scope(site: Cast) -> None:
    lead = site.client(Role.TEAM_LEAD)
    numbers = {number for number, *_ in _lines(lead.get("/ledger/?size=200"))}
    assert numbers == {f"P{i:08d}" for i in range(40)}
    assert _lines(lead.get("/ledger/?number=P00000100")) == []
    buffer = site.client(Role.BUFFER_MEMBER)
    assert {number for number, *_ in _lines(buffer.get("/ledger/?size=200"))} == {
        f"P{i:08d}" for i in range(100, 120)
    }
    assert org.is_pool(org.buffer_group())


def _lines(answer: Any) -> list[tuple[str, str, str, str]]:
    """number, trigger, old and new holder of each row of the record."""
    rows = re.findall(r"<tr><td>\d\d-\d\d .*?</tr>", text(answer), re.DOTALL)
    found = []
    for row in rows:
        cells = [
            re.sub(r"<[^>]+>", "", cell).strip()
            for cell in re.findall(r"<td[^>]*>(.*?)</td>", row, re.DOTALL)
        ]
        found.append((cells[1], cells[4], cells[5], cells[6]))
    return found
