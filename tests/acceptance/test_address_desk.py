"""The address desk: what waits, deciding by key, by pattern, undo; a decision outlives the next import (S0-11, L-05)."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from address_world import KNOWN, QINGAN, SHIJIA, YUEJI, code_of, import_addresses
from cast import Cast
from tuogu.accesslog import queries as accesslog
from tuogu.books import actions
from tuogu.books import queries as books
from tuogu.books.models import ListedPolicy
from tuogu.org.roles import Role
from tuogu.org.scope import Scope
from tuogu.regions.models import AddressDecision

pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.database]
ESTATE = "宁波市鄞州区东胜街道欣欣小区{}幢{}室"
QUERIES_MAX = 50
DESK = "/addresses/of/{}/"


@pytest.fixture
def site(cast: Cast) -> Cast:
    """Seven customers: one coded, one ambiguous, one with no address, four of one estate."""
    import_addresses(cast, {
        "C1": f"{KNOWN}3幢201室", "C2": "宁波市月季社区53幢1004室", "C3": "",
        "C4": ESTATE.format(28, 201), "C5": ESTATE.format(9, 305), "C6": ESTATE.format(11, 402),
        "C7": ESTATE.format(28, 201),
    })  # fmt: skip
    return cast


def text(answer: Any) -> str:
    return html.unescape(answer.content.decode())


def page(cast: Cast, url: str, role: Role = Role.RESOURCE_CLERK) -> str:
    return text(cast.client(role).get(url))


def choose(cast: Cast, number: str, community: str) -> Any:
    return cast.client(Role.RESOURCE_CLERK).post(f"{DESK.format(number)}choose/", {"community": community})


@pytest.mark.req("S0-11", "L-05")
def test_the_desk_shows_the_address_masked_with_candidates_and_why(site: Cast) -> None:
    shown = page(site, DESK.format("C2"))
    assert "1004" not in shown
    assert "53幢" not in shown
    assert "月季社区" in shown
    assert [code for code in YUEJI if f'value="{code}"' in shown] == list(YUEJI)
    assert "多个候选，无法区分" in shown
    assert "今日已处理 0，剩余 6" in shown
    assert site.client(Role.RESOURCE_CLERK).get("/addresses/queue/").status_code == 302


@pytest.mark.req("S0-11")
def test_a_decision_codes_the_customer_lists_the_policy_and_goes_to_the_next(site: Cast) -> None:
    answer = choose(site, "C2", YUEJI[1])
    assert answer.headers["Location"] == DESK.format("C3")
    assert code_of("C2") == (YUEJI[1], "coded", "manual")
    assert ListedPolicy.objects.get(number="P2").community_code == YUEJI[1]
    assert ListedPolicy.objects.get(number="P2").display_code
    decision = AddressDecision.objects.get()
    assert (decision.customer_number, decision.outcome, decision.community_code) == ("C2", "coded", YUEJI[1])
    assert "今日已处理 1，剩余 5" in page(site, DESK.format("C3"))
    with pytest.raises(IntegrityError), transaction.atomic():
        AddressDecision.objects.update(community_code=YUEJI[0])


@pytest.mark.req("S0-11", "N-06")
def test_the_last_act_is_taken_back_by_a_further_one(site: Cast) -> None:
    choose(site, "C2", YUEJI[1])
    act = AddressDecision.objects.get().act_id
    client = site.client(Role.RESOURCE_CLERK)
    client.post("/addresses/undo/", {"act": act})
    assert code_of("C2") == (None, "manual", "ambiguous")
    assert ListedPolicy.objects.get(number="P2").community_code is None
    assert [d.outcome for d in AddressDecision.objects.order_by("id")] == ["coded", "withdrawn"]
    again = text(client.post("/addresses/undo/", {"act": act}, follow=True))
    assert "已经撤销过，没有写入任何内容" in again
    assert site.client(Role.BUFFER_MEMBER).post("/addresses/undo/", {"act": act}).status_code == 404


@pytest.mark.req("S0-11")
def test_a_later_import_keeps_the_decision_while_the_address_is_the_same(site: Cast) -> None:
    choose(site, "C2", YUEJI[1])
    import_addresses(site, {"C2": "宁波市月季社区５３幢 1004室"}, days_ago=1)  # the same in other letters
    assert code_of("C2") == (YUEJI[1], "coded", "manual")
    import_addresses(site, {"C2": "宁波市月季社区54幢1004室"}, days_ago=0)
    assert code_of("C2")[1:] == ("manual", "ambiguous")


def test_not_codable_leaves_the_queue_until_the_address_changes(site: Cast) -> None:
    client = site.client(Role.RESOURCE_CLERK)
    client.post(f"{DESK.format('C3')}uncodable/", {"why": "没有地址"})
    assert code_of("C3") == (None, "manual", "not_codable")
    assert "今日已处理 1，剩余 5" in page(site, DESK.format("C2"))
    refused = text(client.post(f"{DESK.format('C2')}uncodable/", {"why": " "}, follow=True))
    assert "没有写入任何内容" in refused
    import_addresses(site, {"C3": f"{KNOWN}8幢"}, days_ago=0)
    assert code_of("C3")[:2] == (SHIJIA, "coded")


@pytest.mark.req("S0-11")
def test_a_pattern_is_coded_at_once_after_its_exact_count_and_undone_at_once(site: Cast) -> None:
    listed = page(site, "/addresses/patterns/")
    url = re.search(r'href="(/addresses/pattern/\?[^"]+)"', listed)
    assert url
    shown = page(site, url.group(1))
    assert "待办中符合 4 件" in shown
    assert "201" not in re.sub(r"3302\d+", "", shown.split("样例")[1])
    client = site.client(Role.RESOURCE_CLERK)
    form = {"area": "330212009", "fragment": "欣欣小区", "community": QINGAN}
    wrong = text(client.post("/addresses/pattern/", form | {"expected": 3}, follow=True))
    assert "确认的是 3 件，现在符合的是 4 件" in wrong
    assert code_of("C4")[1] == "manual"
    client.post("/addresses/pattern/", form | {"expected": 4})
    assert {code_of(f"C{n}") for n in (4, 5, 6, 7)} == {(QINGAN, "coded", "manual")}
    assert len({d.act_id for d in AddressDecision.objects.all()}) == 1
    client.post("/addresses/undo/", {"act": AddressDecision.objects.first().act_id})
    assert {code_of(f"C{n}")[1] for n in (4, 5, 6, 7)} == {"manual"}


@pytest.mark.req("S0-11")
def test_what_neighbours_were_coded_to_is_evidence_for_the_next(site: Cast) -> None:
    choose(site, "C4", QINGAN)
    choose(site, "C5", QINGAN)
    scope = Scope.everything()
    item = books.desk_item(scope, "C6", on=site.today, limit=9)
    assert item is not None
    best = item.spots[0].candidate
    assert (best.code, best.evidence[0].kind, best.evidence[0].count) == (QINGAN, "neighbours", 2)
    same = books.desk_item(scope, "C7", on=site.today, limit=9)  # the very address of C4
    assert same is not None
    assert same.spots[0].candidate.evidence[0].kind in ("same_address", "neighbours")
    assert "same_address" in {e.kind for e in same.spots[0].candidate.evidence}


@pytest.mark.req("L-05")
def test_building_and_room_only_with_a_reason_and_a_trace(site: Cast) -> None:
    client = site.client(Role.RESOURCE_CLERK)
    url = f"{DESK.format('C2')}reveal/"
    assert "1004" not in text(client.post(url, {"reason": ""}))
    assert "53幢1004室" in text(client.post(url, {"reason": "同名社区要看幢号"}))
    looks = accesslog.who_looked("customer", "C2", limit=5)
    assert any(look.kind == "reveal" for look in looks)


@pytest.mark.req("P-12")
def test_out_of_scope_does_not_exist_and_other_posts_may_not(site: Cast) -> None:
    client = site.client(Role.BUFFER_MEMBER)  # sees what the pool and the own people hold
    assert client.get(DESK.format("C2")).status_code == 404
    assert client.post(f"{DESK.format('C2')}choose/", {"community": YUEJI[0]}).status_code == 404
    assert code_of("C2")[1] == "manual"
    assert site.client(Role.TEAM_LEAD).get(DESK.format("C2")).status_code == 403
    assert site.client(Role.BRANCH_MANAGER).get("/addresses/").headers["Location"] == "/codebook/"


def test_a_community_that_is_not_in_the_code_book_is_refused(site: Cast) -> None:
    for code in ("330212009999", "999999999999", "33021200900", "x", ""):
        answer = site.client(Role.RESOURCE_CLERK).post(
            f"{DESK.format('C2')}choose/", {"community": code}, follow=True
        )
        assert "没有写入任何内容" in text(answer)
    assert not AddressDecision.objects.exists()


def test_skipping_puts_aside_for_this_session_and_nothing_is_lost(site: Cast) -> None:
    client = site.client(Role.RESOURCE_CLERK)
    assert client.post(f"{DESK.format('C2')}skip/").headers["Location"] == DESK.format("C3")
    assert client.get("/addresses/queue/").headers["Location"] == DESK.format("C3")
    client.post("/addresses/of/none/skip/", {"back": "1"})
    assert client.get("/addresses/queue/").headers["Location"] == DESK.format("C2")


def test_the_search_finds_communities_by_name_official_and_display_code(site: Cast) -> None:
    url = f"{DESK.format('C2')}search/"
    display = ListedPolicy.objects.get(number="P1").display_code
    assert f'value="{SHIJIA}"' in page(site, f"{url}?q=史家")
    assert f'value="{SHIJIA}"' in page(site, f"{url}?q={SHIJIA}")
    assert f'value="{SHIJIA}"' in page(site, f"{url}?q={display}")
    assert "没有含" in page(site, f"{url}?q=无此社区")


def test_pages_ask_no_more_queries_for_a_longer_queue(site: Cast) -> None:
    client = site.client(Role.RESOURCE_CLERK)
    client.get(DESK.format("C2"))
    with CaptureQueriesContext(connection) as short:
        client.get(DESK.format("C2"))
    import_addresses(site, {f"C{n}": ESTATE.format(n, 101) for n in range(20, 60)}, days_ago=1)
    with CaptureQueriesContext(connection) as long:
        assert "剩余 46" in text(client.get(DESK.format("C2")))
    assert len(long) <= len(short) + 1
    assert len(long) <= QUERIES_MAX


def test_what_is_learnt_holds_no_number_and_can_be_learnt_again(site: Cast) -> None:
    from tuogu.regions.models import KnownAddress

    rows = list(KnownAddress.objects.values_list("area_code", "fragment"))
    assert len(rows) == 7
    assert not any(re.search(r"\d", fragment) for _, fragment in rows)
    KnownAddress.objects.all().delete()
    assert actions.learn_missing_addresses(on=site.today) == 7
    assert actions.learn_missing_addresses(on=site.today) == 0
    assert sorted(KnownAddress.objects.values_list("area_code", "fragment")) == sorted(rows)


@pytest.mark.req("S0-11")
@pytest.mark.parametrize("act", ["choose", "uncodable", "skip"])
def test_nothing_long_is_put_into_an_address(site: Cast, act: str) -> None:
    form = {"community": YUEJI[1], "why": "原文不完整", "reason": "长" * 3_000}
    answer = site.client(Role.RESOURCE_CLERK).post(f"{DESK.format('C2')}{act}/", form)
    assert answer.headers["Location"] == DESK.format("C3")
    long = site.client(Role.RESOURCE_CLERK).get("/addresses/queue/", {"reason": "长" * 3_000})
    assert long.headers["Location"].startswith("/addresses/of/")
    kept = site.client(Role.RESOURCE_CLERK).post(f"{DESK.format('C4')}skip/", {"reason": "unknown_community"})
    assert kept.headers["Location"].endswith("?reason=unknown_community")


@pytest.mark.req("S0-11")
def test_a_long_reason_is_refused_with_how_long_it_may_be(site: Cast) -> None:
    answer = site.client(Role.RESOURCE_CLERK).post(
        f"{DESK.format('C2')}uncodable/", {"why": "长" * 3_000}, follow=True
    )
    assert answer.status_code == 200
    assert "请写明为什么无法编码（1 至 60 个字）" in text(answer)
    assert not AddressDecision.objects.exists()


@pytest.mark.req("S0-10")
def test_the_code_book_says_its_sources_in_words(site: Cast) -> None:
    shown = page(site, "/codebook/of/330212/")
    assert "民政部与国家统计局一致" in shown
    assert "both" not in shown
