"""Home, search and the phone on a branch that is planned, approved, released and undone: pages tell what the ledger says."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import polars as pl
import pytest
from django.db import connections
from django.test import Client
from django.test.utils import CaptureQueriesContext

from branch_site import BranchSite, appoint_desks, opened_branch
from tuogu import clock
from tuogu.accesslog import queries as accesslog
from tuogu.books import queries as books
from tuogu.core.census import census
from tuogu.ledger import actions as ledger_actions
from tuogu.ledger import queries as ledger
from tuogu.org import actions as org_actions
from tuogu.org import queries as org
from tuogu.org.roles import Role
from tuogu.org.scope import Scope
from tuogu.plans import actions as plans_actions
from tuogu.plans import queries as plans

pytestmark = pytest.mark.database
EVERYTHING = Scope.everything()
QUERIES_MAX = 42  # a room adds one question of its own, asked of who may act on the answer
HOME_QUERIES_MAX = (
    35  # one question to a dozen rooms whether anything waits, then those that say yes; whatever the stock
)


@dataclass
class Site(BranchSite):
    """A branch with people at their posts; `plan` awaits approval until `release` is called."""

    posted: int | None = None  # id of the posted release

    def page(self, role: Role, url: str) -> str:
        """The page as the person of that post sees it."""
        answer = self.client(self.people[role]).get(url)
        assert answer.status_code == 200, (role, url, answer.status_code)
        return str(answer.content.decode())

    def approve(self) -> None:
        plans_actions.approve(
            self.plan, by=self.people[Role.BRANCH_MANAGER], at=clock.now(),
            first_release_date=clock.business_today(), note="同意",
        )  # fmt: skip

    def release(self) -> None:
        """Approve and release the first instalment, once."""
        if self.posted is None:
            if plans.latest_approved() is None:
                self.approve()
            released = plans_actions.release_due(by=self.people[Role.RESOURCE_CLERK], at=clock.now())
            assert [type(r).__name__ for r in released] == ["Released"]
            self.posted = next(r["id"] for r in plans.scheduled_rows() if r["state"] == "posted")

    def assigned(self, instalment: int) -> pl.DataFrame:
        return self.branch.table("assignments").filter(instalment=instalment)

    def manager(self, place: int = 0) -> tuple[str, int]:
        """Staff number and id of somebody who receives in the first instalment, those with most first."""
        most = (
            self.assigned(1)
            .group_by("staff_number")
            .len()
            .sort("len", "staff_number", descending=[True, False])
        )
        number = most["staff_number"][place]
        return number, int(org.staff_ids([number])["custodian_id"][0])


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, django_db_blocker: Any) -> Iterator[Site]:
    with opened_branch(tmp_path_factory.mktemp("site"), django_db_blocker) as branch:
        yield Site(branch, branch.result["plan"], appoint_desks(lead_of_one_team=False))


def _manager(site: Site, place: int = 0) -> tuple[str, int]:
    number, person = site.manager(place)
    if Role.ACCOUNT_MANAGER not in org.roles_of(person, clock.business_today()):
        org_actions.appoint(
            person, Role.ACCOUNT_MANAGER, institution_code=None, from_date=clock.business_today(), by=org.machine(),
            at=clock.now(),
        )  # fmt: skip
    return number, person


def _customers(client: Client) -> set[str]:
    """Numbers of all customers on the phone's list, page after page."""
    found: set[str] = set()
    url: str | None = "/m/customers/"
    while url is not None:
        html = client.get(url).content.decode()
        found |= set(re.findall(r"/m/customers/([^/\"]+)/", html))
        more = re.search(r'rel="next" href="([^"]+)"', html)
        url = "/m/customers/" + more.group(1).replace("&amp;", "&") if more else None
    return found


def _queries(client: Client, url: str) -> int:
    with ExitStack() as stack:
        captured = [stack.enter_context(CaptureQueriesContext(connections[alias])) for alias in connections]
        assert client.get(url).status_code == 200
    return sum(len(one) for one in captured)


def _todo(html: str) -> str:
    return html.split('id="todo"')[1].split("</section>")[0]


# The tests run in this order: the plan awaits approval, is approved, released, undone.


def test_a_plan_that_awaits_is_on_the_boards_of_who_decides_and_on_no_other(site):
    board = _todo(site.page(Role.BRANCH_MANAGER, "/"))
    assert f"方案 {site.plan} 等你审批" in board
    assert f"/plans/{site.plan}/decide/" in board
    assert "等你审批" not in site.page(Role.RESOURCE_CLERK, "/")
    assert "等你审批" not in site.page(Role.BUFFER_MEMBER, "/")


