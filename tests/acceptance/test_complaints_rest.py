"""Complaints about comparable systems, each turned into a scene that cannot happen here: 7, 9, 10, 11, 19 and 20 of the list
that the workbench was built against. The words of the complaint stand in each test's name."""

from __future__ import annotations

import io
import re
from datetime import timedelta
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

import uploads as sent
from cast import PASSWORD, Cast, staff_number
from exported import taken
from listed_world import MANAGER, OTHER, customer_rows, import_rows, policy_rows
from notices_world import leaves, wecom, with_policies
from tuogu.accesslog import queries as accesslog
from tuogu.accounts import actions as accounts
from tuogu.books import queries as books
from tuogu.jobs import queries as jobs
from tuogu.ledger import queries as ledger
from tuogu.notices import actions as notices
from tuogu.notices import queries as noticed
from tuogu.notices.models import ContactLink, ContactTransfer, NoticeCase
from tuogu.org import actions as org_actions
from tuogu.org import queries as org
from tuogu.org.roles import Role
from tuogu.org.scope import Scope
from tuogu.pools import queries as pools

pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.database]
ALL = Scope.everything()
CLERK, BOSS = Role.RESOURCE_CLERK, Role.BRANCH_MANAGER


def page(client: Client, url: str) -> str:
    answer = client.get(url)
    assert answer.status_code == 200, (url, answer.status_code)
    return str(answer.content.decode())


def holder_of(number: str) -> int:
    """Who is responsible for a policy."""
    return int(ledger.holdings(ALL, kind="policy").filter(number=number)["custodian_id"].item())


# 7


@pytest.mark.req("S0-25", "S0-24")
def test_7_a_leavers_customers_are_left_behind_without_anybody(cast: Cast) -> None:
    """They go to the buffer group in the same moment as the leave date: by the form as by a file, each with its reason."""
    import_rows(cast, [*policy_rows(5, agent=MANAGER), *policy_rows(3, agent=OTHER, first=100)])
    held = ledger.holdings(ALL, kind="policy")
    assert held.filter(custodian_id=cast.people[Role.ACCOUNT_MANAGER]).height == 5
    answer = cast.client(CLERK).post(
        reverse("staff:leave", args=[MANAGER]), {"date": cast.today.isoformat(), "reason": "left"}
    )
    assert answer.status_code == 302
    after = ledger.holdings(ALL, kind="policy")
    assert after.height == held.height, "nothing is without anybody"
    assert after.filter(custodian_id=cast.people[Role.ACCOUNT_MANAGER]).is_empty()
    assert after.filter(custodian_id=org.buffer_group()).height == 5
    assert after.filter(custodian_id=cast.other).height == 3, "nobody else's book moves"
    last = ledger.history("P00000002", relation="custody").row(-1, named=True)
    assert (last["rule"], last["reason_code"]) == ("S0-25", "left")
    views = books.view_counts(ALL, as_of=cast.today)
    assert views["orphans"] == 5, "and they are on the list of orphans at once"
    assert page(cast.client(CLERK), "/buffer/").count("P0000000") >= 5


@pytest.mark.req("S0-25")
def test_7_a_file_that_says_left_moves_them_as_the_form_does(cast: Cast) -> None:
    import_rows(cast, policy_rows(4, agent=MANAGER))
    client = cast.client(CLERK)
    head = ("工号", "姓名", "系列", "所属组", "所属机构", "离司日期")
    line = (MANAGER, "客户经理甲", "收展", "T1", "B", cast.today.isoformat())
    key, trial = _tried(client, cast, "人员", head, [line])
    assert trial.result["counts"]["moved_by_leaving"] == 4, "told before it happens"
    sent.imported(client, key)
    assert {holder_of(f"P{i:08d}") for i in range(4)} == {org.buffer_group()}


# 9


