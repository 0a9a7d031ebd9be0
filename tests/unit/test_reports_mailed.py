"""Reports that go by themselves: on their day, to each for the own place, once, over a real SMTP server of this machine."""

from __future__ import annotations

import email
import io
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, time, timedelta
from email import policy
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from django.test import Client
from python_calamine import CalamineWorkbook

from cast import Cast
from tuogu.core.custody import SHANGHAI
from tuogu.core.measures.periods import month_after
from tuogu.org import queries as org
from tuogu.org.roles import Role
from tuogu.reports import actions, queries
from tuogu.reports.models import Mailing, MailStep, ScheduleRun
from tuogu.reports.scheduling import due_period
from tuogu.rules import queries as rules

pytestmark = [pytest.mark.database, pytest.mark.django_db(databases="__all__")]
KEEPER = Role.RENEWAL_ADMINISTRATOR


class Mailbox:
    """Takes mails, or answers as told."""

    def __init__(self) -> None:
        self.reply, self.to = "250 OK", list[str]()
        self.messages: list[Any] = []

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        if self.reply.startswith("250"):
            self.to += envelope.rcpt_tos
            self.messages.append(email.message_from_bytes(envelope.content, policy=policy.default))
        return self.reply


@contextmanager
def server(settings: Any) -> Iterator[Mailbox]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    box = Mailbox()
    running = Controller(box, hostname="127.0.0.1", port=port)
    running.start()
    settings.TUOGU_MAIL_URL = f"smtp://127.0.0.1:{port}/?from=reports@branch.example"
    settings.TUOGU_STAFF_MAIL = "{staff_number}@branch.example"
    try:
        yield box
    finally:
        running.stop()


def noon(cast: Cast, days: int) -> datetime:
    return datetime.combine(cast.today + timedelta(days=days), time(12), SHANGHAI)


def tick(at: datetime) -> int:
    return actions.tick(by=org.machine(), at=at)


def states() -> list[str]:
    return list(MailStep.objects.order_by("mailing", "seq").values_list("state", flat=True))


@pytest.mark.req("S3-19")
def test_a_week_is_mailed_once_to_each_for_the_own_place_with_the_workbook(cast: Cast, settings: Any):
    keeper = cast.people[KEEPER]
    actions.schedule("renewal_weekly", "B", Role.TEAM_LEAD, by=keeper, at=cast.now)
    with pytest.raises(queries.ReportsRefused, match="同样"):
        actions.schedule("renewal_weekly", "B", Role.TEAM_LEAD, by=keeper, at=cast.now)
    with server(settings) as box:
        assert tick(cast.now) == 0
        later = noon(cast, 8)
        assert tick(later) == 1
        assert tick(later + timedelta(hours=2)) == 0
        assert tick(later + timedelta(days=7)) == 1
    assert set(box.to) == {f"{cast.numbers[cast.people[Role.TEAM_LEAD]]}@branch.example"}
    first = box.messages[0]
    assert "续保例会通报 收展一组" in first["Subject"]
    attached = next(first.iter_attachments())
    assert attached.get_filename().endswith(".xlsx")
    book = CalamineWorkbook.from_filelike(io.BytesIO(attached.get_content()))
    assert {"各部门", "各组", "逾期", "口径"} <= set(book.sheet_names)
    whole = str([book.get_sheet_by_name(name).to_python() for name in book.sheet_names])
    assert "水印" in whole
    assert "客户经理甲" not in whole + first.get_body().get_content()
    assert ScheduleRun.objects.count() == 2
    heads = queries.issues(org.scope_of(keeper, cast.today))
    assert {head.institution for head in heads} == {"T1"}


@pytest.mark.req("S3-19")
def test_a_report_is_mailed_in_the_language_of_its_schedule(cast: Cast, settings: Any):
    keeper = cast.people[KEEPER]
    with pytest.raises(queries.ReportsRefused, match="语言"):
        actions.schedule("renewal_weekly", "T1", Role.TEAM_LEAD, language="tlh", by=keeper, at=cast.now)
    actions.schedule("renewal_weekly", "T1", Role.TEAM_LEAD, language="en", by=keeper, at=cast.now)
    with server(settings) as box:
        assert tick(noon(cast, 8)) == 1
    mail = box.messages[0]
    assert "续保例会通报 · Weekly bulletin" in mail["Subject"]
    assert "people are named by staff number" in mail.get_body().get_content()
    book = CalamineWorkbook.from_filelike(io.BytesIO(next(mail.iter_attachments()).get_content()))
    assert "各部门" not in book.sheet_names


