"""The privacy desk in the browser: what a customer refuses, asks for and gets; what leaves the house (L-03…L-11, S2-14)."""

from __future__ import annotations

import io
import zipfile
from datetime import timedelta
from typing import Any

import openpyxl
import pytest
from django.test import Client

from cast import Cast
from listed_world import GONE, MANAGER, STRANGER, import_rows, policy_rows
from tuogu.accesslog import queries as looks
from tuogu.books import queries as books
from tuogu.ledger.verifying import verify
from tuogu.org.roles import Role
from tuogu.org.scope import Scope
from tuogu.privacy import queries

pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.database]
MINE, OVER, STRANGE = "C000000", "C000100", "C000300"
DESK = "/privacy/"


@pytest.fixture
def site(cast: Cast) -> Cast:
    """Three customers of the manager, one whose contract ended long ago, one of another branch."""
    over = policy_rows(1, agent=GONE, first=100)
    ended = cast.today - timedelta(days=11 * 366)
    over[0] |= {"state": "matured", "inception_date": ended - timedelta(days=4_000), "end_date": ended}
    strange = policy_rows(1, agent=STRANGER, institution="X", first=300)
    import_rows(cast, [*policy_rows(3, agent=MANAGER), *over, *strange])
    return cast


def text(answer: Any, status: int = 200) -> str:
    assert answer.status_code == status, answer.status_code
    return str(answer.content.decode())


def post(client: Client, url: str, **values: str) -> str:
    answer = client.post(url, values, follow=True)
    return text(answer)


def officer(site: Cast) -> Client:
    return site.client(Role.PRIVACY_OFFICER)


def intake(site: Cast, kind: str, number: str) -> str:
    """The address of a request whose identity was checked."""
    client = officer(site)
    answer = client.post(f"{DESK}new/", {"number": number, "kind": kind, "wish": "请办理"})
    assert answer.status_code == 302, text(answer, 409)
    url = str(answer["Location"])
    post(client, f"{url}act/", act="check", how="document")
    return url


# --- what a customer refuses ------------------------------------------------------------------------


@pytest.mark.req("L-03")
def test_at_the_door_it_takes_two_taps_to_refuse_marketing(site: Cast) -> None:
    phone = site.client(Role.ACCOUNT_MANAGER)
    first = text(phone.get(f"/m/customers/{MINE}/"))
    door = f"{DESK}customers/{MINE}/door/"
    assert door in first  # one tap
    page = text(phone.get(door))
    assert "拒绝营销推介" in page
    assert "张三" not in page
    said = post(phone, door, purpose="marketing", said="refused")  # and two
    assert "即刻起不再列入营销名单" in said
    assert not queries.may_contact(MINE, "marketing", "any").allowed
    assert queries.may_contact(MINE, "service", "sms").allowed  # a due notice goes out
    (row,) = queries.history(MINE)
    assert (row.source, row.by) == ("door", site.people[Role.ACCOUNT_MANAGER])
    assert phone.get(f"{DESK}customers/{OVER}/door/").status_code == 404  # not the manager's
    assert phone.get(f"{DESK}customers/{STRANGE}/door/").status_code == 404


@pytest.mark.req("L-03", "L-11")
def test_the_desk_files_by_purpose_and_channel_and_keeps_the_history(site: Cast) -> None:
    desk, url = site.client(Role.RESOURCE_CLERK), f"{DESK}customers/{MINE}/"
    given = {"source": "call", "source_ref": "HF-2026-3", "text_version": "GZ-2"}
    post(desk, url, purpose="marketing", said="refused", channel="phone", **given)
    assert "拒绝：电话" in text(desk.get(url))
    post(desk, url, purpose="photo", said="given", **given)
    assert queries.may_use(MINE, "photo").allowed
    page = post(desk, url, purpose="photo", said="withdrawn", **given)
    assert not queries.may_use(MINE, "photo").allowed
    assert "HF-2026-3" in page
    assert page.count("GZ-2<") >= 3
    refused = desk.post(url, {"purpose": "service", "said": "refused", **given})
    assert "不能拒绝；未登记" in text(refused, 409)
    assert len(queries.history(MINE)) == 3
    assert desk.get(f"{DESK}customers/{STRANGE}/").status_code == 404
    assert "张三" not in page