@pytest.mark.req("N-07", "L-01")
def test_9_what_is_overdue_is_forgotten_instead_of_reminded_and_listed(cast: Cast) -> None:
    """A notice that is not proved turns red by itself, stands on the red list and on the boss's first page."""
    with_policies(cast, 3)
    left = cast.today - timedelta(days=40)
    leaves(cast, left, recorded=cast.now)
    notices.open_cases(by=org.machine(), at=cast.now)
    assert NoticeCase.objects.count() == 3
    late = cast.now
    notices.tick(by=org.machine(), at=late)
    red = page(cast.client(BOSS), reverse("notices:red"))
    assert set(re.findall(r"P\d{8}", red)) == {f"P{i:08d}" for i in range(3)}
    assert red.count("过 10 天") >= 3, "forty days after the leave, thirty are allowed"
    assert "离职告知红名单 3 件" in page(cast.client(BOSS), "/")
    case = NoticeCase.objects.order_by("policy_number").first()
    assert case is not None
    clerk = cast.client(CLERK)
    clerk.post(reverse("notices:ask_waiver", args=[case.pk]), {"reason": "客户已经自己打来电话问过"})
    assert "P00000000" in page(clerk, reverse("notices:red")), "no single person takes it off the list"


@pytest.mark.req("S0-26")
def test_9_a_step_of_a_round_that_is_late_is_not_listed_for_anybody(cast: Cast) -> None:
    """An overdue step stands on the page of the rounds and on the first page of who leads, until it is done."""
    days = [cast.today - timedelta(days=1), cast.today + timedelta(days=3)]
    form = {
        "name": "十一月轮次", "month": f"{cast.today:%Y-%m}", "institution": "B", "coordinating": "协调小组",
        "title": ["数据清洗", "生成方案"], "department": ["信息技术部", "运营"], "due_date": [d.isoformat() for d in days],
    }  # fmt: skip
    assert cast.client(CLERK).post("/plans/rounds/new/", form).status_code == 302
    late = page(cast.client(CLERK), "/plans/rounds/").split("逾期 1 步")[1].split("</section>")[0]
    assert "数据清洗" in late
    assert "生成方案" not in late
    assert "“数据清洗”逾期" in page(cast.client(BOSS), "/")


# 10


@pytest.mark.req("P-18", "P-05")
def test_10_related_records_are_left_behind_when_customers_are_handed_on(cast: Cast) -> None:
    """Handing on one policy of a customer takes riders and every live policy of the customer along, on all pages at once."""
    rows = policy_rows(3, agent=MANAGER)
    rows[1] |= {"holder_number": "C000000", "insured_number": "C000000"}
    rider = policy_rows(1, agent=MANAGER, first=50)[0] | {
        "kind": "rider", "main_policy_number": "P00000000", "holder_number": "C000000", "insured_number": "C000000",
    }  # fmt: skip
    import_rows(cast, [*rows, rider], customer_rows(rows))
    clerk, boss = cast.client(CLERK), cast.client(BOSS)
    chosen = clerk.post("/transfers/new/", {"list": "customers", "pick": ["C000000"], "query": ""})
    assert 'data-count="2"' in chosen.content.decode(), "both policies, the rider is not counted apart"
    wish = confirmed(chosen) | {"to": "person", "staff_number": OTHER, "reason": "客户搬到二组片区"}
    asked = clerk.post("/transfers/ask/", wish)
    assert asked.status_code == 302
    assert {holder_of(n) for n in ("P00000000", "P00000001")} == {cast.people[Role.ACCOUNT_MANAGER]}
    made = int(re.findall(r"\d+", asked["Location"])[0])
    assert boss.post(f"/transfers/{made}/decide/", {"decision": "agree"}).status_code == 302
    assert {holder_of(n) for n in ("P00000000", "P00000001")} == {cast.other}
    assert holder_of("P00000002") == cast.people[Role.ACCOUNT_MANAGER], "another customer's stays"
    before, after = cast.client(Role.ACCOUNT_MANAGER), _second_phone(cast)
    assert before.get("/m/customers/C000000/").status_code == 404, (
        "nothing of the customer stays with the former"
    )
    record = page(after, "/m/customers/C000000/")
    assert "P00000000" in record
    assert "P00000001" in record
    assert "P00000050" in page(after, "/policies/P00000000/"), "the rider follows its main policy"