@pytest.mark.req("S3-19")
def test_a_list_with_customers_goes_without_the_list_and_waits_for_the_frozen_month(
    cast: Cast, settings: Any
):
    actions.schedule("lapsed_list", "B", Role.BRANCH_MANAGER, by=cast.people[KEEPER], at=cast.now)
    next_month = month_after(cast.today.replace(day=1), 1)
    later = datetime.combine(next_month + timedelta(days=1), time(12), SHANGHAI)
    with server(settings) as box:
        assert tick(later) == 0
        actions.freeze_month(cast.today, by=org.machine(), at=later)
        assert tick(later) == 1
    assert list(box.messages[0].iter_attachments()) == []
    assert "含客户明细，不随邮件发送" in box.messages[0].get_body().get_content()


@pytest.mark.parametrize(
    ("reply", "after"), [("451 later", ["begun", "trouble", "begun", "accepted"]), ("550 no", ["begun", "rejected"])]
)  # fmt: skip
def test_a_mail_that_was_not_taken_is_tried_again_and_one_refused_is_not(
    cast: Cast, settings: Any, reply: str, after: list[str]
):
    actions.schedule("renewal_weekly", "T1", Role.TEAM_LEAD, by=cast.people[KEEPER], at=cast.now)
    later = noon(cast, 8)
    with server(settings) as box:
        box.reply = reply
        assert tick(later) == 0
        box.reply = "250 OK"
        assert tick(later + timedelta(minutes=5)) == 0
        tick(later + timedelta(minutes=20))
    assert states() == after
    assert len(box.messages) == after.count("accepted")


def test_a_mail_that_may_have_gone_out_is_never_sent_again(cast: Cast, settings: Any):
    actions.schedule("renewal_weekly", "T1", Role.TEAM_LEAD, by=cast.people[KEEPER], at=cast.now)
    later = noon(cast, 8)
    assert tick(later) == 0  # nothing is configured: it waits
    waiting = Mailing.objects.get()
    MailStep.objects.create(mailing=waiting, seq=1, state="begun", at=later)  # the process died here
    with server(settings) as box:
        assert tick(later + timedelta(hours=1)) == 0
        assert tick(later + timedelta(hours=2)) == 0
    assert states() == ["begun", "unsure"]
    assert box.messages == []


@pytest.mark.parametrize(
    ("key", "at", "due"),
    [
        ("renewal_daily", "2031-06-03T17:59", None), ("renewal_daily", "2031-06-03T18:00", "2031-06-03"),
        ("renewal_weekly", "2031-06-02T07:59", None), ("renewal_weekly", "2031-06-02T08:00", "2031-06-01"),
        ("renewal_weekly", "2031-06-08T00:01", "2031-06-01"), ("contact", "2031-06-08T12:00", None),
    ],
)  # fmt: skip
def test_when_a_period_is_due(key: str, at: str, due: str | None):
    moment = datetime.fromisoformat(at).replace(tzinfo=SHANGHAI)
    found = due_period(queries.report(key), moment, rules.applicable(moment.date()))
    assert (found and found.isoformat()) == due


@pytest.mark.req("S3-19")
def test_schedules_are_kept_on_their_page_and_end_when_stopped(cast: Cast, settings: Any):
    settings.TUOGU_DEMO = True
    keeper: Client = cast.client(KEEPER)
    asked = {"report": "renewal_daily", "institution": "T1", "role": "team_lead"}
    assert keeper.post("/reports/schedules/add/", asked).status_code == 302
    assert cast.client(Role.TEAM_LEAD).post("/reports/schedules/add/", asked).status_code == 403
    shown = keeper.get("/reports/schedules/").content.decode()
    assert "TUOGU_STAFF_MAIL" not in shown  # a setting's name says nothing to a clerk
    assert "请信息技术岗设置" in shown
    row = queries.schedules(org.scope_of(cast.people[KEEPER], cast.today))[0]
    keeper.post("/reports/schedules/add/", asked | {"institution": "X"})  # another branch
    keeper.post("/reports/schedules/add/", asked | {"role": "account_manager"})  # reads no reports
    assert len(queries.schedules(org.scope_of(cast.people[KEEPER], cast.today))) == 1
    keeper.post(f"/reports/schedules/{row.id}/stop/")
    assert "已停止" in keeper.get("/reports/schedules/").content.decode()
    tick(datetime.combine(cast.today + timedelta(days=1), time(19), SHANGHAI))
    assert not ScheduleRun.objects.exists()
