"""What is carried to the door, in the pages: registers and signed pages, check-up, family, high-end, estates, scripts."""

from __future__ import annotations

import io
import re
from datetime import date, timedelta
from typing import Any

import openpyxl
import pypdf
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, connection, transaction
from django.test import Client

from cast import Cast
from exported import granted, taken
from listed_world import MANAGER, OTHER, PLACES, customer_rows, import_rows, policy_rows
from tuogu.books.models import Coordinate, ImportRun
from tuogu.core.page_code import PageCode, read_code
from tuogu.exports.models import Export
from tuogu.files.watermark import codes_in
from tuogu.kit import actions
from tuogu.kit import queries as kit
from tuogu.kit.models import Page, Scan, SignedPage
from tuogu.org.roles import Role
from tuogu.org.scope import Scope
from tuogu.regions import actions as regions

pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.database]
EVERYTHING = Scope.everything()
BOSS, MINE, CLERK, LEAD = Role.BRANCH_MANAGER, Role.ACCOUNT_MANAGER, Role.RESOURCE_CLERK, Role.TEAM_LEAD
PDF = b"%PDF-1.4 a scanned page"
DUE = date(2027, 3, 1)
HOLDER, SPOUSE = "C000901", "C000902"
SAMPLE: dict[str, Any] = {  # 来源 L508-545
    "product_name": "**福", "product_type": "whole_life", "sum_insured_fen": 3_000_000, "inception_date": date(2000, 8, 3),
    "payment_term_years": 20, "agent_number": MANAGER, "institution_code": "B", "holder_number": HOLDER,
}  # fmt: skip


@pytest.fixture
def site(cast: Cast) -> Cast:
    """Thirty-six customers of the manager in team 1 (three due each month), three of team 2, the family of the source."""
    family = [
        SAMPLE | {"policy_number": "P90000001", "insured_number": HOLDER, "premium_fen": 228_000},
        SAMPLE | {"policy_number": "P90000002", "insured_number": SPOUSE, "premium_fen": 213_000},
    ]
    policies = [*policy_rows(36, agent=MANAGER), *policy_rows(3, agent=OTHER, first=200), *family]
    people = {row["customer_number"]: row for row in customer_rows(policies)}
    people[HOLDER] |= {"name": "江潮", "sex": "M", "birth_date": date(1966, 1, 9)}
    people[SPOUSE] |= {"name": "欧露", "sex": "F", "birth_date": date(1968, 2, 2)}
    import_rows(cast, policies, list(people.values()))
    return cast


def text(answer: Any) -> str:
    return re.sub(r"\s+", " ", answer.content.decode())


def printed(client: Client, **said: str) -> int:
    """A register printed in the pages."""
    made = client.post("/kit/registers/", {"kind": "contact", "month": "2027-03", **said})
    assert made.status_code == 302, text(made)
    return int(made.headers["Location"].split("/")[-2])


def codes_of(register: int) -> list[str]:
    return [page.code for page in kit.pages_of(register)]


def come_back(client: Client, codes: str, content: bytes = PDF) -> Any:
    return client.post("/kit/returns/", {"scan": SimpleUploadedFile("a.pdf", content), "codes": codes})


@pytest.mark.req("S1-29")
def test_the_contact_register_of_a_month_has_the_columns_of_the_source_masked_and_in_clear(site: Cast):
    client = site.client(MINE)
    register = printed(client)
    paper = text(client.get(f"/kit/registers/{register}/print/"))
    for head in ("保单号", "投保日期", "保额", "保费", "投保人", "被保险人", "联系电话", "地址"):
        assert f">{head}</th>" in paper, head
    due = {
        row["policy_number"]
        for row in policy_rows(36, agent=MANAGER)
        if row["inception_date"].month == DUE.month
    }
    lines = {
        line.policy_number for part in kit.lines(register, site_rules(), clear=True).values() for line in part
    }
    assert lines == due == set(re.findall(r"P0\d{7}", paper)), (
        "what falls due in March, nothing else, all of it"
    )
    assert "张**" in paper
    assert "138****" in paper
    assert not re.search(r"138\d{8}", paper), "masked on paper"
    book = openpyxl.load_workbook(io.BytesIO(taken(client, f"/kit/registers/{register}/file/")))
    assert not re.search(r"138\d{8}", cells_of(book))
    clear = granted(client, site.client(BOSS), f"/kit/registers/{register}/file/", clear="1")
    shown = cells_of(openpyxl.load_workbook(io.BytesIO(clear)))
    assert re.search(r"138\d{8}", shown)
    assert all(code in shown for code in codes_of(register))


