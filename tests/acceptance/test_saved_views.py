"""Saved views and chosen columns: kept by the server for a person and a list, shared down the tree, never with a person's
data in them."""

from __future__ import annotations

import re
from typing import Any

import pytest

from cast import Cast
from listed_world import GONE, MANAGER, OTHER, import_rows, policy_rows
from tuogu.accounts import actions as accounts
from tuogu.lists import actions
from tuogu.lists import queries as lists
from tuogu.org import actions as org_actions
from tuogu.org import queries as org
from tuogu.org.roles import Role

pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.database]


@pytest.fixture
def site(cast: Cast) -> Cast:
    import_rows(
        cast,
        [
            *policy_rows(4, agent=MANAGER),
            *policy_rows(3, agent=GONE, first=100),
            *policy_rows(2, agent=OTHER, first=200),
        ],
    )
    return cast


def text(answer: Any) -> str:
    return str(answer.content.decode())


def tabs(answer: Any) -> list[str]:
    """Names of the views above a list."""
    found = re.search(r'<nav class="tg-views".*?</nav>', text(answer), re.DOTALL)
    assert found
    return re.findall(r">([^<>]+?)(?:<span class=\"n\">[^<]*</span>)?</a>", found.group())


def save(client: Any, name: str, query: str = "?view=orphans", **more: Any) -> Any:
    return client.post("/lists/policies/save/", {"name": name, "query": query, **more})


@pytest.mark.req("P-12")
def test_a_view_keeps_filters_order_and_columns_and_opens_as_it_was_saved(site: Cast) -> None:
    clerk = site.client(Role.RESOURCE_CLERK)
    answer = save(
        clerk, "孤儿按保费", "?view=orphans&sort=-premium&after=zz&size=100", column=["number", "premium"]
    )
    page = clerk.get(answer["Location"])
    assert "view=orphans" in answer["Location"]
    assert "sort=-premium" in answer["Location"]
    assert "after" not in answer["Location"]
    assert tabs(page)[-1] == "孤儿按保费"
    assert re.search(r'aria-current="page">孤儿按保费<', text(page))
    assert re.search(r'<th scope="col" class="" data-col="holder" hidden>', text(page))
    numbers = re.findall(r'href="/policies/(P\d{8})/', text(page))
    assert numbers == ["P00000102", "P00000101", "P00000100"]
    assert "孤儿按保费" not in text(site.client(Role.AUDITOR).get("/policies/")), "private"


@pytest.mark.req("L-05")
@pytest.mark.parametrize(
    "query",
    ["?found=abc123", "?q=13800000107", "?q=0107", "?custodian=13800000107", "?street=330203198001010107", "?color=red",
     "?custodian=张三", "?street=" + "1" * 65],
)  # fmt: skip
def test_what_may_be_personal_or_is_unknown_is_never_saved(site: Cast, query: str) -> None:
    clerk = site.client(Role.RESOURCE_CLERK)
    refused = clerk.post("/lists/policies/save/", {"name": "我的", "query": query}, follow=True)
    assert "没有写入任何数据" in text(refused)
    assert lists.views_of(site.people[Role.RESOURCE_CLERK], "policies", site.today) == []
    assert "13800000107" not in "".join(m for m in re.findall(r"alert[^<]*<[^<]*", text(refused)))


def test_a_name_with_a_phone_or_no_name_is_refused(site: Cast) -> None:
    clerk = site.client(Role.RESOURCE_CLERK)
    for name in ("", "   ", "张 13800000107", "长" * 65):
        assert "没有写入任何数据" in text(save(clerk, name) and clerk.get("/policies/?view=all")), name
    assert lists.views_of(site.people[Role.RESOURCE_CLERK], "policies", site.today) == []


def test_the_page_of_a_search_offers_no_saving(site: Cast) -> None:
    clerk = site.client(Role.RESOURCE_CLERK)
    found = clerk.post("/policies/find/", {"q": "张三"})["Location"]
    assert 'id="save-view"' not in text(clerk.get(found))
    assert 'id="save-view"' in text(clerk.get("/policies/?view=all"))


@pytest.mark.req("P-12")
def test_a_shared_view_is_seen_at_and_below_the_sharers_institution_with_the_readers_own_rows(
    site: Cast,
) -> None:
    clerk, lead = site.client(Role.RESOURCE_CLERK), site.client(Role.TEAM_LEAD)
    save(clerk, "分公司口径", "?view=all&sort=number", share="1")
    page = lead.get("/policies/")
    assert "分公司口径" in tabs(page)
    url = re.search(r'href="(/policies/[^"]*saved=\d+)"[^>]*>分公司口径<', text(page))
    assert url
    shown = lead.get(url.group(1).replace("&amp;", "&"))
    assert re.findall(r'href="/policies/(P\d{8})/', text(shown)) == [f"P{i:08d}" for i in range(4)], (
        "team 1 only"
    )
    save(lead, "一组口径", "?view=all", share="1")
    assert "一组口径" not in tabs(clerk.get("/policies/?view=all")), "above the sharer's team"
    stranger = _at_the_other_branch(site)
    assert "分公司口径" not in text(stranger.get("/policies/"))
    view = lists.views_of(site.people[Role.TEAM_LEAD], "policies", site.today)[-1]
    refused = lead.post(f"/lists/views/{view.id}/", {"act": "delete", "list": "policies"}, follow=True)
    assert "不是您存的" in text(refused)
    clerk.post(f"/lists/views/{view.id}/", {"act": "private", "list": "policies"})
    assert "分公司口径" not in tabs(lead.get("/policies/"))


