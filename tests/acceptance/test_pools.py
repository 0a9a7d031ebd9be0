"""Public pools: who may claim how much, what is hidden until claimed, what goes back by itself, and who reads all of it."""

from __future__ import annotations

import re
from datetime import date, timedelta
from html import unescape
from typing import Any

import polars as pl
import pytest
from django.test import Client
from django.urls import reverse

from cast import Cast
from listed_world import import_rows, policy_rows
from pool_world import PoolWorld, hand_over, make_world, ruled
from tuogu import clock
from tuogu.accesslog.failures import RevealRefused
from tuogu.books import queries as books
from tuogu.ledger import actions as ledger
from tuogu.ledger import queries as custody
from tuogu.ledger.kinds import Relation, SubjectKind
from tuogu.org import actions as org_actions
from tuogu.org import append_only
from tuogu.org import queries as org
from tuogu.org.roles import Role
from tuogu.org.scope import Scope
from tuogu.plans.subjects import CUSTOMERS
from tuogu.pools import actions
from tuogu.pools import queries as pools
from tuogu.pools.models import Claim, ClaimStep
from tuogu.privacy import actions as privacy
from tuogu.privacy.kinds import Purpose, Said, Source
from tuogu.rules import queries as rules

pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.database]
WORD = "领取后可见"
LEADS = (Role.DEPARTMENT_MANAGER, Role.BRANCH_MANAGER)


@pytest.fixture
def world(cast: Cast) -> PoolWorld:
    return make_world(cast)


def text(answer: Any, status: int = 200) -> str:
    assert answer.status_code == status, (answer.status_code, answer.content[:400])
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode())))


def plain(number: str) -> tuple[str, str, str]:
    """Phone, its mask and its tail of a customer of listed_world."""
    phone = f"138{int(number[1:]):08d}"
    return phone, f"{phone[:3]}****{phone[-4:]}", phone[-4:]


def holder_of(number: str) -> str:
    return "C" + number[3:]


# --- claiming -----------------------------------------------------------------------------------------------


@pytest.mark.req("P-09", "P-10")
def test_a_piece_is_claimed_on_the_phone_and_only_then_shows_whom_to_call(world: PoolWorld) -> None:
    phone = world.cast.client(Role.ACCOUNT_MANAGER)
    page = text(phone.get(reverse("phone:pool")))
    number = world.here[0]
    customer = holder_of(number)
    assert "12 件可看 · 今天还可领 4 件" in page, "120 in thirty days: four a day, below the five of the pool"
    assert plain(customer)[1] not in page
    answer = phone.post(
        reverse("pools:claim"), {"one": number, "relation": "custody", "back": "phone"}, follow=True
    )
    assert answer.redirect_chain[-1][0] == reverse("phone:claims")
    assert "已认领 1 件" in text(answer)
    assert "15 天后退回" in text(answer)
    assert world.holder(number) == world.manager
    assert plain(customer)[1] in text(phone.get(reverse("phone:customer", args=[customer])))
    shown = phone.post(reverse("phone:reveal", args=[customer]), {"reason": "上门拜访"})
    assert plain(customer)[0] in text(shown)
    assert "今天还可领 3 件" in text(phone.get(reverse("phone:pool")))


@pytest.mark.req("P-09")
def test_the_ledger_keeps_by_which_rule_a_piece_was_claimed_and_given_back(world: PoolWorld) -> None:
    number = world.here[0]
    world.claim(number)
    client = world.cast.client(Role.ACCOUNT_MANAGER)
    mine = Claim.objects.get()
    refused = client.post(reverse("pools:give_back", args=[mine.pk]), {"reason": "不"}, follow=True)
    assert "请写明退回理由" in text(refused)
    assert world.holder(number) == world.manager
    done = client.post(reverse("pools:give_back", args=[mine.pk]), {"reason": "客户搬走了"}, follow=True)
    assert "已退回公共池" in text(done)
    assert world.holder(number) == world.pool
    steps = custody.history(number).sort("seq").tail(2).select("kind", "rule", "reason_code", "by").rows()
    version = rules.applicable(world.cast.today).version
    assert steps == [
        ("claim", f"P-09@{version}", "claimed", world.manager),
        ("return_to_pool", f"P-09@{version}", "given_back", world.manager),
    ]
    log = text(client.get(reverse("pools:log") + "?step=returned"))
    assert "本人退回" in log
    assert "客户搬走了" in log