def site_rules() -> Any:
    from tuogu.rules import queries as rules

    return rules.applicable(date(2027, 1, 1))


def cells_of(book: Any) -> str:
    return " ".join(
        str(cell) for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row if cell
    )


@pytest.mark.req("N-18")
def test_a_scanned_page_finds_its_register_and_the_last_one_makes_it_signed(site: Cast, monkeypatch: Any):
    monkeypatch.setattr("tuogu.kit.printing._size", lambda _at: 2)
    client = site.client(MINE)
    other, register = printed(client, month="2027-04"), printed(client)
    first, second = codes_of(register)
    assert kit.register(EVERYTHING, register).state == "out"
    back = come_back(client, f" {first.lower().replace('-', ' ')} ")
    assert back.headers["Location"] == f"/kit/registers/{register}/", "the code alone says which register"
    assert kit.register(EVERYTHING, register).state == "partly"
    assert come_back(client, second, PDF + b"2").status_code == 302
    assert kit.register(EVERYTHING, register).state == "signed"
    assert kit.register(EVERYTHING, other).state == "out"
    scan = kit.pages_of(register)[0].scan
    assert granted(client, site.client(BOSS), f"/kit/scans/{scan}/file/") == PDF, "byte for byte"


@pytest.mark.req("N-18")
def test_a_wrong_an_old_and_a_changed_page_are_refused_and_nothing_is_filed(site: Cast):
    client = site.client(MINE)
    register = printed(client)
    (code,) = codes_of(register)
    mistyped = code[:-1] + ("0" if code[-1] != "0" else "1")
    for typed, content, why in (
        (mistyped, PDF, "校验位不符"),
        ("12345", PDF, "页码应为"),
        ("", PDF, "请填写页脚印的页码"),
        (code, b"GIF89a", "须为 PDF、PNG 或 JPEG"),
        (code, b"", "请选择扫描件|不能为空"),
    ):
        refused = come_back(client, typed, content)
        assert refused.status_code == 400
        assert re.search(why, text(refused)), (typed, why)
    page = read_code(code)
    forged = PageCode(page.key, "0000" if page.seal != "0000" else "1111")
    assert "页上的内容摘要与印制时不符" in text(come_back(client, str(forged))), "changed"
    unknown = PageCode("00000000", page.seal)
    assert "没有这一页" in text(come_back(client, str(unknown)))
    again = printed(client)
    assert "已另印新的一份" in text(come_back(client, code)), "old"
    assert kit.register(EVERYTHING, register).state == "replaced"
    assert not SignedPage.objects.exists()
    assert not Scan.objects.exists()
    (fresh,) = codes_of(again)
    mixed = come_back(client, f"{fresh}\n{code}")
    assert "2 份登记表" in text(mixed), "half a scan is not filed"
    assert come_back(client, fresh).status_code == 302
    assert "已经登记过" in text(come_back(client, fresh))


@pytest.mark.req("N-18")
def test_another_teams_register_is_out_of_reach_and_rows_stay_as_they_were_printed(site: Cast):
    boss, lead = site.client(BOSS), site.client(LEAD)
    theirs = printed(boss, person=OTHER, month="2026-09")
    (code,) = codes_of(theirs)
    assert "不在您的范围内" in text(come_back(lead, code))
    assert lead.get(f"/kit/registers/{theirs}/").status_code == 404
    assert (
        lead.post("/kit/registers/", {"kind": "contact", "month": "2027-03", "person": OTHER}).status_code
        == 400
    )
    page = Page.objects.get(register=theirs)
    with pytest.raises(DatabaseError), transaction.atomic():
        Page.objects.filter(pk=page.pk).update(digest="0" * 64)
    before = kit.lines(theirs, site_rules(), clear=True)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE books_customer SET phone_sealed = NULL")
    assert kit.lines(theirs, site_rules(), clear=True) == before, "frozen when it was printed"


def test_an_empty_month_prints_nothing_and_a_given_day_prints_what_was_given(site: Cast):
    client = site.client(MINE)
    assigned = client.post("/kit/registers/", {"kind": "assigned", "day": site.today.isoformat()})
    assert "没有下发给他的保单" in text(assigned), "opened at import, not given by anybody"
    assert "请写明月份" in text(client.post("/kit/registers/", {"kind": "contact", "month": "x"}))
    with pytest.raises(actions.KitRefused, match="没有这种登记表"):
        actions.print_register(
            EVERYTHING, "other", site.people[MINE], DUE, by=site.people[CLERK], at=site.now
        )