def test_an_instalment_that_is_due_waits_for_the_clerk_not_for_its_approver(site):
    site.approve()
    board = _todo(site.page(Role.RESOURCE_CLERK, "/"))
    assert f"方案 {site.plan} 第 1 期到期下发，{site.assigned(1).height:,} 件" in board
    assert "今天" in board
    assert "到期下发" not in site.page(Role.BRANCH_MANAGER, "/")


@pytest.mark.req("S0-23")
def test_a_manager_sees_only_what_is_released(site):
    number, person = _manager(site)
    mine = site.assigned(1).filter(staff_number=number)
    later = site.assigned(2).filter(staff_number=number).join(mine, on="holder_number", how="anti")
    client, ours, theirs = site.client(person), mine["holder_number"][0], later["holder_number"][0]
    assert not _customers(client) & set(mine["holder_number"])
    assert client.get(f"/m/customers/{ours}/").status_code == 404

    site.release()
    seen = _customers(client)
    assert set(mine["holder_number"]) <= seen
    assert not set(later["holder_number"]) & seen
    assert client.get(f"/m/customers/{ours}/").status_code == 200
    assert client.get(f"/m/customers/{theirs}/").status_code == 404
    today = client.get("/m/").content.decode()
    assert f"{mine['holder_number'].n_unique()} 户，{mine.height} 件" in today


@pytest.mark.req("S0-20")
def test_the_months_of_all_holders_sum_to_the_census(site):
    site.release()
    start = clock.business_today().replace(day=1)
    _, book = plans.load_plan(site.plan)
    stock = census(book, plans.rulebook_by_plan(site.plan), start)
    holders = ledger.loads(EVERYTHING, kind="policy")["custodian_id"].to_list()
    sums = dict.fromkeys(range(1, 13), 0)
    for holder in holders:
        for month in books.held_by_person(holder, clock.business_today()).months():
            sums[month.first_day.month] += month.orphans
    assert tuple(sums[month] for month in range(1, 13)) == stock.months
    assert sum(stock.months) > 1_000


@pytest.mark.req("S0-20")
def test_the_page_of_months_shows_twelve_columns_that_add_up(site):
    site.release()
    _, person = _manager(site)
    html = site.client(person).get("/m/months/").content.decode()
    html = html[html.index("<table") : html.index("</table>")]
    shown = [int(n.replace(",", "")) for n in re.findall(r"<b>([\d,]+)</b>", html)]
    expected = [m.orphans for m in books.held_by_person(person, clock.business_today()).months()]
    assert shown == [*expected, sum(expected)]
    assert len(expected) == 12
    assert sum(expected) > 0
    assert html.count("低于 25") + html.count("区间内") + html.count("高于 60") == 12


@pytest.mark.req("S0-24")
def test_the_table_of_the_buffer_group_sums_to_what_the_ledger_says(site):
    site.release()
    held = ledger.held_by([org.buffer_group()]).count()
    html = site.page(Role.RESOURCE_CLERK, "/buffer/lines/")
    counts = {why: int(n.replace(",", "")) for why, n in re.findall(r"\?why=(\w+)\">([\d,]+)<", html)}
    total = re.search(r'<td>合计</td><td class="tg-num">([\d,]+)<', html)
    assert total is not None
    assert sum(counts.values()) == held == int(total.group(1).replace(",", ""))
    later = [site.assigned(n).height for n in (2, 3, 4)]
    assert counts["planned"] == sum(later)
    assert next(iter(counts)) == "planned", "what the plan has set aside comes first"
    unplaced = dict(site.branch.table("unplaced").group_by("reason").len().iter_rows())
    assert counts["uncoded"] == unplaced["no_address_code"] > 0, "as the plan's page splits them"
    assert counts["lapsed"] == unplaced["lapsed"] > 0
    assert f"{held:,}" in site.page(Role.RESOURCE_CLERK, "/")


def test_the_months_in_the_band_are_the_plans_and_today_stands_beside_them(site):
    site.release()
    html = site.page(Role.RESOURCE_CLERK, "/")
    band = plans.board(site.plan, EVERYTHING).band
    figure = html.split("方案月应收在区间内")[1].split("</a>")[0]
    assert band.now_outside > band.outside, "three quarters are not released yet"
    assert f"现行 {band.now_outside:,} 处越界，方案 {band.outside:,} 处" in figure
    assert "tg-good" not in figure


