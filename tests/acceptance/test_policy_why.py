"""Why a policy is with whom it is, in the page: the plan behind it, every rejected candidate, derived again (N-03)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import polars as pl
import pytest
from django.db import connection
from django.test import Client, override_settings

import databases
from branches import Branch, copied_branch
from tuogu import clock
from tuogu.accounts import actions as accounts
from tuogu.accounts.models import Account
from tuogu.books import queries as books
from tuogu.org import actions as org_actions
from tuogu.org import queries as org
from tuogu.org.roles import Role
from tuogu.org.scope import Scope
from tuogu.plans import actions as plans
from tuogu.plans import memory

pytestmark = [pytest.mark.database, pytest.mark.req("N-03")]
EVERYTHING = Scope.everything()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, django_db_blocker: Any) -> Iterator[Branch]:
    """A branch whose first instalment is released; everybody signs in with the staff number."""
    folder = tmp_path_factory.mktemp("why")
    with ExitStack() as stack:
        database, branch = stack.enter_context(copied_branch(folder))
        stack.enter_context(django_db_blocker.unblock())
        stack.enter_context(databases.connected(database))
        stack.enter_context(override_settings(TUOGU_DEMO=True, SECURE_SSL_REDIRECT=False))
        memory.forget()
        today, at = clock.business_today(), clock.now()
        clerk, approver = org.people(EVERYTHING, today).filter(pl.col("series") == "service")["custodian_id"][
            :2
        ]
        for person, role in ((clerk, Role.RESOURCE_CLERK), (approver, Role.BRANCH_MANAGER)):
            org_actions.appoint(person, role, everywhere=True, from_date=today, by=org.machine(), at=at)
        plans.approve(branch.result["plan"], by=approver, at=at, first_release_date=today, note="同意")
        plans.release_due(by=clerk, at=at)
        yield branch


def client_of(person: int) -> Client:
    if not Account.objects.filter(person_id=person).exists():
        accounts.make_account(
            person=person, login=str(person), password="ein-langes-Wort-7", by=org.machine(), at=clock.now(),
            must_change=False,
        )  # fmt: skip
    client = Client()
    client.force_login(Account.objects.get(person_id=person), backend="tuogu.accounts.adapter.StaffBackend")
    return client


def clerk() -> Client:
    people = org.people(EVERYTHING, clock.business_today()).filter(pl.col("series") == "service")
    return client_of(int(people["custodian_id"][0]))


def page(client: Client, number: str, query: str = "") -> str:
    return str(client.get(f"/policies/{number}/why/{query}").content.decode())


def test_a_released_policy_names_its_plan_and_every_rejected_candidate(site: Branch) -> None:
    released = books.assignment_page(EVERYTHING, books.AssignmentFilter(kind="release"), size=5).rows
    assignments, candidates = site.table("assignments"), site.table("candidates")
    assert released
    for entry in released:
        row = assignments.filter(policy_number=entry.number).row(0, named=True)
        ranked = candidates.filter(pl.col("policy_number") == entry.number)
        if ranked.is_empty():
            ranked = candidates.filter(
                pl.col("unit_code") == row["unit_code"], pl.col("policy_number").is_null()
            )
        html = page(clerk(), str(entry.number))
        name = org.known_as([entry.new_custodian_id])[entry.new_custodian_id].name
        assert f"为什么是{name}" in html
        assert f"方案 {site.result['plan']}" in html
        assert "制度 2026.1 版" in html
        assert "尚未下发" not in html
        shown = re.findall(
            r'<span class="tg-id tg-3">(\d+)</span>.*?<td class="tg-detail"[^>]*>(.*?)</td>', html, re.DOTALL
        )
        assert [number for number, _ in shown] == ranked.sort("rank")["staff_number"].to_list()
        assert all(detail for _, detail in shown), "each with the reason"
        assert shown[0][0] == row["staff_number"]


def test_deriving_again_from_the_stored_inputs_gives_the_same_person_and_says_so(site: Branch) -> None:
    number = str(
        books.assignment_page(EVERYTHING, books.AssignmentFilter(kind="release"), size=1).rows[0].number
    )
    stored, again = page(clerk(), number), page(clerk(), number, "?again=1")
    assert "结论与存档一致" in again
    assert "结论与存档一致" not in stored
    table = re.compile(r"<tbody>.*?</tbody>", re.DOTALL)
    assert table.search(stored).group() == table.search(again).group()  # type: ignore[union-attr]  # both have a table


def test_a_policy_still_in_the_pool_says_which_plan_will_move_it_or_why_none_does(site: Branch) -> None:
    waiting = site.table("assignments").filter(pl.col("instalment") == 2)["policy_number"][0]
    html = page(clerk(), waiting)
    assert "尚未下发" in html
    aside = site.table("unplaced").row(0, named=True)
    left = page(clerk(), aside["policy_number"])
    assert "方案没有给它安排客户经理" in left
    assert aside["detail"] in left


def test_a_unit_code_lists_the_policies_of_that_unit(site: Branch) -> None:
    assignments = site.table("assignments")
    unit = assignments["unit_code"].sort()[0]
    html = str(clerk().get(f"/policies/?q={unit}&size=100").content.decode())
    listed = set(re.findall(r'<a class="tg-id" href="/policies/(\w+)/(?:\?[^"]*)?">', html))
    assert listed == set(assignments.filter(unit_code=unit)["policy_number"])


def test_a_policy_of_an_agent_in_post_says_that_no_plan_speaks_of_it(site: Branch) -> None:
    planned = {*site.table("assignments")["policy_number"], *site.table("unplaced")["policy_number"]}
    rows = books.policy_page(EVERYTHING, books.PolicyFilter(), as_of=clock.business_today(), size=100).rows
    own = next(row for row in rows if not row.orphan and row.number not in planned)
    html = page(clerk(), own.number)
    assert "没有方案提到这件保单" in html
    assert "建档" in html


def test_an_account_manager_hears_nothing_of_what_is_not_released(site: Branch) -> None:
    """A policy that the manager holds as agent in post and a plan of others' policies: only the own reasons are told."""
    waiting = site.table("assignments").filter(pl.col("instalment") == 2).row(0, named=True)
    person = int(org.staff_ids([waiting["staff_number"]])["custodian_id"][0])
    org_actions.appoint(
        person, Role.ACCOUNT_MANAGER, institution_code=None, from_date=clock.business_today(), by=org.machine(),
        at=clock.now(),
    )  # fmt: skip
    answer = client_of(person).get(f"/policies/{waiting['policy_number']}/why/")
    assert answer.status_code == 404, "it is still the buffer group's"