@pytest.mark.req("S4-30")
def test_the_family_of_the_source_stands_in_the_page_and_the_paper_with_its_sum_and_gaps(site: Cast):
    client = site.client(MINE)
    page = text(client.get(f"/kit/customers/{HOLDER}/"))
    rows = re.findall(r"<tr><td class=\"tg-nowrap\">(江|欧)\*\*</td><td>(男|女)</td>", page)
    assert rows == [("江", "男"), ("欧", "女")]
    assert "2,280.00" in page
    assert "2,130.00" in page
    assert re.search(r"年交保费合计（有效）</th><td class=\"tg-num\">4,410.00<", page)
    paper = text(client.get(f"/kit/customers/{HOLDER}/print/"))
    assert paper.count('class="tg-paper"') == 3, "the three tables"
    assert "缺口" in paper
    clear = granted(client, site.client(BOSS), f"/kit/customers/{HOLDER}/file/", clear="1")
    sheet = openpyxl.load_workbook(io.BytesIO(clear))["家庭保障分析表"]
    found = [row for row in sheet.iter_rows(values_only=True) if row[0] in ("江潮", "欧露", "合计")]
    assert [(row[0], row[4], row[7]) for row in found] == [
        ("江潮", "**福", 2280),
        ("欧露", "**福", 2130),
        ("合计", None, 4410),
    ]


@pytest.mark.req("S1-29", "N-18")
def test_a_register_as_pdf_holds_what_the_workbook_holds_and_its_page_comes_back_by_its_code(site: Cast):
    client = site.client(MINE)
    register = printed(client)
    (page,) = kit.pages_of(register)
    url = f"/kit/registers/{register}/file/"
    masked, clear = (
        taken(client, url, form="pdf"),
        granted(client, site.client(BOSS), url, form="pdf", clear="1"),
    )
    lines = kit.lines(register, site_rules(), clear=True)[1]
    for content in (masked, clear):
        (said,) = pdf_pages(content)
        assert all(line.policy_number in said and yuan(line.premium_fen) in said for line in lines)
        assert f"页码 {page.code}" in said.replace("\u3000", " ")
        assert page.digest in said
    assert not re.search(r"138\d{8}", pdf_pages(masked)[0])
    assert all(line.phone in pdf_pages(clear)[0] for line in lines)
    export = Export.objects.latest("pk")
    assert export.clear
    traced = trace_text(clear)
    assert export.code in traced, "a copy of the PDF leads to who took it"
    code = re.search(r"页码\s*([0-9A-Z-]+)", pdf_pages(clear)[0]).group(1)
    assert come_back(client, code, clear).headers["Location"] == f"/kit/registers/{register}/"
    assert kit.register(EVERYTHING, register).state == "signed"


@pytest.mark.req("S4-30", "S4-31")
def test_the_sheets_of_a_customer_as_pdf_have_the_familys_sum_and_no_clear_name_when_masked(site: Cast):
    client, url = site.client(MINE), f"/kit/customers/{HOLDER}/file/"
    masked = pdf_pages(taken(client, url, form="pdf"))
    clear = pdf_pages(granted(client, site.client(BOSS), url, form="pdf", clear="1"))
    for check_up, family, survey in (masked, clear):
        assert "P90000001" in check_up
        assert all(figure in family for figure in ("**福", "2,280.00", "2,130.00", "4,410.00"))
        assert "合计" in family
        assert "保障缺口" in family
        assert "客户的地址是否变更？" in survey
    assert not any(name in page for name in ("江潮", "欧露") for page in masked)
    assert "江**" in masked[1]
    assert "江潮" in clear[1]
    assert "欧露" in clear[1]
    assert site.client(LEAD).post("/kit/customers/C000200/file/", {"form": "pdf"}).status_code == 404


def pdf_pages(content: bytes) -> list[str]:
    return [page.extract_text() for page in pypdf.PdfReader(io.BytesIO(content)).pages]


def trace_text(content: bytes) -> list[str]:
    return codes_in(content.decode("utf-8", "ignore").split())


def yuan(fen: int | None) -> str:
    return f"{(fen or 0) / 100:,.2f}"