@pytest.mark.req("P-09")
def test_several_are_claimed_at_once_and_each_refusal_says_why(world: PoolWorld) -> None:
    desk = world.cast.client(Role.ACCOUNT_MANAGER)
    picked = [*world.here[:3], world.away[0]]
    answer = desk.post(
        reverse("pools:claim"), {"pick": picked, "relation": "custody", "back": "desk"}, follow=True
    )
    assert "已认领 3 件" in text(answer)
    assert "没有领到：不在您的地界内" in text(answer)
    assert world.holder(world.away[0]) == world.pool
    many = [*world.here, *world.away]
    assert "一次最多认领 10 件，选了 14 件；没有写入任何数据" in text(
        desk.post(reverse("pools:claim"), {"pick": many, "back": "desk"}, follow=True)
    )
    assert "没有选中任何一件" in text(desk.post(reverse("pools:claim"), {"back": "desk"}, follow=True))


@pytest.mark.req("P-06")
def test_who_is_away_claims_nothing_today_and_something_the_day_after(world: PoolWorld) -> None:
    today = world.cast.today
    org_actions.record_absence(
        world.manager, next(iter(org.ABSENCE_KINDS)), from_date=today, until_date=today + timedelta(days=1),
        by=org.machine(), at=world.cast.now,
    )  # fmt: skip
    assert world.why(world.here[0]) == "您今天缺勤，缺勤期间不接收新件"
    page = text(world.cast.client(Role.ACCOUNT_MANAGER).get(reverse("phone:pool")))
    assert "今天还可领 0 件" in page
    assert world.claim(world.here[0], at=world.later(1))[0].done


@pytest.mark.req("P-06", "P-09")
def test_a_day_brings_a_thirtieth_and_the_pools_own_limits_hold(world: PoolWorld) -> None:
    ruled(
        world.cast,
        people__capacity_per_30_days={"collection": 60, "marketing": 0, "service": 0, "planner": 0},
    )
    won = [one.done for one in world.claim(*world.here[:3])]
    assert won == [True, True, False]
    assert world.why(world.here[2]) == "三十天接收上限已满，今天没有余量"
    assert world.claim(world.here[2], at=world.later(1))[0].done, "the next day has a quota of its own"
    kinds = ("buffer", "department", "campaign", "other")
    ruled(world.cast, per_day=dict.fromkeys(kinds, 2))
    assert world.why(world.here[3]) == "今天已从这类公共池认领 2 件，达到每日上限"
    ruled(world.cast, per_day=dict.fromkeys(kinds, 9), hold_max=dict.fromkeys(kinds, 3))
    assert world.why(world.here[3]).startswith("在手认领件已有 3 件，达到上限")
    actions.give_back(Claim.objects.first().pk, reason="客户搬走了", by=world.manager, at=world.cast.now)
    assert world.claim(world.here[3], at=world.later(2))[0].done, "one given back makes room for one"


@pytest.mark.req("P-09")
def test_a_closed_pool_a_series_a_rank_a_piece_that_is_gone(world: PoolWorld) -> None:
    ruled(world.cast, claimable=["campaign"])
    assert world.why(world.here[0]) == "收展部的件不能认领，由分配方案下发"
    ruled(world.cast, claimable=["department"], series=["planner"])
    assert world.why(world.here[0]) == "您的系列不能从收展部认领"
    ruled(world.cast, series=["collection"], ranks=["高级"])
    assert world.why(world.here[0]) == "您的职级（中级）不能认领"
    ruled(world.cast, ranks=["中级"])
    assert world.why("P99999999") == "没有这件，或已终止"
    assert world.why(world.here[0]) == ""
    assert world.why(world.here[0], by=world.cast.other) == "已不在公共池，可能刚被别人领走"
    stranger = world.claim(world.here[1], by=world.cast.stranger)[0]
    assert stranger.why.startswith("不在您的地界内")


