"""制度: the numbers in force with where each comes from, the versions, what a version changed."""

from __future__ import annotations

import re
import tomllib
from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from cast import Cast
from territory_books import standard_rules
from tuogu.core.rulebook import Rulebook
from tuogu.data.rulebooks import part_titles
from tuogu.org.roles import Role
from tuogu.rules import actions
from tuogu.web.rules.rows import PARTS

pytestmark = pytest.mark.django_db(databases="__all__")


def text(answer: Any) -> str:
    assert answer.status_code == 200, answer
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", str(answer.content.decode())))


def adopt(cast: Cast, version: str, days: int, change: str, base: str = "standard") -> Rulebook:
    day = cast.today + timedelta(days=days)
    document = tomllib.loads(
        f'[rulebook]\nbase = "{base}"\nversion = "{version}"\neffective_date = {day.isoformat()}\n'
        f'source = "分公司〔2026〕3号"\n{change}'
    )
    return actions.adopt_overlay(document, by=cast.people[Role.RESOURCE_CLERK], at=cast.now)


@pytest.mark.req("N-09")
def test_every_number_stands_there_with_requirement_document_and_line(cast: Cast):
    answer = cast.client(Role.RESOURCE_CLERK).get(reverse("rules:list"))
    shown = text(answer)
    html = answer.content.decode()
    for key in standard_rules().parameters:
        assert f'id="{key}"' in html, key
    assert f"共 {len(standard_rules().parameters)} 项" in shown
    assert (
        "月度服务件上限 territory.month_load_max 60 件／人·月 S0-21 区域规划运作办法 L44 2026-01-01" in shown
    )
    assert "基层确认认领期限 renewal.claim_days 5天 S3-04 汽车保险续保的流程管理 L17 2026-01-01" in shown
    assert "本系统自定" in shown
    assert "未设定" in shown


def test_parts_are_those_of_the_book_and_narrow_the_list(cast: Cast):
    assert list(PARTS) == list(part_titles())
    client = cast.client(Role.INSPECTOR)
    shown = text(client.get(reverse("rules:list"), {"part": "motor_renewal"}))
    assert "renewal.claim_days" in shown
    assert "territory.month_load_max" not in shown
    assert "汽车保险续保的流程管理" in shown
    found = text(client.get(reverse("rules:list"), {"part": "motor_renewal", "q": "S3-13 认领"}))
    assert "renewal.second_claim_hours" in found
    assert "renewal.claim_days" not in found
    assert "没有符合条件的参数" in text(client.get(reverse("rules:list"), {"q": "不存在的词"}))


@pytest.mark.req("N-09", "S1-02")
def test_a_change_shows_from_its_day_with_its_order_and_the_old_version_stays_readable(cast: Cast):
    adopt(cast, "甲", -3, "[territory]\nmonth_load_max = 55\n")
    adopt(cast, "乙", 30, "[visits]\nper_policy_year = 5\n", "standard 甲")
    client, since = cast.client(Role.BRANCH_MANAGER), cast.today - timedelta(days=3)
    now = text(client.get(reverse("rules:list")))
    assert f"甲 版，{since} 起生效" in now
    assert (
        f"territory.month_load_max 55 件／人·月 S0-21 分公司〔2026〕3号 — {since} 原 区域规划运作办法 L44"
        in now
    )
    assert "visits.per_policy_year 4 " in now, "what comes later is not in force"
    old = text(client.get(reverse("rules:list"), {"version": "2026.1"}))
    assert "不是今天实施的版本" in old
    assert "territory.month_load_max 60 " in old
    later = text(client.get(reverse("rules:list"), {"version": "乙"}))
    assert "visits.per_policy_year 5 " in later
    assert "territory.month_load_max 55 " in later


@pytest.mark.req("S1-02")
def test_versions_with_their_days_and_what_each_changed(cast: Cast):
    client = cast.client(Role.AUDITOR)
    shown = text(client.get(reverse("rules:versions")))
    assert "2026.1 2026-01-01 实施中 — 随程序提供 —" in shown
    adopt(cast, "甲", -3, "[territory]\nmonth_load_max = 55\nmonth_load_min = 20\n")
    adopt(cast, "乙", 30, "[visits]\nper_policy_year = 5\n", "standard 甲")
    shown = text(client.get(reverse("rules:versions")))
    clerk = cast.numbers[cast.people[Role.RESOURCE_CLERK]]
    assert re.search(
        rf"乙 \S+ 将生效 1 项 \S+ \S+ {clerk} .*甲 \S+ 实施中 2 项 .*2026\.1 2026-01-01 已被取代", shown
    )
    both = text(client.get(reverse("rules:compare"), {"old": "2026.1", "new": "甲"}))
    assert "月度服务件上限 territory.month_load_max 60 55 S0-21 分公司〔2026〕3号" in both
    assert "共 2 项不同" in both
    last = text(client.get(reverse("rules:compare")))
    assert "visits.per_policy_year 4 5" in last
    assert "共 1 项不同" in last
    assert "没有不同" in text(client.get(reverse("rules:compare"), {"old": "甲", "new": "甲"}))
    assert "没有不同" in text(client.get(reverse("rules:compare"), {"old": "x", "new": "y"})), (
        "unknown = in force"
    )


def test_whoever_works_at_a_desk_reads_and_nobody_writes(cast: Cast):
    for role in Role:
        client = cast.client(role)
        for name in ("rules:list", "rules:versions", "rules:compare"):
            answer = client.get(reverse(name))
            assert answer.status_code == (403 if role is Role.ACCOUNT_MANAGER else 200), (role, name)
            assert client.post(reverse(name)).status_code == 403
        if role is not Role.ACCOUNT_MANAGER:
            assert f'href="{reverse("rules:list")}"' in client.get(reverse("home")).content.decode()