@pytest.mark.req("S4-30")
def test_what_the_customer_tells_joins_the_table_and_can_be_taken_back(site: Cast):
    client = site.client(MINE)
    assert (
        client.post(f"/kit/customers/{HOLDER}/members/", {"relation": "子女", "name": "江小"}).status_code
        == 302
    )
    family = kit.family(EVERYTHING, HOLDER, site.today, site_rules())
    (child,) = family.told
    said = {
        "member": str(child["id"]), "insurer": "别家人寿", "product_name": "意外险", "kinds": "accident",
        "yearly_premium": "500", "effective_date": "2026-01-01",
    }  # fmt: skip
    for wrong, why in (
        ({"end_date": "2020-01-01"}, "不能早于生效日期"), ({"payment_term_years": "999999999"}, "缴费年期"),
    ):  # fmt: skip
        refused = client.post(f"/kit/customers/{HOLDER}/outside/", said | wrong, follow=True)
        assert why in refused.content.decode()
    refused = client.post(
        f"/kit/customers/{HOLDER}/members/", {"relation": "子女", "birth_date": "31.12.2010"}, follow=True
    )
    assert "日期：请按" in refused.content.decode()
    assert client.post(f"/kit/customers/{HOLDER}/outside/", said).status_code == 302
    family = kit.family(EVERYTHING, HOLDER, site.today, site_rules(), clear=True)
    told = family.table.filter(recorded=True).row(0, named=True)
    assert (told["name"], told["insurer"], told["yearly_premium_fen"]) == ("江小", "别家人寿", 50_000)
    assert family.premium_fen == 441_000 + 50_000
    assert family.gaps.filter(name="江小", kind="accident")["standing"].item() == "covered"
    client.post(f"/kit/customers/{HOLDER}/outside/", {"replaces": str(family.outside[0]["id"])})
    client.post(f"/kit/customers/{HOLDER}/members/{child['id']}/remove/")
    family = kit.family(EVERYTHING, HOLDER, site.today, site_rules())
    assert (family.told, family.outside, family.premium_fen) == ((), (), 441_000)
    stranger = site.client(LEAD)
    stranger.post("/kit/customers/C000200/members/", {"relation": "配偶"})
    assert kit.family(EVERYTHING, "C000200", site.today, site_rules()).told == ()


@pytest.mark.req("S4-31")
def test_the_check_up_sheet_prints_from_data_with_gaps_and_due_dates(site: Cast):
    due = site.today + timedelta(days=10)
    late = {
        "policy_number": "P80000001", "holder_number": "C000801", "insured_number": "C000801", "agent_number": MANAGER,
        "institution_code": "B", "state": "lapsed", "lapse_date": site.today - timedelta(days=30),
    }  # fmt: skip
    soon = late | {
        "policy_number": "P80000002", "state": "in_force", "lapse_date": None, "payment_term_years": None,
        "inception_date": date(2019, due.month, min(due.day, 28)),
    }  # fmt: skip
    import_rows(site, [late, soon], [{"customer_number": "C000801", "phone": None}], days_ago=0)
    page = text(site.client(MINE).get("/kit/customers/C000801/print/"))
    assert "前可申请复效" in page
    assert "资料缺" in page
    assert "联系电话" in page or "电话" in page
    sheet = kit.sheet(EVERYTHING, "C000801", site.today, site_rules())
    dues = dict(sheet.select("policy_number", "next_due_date").iter_rows())
    assert dues["P80000001"] is None
    assert dues["P80000002"] >= site.today
    assert all("尚未检查整理" in findings for findings in sheet["findings"])
    assert site.client(LEAD).get("/kit/customers/C000200/").status_code == 404


@pytest.mark.req("S4-29")
def test_high_end_is_twenty_thousand_a_year_over_all_policies_of_a_customer(site: Cast):
    base = {"agent_number": MANAGER, "institution_code": "B"}
    rows = [
        base
        | {"policy_number": f"P7000000{n}", "holder_number": who, "insured_number": who, "premium_fen": fen}
        for n, (who, fen) in enumerate([("C000701", 1_999_999), ("C000702", 1_500_000), ("C000702", 500_000)])
    ]
    import_rows(site, rows, [{"customer_number": "C000701"}, {"customer_number": "C000702"}], days_ago=0)
    page = text(site.client(MINE).get("/kit/high-end/"))
    assert "C000702" in page
    assert "20,000.00" in page
    assert "C000701" not in page, "19,999.99 is not"
    book = openpyxl.load_workbook(io.BytesIO(taken(site.client(MINE), "/kit/high-end/file/")))
    assert "C000702" in cells_of(book)


