"""Homes of the staff that no import could locate: on a desk of their own, decided, kept by the next import, taken back."""

from __future__ import annotations

import html
from datetime import timedelta
from typing import Any

import polars as pl
import pytest
from django.db import DatabaseError, transaction

import intake_sheets as sheets
from address_world import CITY, KNOWN, QINGAN, SHIJIA, Quiet
from cast import Cast
from tuogu.books import actions, queries
from tuogu.books.models import StaffHome
from tuogu.jobs import storing
from tuogu.org import queries as org
from tuogu.org import rights
from tuogu.org.rights import Right
from tuogu.org.roles import Role
from tuogu.org.scope import Scope
from tuogu.regions.failures import RegionsRefused
from tuogu.regions.models import HomeDecision

pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.database]
VAGUE = "宁波市鄞州区东胜街道欣欣小区28幢201室"
LIST, ITEM = "/addresses/homes/", "/addresses/homes/{}/"
LOST, FOUND = "8001", "8002"
CLERK = Role.RESOURCE_CLERK


def import_people(cast: Cast, *, lost: str = VAGUE, days_ago: int = 2) -> None:
    """Two people of team 1 by the product's own import: one whose home nobody can read, one whose home is clear."""
    day = cast.today - timedelta(days=days_ago)
    homes = {LOST: lost, FOUND: f"{KNOWN}5幢102室"}
    people = [
        {"staff_number": number, "name": f"员工{number}", "team_code": "T1", "institution_code": "B", "left_date": None,
         "address": home, "phone": f"1390000{number}"}
        for number, home in homes.items()
    ]  # fmt: skip
    raw = sheets.workbook(
        sheets.sheet("policies", {"policy_number": "P1", "holder_number": "C1", "insured_number": "C1",
                                  "agent_number": FOUND, "institution_code": "B"}),
        sheets.sheet("customers", {"customer_number": "C1", "address": f"{KNOWN}3幢201室", "id_number": None}),
        sheets.sheet("people", *people),
    )  # fmt: skip
    storing.import_file(
        raw, name="people.xlsx", coverage="partial", data_date=day, classified_on=cast.today, city=CITY,
        by=cast.people[CLERK], clock=lambda: cast.now, progress=Quiet(),
    )  # fmt: skip


@pytest.fixture
def site(cast: Cast) -> Cast:
    import_people(cast)
    return cast


def text(answer: Any) -> str:
    return html.unescape(answer.content.decode())


def home_of(number: str) -> tuple[str | None, str, str | None]:
    person = org.staff_ids([number])["custodian_id"][0]
    row = StaffHome.objects.get(person_id=person)
    return row.community_code, row.code_status, row.code_reason


def decide(cast: Cast, **said: str) -> str:
    return text(cast.client(CLERK).post(f"{ITEM.format(LOST)}decide/", said, follow=True))


@pytest.mark.req("S0-14")
def test_a_home_that_was_not_located_is_decided_and_plans_read_it(site: Cast) -> None:
    assert home_of(LOST)[1] == "manual"
    assert home_of(FOUND)[0] == SHIJIA
    listed = text(site.client(CLERK).get(LIST))
    assert LOST in listed
    assert FOUND not in listed
    assert "员工住址" in text(site.client(CLERK).get("/addresses/queue/", follow=True)), (
        "beside the customers' desk"
    )
    shown = text(site.client(CLERK).get(ITEM.format(LOST), {"q": "庆安"}))
    assert QINGAN in shown
    assert "住址已编码" in decide(site, community=QINGAN)
    assert home_of(LOST) == (QINGAN, "coded", "manual")
    assert LOST not in text(site.client(CLERK).get(LIST))
    homes = {home.staff_number: home for home in queries.homes(Scope.everything(), site.today)}
    assert homes[LOST].community == "庆安社区", "with its name, though nobody else lives there"
    book, _codebook = storing._stored_book(CITY, site.today, rulebook(site), Quiet(), None)
    planned = dict(book.homes.select("key", "community_code").iter_rows())
    assert (planned[LOST], planned[FOUND]) == (QINGAN, SHIJIA)