@pytest.mark.req("L-03", "P-09")
def test_whoever_refused_marketing_or_is_blocked_is_not_claimed_for_development(world: PoolWorld) -> None:
    numbers = [holder_of(number) for number in world.here[:3]]
    offer(world, numbers)
    said = {"by": world.manager, "at": world.cast.now}
    privacy.record_consent(
        numbers[0],
        purpose=Purpose.MARKETING,
        said=Said.REFUSED,
        source=next(iter(Source)),
        text_version="1",
        **said,
    )
    privacy.block(numbers[1], ground="本人要求", **said)
    offer(world, numbers[:1], key="again")  # the refusal gave the right back: whoever offers it all the same
    done = actions.claim(numbers, relation="development", by=world.manager, at=world.cast.now)
    assert [one.why for one in done] == [
        "客户已拒绝营销，不能认领开发", "客户资料已停止处理，不能认领开发", ""
    ]  # fmt: skip
    page = text(
        world.cast.client(Role.ACCOUNT_MANAGER).get(reverse("pools:pieces") + "?relation=development")
    )
    assert numbers[0] in page
    assert numbers[2] not in page


def offer(world: PoolWorld, numbers: list[str], key: str = "offer") -> None:
    """A release of the right to develop these customers to the pool."""
    ledger.register_subjects(
        pl.DataFrame({"number": numbers}).with_columns(
            kind=pl.lit(str(SubjectKind.CUSTOMER)), source_system=pl.lit(CUSTOMERS)
        )
    )
    ids = custody.subject_ids(CUSTOMERS, numbers)
    heads = custody.heads_by_number(numbers, kind=SubjectKind.CUSTOMER, relation=Relation.DEVELOPMENT)
    rows = ids.select(
        "subject_id",
        custodian_id=pl.lit(world.pool, pl.Int64),
        expected_head=pl.Series(
            [heads[n].entry_id if n in heads else None for n in ids["number"]], dtype=pl.Int64
        ),
    )
    cast = world.cast
    done = ledger.post_batch(
        rows, relation=Relation.DEVELOPMENT, key=key, by=cast.people[Role.RESOURCE_CLERK],
        approved_by=cast.people[Role.BRANCH_MANAGER], effective_date=cast.today, recorded_at=cast.now, rule="test",
        reason_code="plan",
    )  # fmt: skip
    assert done.posted == len(numbers)


@pytest.mark.req("P-09", "P-10")
def test_a_customer_claimed_for_development_has_a_page_on_the_phone(world: PoolWorld) -> None:
    customers = [holder_of(world.here[i]) for i in (0, 1)]
    offer(world, customers)
    phone = world.cast.client(Role.ACCOUNT_MANAGER)
    page = reverse("phone:claimed", args=[customers[0]])
    assert phone.get(page).status_code == 404
    (done,) = pools_claim(world, customers[0])
    assert not done.why
    home = phone.get(reverse("phone:today"))
    assert "我认领的客户 1 户" in text(home)
    assert page in home.content.decode()
    assert page in phone.get(reverse("phone:claims")).content.decode()
    shown = text(phone.get(page))
    assert plain(customers[0])[0] not in shown
    assert world.here[0] not in shown, "the right to develop shows no policy"
    clear = phone.post(reverse("phone:claimed_reveal", args=[customers[0]]), {"reason": "开发联系去电"})
    assert plain(customers[0])[0] in text(clear)
    assert "今天还可查看" in text(phone.post(reverse("phone:claimed_reveal", args=[customers[0]]), {}))
    assert plain(customers[0])[0] not in text(phone.get(page))
    told = {"back": "claimed", "channel": "phone", "outcome": "reached"}
    answer = phone.post(reverse("pools:contact", args=[customers[0]]), told, follow=True)
    assert answer.redirect_chain[-1][0] == page
    assert "已记下这次跟进" in text(answer)
    for other in (customers[1], "C999999"):
        assert phone.get(reverse("phone:claimed", args=[other])).status_code == 404
        assert phone.post(reverse("pools:contact", args=[other]), told).status_code == 404
        assert (
            phone.post(reverse("phone:claimed_reveal", args=[other]), {"reason": "上门拜访"}).status_code
            == 404
        )


def pools_claim(world: PoolWorld, *numbers: str) -> list[actions.Claimed]:
    return actions.claim(numbers, relation=Relation.DEVELOPMENT, by=world.manager, at=world.cast.now)