def test_a_changed_archive_is_named_and_explains_nothing(site: Branch) -> None:
    number = str(
        books.assignment_page(EVERYTHING, books.AssignmentFilter(kind="release"), size=1).rows[0].number
    )
    with connection.cursor() as cursor:
        cursor.execute("SELECT content FROM plans_plantable WHERE name = 'candidates'")
        (kept,) = cursor.fetchone()
        cursor.execute(
            "UPDATE plans_plantable SET content = %s WHERE name = 'candidates'", [b"PAR1" + bytes(kept)[4:-1]]
        )
    try:
        html = page(clerk(), number, "?again=1")
        assert "与存档摘要不符" in html
        assert "结论与存档一致" not in html
    finally:
        with connection.cursor() as cursor:
            cursor.execute("UPDATE plans_plantable SET content = %s WHERE name = 'candidates'", [bytes(kept)])


def test_the_lists_are_derived_anew_on_the_command_line(site: Branch) -> None:
    today = clock.business_today()

    def shown() -> tuple[object, object]:
        page = books.policy_page(EVERYTHING, books.PolicyFilter(), as_of=today, size=100)
        return page.rows, books.view_counts(EVERYTHING, as_of=today)

    before = shown()
    mains = site.truth("policies").filter(pl.col("kind") == "main").height
    rows = site.command.json("books", "rebuild")["rows"]
    assert 0.9 * mains < rows <= mains, "every accepted main policy, ended ones too"
    assert shown() == before