def test_the_customers_page_tells_it(site: Cast) -> None:
    desk = site.client(Role.RESOURCE_CLERK)
    post(
        desk, f"{DESK}customers/{MINE}/", purpose="marketing", said="refused", source="call", text_version="1"
    )
    page = text(desk.get(f"/customers/{MINE}/"))
    assert "同意与拒绝" in page
    assert "已拒绝" in page
    listed = text(officer(site).get(f"{DESK}statements/?said=refused"))
    assert f"/privacy/customers/{MINE}/" in listed
    assert "没有符合条件" in text(officer(site).get(f"{DESK}statements/?said=given"))


# --- what a data subject asks for -------------------------------------------------------------------


@pytest.mark.req("L-07")
def test_a_request_runs_from_intake_to_answer_with_dates(site: Cast) -> None:
    url = intake(site, "consents", MINE)
    client = officer(site)
    assert "请办理" in text(client.get(url))
    assert "还没有核实" not in text(client.get(url))
    post(client, f"{url}act/", act="start")
    without = client.post(f"{url}act/", {"act": "answer", "outcome": "refused", "note": ""})
    assert "法律依据" in text(without, 409)
    page = post(client, f"{url}act/", act="answer", outcome="granted", note="已当面打印")
    assert "已答复，请求办结" in page
    assert "已当面打印" in page
    assert MINE in text(client.get(f"{DESK}?view=answered"))
    assert MINE not in text(client.get(DESK))


@pytest.mark.req("L-07")
def test_the_copy_is_made_once_handed_over_and_written_down(site: Cast) -> None:
    url = intake(site, "copy", MINE)
    client = officer(site)
    assert "已记入共享登记" in post(client, f"{url}act/", act="copy")
    assert "只制作一次" in text(client.post(f"{url}act/", {"act": "copy"}), 409)
    answer = client.post(f"{url}copy/")
    assert answer["Content-Type"] == "application/zip"
    assert "no-store" in answer["Cache-Control"]
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert "张三" in archive.read("个人信息副本.json").decode()
    assert looks.who_looked("customer", MINE)[0].person == site.people[Role.PRIVACY_OFFICER]
    assert "客户本人" in text(client.get(f"{DESK}sharing/"))
    assert site.client(Role.INSPECTOR).post(f"{url}copy/").status_code == 403


@pytest.mark.req("L-07")
def test_a_deletion_takes_a_second_person_and_the_chain_still_verifies(site: Cast) -> None:
    url = intake(site, "deletion", OVER)
    client, manager = officer(site), site.client(Role.BRANCH_MANAGER)
    assert "保管期已满" in text(client.get(url))
    post(client, f"{url}act/", act="propose")
    assert client.post(f"{url}decide/", {"decision": "approve"}).status_code == 403
    assert books.shown_customers([OVER], clear=True)[OVER].name == "张三"
    page = post(manager, f"{url}decide/", decision="approve")
    assert "已删除 1 个客户号" in page
    assert books.shown_customers([OVER], clear=True)[OVER].name is None
    assert verify().problems == ()
    assert "已按本人请求删除" in text(client.get(f"{DESK}customers/{OVER}/"))


@pytest.mark.req("L-07")
def test_where_a_contract_lives_the_data_is_blocked_instead(site: Cast) -> None:
    url = intake(site, "deletion", MINE)
    client = officer(site)
    assert "有效合同" in text(client.get(url))
    assert "没有删除任何信息" in text(client.post(f"{url}act/", {"act": "propose"}), 409)
    assert "已停止处理" in post(client, f"{url}act/", act="block", ground="仍有有效合同")
    assert queries.blocked_numbers() == {MINE}
    assert "仍有有效合同" in text(client.get(f"{DESK}customers/{MINE}/"))
    post(client, f"{DESK}customers/{MINE}/lift/", ground="客户撤回请求")
    assert queries.blocked_numbers() == set()