# --- hidden until claimed -------------------------------------------------------------------------------------


@pytest.mark.req("P-10")
def test_an_unclaimed_customer_shows_no_number_on_any_page_search_or_export(world: PoolWorld) -> None:
    number = world.here[1]
    customer = holder_of(number)
    phone, mask, _tail = plain(customer)
    stored = books.shown_customers([customer])[customer]
    assert stored.phone == mask, "without the pool it would be shown"
    secrets = [phone, mask, stored.id_number, stored.address]
    assert all(secrets)
    for role in (
        Role.RESOURCE_CLERK,
        Role.RENEWAL_ADMINISTRATOR,
        Role.CALL_CENTRE,
        Role.INSPECTOR,
        Role.AUDITOR,
    ):
        client = world.cast.client(role)
        for url in pages_of(number, customer):
            answer = client.get(url)
            if answer.status_code == 200:
                page = unescape(answer.content.decode())
                assert not [secret for secret in secrets if secret in page], (role, url)
    clerk = world.cast.client(Role.RESOURCE_CLERK)
    assert WORD in text(clerk.get(reverse("policies:record", args=[number])))
    assert WORD in text(clerk.get(reverse("customers:record", args=[customer])))
    exported = exports_of(clerk, number)
    assert number.encode() in exported
    assert not [secret for secret in secrets if secret.encode() in exported]
    assert WORD.encode() in exported
    world.claim(number)
    assert mask in text(clerk.get(reverse("policies:record", args=[number])))
    assert mask.encode() in exports_of(clerk, number)


def pages_of(number: str, customer: str) -> list[str]:
    return [
        reverse("policies:list") + "?view=all", reverse("policies:record", args=[number]),
        reverse("policies:why", args=[number]), reverse("customers:list") + "?view=all",
        reverse("customers:record", args=[customer]), reverse("pools:pieces"), reverse("pools:board"),
        reverse("pools:log"), reverse("search") + f"?q={number}", reverse("ledger:history", args=[number]),
        reverse("corrections:history", args=[customer]), reverse("privacy:door", args=[customer]),
    ]  # fmt: skip


def exports_of(client: Client, number: str) -> bytes:
    """The content of every sheet of the file that the list of policies exports."""
    import io
    import zipfile

    answer = client.post(
        reverse("policies:export"),
        {"pick": [number], "query": "?columns=number,holder,phone,id", "reason": "核对在池的件"},
        follow=True,
    )
    assert answer.status_code == 200
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        return unescape(
            b"".join(book.read(name) for name in book.namelist()).decode("utf-8", "ignore")
        ).encode()


@pytest.mark.req("P-10")
def test_a_clear_look_is_refused_and_not_counted_before_the_claim(world: PoolWorld) -> None:
    number = world.here[2]
    customer = holder_of(number)
    clerk = world.cast.client(Role.RESOURCE_CLERK)
    asked = {"who": customer, "field": "all", "reason": "核对资料是否完整"}
    for url in (reverse("policies:reveal", args=[number]), reverse("customers:reveal", args=[customer])):
        page = text(clerk.post(url, asked))
        assert "领取后才能查看联系方式" in page
        assert plain(customer)[0] not in page
    left = reverse("me")
    assert "20" in text(clerk.get(left)), "nothing was used up"
    world.claim(number)
    assert plain(customer)[0] in text(clerk.post(reverse("policies:reveal", args=[number]), asked))


@pytest.mark.req("P-10")
def test_supervisors_and_the_duty_person_see_it_masked_by_rule_and_never_in_a_file(world: PoolWorld) -> None:
    number = world.here[3]
    customer = holder_of(number)
    mask = plain(customer)[1]
    for role in LEADS:
        assert mask in text(world.cast.client(role).get(reverse("policies:record", args=[number]))), role
    lead = world.cast.client(Role.DEPARTMENT_MANAGER)
    assert mask.encode() not in exports_of(lead, number), "a file goes further than a page"
    ruled(world.cast, shown_to=["none"])
    assert WORD in text(world.cast.client(Role.BRANCH_MANAGER).get(reverse("policies:record", args=[number])))
    assert mask in text(lead.get(reverse("policies:record", args=[number]))), "answers for the pool"
    ruled(world.cast, duty_sees=False)
    assert mask not in text(lead.get(reverse("policies:record", args=[number])))
    ruled(world.cast, hidden_until_claimed=["none"])
    assert mask in text(world.cast.client(Role.RESOURCE_CLERK).get(reverse("policies:record", args=[number])))


