"""Customers in the pages: one row a customer within scope, filters, search without a trace, the 360° page, clear looks."""

from __future__ import annotations

import re
from typing import Any

import pytest

from cast import Cast
from listed_world import GONE, MANAGER, OTHER, STRANGER, customer_rows, import_rows, policy_rows
from tuogu.accesslog import queries as accesslog
from tuogu.books import queries as books
from tuogu.org import queries as org
from tuogu.org.roles import Role
from tuogu.org.scope import Scope

pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.database]
QUERIES_MAX = 34  # of a list, with the session, the viewer, the shell and the note of the look
QUERIES_OF_A_RECORD_MAX = 60  # every room adds a panel: more rooms, never more rows
FAMILY, MIXED = "C000000", "C000001"


def world() -> list[dict[str, Any]]:
    """20 customers of the manager, 10 orphans, 5 of team 2, 2 of another branch; C000000 holds three and insures C000002;
    C000001 holds one at home and one at the other branch."""
    rows = [
        *policy_rows(20, agent=MANAGER),
        *policy_rows(10, agent=GONE, first=100),
        *policy_rows(5, agent=OTHER, first=200),
        *policy_rows(2, agent=STRANGER, institution="X", first=300),
    ]
    more = policy_rows(3, agent=MANAGER, first=400)
    more[0] |= {"holder_number": FAMILY, "insured_number": FAMILY}
    more[1] |= {"holder_number": FAMILY, "insured_number": "C000002"}
    more[2] |= {
        "holder_number": MIXED,
        "insured_number": MIXED,
        "agent_number": STRANGER,
        "institution_code": "X",
    }
    return [*rows, *more]


@pytest.fixture
def site(cast: Cast) -> Cast:
    rows = world()
    people = customer_rows(rows)
    for person in people:
        person["complaint"] = person["customer_number"] == "C000005"
    import_rows(cast, rows, people)
    return cast


def text(answer: Any) -> str:
    return str(answer.content.decode())


def listed(answer: Any) -> list[str]:
    """Customer numbers of the rows, in their order."""
    return re.findall(r'<a href="/customers/(C\d{6})/\?', text(answer))


def cells(answer: Any, number: str) -> dict[str, str]:
    """The cells of one row by column, without markup."""
    row = next(
        row for row in re.findall(r"<tr>.*?</tr>", text(answer), re.DOTALL) if f"/customers/{number}/" in row
    )
    found = re.findall(r'<td data-col="(\w+)"[^>]*>(.*?)</td>', row, re.DOTALL)
    return {name: re.sub(r"<[^>]+>|\s", "", cell) for name, cell in found}


@pytest.mark.req("P-12")
@pytest.mark.parametrize(
    ("role", "count"),
    [(Role.RESOURCE_CLERK, 35), (Role.TEAM_LEAD, 20), (Role.BUFFER_MEMBER, 10), (Role.AUDITOR, 35)],
)
def test_each_post_lists_the_customers_of_its_own_subtree(site: Cast, role: Role, count: int) -> None:
    client = site.client(role)
    assert len(listed(client.get("/customers/?size=100"))) == count
    assert f"合计 {count} 位" in text(client.get("/customers/totals/"))
    assert f'全部<span class="n">{count}</span>' in text(client.get("/customers/views/"))


@pytest.mark.req("P-12")
def test_figures_count_policies_within_scope_only(site: Cast) -> None:
    """C000001 has one policy at home and one at the other branch: nobody here learns of the second."""
    lead = site.client(Role.TEAM_LEAD)
    mine = cells(lead.get("/customers/?size=100"), MIXED)
    assert (mine["live"], mine["every"], mine["premium"]) == ("1", "1", "1,000.01")
    totals = books.customer_totals(
        org.scope_of(site.people[Role.TEAM_LEAD], site.today), books.CustomerFilter(), as_of=site.today
    )
    everything = books.customer_totals(Scope.everything(), books.CustomerFilter(), as_of=site.today)
    assert (totals.customers, totals.policies) == (20, 22)
    assert (everything.customers, everything.policies) == (37, 40)
    assert MIXED not in listed(lead.get("/customers/?view=several"))
    page = text(lead.get(f"/customers/{MIXED}/"))
    assert "P00000001" in page
    assert "P00000402" not in page
    everywhere = books.customer_page(
        Scope.everything(), books.CustomerFilter(numbers=(MIXED,)), as_of=site.today
    ).rows[0]
    assert (everywhere.live, everywhere.every) == (2, 2)


