"""Substitutes and the working calendar: prompts move and custody does not (P-05); who is away receives nothing (P-06)."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from cast import PASSWORD, Cast, staff_number
from listed_world import OTHER, import_rows, policy_rows
from tuogu import clock
from tuogu.accesslog import queries as accesslog
from tuogu.accounts import actions as accounts
from tuogu.ledger import queries as held
from tuogu.org import actions
from tuogu.org import queries as org
from tuogu.org.failures import OrgError
from tuogu.org.roles import Role
from tuogu.org.scope import Scope

pytestmark = [pytest.mark.database, pytest.mark.django_db(databases="__all__")]
WEEK = timedelta(days=7)
A_DAY = timedelta(days=1)
MANAGER = staff_number(Role.ACCOUNT_MANAGER)
CUSTOMER = re.compile(r"/m/customers/(C\d{6})/")


def text(answer: Any) -> str:
    return str(answer.content.decode())


def at_day(monkeypatch: pytest.MonkeyPatch, cast: Cast, days: int) -> None:
    """Let the pages believe that it is some days later."""
    monkeypatch.setattr(clock, "business_today", lambda: cast.today + timedelta(days=days))
    monkeypatch.setattr(clock, "now", lambda: cast.now + timedelta(days=days))


@pytest.fixture
def colleague(cast: Cast) -> Client:
    """The account manager of team 2, who holds six policies; signed in on a telephone."""
    import_rows(cast, policy_rows(6, agent=OTHER))
    machine = org.machine()
    actions.appoint(cast.other, Role.ACCOUNT_MANAGER, from_date=cast.today, by=machine, at=cast.now)
    accounts.make_account(
        person=cast.other, login=OTHER, password=PASSWORD, by=machine, at=cast.now, must_change=False
    )
    return cast.client_of(cast.other)


def name_substitute(cast: Cast, days: int = 7, **changes: str) -> Any:
    """The clerk names the account manager of team 1 as substitute of the one of team 2."""
    given = {
        "staff_number": OTHER, "substitute": MANAGER, "from": cast.today.isoformat(),
        "to": (cast.today + timedelta(days=days - 1)).isoformat(), "reason": "休假",
    }  # fmt: skip
    return cast.client(Role.RESOURCE_CLERK).post(reverse("staff:substitute"), given | changes, follow=True)


@pytest.mark.req("P-05")
def test_reminders_move_custody_does_not_and_after_the_end_nothing_is_left(
    cast: Cast, colleague: Client, monkeypatch: pytest.MonkeyPatch
):
    phone, before = cast.client(Role.ACCOUNT_MANAGER), held.loads(Scope.everything())
    ours = set(CUSTOMER.findall(text(colleague.get(reverse("phone:customers")))))
    assert len(ours) == 6
    assert phone.get(reverse("phone:customers"), {"of": OTHER}).status_code == 404
    assert phone.get(reverse("phone:customer", args=["C000000"])).status_code == 404

    assert "的提醒发给" in text(name_substitute(cast))
    assert held.loads(Scope.everything()).equals(before), "the ledger does not move"
    today = text(phone.get(reverse("phone:today")))
    assert "代 方二组甲" in today
    assert "你的提醒现在发给" in text(colleague.get(reverse("phone:today")))
    assert "七天内应收" not in text(colleague.get(reverse("phone:today")))
    theirs = text(phone.get(reverse("phone:customers"), {"of": OTHER}))
    assert set(CUSTOMER.findall(theirs)) == ours
    assert "代 方二组甲" in theirs
    assert set(CUSTOMER.findall(text(colleague.get(reverse("phone:customers"))))) == ours, (
        "still theirs to open"
    )
    record = text(phone.get(reverse("phone:customer", args=["C000000"])))
    assert "由 方二组甲 负责，你代管" in record
    shown = text(phone.post(reverse("phone:reveal", args=["C000000"]), {"reason": "应收提醒去电"}))
    assert "13800000000" in shown
    assert [look.reason for look in accesslog.who_looked("policy", "P00000000") if look.kind == "reveal"] == [
        "应收提醒去电"
    ]
    assert phone.get(reverse("policies:record", args=["P00000000"])).status_code == 200

    at_day(monkeypatch, cast, 7)
    assert org.acting_for(cast.people[Role.ACCOUNT_MANAGER], cast.today + WEEK) == []
    assert "代 方二组甲" not in text(phone.get(reverse("phone:today")))
    assert phone.get(reverse("phone:customers"), {"of": OTHER}).status_code == 404
    assert phone.get(reverse("phone:customer", args=["C000000"])).status_code == 404
    assert phone.get(reverse("policies:record", args=["P00000000"])).status_code == 404
    assert "你的提醒现在发给" not in text(colleague.get(reverse("phone:today")))


@pytest.mark.req("P-05")
def test_the_last_day_counts_and_ending_early_works_at_the_next_request(
    cast: Cast, colleague: Client, monkeypatch: pytest.MonkeyPatch
):
    name_substitute(cast)
    phone = cast.client(Role.ACCOUNT_MANAGER)
    at_day(monkeypatch, cast, 6)
    assert phone.get(reverse("phone:customers"), {"of": OTHER}).status_code == 200
    row = org.substitute_of(cast.other, cast.today + 6 * A_DAY)
    assert row is not None
    answer = cast.client(Role.RESOURCE_CLERK).post(
        reverse("staff:end_substitute", args=[row.id]), follow=True
    )
    assert "提醒回到本人" in text(answer)
    assert phone.get(reverse("phone:customers"), {"of": OTHER}).status_code == 404


@pytest.mark.req("P-05")
@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"to": ""}, "最后一天"),
        ({"reason": " "}, "请写明原因"),
        ({"substitute": OTHER}, "代管自己"),
        ({"from": "2020-01-01"}, "不能倒签"),
        ({"to": "2020-01-01"}, "不得早于起始日"),
        ({"to": "2030-01-01"}, "最长 366 天"),
        ({"substitute": "9201"}, "本范围内两位"),
    ],
)
def test_what_no_substitution_can_be_is_refused_with_nothing_written(
    cast: Cast, changes: dict[str, str], why: str
):
    page = text(name_substitute(cast, **changes))
    assert why in page
    assert "没有写入任何数据" in page
    assert org.substitutes_from(cast.today) == []


def substitute(cast: Cast, person: int, other: int, first: int = 0, days: int = 7, **more: bool) -> int:
    start = cast.today + timedelta(days=first)
    return actions.set_substitute(
        person, other, from_date=start, until_date=start + timedelta(days=days), reason="休假",
        by=cast.people[Role.RESOURCE_CLERK], at=cast.now, **more,
    )  # fmt: skip


@pytest.mark.req("P-05")
def test_both_share_a_place_and_nobody_stands_in_a_chain(cast: Cast):
    one, two, three = (
        cast.people[r] for r in (Role.ACCOUNT_MANAGER, Role.TEAM_LEAD, Role.DEPARTMENT_MANAGER)
    )
    with pytest.raises(OrgError, match="同一机构"):
        substitute(cast, one, cast.stranger)
    substitute(cast, cast.stranger, one, first=30, days=1, same_street=True)
    substitute(cast, one, two)
    with pytest.raises(OrgError, match="已有代管人"):
        substitute(cast, one, three, first=6)
    for person, other in ((two, three), (three, one), (two, one)):
        with pytest.raises(OrgError, match="连环"):
            substitute(cast, person, other, first=3)
    substitute(cast, two, three, first=7)
    actions.record_absence(
        three,
        "leave",
        from_date=cast.today + 20 * A_DAY,
        until_date=cast.today + 21 * A_DAY,
        by=one,
        at=cast.now,
    )
    with pytest.raises(OrgError, match="也不在岗"):
        substitute(cast, cast.other, three, first=18)


@pytest.mark.req("P-05")
def test_a_leaver_stands_in_for_nobody_and_nobody_for_a_leaver(cast: Cast):
    from tuogu.books import actions as books

    lead, manager = cast.people[Role.TEAM_LEAD], cast.people[Role.ACCOUNT_MANAGER]
    substitute(cast, cast.other, lead)
    assert org.acting_for(lead, cast.today) == [cast.other]
    books.leave(lead, leave_date=cast.today, recorded_at=cast.now, by=cast.people[Role.RESOURCE_CLERK])
    assert org.substitute_of(cast.other, cast.today) is None
    with pytest.raises(OrgError, match="在职"):
        substitute(cast, manager, lead)


@pytest.mark.req("P-05")
def test_a_desk_sees_the_prompts_of_a_colleague_on_the_board(cast: Cast, colleague: Client):
    lead = cast.people[Role.TEAM_LEAD]
    substitute(cast, cast.other, lead)
    board = text(cast.client(Role.TEAM_LEAD).get("/"))
    assert re.search(r"代 方二组甲：七天内应收 \d+ 件", board)
    assert f"/m/?of={OTHER}" in board


# --- the calendar ---------------------------------------------------------------------------------------


def absence(cast: Cast, number: str = OTHER, days: int = 3, **changes: str) -> Any:
    given = {
        "staff_number": number, "kind": "sick", "from": cast.today.isoformat(),
        "to": (cast.today + timedelta(days=days - 1)).isoformat(),
    }  # fmt: skip
    return cast.client(Role.RESOURCE_CLERK).post(reverse("staff:calendar"), given | changes, follow=True)


@pytest.mark.req("P-06")
def test_an_absence_stands_in_the_calendar_and_its_kind_is_for_its_keepers(cast: Cast):
    assert "其间不接收新分配" in text(absence(cast))
    assert org.absent(cast.today) == {cast.other}
    assert org.absent(cast.today + 2 * A_DAY) == {cast.other}
    assert org.absent(cast.today + 3 * A_DAY) == frozenset()
    assert org.may_receive(cast.other, cast.today), "in post all the same"
    assert "病假" in text(cast.client(Role.RESOURCE_CLERK).get(reverse("staff:calendar")))
    other = text(cast.client(Role.AUDITOR).get(reverse("staff:calendar")))
    assert "病假" not in other
    assert "不在岗" in other
    record = text(cast.client(Role.AUDITOR).get(reverse("staff:record", args=[OTHER])))
    assert "病假" not in record
    lead = text(cast.client(Role.TEAM_LEAD).get(reverse("staff:calendar")))
    assert "方二组甲" not in lead, "another team's calendar"
    (row,) = org.absences([cast.other], cast.today, cast.today + A_DAY)
    assert cast.client(Role.TEAM_LEAD).post(reverse("staff:end_absence", args=[row.id])).status_code == 404
    back = cast.client(Role.RESOURCE_CLERK).post(reverse("staff:end_absence", args=[row.id]), follow=True)
    assert "恢复在岗" in text(back)
    assert org.absent(cast.today) == frozenset()


@pytest.mark.req("P-06")
@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"to": ""}, "最后一天"),
        ({"kind": "asleep"}, "没有缺勤类别"),
        ({"to": "2020-01-01"}, "不得早于起始日"),
        ({"to": "2030-01-01"}, "一次最多"),
        ({"number": "9201"}, "本范围内"),
    ],
)
def test_what_no_absence_can_be_is_refused(cast: Cast, changes: dict[str, str], why: str):
    answer = absence(cast, **changes)
    assert answer.status_code == 409
    assert why in text(answer)
    assert org.absent(cast.today) == frozenset()


@pytest.mark.req("P-06")
def test_periods_never_overlap_and_the_same_again_changes_nothing(cast: Cast):
    absence(cast)
    absence(cast)
    assert len(org.absences([cast.other], cast.today, cast.today + WEEK)) == 1
    later = {"from": (cast.today + 2 * A_DAY).isoformat(), "to": (cast.today + 5 * A_DAY).isoformat()}
    assert "重叠" in text(absence(cast, **later))
    after = {"from": (cast.today + 3 * A_DAY).isoformat(), "to": (cast.today + 3 * A_DAY).isoformat()}
    absence(cast, **after)
    assert len(org.absences([cast.other], cast.today, cast.today + WEEK)) == 2


@pytest.mark.req("P-06")
def test_days_in_post_are_counted_without_the_days_away(cast: Cast):
    by, last = cast.people[Role.RESOURCE_CLERK], cast.today
    actions.record_absence(
        cast.other, "leave", from_date=last - 9 * A_DAY, until_date=last - 4 * A_DAY, by=by, at=cast.now
    )
    actions.record_absence(
        cast.other, "sick", from_date=last, until_date=last + 5 * A_DAY, by=by, at=cast.now
    )
    assert org.present_days(cast.other, last, 30) == 24
    assert org.present_days(cast.other, last - A_DAY, 30) == 25


@pytest.mark.req("P-06")
def test_the_calendar_asks_the_same_number_of_queries_for_few_and_for_many(
    cast: Cast, django_assert_max_num_queries: Any
):
    import branch as tiny

    client, counts = cast.client(Role.RESOURCE_CLERK), []
    client.get(reverse("staff:calendar"))
    for wanted in (2, 60):
        rows = [
            {"staff_number": f"7{i:04d}", "name": f"员工{i}", "team_code": "T2", "institution_code": "B"}
            for i in range(wanted)
        ]
        actions.sync_people(tiny.people(*rows), by=org.machine(), at=cast.now)
        absence(cast, "70000")
        with django_assert_max_num_queries(40) as asked:
            page = text(client.get(reverse("staff:calendar"), {"institution": "T2", "size": "100"}))
        assert page.count("/staff/7") >= wanted
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_the_month_shows_chinas_working_days(cast: Cast):
    page = text(cast.client(Role.RESOURCE_CLERK).get(reverse("staff:calendar"), {"month": "2026-10"}))
    head = page.split("<thead>")[1].split("</thead>")[0]
    off = [int(n) for n in re.findall(r'class="c off[^"]*"><span[^>]*>[^<]*</span>(\d+)<', head)]
    assert off[:7] == [1, 2, 3, 4, 5, 6, 7], "the national holiday"
    assert 10 not in off, "a made-up Saturday"
    assert "2026 年 10 月" in page