@pytest.mark.req("P-10")
def test_for_ever_means_the_switchboard_even_after_the_claim(world: PoolWorld) -> None:
    ruled(world.cast, hidden_for_ever=["department"])
    number = world.here[4]
    customer = holder_of(number)
    world.claim(number)
    phone = world.cast.client(Role.ACCOUNT_MANAGER)
    seen = text(phone.post(reverse("phone:reveal", args=[customer]), {"reason": "上门拜访"}))
    assert "张三" in seen
    assert plain(customer)[0] not in seen
    assert plain(customer)[1] in seen, "masked, for the switchboard"


@pytest.mark.req("P-10")
def test_who_is_served_by_a_person_already_is_not_hidden(world: PoolWorld) -> None:
    """The customer of a policy in the pool has another one with a colleague: the house serves him in person."""
    number, other = world.here[5], world.here[6]
    import_rows(
        world.cast,
        [
            row | {"holder_number": holder_of(number)}
            for row in policy_rows(1, agent="9101", institution="D", first=90)
        ],
    )
    hidden = pools.hidden([holder_of(number), holder_of(other)], on=world.cast.today)
    assert hidden == {holder_of(other)}


# --- follow-ups and going back ---------------------------------------------------------------------------------


@pytest.mark.req("P-09")
def test_day_n_minus_k_warns_day_n_takes_back_and_the_day_after_nothing_twice(world: PoolWorld) -> None:
    number = world.here[0]
    world.claim(number)
    assert [world.roll(day) for day in range(12)] == [actions.Rolled(0, 0)] * 12
    assert world.roll(12) == actions.Rolled(1, 0), "15 days, warned 3 days before"
    assert world.roll(12) == actions.Rolled(0, 0), "the same day again"
    assert world.roll(13) == world.roll(14) == actions.Rolled(0, 0)
    assert world.holder(number) == world.manager
    assert world.roll(15) == actions.Rolled(0, 1)
    assert world.holder(number) == world.pool
    assert world.roll(15) == world.roll(16) == actions.Rolled(0, 0)
    last = custody.history(number).sort("seq").tail(1).row(0, named=True)
    assert (last["kind"], last["reason_code"], last["by"]) == ("return_to_pool", "idle", org.machine())
    page = text(world.cast.client(Role.RESOURCE_CLERK).get(reverse("pools:log") + "?step=returned"))
    assert f"{world.cast.today} 起 15 天没有跟进" in page
    assert number in page
    assert custody.verify().problems == ()