@pytest.mark.req("P-05")
def test_10_a_substitute_loses_what_the_absent_person_loses(cast: Cast) -> None:
    """Who stands in sees the customers as long as the absent person has them, and not a request longer."""
    import_rows(cast, policy_rows(2, agent=OTHER))
    org_actions.set_substitute(
        cast.other, cast.people[Role.ACCOUNT_MANAGER], from_date=cast.today, until_date=cast.today + timedelta(days=7),
        reason="休假一周", by=cast.people[CLERK], at=cast.now,
    )  # fmt: skip
    deputy = cast.client(Role.ACCOUNT_MANAGER)
    assert deputy.get("/m/customers/C000001/").status_code == 200
    _hand_on(cast, "C000001", to=staff_number(Role.TEAM_LEAD))
    assert deputy.get("/m/customers/C000001/").status_code == 404
    assert deputy.get("/m/customers/C000000/").status_code == 200


def _second_phone(cast: Cast) -> Client:
    """The account manager of team 2."""
    machine = org.machine()
    org_actions.appoint(cast.other, Role.ACCOUNT_MANAGER, from_date=cast.today, by=machine, at=cast.now)
    accounts.make_account(
        person=cast.other, login=OTHER, password=PASSWORD, by=machine, at=cast.now, must_change=False
    )
    return cast.client_of(cast.other)


def _hand_on(cast: Cast, customer: str, *, to: str) -> None:
    clerk = cast.client(CLERK)
    chosen = clerk.post("/transfers/new/", {"list": "customers", "pick": [customer], "query": ""})
    wish = confirmed(chosen) | {"to": "person", "staff_number": to, "reason": "片区调整，换人负责"}
    asked = clerk.post("/transfers/ask/", wish)
    made = int(re.findall(r"\d+", asked["Location"])[0])
    cast.client(BOSS).post(f"/transfers/{made}/decide/", {"decision": "agree"})


def confirmed(answer: Any) -> dict[str, str]:
    """The fields that the confirmation page posts again."""
    html = answer.content.decode()
    form = re.search(r'<form method="post" action="/transfers/ask/".*?</form>', html, re.DOTALL)
    assert form, html[:400]
    found = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', form.group()))
    return {name: value.replace("&amp;", "&") for name, value in found.items()}


# 11


@pytest.mark.req("P-11", "N-08")
def test_11_the_state_of_a_wecom_inheritance_is_unknown_or_moves_the_policy(
    cast: Cast, settings: Any
) -> None:
    """Waiting, done, refused and full are told apart; custody has its own truth, and none of the four moves it."""
    with_policies(cast, 4)
    clerk, numbers = cast.client(CLERK), [f"C{i:06d}" for i in range(3)]
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["客户号", "企微员工工号", "外部联系人ID"])
    for number in numbers:
        sheet.append([number, MANAGER, f"wm-{number}-refuse" if number == "C000001" else f"wm-{number}"])
    posted = clerk.post(
        reverse("notices:import_contacts"), {"sheet": _file("企微.xlsx", _bytes(book))}, follow=True
    )
    assert "新增 3 位" in posted.content.decode()
    assert holder_of("P00000000") == cast.people[Role.ACCOUNT_MANAGER], "contacts move nobody's policy"
    leaves(cast, cast.today)
    responsible = ledger.holdings(ALL, kind="policy").select("number", "custodian_id")
    clerk.post(reverse("notices:move"), {"giver": MANAGER, "receiver": OTHER})
    seconds = [0.0]
    with wecom(settings, lambda: seconds[0]) as world:
        world.full_at = 1
        notices.hand_over(by=org.machine(), at=cast.now + timedelta(hours=1))
        assert set(ContactTransfer.objects.values_list("state", flat=True)) == {"waiting"}
        waiting = page(clerk, reverse("notices:contacts") + "?state=waiting")
        assert waiting.count("C00000") == 3
        seconds[0] = 25 * 3600
        notices.hand_over(by=org.machine(), at=cast.now + timedelta(hours=30))
    assert dict(ContactTransfer.objects.values_list("customer_number", "state")) == {
        "C000000": "done", "C000001": "refused", "C000002": "full",
    }  # fmt: skip
    links = dict(ContactLink.objects.values_list("customer_number", "person_id"))
    assert links["C000000"] == cast.other
    assert {links["C000001"], links["C000002"]} == {cast.people[Role.ACCOUNT_MANAGER]}, (
        "no contact is made up"
    )
    assert ledger.holdings(ALL, kind="policy").select("number", "custodian_id").equals(responsible)
    standing = dict(noticed.three_relations(ALL, cast.today).select("holder_number", "standing").iter_rows())
    assert standing["C000001"] == "refused"
    assert standing["C000003"] != "done", "who has no contact is not shown as one handed over"


