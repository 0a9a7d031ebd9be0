"""The sheet of reasons to visit (S4-21): whom one goes to on a day or in a week and why; printed, masked, with codes."""

from __future__ import annotations

import io
import re
from datetime import date, timedelta
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from cast import Cast
from exported import granted, taken
from tuogu.core.labels import VISIT_REASONS
from tuogu.kit import queries as kit
from tuogu.org.roles import Role
from tuogu.org.scope import Scope
from tuogu.rules import queries as rules
from tuogu.work import actions
from tuogu.work import queries as work
from work_world import WorkWorld, make_work

pytestmark = [
    pytest.mark.django_db(databases="__all__"), pytest.mark.database, pytest.mark.req("S4-21", "N-18"),
]  # fmt: skip
EVERYTHING = Scope.everything()
FIRST, SECOND = "C000000", "C000001"


@pytest.fixture
def world(cast: Cast) -> WorkWorld:
    """Three customers in hand; two of them planned for next week, on Tuesday and on Thursday."""
    made = make_work(cast, count=3)
    monday = next_monday(made)
    lines = [
        work.PlanLine(monday + timedelta(days=1), SECOND, "visit", "information"),
        work.PlanLine(monday + timedelta(days=3), FIRST, "visit", "explanation"),
    ]
    actions.file_week_plan(made.manager, monday, lines, by=made.manager, at=cast.now)
    return made


def next_monday(world: WorkWorld) -> date:
    return world.day(0) + timedelta(days=7 - world.day(0).weekday())


def text(answer: Any) -> str:
    return re.sub(r"\s+", " ", answer.content.decode())


def printed(client: Client, kind: str, day: date | None = None) -> int:
    made = client.post("/kit/registers/", {"kind": kind, "day": day.isoformat() if day else ""})
    assert made.status_code == 302, text(made)
    return int(made.headers["Location"].split("/")[-2])


def lines_of(register: int) -> list[kit.Line]:
    found = kit.lines(register, rules.applicable(date(2027, 1, 1)), clear=True)
    return [line for part in found.values() for line in part]


def test_the_sheet_of_a_day_names_who_is_planned_with_every_reason_from_the_data(world: WorkWorld):
    client, tuesday = world.cast.client(Role.ACCOUNT_MANAGER), next_monday(world) + timedelta(days=1)
    register = printed(client, "visit_day", tuesday)
    (line,) = lines_of(register)
    assert (line.holder_number, line.visit_date) == (SECOND, tuesday.isoformat())
    expected = work.suggestions(world.manager, tuesday, [SECOND]).sort("place")
    said = [
        f"{VISIT_REASONS[reason]}（{detail}）"
        for reason, detail in expected.select("reason", "detail").iter_rows()
    ]
    assert said, "the data give reasons"
    assert line.reasons == "；".join([VISIT_REASONS["information"], *said]), (
        "the planned one, then the data's"
    )
    paper = text(client.get(f"/kit/registers/{register}/print/"))
    for head in ("拜访日", "投保人", "联系电话", "拜访理由"):
        assert f">{head}</th>" in paper, head
    assert said[0] in paper
    assert line.phone
    assert line.phone not in paper, "masked on paper"
    assert line.holder not in paper
    assert all(page.code in paper for page in kit.pages_of(register))


def test_the_sheet_of_a_week_follows_the_plan_and_what_falls_due(world: WorkWorld):
    client, monday = world.cast.client(Role.ACCOUNT_MANAGER), next_monday(world)
    world.roll()
    register = printed(client, "visit_week", monday + timedelta(days=4))
    found = kit.register(EVERYTHING, register)
    assert found is not None
    assert found.first_date == monday, "any day of the week names it"
    lines = lines_of(register)
    days = {line.holder_number: line.visit_date for line in lines}
    assert days[SECOND] == (monday + timedelta(days=1)).isoformat()
    assert days[FIRST] == (monday + timedelta(days=3)).isoformat()
    assert [line.visit_date for line in lines] == sorted(line.visit_date or "" for line in lines)
    due = {
        task.customer_number
        for task in work.tasks_of(world.manager, monday + timedelta(days=6), view="today")
        if task.due_date >= monday and task.customer_number
    }
    assert set(days) == due | {FIRST, SECOND}
    page = text(client.get(f"/kit/registers/{register}/"))
    assert f"{monday.isoformat()} 至 {(monday + timedelta(days=6)).isoformat()}" in page


def test_the_workbook_is_masked_and_in_clear_only_by_a_second_person(world: WorkWorld):
    client, boss = world.cast.client(Role.ACCOUNT_MANAGER), world.cast.client(Role.BRANCH_MANAGER)
    register = printed(client, "visit_week", next_monday(world))
    url = f"/kit/registers/{register}/file/"
    masked, clear = (
        " ".join(str(cell) for sheet in openpyxl.load_workbook(io.BytesIO(content)) for row in sheet.values for cell in row)
        for content in (taken(client, url), granted(client, boss, url, clear="1"))
    )  # fmt: skip
    phones = {line.phone for line in lines_of(register) if line.phone}
    assert phones
    assert not any(phone in masked for phone in phones)
    assert all(phone in clear for phone in phones)
    assert "拜访理由" in masked
    assert all(line.reasons in masked for line in lines_of(register))


def test_a_signed_sheet_comes_back_by_its_code_and_an_empty_day_prints_nothing(world: WorkWorld):
    client, monday = world.cast.client(Role.ACCOUNT_MANAGER), next_monday(world)
    register = printed(client, "visit_week", monday)
    codes = "\n".join(page.code for page in kit.pages_of(register))
    scan = SimpleUploadedFile("a.pdf", b"%PDF-1.4 signed")
    assert client.post("/kit/returns/", {"scan": scan, "codes": codes}).status_code == 302
    found = kit.register(EVERYTHING, register)
    assert found is not None
    assert found.state == "signed"
    empty = client.post("/kit/registers/", {"kind": "visit_day", "day": monday.isoformat()})
    assert empty.status_code == 400
    assert "没有计划拜访的客户" in text(empty)
    assert "请写明月份或日期" in text(client.post("/kit/registers/", {"kind": "visit_day", "day": "x"}))