def test_views_and_filters_show_what_they_say(site: Cast) -> None:
    clerk = site.client(Role.RESOURCE_CLERK)
    orphans = {f"C{i:06d}" for i in range(100, 110)}
    assert set(listed(clerk.get("/customers/?view=orphans"))) == orphans
    assert set(listed(clerk.get("/customers/?custodian=buffer"))) == orphans
    assert set(listed(clerk.get(f"/customers/?custodian={OTHER}"))) == {f"C{i:06d}" for i in range(200, 205)}
    assert set(listed(clerk.get("/customers/?team=T2"))) == {f"C{i:06d}" for i in range(200, 205)}
    assert listed(clerk.get("/customers/?custodian=0000")) == []
    assert listed(clerk.get("/customers/?view=complaint")) == ["C000005"]
    assert listed(clerk.get("/customers/?view=several")) == [FAMILY]
    assert listed(clerk.get("/customers/?policies_min=3")) == [FAMILY]
    assert listed(clerk.get("/customers/?policies_min=4")) == []
    uncoded = listed(clerk.get("/customers/?view=uncoded&size=100"))
    assert uncoded
    assert all(int(number[1:]) % 7 == 6 for number in uncoded)
    coded = set(listed(clerk.get("/customers/?street=330203001&size=100")))
    assert coded
    assert not coded & set(uncoded)
    assert listed(clerk.get("/customers/?view=ended")) == []
    month = site.today.strftime("%Y-%m")
    due = listed(clerk.get("/customers/?view=due"))
    assert due
    assert due == listed(clerk.get(f"/customers/?due_from={month}&due_until={month}"))


@pytest.mark.parametrize(
    "sort", ["number", "-number", "due", "-due", "premium", "-premium", "policies", "-policies"]
)
def test_pages_follow_each_other_in_every_order(site: Cast, sort: str) -> None:
    scope = org.scope_of(site.people[Role.RESOURCE_CLERK], site.today)
    wanted, seen, after = books.CustomerFilter(), [], None
    while True:
        page = books.customer_page(scope, wanted, as_of=site.today, sort=sort, after=after, size=4)
        seen += [row.number for row in page.rows]
        if page.after is None:
            break
        after = page.after
    assert len(seen) == len(set(seen)) == 35
    whole = books.customer_page(scope, wanted, as_of=site.today, sort=sort, size=100)
    assert seen == [row.number for row in whole.rows]
    back = books.customer_page(scope, wanted, as_of=site.today, sort=sort, before=seen[8], size=4)
    assert [row.number for row in back.rows] == seen[4:8]
    assert books.customer_page(scope, wanted, as_of=site.today, sort=sort, after="nobody").rows == ()


def test_a_search_for_a_person_leaves_nothing_of_them_in_the_address(site: Cast) -> None:
    clerk = site.client(Role.RESOURCE_CLERK)
    for typed in ("13800000107", "330203198001010107"):
        answer = clerk.post("/customers/find/", {"q": typed, "view": "all"})
        assert typed not in answer["Location"]
        assert listed(clerk.get(answer["Location"])) == ["C000107"]
        assert listed(site.client(Role.AUDITOR).get(answer["Location"])) == [], "the mark is the session's"
    assert (
        len(listed(clerk.get(clerk.post("/customers/find/", {"q": "张三"})["Location"] + "&size=100"))) == 35
    )
    assert clerk.post("/customers/find/", {"q": "C000107"})["Location"] == "/customers/C000107/"
    assert listed(clerk.get(clerk.post("/customers/find/", {"q": "0107"})["Location"])) == ["C000107"]
    assert "没有看懂" in text(clerk.post("/customers/find/", {"q": "12345"}, follow=True))
    assert listed(clerk.get("/customers/?q=13800000107")) == []


@pytest.mark.req("P-12")
def test_the_page_of_a_customer_shows_policies_family_relations_and_who_looked(site: Cast) -> None:
    clerk = site.client(Role.RESOURCE_CLERK)
    page = text(clerk.get(f"/customers/{FAMILY}/"))
    assert "有效 3 件 / 全部 3 件" in page
    assert "本客户为其投保 1 件" in page
    assert '/customers/C000002/">张**' in page
    assert "张三" not in page
    assert not re.search(r"13800000\d{3}|3302031980\d+|1幢101室", page)
    for relation in ("责任", "归属", "开发权"):
        assert re.search(rf'id="s-r\d">{relation}</h2>', page), "three relations stand apart"
    assert "客户经理甲" in page
    assert "建档" in page, "the history of the relation"
    assert "打开，脱敏" in page, "the look itself"
    other = text(clerk.get("/customers/C000002/"))
    assert "为本客户投保 1 件" in other
    assert "作为被保险人的保单" in other