# 19


HEAD = ("客户号", "姓名", "性别", "出生日期", "证件类型", "证件号码", "联系电话", "联系地址")
GOOD = ("张三", "男", "1980-01-01", "其他")


@pytest.mark.req("P-13", "N-01")
def test_19_an_import_stops_at_the_first_bad_row_yet_says_done(cast: Cast) -> None:
    """Bad rows first, in the middle and last: every good row comes in, every bad one comes back once, and it adds up."""
    import_rows(cast, policy_rows(1, agent=MANAGER))
    lines = [(f"D{i:05d}", *GOOD, f"E{i:07d}", f"1380013{i:04d}", "宁波市海曙区白云街道") for i in range(200)]
    bad = {0, 57, 58, 199}
    lines = [(n, "" if i in bad else name, *rest) for i, (n, name, *rest) in enumerate(lines)]
    client = cast.client(CLERK)
    key, trial = _tried(client, cast, "客户", HEAD, lines)
    sheet = next(s for s in trial.result["sheets"] if s["kind"] == "customers")
    assert (sheet["read"], sheet["accepted"], sheet["rejected"]) == (200, 196, 4)
    run = sent.imported(client, key)
    stored = set(books.stored_customers(personal=False)["customer_number"])
    assert {f"D{i:05d}" for i in range(200)} - stored == {f"D{i:05d}" for i in bad}
    text = page(client, f"/imports/runs/{run}/")
    assert "入库 196 行，拒收 4 行" in text
    assert "全部接收" not in text
    back = openpyxl.load_workbook(io.BytesIO(taken(client, f"/imports/runs/{run}/rejects/"))).worksheets[0]
    rows = list(back.iter_rows(min_row=2, values_only=True))
    returned = {str(row[0]): str(row[-1]) for row in rows if row[0] and str(row[0]).startswith("D")}
    assert set(returned) == {f"D{i:05d}" for i in bad}
    assert all("姓名" in why for why in returned.values())


@pytest.mark.req("P-13", "N-12")
def test_19_numbers_ruined_by_scientific_notation_are_taken_for_numbers(cast: Cast) -> None:
    """Two people whose IDs read 3.30203E+17 alike are neither stored nor taken for one; so in every small sheet too."""
    import_rows(cast, policy_rows(1, agent=MANAGER))
    ruined = [
        ("D00001", *GOOD, "3.30203198001011E+17", "13800130001", "宁波市海曙区"),
        ("D00002", *GOOD, "3.30203198001011E+17", "13800130002", "宁波市海曙区"),
        ("3.302E+14", *GOOD, "E0000003", "13800130003", "宁波市海曙区"),
        ("D00004", *GOOD, "E0000004", "1.38001E+10", "宁波市海曙区"),
        ("D00005", *GOOD, "E0000005", "13800130005", "宁波市海曙区"),
    ]
    client = cast.client(CLERK)
    key, trial = _tried(client, cast, "客户", HEAD, ruined)
    assert trial.result["rejected"] == 4
    wrong = [line.wrong for line in jobs.rejected_cells(key, start=0, size=20)[0]]
    assert sum("Excel" in words for words in wrong) >= 3
    sent.imported(client, key)
    stored = set(books.stored_customers(personal=False)["customer_number"])
    assert {n for n in stored if n.startswith("D")} == {"D00005"}
    assert not [n for n in stored if "E+" in n or n.startswith("3302")]

    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["客户号", "企微员工工号", "外部联系人ID"])
    sheet.append(["C000000", MANAGER, "wm-1"])
    sheet.append(["3.302E+14", MANAGER, "wm-2"])
    posted = client.post(
        reverse("notices:import_contacts"), {"sheet": _file("企微.xlsx", _bytes(book))}, follow=True
    )
    assert "第 3 行的号码被 Excel 改成了科学计数" in posted.content.decode()
    assert ContactLink.objects.count() == 0, "nothing was written"


