"""People in the pages: leaving with its preview, scope, clear looks under quota, duty, posts, accounts."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from typing import Any

import polars as pl
import pytest
from django.test import Client
from django.urls import reverse

import branch as tiny
from cast import Cast, staff_number
from ledger_world import policies
from tuogu.accesslog import queries as accesslog
from tuogu.accesslog.queries import LogFilter
from tuogu.accounts import queries as accounts
from tuogu.core.custody import SHANGHAI
from tuogu.ledger import actions as ledger
from tuogu.ledger import queries as held
from tuogu.org import actions as org_actions
from tuogu.org import queries as org
from tuogu.org.roles import Role
from tuogu.org.scope import Scope

pytestmark = pytest.mark.django_db(databases="__all__")
OPENED = date(2026, 1, 5)


def morning(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 9, tzinfo=SHANGHAI)


def open_book(cast: Cast, holder: int, count: int, first: int = 0) -> None:
    """`count` policies that `holder` has held since January."""
    frame = policies(count, holder, first=first, day=OPENED)
    ledger.open_custody(frame, by=org.machine(), recorded_at=morning(OPENED), rule="test")


def text(answer: Any) -> str:
    return str(answer.content.decode())


@pytest.mark.req("S0-25")
def test_a_leaver_leaves_nothing_behind_and_the_preview_had_said_so(cast: Cast):
    manager = cast.people[Role.ACCOUNT_MANAGER]
    open_book(cast, manager, 12)
    open_book(cast, cast.other, 3, first=500)
    clerk, url = cast.client(Role.RESOURCE_CLERK), reverse("staff:leave", args=[cast.numbers[manager]])
    preview = text(clerk.get(url))
    assert "登记离司，转走 12 件" in preview
    assert held.loads(Scope.everything()).filter(custodian_id=manager)["held"].to_list() == [12], (
        "a preview writes nothing"
    )
    answer = clerk.post(url, {"date": cast.today.isoformat(), "reason": "retired"}, follow=True)
    assert "12 件转入保全组" in text(answer)
    loads = dict(held.loads(Scope.everything()).select("custodian_id", "held").iter_rows())
    assert manager not in loads
    assert loads == {org.buffer_group(): 12, cast.other: 3}
    last = held.history("P00000000").filter(relation="custody").row(-1, named=True)
    assert (last["kind"], last["reason_code"], last["rule"]) == ("leave", "retired", "S0-25")
    assert last["by"] == cast.people[Role.RESOURCE_CLERK]
    again = clerk.post(url, {"date": cast.today.isoformat(), "reason": "retired"}, follow=True)
    assert "0 件转入保全组" in text(again), "the same again moves nothing"


@pytest.mark.req("S0-25")
def test_a_leave_reported_late_covers_the_days_that_others_hold_by_now(cast: Cast):
    manager, left = cast.people[Role.ACCOUNT_MANAGER], cast.today - timedelta(days=10)
    open_book(cast, manager, 4)
    moved = held.subject_ids("core", ["P00000000"])["subject_id"][0]
    head = held.holdings(Scope.everything()).filter(subject_id=moved)["head"][0]
    asked = pl.DataFrame({"subject_id": [moved], "custodian_id": [cast.other], "expected_head": [head]})
    ledger.post_batch(
        asked, key="k", by=cast.people[Role.RESOURCE_CLERK], approved_by=cast.people[Role.BRANCH_MANAGER],
        recorded_at=morning(cast.today - timedelta(days=3)), rule="test", reason_code="plan",
        effective_date=cast.today - timedelta(days=3),
    )  # fmt: skip
    clerk, url = cast.client(Role.RESOURCE_CLERK), reverse("staff:leave", args=[cast.numbers[manager]])
    page = text(clerk.get(url, {"date": left.isoformat()}))
    row = re.search(r"<tfoot><tr><td>合计</td><td[^>]*>(\d+)</td><td[^>]*>(\d+)</td>", page)
    assert row
    assert row.groups() == ("3", "1")
    assert "另补记以往时段 1 段" in text(
        clerk.post(url, {"date": left.isoformat(), "reason": "left"}, follow=True)
    )
    assert held.custodian_on(moved, "custody", cast.today) == cast.other, "the later holder is untouched"
    assert held.custodian_on(moved, "custody", cast.today - timedelta(days=5)) == org.buffer_group()


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"date": "2099-01-01", "reason": "left"}, "不得晚于"), ({"date": "", "reason": "left"}, "请选离司日期"),
        ({"date": "2026-01-01", "reason": "fired"}, "请选离司日期"),
    ],
)  # fmt: skip
def test_a_leave_that_cannot_be_is_refused_with_nothing_written(cast: Cast, given: dict[str, str], why: str):
    manager = cast.people[Role.ACCOUNT_MANAGER]
    open_book(cast, manager, 2)
    answer = cast.client(Role.RESOURCE_CLERK).post(
        reverse("staff:leave", args=[cast.numbers[manager]]), given
    )
    assert answer.status_code == 409
    assert why in text(answer)
    assert "没有写入任何数据" in text(answer)
    assert org.may_receive(manager, cast.today)


def test_a_day_to_come_is_refused_on_the_first_step(cast: Cast):
    manager = cast.people[Role.ACCOUNT_MANAGER]
    url = reverse("staff:leave", args=[cast.numbers[manager]])
    answer = cast.client(Role.RESOURCE_CLERK).get(url, {"date": "2099-01-01"})
    assert answer.status_code == 409
    assert "2099-01-01 还没有到" in text(answer)
    assert 'value="2099-01-01"' not in answer.content.decode(), "no button registers that day"


@pytest.mark.req("P-12")
def test_a_team_lead_sees_the_own_team_and_the_branch_sees_its_teams(cast: Cast):
    lead, branch = cast.client(Role.TEAM_LEAD), cast.client(Role.BRANCH_MANAGER)
    other, stranger = cast.numbers[cast.other], cast.numbers[cast.stranger]
    assert other not in text(lead.get(reverse("staff:list")))
    page = text(branch.get(reverse("staff:list")))
    assert other in page, "a parent sees what is below"
    assert stranger not in page, "but not beside it"
    for name in ("staff:record", "staff:leave"):
        client = cast.client(Role.RESOURCE_CLERK)
        assert client.get(reverse(name, args=[stranger])).status_code == 404, name
    assert lead.get(reverse("staff:record", args=[other])).status_code == 404
    assert lead.post(reverse("staff:reveal", args=[other]), {"reason": "联系本人"}).status_code == 404
    admin = cast.client(Role.ADMINISTRATOR)
    assert admin.post(reverse("staff:account_act", args=[stranger]), {"act": "open"}).status_code == 404
    assert accounts.account_of(cast.stranger) is None


def test_phone_and_home_are_masked_until_a_reason_is_given_and_counted(cast: Cast):
    clerk, number = cast.client(Role.RESOURCE_CLERK), cast.numbers[cast.other]
    page = text(clerk.get(reverse("staff:record", args=[number])))
    assert "139****9101" in page
    assert "13900009101" not in page
    assert "304" not in re.sub(r"\d{4}-\d\d-\d\d", "", page[page.index("住址") : page.index("目前名下")])
    url = reverse("staff:reveal", args=[number])
    assert "13900009101" not in text(clerk.post(url, {"reason": " "}))
    shown = clerk.post(url, {"reason": "离司交接，联系本人"})
    assert "13900009101" in text(shown)
    assert "12幢304室" in text(shown)
    assert "今天还可查看 19 次" in text(shown)
    assert "no-store" in shown.headers["Cache-Control"]
    (look,) = [look for look in accesslog.who_looked("person", number) if look.kind == "reveal"]
    assert (look.reason, look.person) == ("离司交接，联系本人", cast.people[Role.RESOURCE_CLERK])
    for _ in range(19):
        clerk.post(url, {"reason": "离司交接，联系本人"})
    refused = text(clerk.post(url, {"reason": "离司交接，联系本人"}))
    assert "每日上限 20 次" in refused
    assert "13900009101" not in refused
    log = text(cast.client(Role.AUDITOR).get(reverse("system:accesslog"), {"kind": "reveal"}))
    assert log.count("离司交接，联系本人") == 20
    assert "13900009101" not in log


def test_auditors_read_the_log_of_their_scope(cast: Cast):
    cast.client(Role.RESOURCE_CLERK).get(reverse("staff:record", args=[cast.numbers[cast.other]]))
    auditor = cast.client(Role.AUDITOR)
    assert "打开，脱敏" in text(
        auditor.get(reverse("system:accesslog"), {"who": staff_number(Role.RESOURCE_CLERK)})
    )
    assert "没有符合条件" in text(auditor.get(reverse("system:accesslog"), {"who": "0000"})), (
        "an unknown number filters all"
    )
    totals = text(auditor.get(reverse("system:accesslog_totals")))
    assert "合计 1 次" in totals
    assert accesslog.log_totals(Scope.nothing(), LogFilter())["all"] == 0


@pytest.mark.req("S0-24")
def test_duty_is_named_from_a_day_on_and_shown(cast: Cast):
    clerk, pool = cast.client(Role.RESOURCE_CLERK), org.buffer_group()
    later = cast.today + timedelta(days=7)
    given = {"pool": pool, "staff_number": cast.numbers[cast.other], "from": later.isoformat()}
    assert "由 方二组甲 值班" in text(clerk.post(reverse("staff:duty"), given, follow=True))
    assert org.duty_person(pool, cast.today) == cast.people[Role.BUFFER_MEMBER]
    assert org.duty_person(pool, later) == cast.other
    assert f"自 {later} 方二组甲" in text(clerk.get(reverse("staff:duty")))
    past = clerk.post(reverse("staff:duty"), given | {"from": (cast.today - timedelta(days=1)).isoformat()})
    assert past.status_code == 409
    outside = clerk.post(reverse("staff:duty"), given | {"staff_number": cast.numbers[cast.stranger]})
    assert outside.status_code == 409
    assert org.duty_person(pool, later) == cast.other


@pytest.mark.req("L-10")
def test_the_security_administrator_appoints_others_never_oneself(cast: Cast):
    admin, url = cast.client(Role.SECURITY_ADMINISTRATOR), reverse("staff:posts")
    given = {"role": "inspector", "institution": "B", "from": cast.today.isoformat()}
    answer = admin.post(url, given | {"staff_number": cast.numbers[cast.other]}, follow=True)
    assert "已任命 方二组甲 为品质管理岗" in text(answer)
    assert org.roles_of(cast.other, cast.today) == {Role.INSPECTOR}
    keeper = cast.client(Role.ADMINISTRATOR)
    assert keeper.post(url, given | {"staff_number": cast.numbers[cast.other]}).status_code == 403
    own = admin.post(url, given | {"staff_number": staff_number(Role.SECURITY_ADMINISTRATOR)})
    assert (own.status_code, "不能任命自己" in text(own)) == (409, True)
    for wrong in (
        {"institution": "X"}, {"institution": "H"}, {"role": "king"}, {"institution": ""}, {"institution": "*"},
        {"institution": "", "region": "4403"}, {"region": "33x"},
    ):  # fmt: skip
        refused = admin.post(url, given | {"staff_number": cast.numbers[cast.other]} | wrong)
        assert refused.status_code == 409, wrong
    (post,) = org.posts_of([cast.other], cast.today)
    assert "岗位自" in text(admin.post(reverse("staff:end_post", args=[post.id]), follow=True))
    assert org.roles_of(cast.other, cast.today) == frozenset()


def test_an_account_is_opened_with_a_password_shown_once(cast: Cast):
    admin, number = cast.client(Role.ADMINISTRATOR), cast.numbers[cast.other]
    act = reverse("staff:account_act", args=[number])
    made = admin.post(act, {"act": "open"})
    password = re.search(r'tg-secret"[^>]*>([a-z0-9-]{19})<', text(made))
    assert password
    assert "no-store" in made.headers["Cache-Control"]
    assert password[1] not in text(admin.get(reverse("staff:account", args=[number])))
    door = Client()
    door.post(reverse("account_login"), {"login": number, "password": password[1]})
    assert door.get(reverse("me"))["Location"] == reverse("account_change_password")
    assert "请写明原因" in text(admin.post(act, {"act": "deactivate"}))
    assert "账号已停用" in text(admin.post(act, {"act": "deactivate", "reason": "借调"}, follow=True))
    assert door.get(reverse("me"))["Location"].startswith(reverse("account_login"))
    own = reverse("staff:account_act", args=[staff_number(Role.ADMINISTRATOR)])
    assert "本人" in text(admin.post(own, {"act": "deactivate", "reason": "x"}))
    assert [e.kind for e in accounts.events_of(cast.other)] == ["deactivated", "made"]


def test_the_register_costs_the_same_number_of_queries_for_10_and_for_200_people(
    cast: Cast, django_assert_max_num_queries: Any
):
    client = cast.client(Role.RESOURCE_CLERK)
    client.get(reverse("staff:list"))
    counts = []
    for wanted in (10, 200):
        rows = [
            {"staff_number": f"7{i:04d}", "name": f"员工{i}", "team_code": "T1", "institution_code": "B"}
            for i in range(wanted)
        ]
        org_actions.sync_people(tiny.people(*rows), by=org.machine(), at=cast.now)
        with django_assert_max_num_queries(30) as asked:
            page = text(client.get(reverse("staff:list"), {"size": "200", "number": "7"}))
        assert page.count('class="tg-id" href="/staff/7') == wanted
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_the_register_pages_forth_and_back(cast: Cast):
    rows = [
        {"staff_number": f"7{i:04d}", "name": f"员工{i}", "team_code": "T1", "institution_code": "B"}
        for i in range(90)
    ]
    org_actions.sync_people(tiny.people(*rows), by=org.machine(), at=cast.now)
    client, seen = cast.client(Role.RESOURCE_CLERK), []
    url = reverse("staff:list") + "?number=7"
    while url:
        page = text(client.get(url))
        seen.append(re.findall(r'href="/staff/(7\d{4})/"', page))
        following = re.search(r'rel="next" href="([^"]+)"', page)
        url = reverse("staff:list") + following[1].replace("&amp;", "&") if following else ""
    assert [len(numbers) for numbers in seen] == [40, 40, 10]
    assert [n for numbers in seen for n in numbers] == [f"7{i:04d}" for i in range(90)]
    previous = re.search(r'rel="prev" href="([^"]+)"', page)
    assert previous
    back = text(client.get(reverse("staff:list") + previous[1].replace("&amp;", "&")))
    assert re.findall(r'href="/staff/(7\d{4})/"', back) == seen[1]