@pytest.mark.req("P-12", "L-10")
def test_who_is_out_of_scope_is_as_if_not_there(site: Cast) -> None:
    lead, manager = site.client(Role.TEAM_LEAD), site.client(Role.ACCOUNT_MANAGER)
    assert lead.get(f"/customers/{FAMILY}/").status_code == 200
    assert manager.get(f"/customers/{FAMILY}/").status_code == 200, (
        "an account manager opens the own customers"
    )
    for number in ("C000200", "C999999"):
        for client in (lead, manager):
            assert client.get(f"/customers/{number}/").status_code == 404
            assert (
                client.post(
                    f"/customers/{number}/reveal/", {"field": "phone", "reason": "上门拜访"}
                ).status_code
                == 404
            )
        assert lead.get(f"/customers/{number}/beside/?in=all").status_code == 404
    assert manager.get("/customers/").status_code == 403
    assert site.client(Role.ADMINISTRATOR).get(f"/customers/{FAMILY}/").status_code == 403
    assert accesslog.who_looked("customer", "C000200") == []


@pytest.mark.req("L-05")
def test_a_clear_look_needs_a_reason_and_is_counted(site: Cast) -> None:
    clerk, url = site.client(Role.RESOURCE_CLERK), "/customers/C000107/reveal/"
    refused = text(clerk.post(url, {"field": "phone", "reason": ""}))
    assert "请写明查看原因" in refused
    assert "13800000107" not in refused
    shown = clerk.post(url, {"field": "phone", "reason": "上门前与客户确认时间"})
    assert "13800000107" in text(shown)
    assert "330203198001010107" not in text(shown), "only what was asked for"
    assert "no-store" in shown["Cache-Control"]
    look = accesslog.who_looked("customer", "C000107")[0]
    assert (look.kind, look.fields, look.reason) == ("reveal", "phone", "上门前与客户确认时间")
    assert clerk.post(url, {"field": "employer", "reason": "上门前与客户确认时间"}).status_code == 404
    assert site.client(Role.AUDITOR).post(url, {"field": "phone"}).status_code == 403


def test_a_panel_of_another_room_is_one_line_and_says_when_there_is_nothing(
    site: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tuogu.org.rights import Right
    from tuogu.web.customers import panels

    told = panels.Panel(
        Right.READ_BOOKS, lambda viewer, number: {"title": "同意", "moments": []}, "parts/timeline.html"
    )
    hidden = panels.Panel(Right.KEEP_KEYS, lambda viewer, number: {"title": "密钥"}, "parts/timeline.html")
    monkeypatch.setattr(panels, "PANELS", (told, hidden))
    page = text(site.client(Role.RESOURCE_CLERK).get(f"/customers/{FAMILY}/"))
    assert re.search(r"同意</h2></div><div[^>]*>无</div>", page)
    assert "密钥" not in page


@pytest.mark.req("P-12")
def test_as_many_queries_for_hundreds_as_for_ten(cast: Cast) -> None:
    from django.db import connections
    from django.test.utils import CaptureQueriesContext

    pages = (
        "/customers/?size=200", "/customers/totals/", "/customers/views/", "/customers/?view=orphans&size=200",
        "/customers/?custodian=buffer", "/customers/C000001/", "/customers/C000001/beside/?in=all",
        "/policies/P00000001/beside/?in=all",
    )  # fmt: skip
    asked: dict[str, list[int]] = {}
    for count, days in ((5, 2), (300, 1)):
        import_rows(
            cast,
            [*policy_rows(count, agent=MANAGER), *policy_rows(count, agent=GONE, first=10_000)],
            days_ago=days,
        )
        for role in (Role.RESOURCE_CLERK, Role.TEAM_LEAD):
            client = cast.client(role)
            for page in pages:
                client.get(page)
                counted = 0
                for alias in connections:
                    with CaptureQueriesContext(connections[alias]) as captured:
                        assert client.get(page).status_code == 200, page
                    counted += len(captured)
                asked.setdefault(f"{role} {page}", []).append(counted)
    assert {page: counts for page, counts in asked.items() if counts[0] != counts[1]} == {}
    most = {page: counts[1] for page, counts in asked.items()}
    assert max(n for page, n in most.items() if "/C000001/" not in page) <= QUERIES_MAX, most
    assert max(most.values()) <= QUERIES_OF_A_RECORD_MAX, most


def test_the_listing_of_customers_follows_every_import_as_if_it_were_built_anew(site: Cast) -> None:
    from tuogu.books.actions import rebuild_listing
    from tuogu.books.models import ListedCustomer

    later = policy_rows(2, agent=MANAGER, first=500)
    later[0] |= {"holder_number": FAMILY, "insured_number": "C000300"}
    moved = {**world()[0], "holder_number": "C000003", "insured_number": "C000003", "state": "surrendered"}
    rows = [*later, moved]
    import_rows(site, rows, [{**row, "complaint": True} for row in customer_rows(rows)], days_ago=0)
    kept = sorted(ListedCustomer.objects.values_list())
    rebuild_listing(as_of=site.today)
    assert kept == sorted(ListedCustomer.objects.values_list())
    assert ListedCustomer.objects.get(pk="C000003").complaint
    assert ListedCustomer.objects.get(pk="C000003").policies_all == 2