@pytest.mark.req("S4-32")
def test_estates_by_threshold_and_what_the_sites_reach(site: Cast):
    orphans = [row | {"agent_number": "9999"} for row in policy_rows(60, agent="9999", first=300)]
    import_rows(site, orphans, customer_rows(orphans), days_ago=0)
    run = ImportRun.objects.latest("pk")
    for place, (code, lon) in enumerate(zip(PLACES, (121.50, 121.51, 121.90), strict=True)):
        Coordinate.objects.create(
            region_code=code,
            longitude=lon,
            latitude=29.87 + place / 1000,
            datum="GCJ-02",
            source="test",
            import_run=run,
        )
    known = [
        (row["holder_number"], b"", "330203001", "白沙小区")
        for row in orphans
        if int(row["holder_number"][1:]) % 3 == 0
    ]
    regions.know_addresses(known)
    report = kit.estate_report(EVERYTHING, site_rules())
    assert "白沙小区" in report["estate"].to_list()
    many = site_rules()["estates.many_customers"]
    assert all((row["customers"] >= many) == (row["work"] == "community_work") for row in report.to_dicts())
    client = site.client(BOSS)
    page = text(client.get("/kit/estates/", {"sites": PLACES[0]}))
    reach = kit.reach(report, [PLACES[0]], 3, site_rules())
    standing = {row["community_code"]: row["standing"] for row in reach.covered.to_dicts()}
    assert standing == {PLACES[0]: "within", PLACES[1]: "within", PLACES[2]: "beyond"}
    assert "服务半径外" in page
    suggested = kit.reach(report, [], 1, site_rules())
    assert suggested.suggested
    assert suggested.sites["site"].item() in PLACES[:2], "the place that reaches most customers"
    assert "白沙小区" in cells_of(
        openpyxl.load_workbook(io.BytesIO(taken(client, "/kit/estates/file/", sites=PLACES[0])))
    )


@pytest.mark.req("S1-24")
def test_call_scripts_by_transfer_reason_are_used_once_a_second_person_approved_them(site: Cast):
    clerk, said = site.client(CLERK), {
        "name": "YF-剥离", "use": "call_stripped", "effective_date": site.today.isoformat(),
        "opening": "您好，您的保单改由我服务。",
        "closing": "谢谢，再见。", "ask.when": "什么时候方便我来拜访？",
    }  # fmt: skip
    form = text(clerk.get("/corrections/scripts/new/?use=call_stripped"))
    assert "ask.when" in form
    assert "ask.phone" not in form
    made = clerk.post("/corrections/scripts/new/", said)
    assert made.status_code == 302, text(made)
    manager = site.client(MINE)
    assert "您的保单改由我服务" not in text(manager.get("/kit/scripts/")), "waits for a second person"
    site.client(LEAD).post(f"{made.headers['Location']}approve/")
    shown = text(manager.get("/kit/scripts/"))
    stripped = shown[shown.index("约访：剥离保单") : shown.index("行动前再次确认")]
    assert "您的保单改由我服务" in stripped
    assert "YF-剥离-1" in stripped, "what the rulebook names"
    assert "YF-剥离" not in text(clerk.get("/corrections/programmes/new/")), "no script for return visits"
    again = clerk.post("/corrections/scripts/new/", said | {"use": "call_orphan"})
    assert "同名的话术已用于别的用途" in text(again)


@pytest.mark.req("S1-25")
def test_the_hub_lists_what_to_bring_and_what_to_keep_to(site: Cast):
    page = text(site.client(MINE).get("/kit/"))
    tools = ("名片", "工作证", "身份证", "展业证", "客户服务卡", "客户资料册", "活动日志", "签字笔", "鞋套")
    assert all(tool in page for tool in tools)
    assert "提前到达（5 分钟）" in page


@pytest.mark.req("L-07")
def test_an_erased_customer_leaves_pages_and_scans_empty_and_the_facts_stand(site: Cast):
    from tuogu.kit import about_person

    client = site.client(MINE)
    register = printed(client)
    (code,) = codes_of(register)
    come_back(client, code)
    line = kit.lines(register, site_rules(), clear=True)[1][0]
    assert about_person._pages(line.holder_number).height == 1
    assert about_person.erase([line.holder_number], by=site.people[CLERK], at=site.now) == 2
    assert kit.lines(register, site_rules(), clear=True) == {1: []}
    assert not Scan.objects.exclude(content_sealed=None).exists()
    assert kit.register(EVERYTHING, register).state == "signed"
    assert "本页内容已随客户的删除清除" in text(client.get(f"/kit/registers/{register}/print/"))


def test_an_auditor_is_told_what_was_printed_and_what_came_back(site: Cast):
    client = site.client(MINE)
    register = printed(client)
    come_back(client, codes_of(register)[0])
    told = kit.audit_tables(site.today, site.today + timedelta(days=1))
    assert {title: frame.height for title, frame in told.items()} == {
        "印制的登记表": 1, "登记表各页": 1, "签名扫描件": 1, "签收的页": 1,
    }  # fmt: skip
    assert "138" not in str(told["登记表各页"].to_dicts())