def _tried(client: Client, cast: Cast, title: str, head: Any, lines: Any) -> tuple[str, jobs.Job]:
    """One sheet, sent in with the city named (the cast's institutions name none), and its dry run."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = title
    sheet.append(list(head))
    for line in lines:
        sheet.append(list(line))
    given = {"data_date": cast.today.isoformat(), "coverage": "partial", "city": "330200"}
    answer = client.post("/imports/new/", {"files": [_file(f"{title}.xlsx", _bytes(book))], **given})
    assert answer.status_code == 302, answer.content.decode()[-800:]
    key = answer.headers["Location"].strip("/").split("/")[-1]
    trial = sent.preview(key)
    assert trial.state == "done", trial.failure
    return key, trial


def _bytes(book: openpyxl.Workbook) -> bytes:
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def _file(name: str, content: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, sent.XLSX)


# 20


@pytest.mark.req("S0-23", "L-05")
def test_20_the_phone_is_a_page_to_read_only(cast: Cast) -> None:
    """Today → customer → clear look with a reason → a number to dial → a follow-up written down → the next customer."""
    import_rows(cast, policy_rows(5, agent=MANAGER))
    phone = cast.client(Role.ACCOUNT_MANAGER)
    assert "/m/customers/" in page(phone, "/m/")
    order = re.findall(r'href="/m/customers/(C\d+)/"', page(phone, "/m/customers/"))
    assert sorted(order) == [f"C{i:06d}" for i in range(5)]
    first = page(phone, f"/m/customers/{order[0]}/")
    assert "张三" not in first
    shown = phone.post(f"/m/customers/{order[0]}/reveal/", {"reason": "应收提醒去电"}).content.decode()
    assert f'href="tel:138{int(order[0][1:]):08d}"' in shown
    number = "P" + f"{int(order[0][1:]):08d}"
    assert [look.reason for look in accesslog.who_looked("policy", number) if look.kind == "reveal"] == [
        "应收提醒去电"
    ]
    written = phone.post(
        reverse("pools:contact", args=[order[0]]),
        {"channel": next(iter(pools.CHANNELS)), "outcome": next(iter(pools.OUTCOMES)), "back": "phone"},
        follow=True,
    )
    assert written.redirect_chain[-1][0] == f"/m/customers/{order[0]}/"
    assert len(pools.follow_ups(order[0])) == 1


@pytest.mark.req("S0-23", "P-05")
def test_20_without_next_and_previous_one_goes_back_to_the_list_each_time(cast: Cast) -> None:
    import_rows(cast, policy_rows(5, agent=MANAGER))
    phone = cast.client(Role.ACCOUNT_MANAGER)
    order = re.findall(r'href="/m/customers/(C\d+)/"', page(phone, "/m/customers/"))
    seen, number = [], order[0]
    while number:
        html = page(phone, f"/m/customers/{number}/")
        assert f"{len(seen) + 1} / 5" in html
        before = re.search(r'rel="prev" href="/m/customers/(C\d+)/"', html)
        assert (before.group(1) if before else "") == (seen[-1] if seen else "")
        seen.append(number)
        after = re.search(r'rel="next" href="/m/customers/(C\d+)/"', html)
        number = after.group(1) if after else ""
    assert seen == order


@pytest.mark.req("P-12")
def test_20_follow_ups_of_namesakes_are_mixed_up(cast: Cast) -> None:
    """Everybody here is called 张三 and reads 张**: each line has its community and a last four of its own."""
    import_rows(cast, policy_rows(6, agent=MANAGER))
    phone = cast.client(Role.ACCOUNT_MANAGER)
    html = page(phone, "/m/customers/")
    assert html.count("张**") == 6
    assert len(set(re.findall(r"…(\d{4})</span>", html))) == 6
    assert len(re.findall(r'<h2 class="tg-ph-sec">(?!地址待编码)', html)) >= 2, "grouped by community"
    phone.post(
        reverse("pools:contact", args=["C000003"]),
        {"channel": next(iter(pools.CHANNELS)), "outcome": next(iter(pools.OUTCOMES)), "back": "phone"},
    )
    assert [len(pools.follow_ups(f"C{i:06d}")) for i in range(6)] == [0, 0, 0, 1, 0, 0]