@pytest.mark.req("S0-24")
def test_each_line_of_the_buffer_group_leads_to_exactly_its_rows(site):
    site.release()
    lines = {line.reason: line.policies for line in plans.buffer_lines(EVERYTHING)}
    why = min(lines, key=lambda reason: lines[reason])
    numbers: set[str] = set()
    url: str | None = f"/buffer/?why={why}&size=200"
    while url is not None:
        html = site.page(Role.BUFFER_MEMBER, url)
        numbers |= set(re.findall(r'href="/policies/([^/"]+)/"', html))
        more = re.search(r'rel="next" href="([^"]+)"', html)
        url = "/buffer/" + more.group(1).replace("&amp;", "&") if more else None
    assert len(numbers) == lines[why]


def test_nobody_out_of_the_team_is_on_the_board_of_a_lead(site):
    site.release()
    team = org.people(EVERYTHING).filter(pl.col("staff_number") == site.manager()[0])["team_code"][0]
    lead = (
        org.people(EVERYTHING, clock.business_today())
        .filter(pl.col("series") == "marketing")
        .sort("staff_number")
    )
    person = int(lead["custodian_id"][-1])
    org_actions.appoint(
        person,
        Role.TEAM_LEAD,
        institution_code=team,
        from_date=clock.business_today(),
        by=org.machine(),
        at=clock.now(),
    )
    html = site.client(person).get("/").content.decode()
    shown = set(re.findall(r"/staff/(\d+)/", html))
    members = set(org.people(Scope(institution_codes=frozenset({team})))["staff_number"])
    assert site.manager()[0] in shown
    assert shown <= members


def test_pages_cost_the_same_few_queries_however_many_rows(site):
    site.release()
    _, person = _manager(site)
    client = site.client(person)
    few = books.held_by_person(person, clock.business_today()).customers(size=1).rows[0]
    tail = books.held_by_person(person, clock.business_today()).of_customer(few.number)[0].tail
    assert _queries(client, f"/m/customers/?q={tail}") == _queries(client, "/m/customers/") <= QUERIES_MAX
    for role in site.people:
        site.page(role, "/")  # what is counted once for each state of the ledger
        assert _queries(site.client(site.people[role]), "/") <= HOME_QUERIES_MAX, role
    clerk = site.client(site.people[Role.RESOURCE_CLERK])
    site.page(Role.RESOURCE_CLERK, "/buffer/?why=planned")
    assert _queries(clerk, "/buffer/?why=planned&size=40") == _queries(clerk, "/buffer/?why=planned&size=200")


def test_phone_pages_are_light_and_show_nobody_in_clear(site):
    site.release()
    _, person = _manager(site)
    client, held = site.client(person), books.held_by_person(person, clock.business_today())
    numbers = [row.number for row in held.customers(size=40).rows]
    clear = books.shown_customers(numbers, clear=True)
    for url in ("/m/", "/m/customers/", f"/m/customers/{numbers[0]}/", "/m/months/"):
        html = client.get(url).content.decode()
        assert len(html) < 60_000, url
        assert not [c for c in clear.values() if c.phone and c.phone in html], url
        assert not [c for c in clear.values() if c.address and c.address in html], url


def test_a_clear_look_needs_a_reason_is_counted_and_gives_a_number_to_dial(site):
    site.release()
    _, person = _manager(site)
    client, today = site.client(person), clock.business_today()
    rows = books.held_by_person(person, today).customers(size=40).rows
    clear = books.shown_customers([row.number for row in rows], clear=True)
    number = next(n for n, customer in sorted(clear.items()) if customer.phone)
    url = f"/m/customers/{number}/reveal/"
    assert accesslog.reveals_left(person, today, 20) == 20
    assert " checked" not in client.get(f"/m/customers/{number}/").content.decode(), (
        "nobody chose a reason yet"
    )
    refused = client.post(url, {"reason": ""}).content.decode()
    assert "请写明查看原因" in refused
    assert f"tel:{clear[number].phone}" not in refused
    assert accesslog.reveals_left(person, today, 20) == 20
    shown = client.post(url, {"reason": "上门拜访"})
    assert f"tel:{clear[number].phone}" in shown.content.decode()
    assert "今天还可查看 19 次" in shown.content.decode()
    assert "no-store" in shown.headers["Cache-Control"]
    assert accesslog.reveals_left(person, today, 20) == 19
    strange = site.assigned(2)["holder_number"][0]
    assert client.post(f"/m/customers/{strange}/reveal/", {"reason": "上门拜访"}).status_code == 404
    assert accesslog.reveals_left(person, today, 20) == 19