def _at_the_other_branch(site: Cast) -> Any:
    """A colleague with a desk at branch X."""
    machine = org.machine()
    org_actions.appoint(
        site.stranger,
        Role.RESOURCE_CLERK,
        institution_code="X",
        from_date=site.today,
        by=machine,
        at=site.now,
    )
    accounts.make_account(
        person=site.stranger, login="9201", password="noch-ein-Wort-8", by=machine, at=site.now, must_change=False,
        demo=True,
    )  # fmt: skip
    return site.client_of(site.stranger)


def test_views_are_renamed_ordered_deleted_and_one_opens_the_list(site: Cast) -> None:
    clerk, person = site.client(Role.RESOURCE_CLERK), site.people[Role.RESOURCE_CLERK]
    for name in ("甲", "乙", "丙"):
        save(clerk, name, f"?view=all&sort={'number' if name == '甲' else 'due'}")
    ids = {view.name: view.id for view in lists.views_of(person, "policies", site.today)}
    act = lambda which, **data: clerk.post(f"/lists/views/{ids[which]}/", {"list": "policies", **data})  # noqa: E731
    act("丙", act="earlier")
    assert [v.name for v in lists.views_of(person, "policies", site.today)] == ["甲", "丙", "乙"]
    act("甲", act="later")
    assert [v.name for v in lists.views_of(person, "policies", site.today)] == ["丙", "甲", "乙"]
    act("乙", act="rename", name="丁")
    act("乙", act="rename", name="甲")
    assert "已有名为“甲”的视图；没有写入任何数据" in text(clerk.get("/lists/policies/"))
    assert [v.name for v in lists.views_of(person, "policies", site.today)] == ["丙", "甲", "丁"]
    clerk.post("/lists/policies/default/", {"view": ids["甲"]})
    opened = clerk.get("/policies/")
    assert opened.status_code == 302
    assert f"saved={ids['甲']}" in opened["Location"]
    assert clerk.get("/policies/?view=all").status_code == 200, "an address that was asked for is kept"
    act("甲", act="delete")
    assert clerk.get("/policies/").status_code == 200
    assert [v.name for v in lists.views_of(person, "policies", site.today)] == ["丙", "丁"]
    assert text(clerk.get("/lists/policies/")).count("改名</button>") == 2
    assert clerk.get("/lists/none/").status_code == 404


def test_columns_are_kept_for_the_person_and_the_list(site: Cast) -> None:
    clerk = site.client(Role.RESOURCE_CLERK)
    chosen = clerk.post(
        "/lists/policies/columns/", {"column": ["number", "agent"]}, headers={"HX-Request": "true"}
    )
    assert chosen.status_code == 204
    heads = re.findall(r'data-col="(\w+)"( hidden)?', text(clerk.get("/policies/")).split("</thead>")[0])
    assert {name for name, hidden in heads if not hidden} == {"number", "agent"}
    totals = text(clerk.get("/policies/totals/"))
    assert re.search(r'data-col="agent">|data-col="agent" ?>', totals)
    assert 'data-col="premium" hidden' in totals
    other = re.findall(
        r'data-col="(\w+)"( hidden)?', text(site.client(Role.AUDITOR).get("/policies/")).split("</thead>")[0]
    )
    assert ("holder", "") in other, "nobody else's"
    clerk.post("/lists/policies/columns/", {"usual": "1", "query": "?view=all"})
    heads = re.findall(r'data-col="(\w+)"( hidden)?', text(clerk.get("/policies/")).split("</thead>")[0])
    assert ("holder", "") in heads
    assert (
        clerk.post(
            "/lists/policies/columns/", {"column": ["<script>"]}, headers={"HX-Request": "true"}
        ).status_code
        == 409
    )


def test_a_view_of_a_view_is_updated_under_its_name_and_never_doubled(site: Cast) -> None:
    person = site.people[Role.RESOURCE_CLERK]
    first = actions.save_view("policies", "甲", "?view=all", ["number"], by=person, at=site.now)
    again = actions.save_view("policies", "甲", "?view=lapsed", [], by=person, at=site.now)
    assert first == again
    assert [v.query for v in lists.views_of(person, "policies", site.today)] == ["view=lapsed"]
    with pytest.raises(actions.ListRefused, match="没有这个清单"):
        actions.save_view("staff", "甲", "", by=person, at=site.now)
    own = actions.save_view("policies", "乙", "", by=site.other, at=site.now)
    with pytest.raises(actions.ListRefused, match="只有在机构任职"):
        actions.share_view(own, by=site.other, at=site.now)


def test_the_fields_that_a_view_may_keep_are_those_that_the_pages_read() -> None:
    """A field that no page reads would be kept for nothing; one that is missing could never be saved."""
    import inspect

    from tuogu.web.customers import reading as customers
    from tuogu.web.ledger import reading as entries
    from tuogu.web.policies import reading as policies

    searches = {"q", "found", "number", "batch"}
    for name, module in (("policies", policies), ("customers", customers), ("entries", entries)):
        read = set(re.findall(r'(?:asked|query)\.get\("(\w+)"', inspect.getsource(module)))
        assert read - searches == lists.LISTS[name].fields - {"sort"}, name