@pytest.mark.req("L-08")
def test_a_request_for_an_explanation_leads_to_why_of_each_policy(site: Cast) -> None:
    url = intake(site, "explanation", MINE)
    assert "/policies/P00000000/" in text(officer(site).get(url))


def test_a_customer_out_of_scope_is_not_taken_in(site: Cast) -> None:
    client = officer(site)
    for number in (STRANGE, "C999999", ""):
        answer = client.post(f"{DESK}new/", {"number": number, "kind": "copy"})
        assert "没有这位客户" in text(answer, 409)
    assert client.get(f"{DESK}requests/999999/").status_code == 404
    assert client.post(f"{intake(site, 'copy', MINE)}act/", {"act": "destroy"}).status_code == 404


# --- what leaves the house --------------------------------------------------------------------------


@pytest.mark.req("L-06")
def test_a_party_is_registered_with_its_assessment_and_the_record_is_printed(site: Cast) -> None:
    client = officer(site)
    given = {"code": "sms-1", "name": "短信平台", "purpose": "服务通知", "ground": "entrusted"}
    post(client, f"{DESK}sharing/parties/", **given)
    assert "还没有个人信息保护影响评估" in text(client.get(f"{DESK}sharing/"))
    wrong = client.post(f"{DESK}sharing/parties/", given | {"assessed": site.today.isoformat()})
    assert "编号" in text(wrong, 409)
    post(client, f"{DESK}sharing/parties/", **given, assessed=site.today.isoformat(), assessment_ref="PIA-7")
    page = text(client.get(f"{DESK}sharing/"))
    assert "PIA-7" in page
    assert "还没有个人信息保护影响评估" not in page
    assert "短信平台" in text(client.get(f"{DESK}sharing/record/"))


@pytest.mark.req("L-06")
def test_periods_are_shown_with_their_grounds(site: Cast) -> None:
    page = text(site.client(Role.AUDITOR).get(f"{DESK}periods/"))
    for words in ("1096 天", "36 个月", "网络安全法", "保险法第八十七条", "还没有更换过密钥"):
        assert words in page


@pytest.mark.req("L-10", "S2-14")
@pytest.mark.parametrize("role", [Role.ADMINISTRATOR, Role.SECURITY_ADMINISTRATOR, Role.IT_OFFICER])
def test_no_administrator_sees_a_customer_here(site: Cast, role: Role) -> None:
    client = site.client(role)
    for path in (
        "",
        "statements/",
        f"customers/{MINE}/",
        f"customers/{MINE}/door/",
        "sharing/",
        "periods/",
        "new/",
    ):
        assert client.get(f"{DESK}{path}").status_code == 403, path


def test_as_many_queries_for_many_requests_as_for_few(site: Cast, django_assert_max_num_queries: Any) -> None:
    client = officer(site)
    for number in (MINE, "C000001", "C000002"):
        intake(site, "copy", number)
        intake(site, "correction", number)
    with django_assert_max_num_queries(30):
        assert text(client.get(DESK)).count("/privacy/requests/") == 6


def exported(client: Client, **wish: str) -> set[str]:
    """Policy numbers of a list taken out as a file."""
    answer = client.post(
        "/policies/export/", {"all": "1", "query": "?view=all", "reason": "核对名单用"} | wish
    )
    sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).active
    return {str(row[0]) for row in list(sheet.iter_rows(values_only=True))[1:-1]}


@pytest.mark.req("L-07", "S2-14")
def test_blocked_data_leaves_in_no_list_and_each_list_leaves_a_line(site: Cast) -> None:
    clerk = site.client(Role.RESOURCE_CLERK)
    before = exported(clerk)
    assert "P00000000" in before
    url = intake(site, "deletion", MINE)
    post(officer(site), f"{url}act/", act="block", ground="仍有有效合同")
    assert exported(clerk) == before - {"P00000000"}
    assert site.client(Role.CALL_CENTRE).post("/policies/export/", {"all": "1"}).status_code == 403
    log = looks.log_page(Scope.everything(), looks.LogFilter(kind="export")).rows
    assert len(log) == 2
    assert {(look.person, look.reason) for look in log} == {(site.people[Role.RESOURCE_CLERK], "核对名单用")}