def test_search_goes_straight_to_what_is_meant(site):
    site.release()
    clerk = site.client(site.people[Role.RESOURCE_CLERK])
    row = site.assigned(1).sort("policy_number").row(0, named=True)
    found = clerk.post("/search/", {"q": row["policy_number"]})
    assert found.headers["Location"] == f"/policies/{row['policy_number']}/"
    found = clerk.post("/search/", {"q": row["staff_number"]})
    assert found.headers["Location"] == f"/staff/{row['staff_number']}/"
    key = ledger.recent_batches()[0]
    assert clerk.post("/search/", {"q": key.key}).headers["Location"] == f"/ledger/batches/{key.id}/"
    unit = clerk.post("/search/", {"q": row["unit_code"]}).content.decode()
    assert row["policy_number"] in unit or "在清单里看全部" in unit


def test_search_for_a_person_leaves_nothing_in_an_address(site):
    site.release()
    clerk, number = site.client(site.people[Role.RESOURCE_CLERK]), site.assigned(1)["holder_number"][0]
    person = books.shown_customers([number], clear=True)[number]
    for typed in (person.name, person.phone):
        if typed is None:
            continue
        answer = clerk.post("/search/", {"q": typed})
        trace = answer.headers.get("Location", "") + "".join(
            re.findall(r'href="([^"]*)"', answer.content.decode())
        )
        assert answer.status_code in (200, 302)
        assert typed not in trace
    broken = clerk.post("/search/", {"q": "138-1234-5678"})
    assert broken.status_code == 200
    assert "没有找到" in broken.content.decode()
    assert "138-1234" not in broken.content.decode()


@pytest.mark.req("P-12")
def test_search_finds_nothing_out_of_scope(site):
    site.release()
    _, person = _manager(site, 0)
    number = site.manager(1)[0]
    others = site.assigned(1).filter(staff_number=number)
    html = site.client(person).post("/search/", {"q": others["policy_number"][0]}).content.decode()
    assert "没有找到" in html


def test_an_undo_that_was_asked_waits_for_another_and_takes_the_customers_away(site):
    site.release()
    number, person = _manager(site)
    clerk, manager = site.people[Role.RESOURCE_CLERK], site.people[Role.BRANCH_MANAGER]
    plans_actions.ask_undo(site.posted, by=clerk, at=clock.now(), reason="社区划错")
    assert "申请撤销，等你确认" in _todo(site.page(Role.BRANCH_MANAGER, "/"))
    assert "申请撤销，等你确认" not in _todo(site.page(Role.RESOURCE_CLERK, "/"))
    mine = site.assigned(1).filter(staff_number=number)["holder_number"]
    assert set(mine) <= _customers(site.client(person))
    plans_actions.confirm_undo(site.posted, by=manager, at=clock.now())
    assert not set(mine) & _customers(site.client(person))
    assert site.client(person).get(f"/m/customers/{mine[0]}/").status_code == 404
    lines = {line.reason: line.policies for line in plans.buffer_lines(EVERYTHING)}
    assert lines["undone"] == site.assigned(1).height, "not new: released and taken back"
    assert "fresh" not in lines
    assert "申请撤销" not in _todo(site.page(Role.BRANCH_MANAGER, "/"))


def test_a_leaver_is_on_the_board_with_what_passed_to_the_buffer_group(site):
    today = clock.business_today()
    agents = ledger.loads(EVERYTHING, kind="policy").filter(pl.col("custodian_id") != org.buffer_group())
    person = int(
        agents.filter(~pl.col("custodian_id").is_in(list(site.people.values()))).sort("held")["custodian_id"][
            -1
        ]
    )
    held = agents.filter(custodian_id=person)["held"].item()
    ledger_actions.leave(person, leave_date=today, recorded_at=clock.now(), by=org.machine(), rule="S0-25")
    leave = ledger.recent_leaves(today - timedelta(days=1))[0]
    assert leave.person == person
    lines = {line.reason: line.policies for line in plans.buffer_lines(EVERYTHING)}
    assert lines["leaver"] == held
    assert (
        f"{org.labels([person])[person]}"
        in site.page(Role.AUDITOR, "/").split('id="lv"')[1].split("</section>")[0]
    )


@pytest.mark.req("P-12")
def test_a_record_links_only_to_plans_that_its_reader_may_open(site):
    assert plans.plans_seen([site.plan, 999_999], EVERYTHING) == {site.plan}
    team = Scope(institution_codes=frozenset({"T1"}))
    assert plans.plans_seen([site.plan], team) == frozenset()