@pytest.mark.req("P-09")
def test_the_warning_stands_on_the_phone_at_home_and_on_the_page_of_the_pools(
    world: PoolWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.claim(world.here[0])
    _on_day(world, monkeypatch, 13)
    phone = world.cast.client(Role.ACCOUNT_MANAGER)
    assert "将退回公共池 1 件" in text(phone.get(reverse("phone:today")))
    assert "2 天后退回" in text(phone.get(reverse("phone:claims")))
    assert "还有 2 天" in text(phone.get(reverse("pools:claims")))
    lead = world.cast.client(Role.TEAM_LEAD)
    assert "认领件 1 件将退回公共池" in text(lead.get(reverse("home")))
    assert world.here[0] in text(lead.get(reverse("pools:claims")))
    assert "将退回" not in text(world.cast.client(Role.AUDITOR).get(reverse("home")))


@pytest.mark.req("P-09")
def test_a_follow_up_on_the_phone_starts_the_clock_anew(
    world: PoolWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = world.here[0]
    customer = holder_of(number)
    world.claim(number)
    _on_day(world, monkeypatch, 14)
    phone = world.cast.client(Role.ACCOUNT_MANAGER)
    url = reverse("pools:contact", args=[customer])
    missing = phone.post(url, {"channel": "phone", "outcome": "appointed", "back": "phone"}, follow=True)
    assert "已约下次的，请填日期；没有写入任何数据" in text(missing)
    kept = {"channel": "phone", "outcome": "reached", "note": "愿意续保", "back": "phone"}
    done = phone.post(url, kept, follow=True)
    assert "已记下这次跟进" in text(done)
    assert "愿意续保" not in text(done), "a note is sealed: it is on no page"
    assert "还有 15 天" in text(phone.get(reverse("pools:claims")))
    assert world.roll(15).returned == 0
    assert world.roll(26) == actions.Rolled(1, 0)
    assert world.roll(29) == actions.Rolled(0, 1)
    assert phone.post(reverse("pools:contact", args=[holder_of(world.here[1])]), kept).status_code == 404
    audit = pools.audit_tables(world.cast.today, world.cast.today + timedelta(days=40))
    assert audit["跟进"].height == 1
    assert "愿意续保" not in audit["跟进"].write_csv()


@pytest.mark.req("P-09", "P-05")
def test_an_appointment_ahead_and_days_away_hold_a_piece(world: PoolWorld) -> None:
    world.claim(*world.here[:2])
    actions.contacted(
        holder_of(world.here[0]), person=world.manager, channel="phone", outcome="appointed",
        next_date=world.cast.today + timedelta(days=20), by=world.cast.other, at=world.cast.now,
    )  # fmt: skip
    org_actions.record_absence(
        world.manager, next(iter(org.ABSENCE_KINDS)), from_date=world.cast.today + timedelta(days=5),
        until_date=world.cast.today + timedelta(days=15), by=org.machine(), at=world.cast.now,
    )  # fmt: skip
    world.roll(22)
    assert world.roll(24).returned == 0
    assert world.roll(25) == actions.Rolled(0, 1), "ten days away did not count: day 25 is the fifteenth"
    assert [world.holder(n) == world.pool for n in world.here[:2]] == [False, True]
    world.roll(32)
    assert world.roll(35) == actions.Rolled(0, 1), "fifteen days after the appointment"
    with pytest.raises(actions.PoolRefused, match="下次日期最晚"):
        actions.contacted(
            "C000001", person=world.manager, channel="phone", outcome="appointed",
            next_date=world.cast.today + timedelta(days=31), by=world.manager, at=world.cast.now,
        )  # fmt: skip


@pytest.mark.req("P-09")
def test_nights_on_which_nothing_ran_take_nothing_unwarned(world: PoolWorld) -> None:
    world.claim(world.here[0])
    assert world.roll(40) == actions.Rolled(1, 0)
    assert world.holder(world.here[0]) == world.manager
    assert world.roll(41) == actions.Rolled(0, 1)


@pytest.mark.req("P-09")
def test_what_went_on_to_somebody_else_is_nobodys_idle_claim(world: PoolWorld) -> None:
    world.claim(world.here[0])
    hand_over(world.cast, world.here[:1], world.cast.other, key="on")
    assert world.roll(12) == world.roll(15) == world.roll(20) == actions.Rolled(0, 0)
    assert world.holder(world.here[0]) == world.cast.other


@pytest.mark.req("P-09")
def test_hard_pieces_stay_until_a_supervisor_takes_them_back_with_a_reason(world: PoolWorld) -> None:
    ruled(world.cast, reclaim_exempt=["hard", "problem", "difficult", "lapsed"], warn_days=0)
    import_rows(world.cast, policy_rows(1, agent="9999", institution="D", first=70), days_ago=0)
    world.claim(world.here[0])
    ruled(world.cast, idle_days=dict.fromkeys(("buffer", "department", "campaign", "other"), 0))
    assert world.roll(300) == actions.Rolled(0, 0)
    mine = Claim.objects.get()
    url = reverse("pools:give_back", args=[mine.pk])
    outsider = world.cast.client(Role.BUFFER_MEMBER)
    assert outsider.post(url, {"reason": "收回另派他人"}).status_code in (403, 404)
    lead = world.cast.client(Role.TEAM_LEAD)
    assert "已退回公共池" in text(lead.post(url, {"reason": "收回另派他人"}, follow=True))
    assert ClaimStep.objects.get().step == "taken_back"
    assert "已不在认领人名下" in text(lead.post(url, {"reason": "收回另派他人"}, follow=True))


def _on_day(world: PoolWorld, monkeypatch: pytest.MonkeyPatch, days: int) -> None:
    """What the clock says."""
    monkeypatch.setattr(clock, "now", lambda: world.later(days))
    monkeypatch.setattr(clock, "business_today", lambda: world.cast.today + timedelta(days=days))


# --- complaint 8 ------------------------------------------------------------------------------------------------


def test_complaint_8_rules_follow_contract_life_and_customer_level(cast: Cast) -> None:
    """CordysCRM/issues/2327 and /852: pool rules tied to contract life and its halves of a year, to levels, to views."""
    world = make_world(cast, premium_fen=50_000)
    young = policy_rows(3, agent="9999", institution="D", first=50)
    ages = (
        date(cast.today.year, cast.today.month, 1),
        _months_ago(cast.today, 8),
        _months_ago(cast.today, 14),
    )
    import_rows(
        cast,
        [row | {"inception_date": day, "premium_fen": fen} for row, day, fen in
         zip(young, ages, (50_000, 50_000, 2_000_000), strict=True)],
        days_ago=0,
    )  # fmt: skip
    numbers = [row["policy_number"] for row in young]
    hand_over(cast, numbers, world.pool, key="young")
    assert [one.why for one in world.claim(*numbers)] == ["", "", ""], "hired in 2010"
    rule = pools.PoolRules.of(rules.applicable(cast.today))
    left = {row.number: row.left_days for row in pools.claims_of(world.manager, rule, cast.today)}
    assert left == {numbers[0]: 7, numbers[1]: 10, numbers[2]: 15}, "half a year, a year, older"


def _months_ago(day: date, months: int) -> date:
    at = day.year * 12 + day.month - 1 - months
    return date(at // 12, at % 12 + 1, 1)


def test_complaint_8_a_newcomer_does_not_claim_the_best_customers(cast: Cast) -> None:
    world = make_world(cast, premium_fen=2_000_000)
    ruled(cast, level_months={"A": 1200, "B": 0, "C": 0})
    assert world.why(world.here[0]) == "A级客户须在岗满 1200 个月才能认领"
    ruled(cast, levels_from_fen={"A": 3_000_000, "B": 1_000_000, "C": 0})
    assert world.why(world.here[0]) == "", "it is a B by this rule"


def test_complaint_8_nobody_leafs_through_the_pool_all_day(world: PoolWorld) -> None:
    ruled(world.cast, views_per_day=15)
    phone = world.cast.client(Role.ACCOUNT_MANAGER)
    assert text(phone.get(reverse("phone:pool"))).count("新增") == 0
    rows = [len(re.findall(r'name="one"', phone.get(url).content.decode())) for url in
            (reverse("pools:pieces"), reverse("phone:pool"))]  # fmt: skip
    assert rows == [3, 0], "twelve were seen before; three are left, then none"
    assert "每人每天至多浏览公共池 15 行" in text(phone.get(reverse("phone:pool")))
    assert "每人每天至多浏览" not in text(world.cast.client(Role.RESOURCE_CLERK).get(reverse("pools:pieces")))


@pytest.mark.req("P-09")
def test_ten_thousand_pieces_go_back_by_the_set(world: PoolWorld, django_assert_max_num_queries: Any) -> None:
    count, cast = 10_000, world.cast
    opened = pl.DataFrame({"number": [f"Z{i:08d}" for i in range(count)]}).with_columns(
        source_system=pl.lit("bulk"), kind=pl.lit("policy"), effective_date=pl.lit(cast.today),
        custodian_id=pl.lit(world.manager, pl.Int64), owner_id=pl.lit(None, pl.Int64), reason_code=pl.lit("orphan"),
    )  # fmt: skip
    ledger.open_custody(opened, by=org.machine(), recorded_at=cast.now, rule="test")
    held = custody.holdings(Scope.everything(), custodian_id=world.manager)
    Claim.objects.bulk_create(
        Claim(
            subject_id=subject, relation="custody", entry_id=entry, pool_id=world.pool, pool_kind="department",
            person_id=world.manager, customer_number=f"K{subject}", claimed_date=cast.today, at=cast.now, rule="test",
        )
        for subject, entry in held.select("subject_id", "head").iter_rows()
    )  # fmt: skip
    with django_assert_max_num_queries(200):  # rows are written ninety at a time on SQLite
        assert world.roll(12) == actions.Rolled(count, 0)
    with django_assert_max_num_queries(200):  # rows are written ninety at a time on SQLite
        assert world.roll(15) == actions.Rolled(0, count)
    assert world.roll(16) == actions.Rolled(0, 0)
    assert custody.held_counts([world.pool])[world.pool] == count + len(world.here) + len(world.away)
    assert ClaimStep.objects.filter(step="reclaimed").count() == count


# --- pages, audit, command line -----------------------------------------------------------------------------------


@pytest.mark.req("P-09")
def test_the_board_tells_what_lies_where_and_for_whom(world: PoolWorld) -> None:
    world.claim(world.here[0])
    mine = text(world.cast.client(Role.ACCOUNT_MANAGER).get(reverse("pools:board")))
    assert re.search(r"收展部 保单（责任） 11 \S+ 1 1 3 件", mine), mine
    lead = text(world.cast.client(Role.DEPARTMENT_MANAGER).get(reverse("pools:board")))
    assert "部门经理甲" in lead, "who answers for it"
    stranger_pool = text(world.cast.client(Role.ACCOUNT_MANAGER).get(reverse("pools:pieces")))
    assert world.away[0] not in stranger_pool


@pytest.mark.req("P-09")
def test_the_list_narrows_by_street_level_product_and_due_day(world: PoolWorld) -> None:
    desk = world.cast.client(Role.ACCOUNT_MANAGER)
    url = reverse("pools:pieces")
    assert "12 件" in text(desk.get(url))
    assert "没有符合条件的件" in text(desk.get(url + "?level=A"))
    assert "12 件" in text(desk.get(url + "?level=C"))
    assert "没有符合条件的件" in text(desk.get(url + "?product=别的险种"))
    street = text(desk.get(url + "?street=330203001"))
    assert "没有符合条件的件" not in street
    assert desk.get(url + "?after=broken&pool=999999999999999&relation=x&due=1").status_code == 200


@pytest.mark.req("P-09")
def test_the_auditor_reads_claims_and_returns_and_the_database_refuses_to_change_one(
    world: PoolWorld,
) -> None:
    from django.db import IntegrityError, transaction

    world.claim(world.here[0])
    world.roll(12)
    tables = pools.audit_tables(world.cast.today, world.cast.today + timedelta(days=20))
    assert {name: frame.height for name, frame in tables.items()} == {"认领": 1, "认领的去向": 1, "跟进": 0}
    assert append_only.missing_in("pools") == []
    for rows in (Claim.objects, ClaimStep.objects):
        with pytest.raises(IntegrityError), transaction.atomic():
            rows.update(at=world.cast.now)
        with pytest.raises(IntegrityError), transaction.atomic():
            rows.all()._raw_delete("default")


def test_the_reveal_of_the_desks_of_the_house_goes_by_its_own_rule(world: PoolWorld) -> None:
    from tuogu.web import personal
    from tuogu.web.viewer import viewer_of

    viewer = viewer_of(world.cast.people[Role.RESOURCE_CLERK])
    assert viewer is not None
    customer = holder_of(world.here[0])
    assert "白沙" in personal.revealed_address(viewer, customer, reason="编码地址要用")
    with pytest.raises(RevealRefused, match="领取后"):
        personal.revealed_customer(viewer, customer, fields="phone", reason="想看看电话")
    ruled(world.cast, desks_reveal=False)
    viewer = viewer_of(world.cast.people[Role.RESOURCE_CLERK])
    with pytest.raises(RevealRefused, match="领取后"):
        personal.revealed_address(viewer, customer, reason="编码地址要用")


def test_everybody_in_scope_and_nobody_else_reads_the_log(world: PoolWorld) -> None:
    world.claim(world.here[0])
    assert len(pools.log(Scope.everything())) == 1
    assert pools.log(Scope(institution_codes=frozenset({"X"}))) == []
    assert pools.claim_within(Scope(institution_codes=frozenset({"X"})), Claim.objects.get().pk) is None