def rulebook(site: Cast) -> Any:
    from tuogu.rules import queries as rules

    return rules.applicable(site.today)


@pytest.mark.req("S0-14")
def test_a_decision_outlives_the_next_import_while_the_address_is_the_same(site: Cast) -> None:
    decide(site, community=QINGAN)
    import_people(site, days_ago=1)
    assert home_of(LOST) == (QINGAN, "coded", "manual")
    import_people(site, lost="宁波市鄞州区东胜街道乐乐小区1幢", days_ago=0)
    assert home_of(LOST)[1] == "manual", "another address was never judged"
    assert LOST in text(site.client(CLERK).get(LIST))


@pytest.mark.req("S0-14", "N-06")
def test_a_decision_is_a_row_that_stays_and_only_who_made_it_takes_it_back(site: Cast) -> None:
    before = home_of(LOST)
    decide(site, community=QINGAN)
    with pytest.raises(RegionsRefused, match="没有你作出的"):
        actions.undo_home(Scope.everything(), LOST, by=site.people[Role.BUFFER_MEMBER], at=site.now)
    assert home_of(LOST)[0] == QINGAN
    assert "回到判定以前" in decide(site, undo="1")
    assert home_of(LOST) == before
    assert [row.outcome for row in HomeDecision.objects.order_by("pk")] == ["coded", "withdrawn"]
    with pytest.raises(DatabaseError), transaction.atomic():
        HomeDecision.objects.update(community_code=SHIJIA)
    table = queries_of_regions(site)
    assert table["人员"].to_list() == [LOST, LOST]
    assert table["结果"].to_list() == ["已编码", "已撤销"]


def queries_of_regions(site: Cast) -> pl.DataFrame:
    from tuogu.regions import queries as regions

    return regions.audit_tables(site.today - timedelta(days=2), site.today + timedelta(days=2))["住址判定"]


@pytest.mark.req("S0-14")
def test_one_that_cannot_be_coded_leaves_the_list_with_its_reason(site: Cast) -> None:
    assert "1 至 60 个字" in decide(site, why="长" * 61)
    assert not HomeDecision.objects.exists()
    assert "没有在用的社区" in decide(site, community="330212009999")
    decide(site, why="只写了小区名")
    assert home_of(LOST) == (None, "manual", "not_codable")
    assert LOST not in text(site.client(CLERK).get(LIST))


@pytest.mark.req("L-05")
def test_the_address_of_a_colleague_is_for_those_who_may_see_it(
    site: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = text(site.client(CLERK).get(ITEM.format(LOST)))
    assert "欣欣小区" in shown, "who may see homes of colleagues sees it masked"
    assert "28幢" not in shown
    assert "201" not in shown
    without = dict(rights.RIGHTS)
    without[CLERK] = without[CLERK] - {Right.REVEAL_STAFF}
    monkeypatch.setattr(rights, "RIGHTS", without)
    hidden = text(site.client(CLERK).get(ITEM.format(LOST)))
    assert "不能查看同事的住址" in hidden
    assert "欣欣" not in hidden
    assert "东胜" not in hidden
    for role in (Role.TEAM_LEAD, Role.AUDITOR, Role.ADMINISTRATOR):
        assert site.client(role).get(ITEM.format(LOST)).status_code == 403
    assert site.client(CLERK).get(ITEM.format("none")).status_code == 404


@pytest.mark.req("P-12")
def test_a_home_out_of_scope_is_none(site: Cast) -> None:
    assert queries.waiting_homes(Scope.nothing(), site.today) == []
    assert queries.home_item(Scope.nothing(), LOST, on=site.today, limit=5) is None
    with pytest.raises(actions.CodingRefused, match="没有这位在职人员"):
        actions.code_home(Scope.nothing(), LOST, QINGAN, by=site.people[CLERK], at=site.now)
