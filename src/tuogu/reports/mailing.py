"""The mails of scheduled reports on their way: tried, recorded, each sent once (S3-19).

In: mailings that wait. Out: steps with what came of them. Never: a call inside a transaction, a mail sent again that may
have gone out, a customer's data or a colleague's name in it: people stand there by staff number.
"""

from __future__ import annotations

import tempfile
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import translation
from django.utils.translation import gettext as _

from tuogu.core.custody import business_date
from tuogu.core.rulebook import Rulebook
from tuogu.files.bulletin import Content, content_of, digest_of, read
from tuogu.files.bulletin_workbook import write_bulletin
from tuogu.files.watermark import Mark, marked
from tuogu.notices.adapters import Outgoing, adapter_of
from tuogu.org import queries as org
from tuogu.reports.issuing import staff_numbers
from tuogu.reports.models import Mailing, MailStep
from tuogu.reports.scheduling import last_step
from tuogu.reports.telling import own_words, told
from tuogu.rules import queries as rules

_FINAL: Final = ("accepted", "rejected", "unsure")
_BEGUN, _TROUBLE, _UNSURE, _REJECTED = "begun", "trouble", "unsure", "rejected"
_LINES: Final = (
    12  # rows of the first table that stand in the mail itself: what a phone shows without scrolling far
)


def why_closed() -> str:
    """'' when reports can be mailed, else what is missing and who can set it, in words of who waits for the mail; the names
    of the settings stand in docs/production.md."""
    if "{staff_number}" not in settings.TUOGU_STAFF_MAIL:
        return _(
            "现在发不出邮件：系统还不知道员工的公司邮箱怎样写（例如 工号@公司域名），请信息技术岗设置。"
            "在此以前计划照常签发报表，邮件留着，设好以后发出。"
        )
    adapter = adapter_of("mail")
    if adapter is None or adapter.configured():
        return _(
            "现在发不出邮件：系统还没有可用的邮件服务器，请信息技术岗设置。"
            "在此以前计划照常签发报表，邮件留着，设好以后发出。"
        )
    return ""


def deliver(*, by: int, at: datetime) -> int:  # noqa: ARG001  # every round of a turn is told who acts
    """One round over the mails that wait; how many went out."""
    if why_closed():
        return 0
    book, sent = rules.applicable(business_date(at)), 0
    waiting = (
        Mailing.objects.exclude(steps__state__in=_FINAL).select_related("issued", "schedule").order_by("pk")
    )
    for mailing in waiting[: book["notices.per_tick_max"]]:
        sent += _try(mailing, book, at)
    return sent


def _try(mailing: Mailing, book: Rulebook, at: datetime) -> int:
    last = last_step(mailing)
    if last is not None and not _again(mailing, last, book, at):
        return 0
    seq = last.seq + 1 if last else 1
    outgoing = _outgoing(mailing, at)
    if outgoing is None:
        _step(mailing, seq, _REJECTED, "no_address", at)
        return 0
    if not _step(mailing, seq, _BEGUN, "", at):
        return 0  # somebody else has it in hand
    adapter = adapter_of("mail")
    assert adapter is not None  # why_closed
    outcome = adapter.send(outgoing)
    _step(mailing, seq + 1, outcome.state, outcome.code, at)
    return int(outcome.state == "accepted")


def _again(mailing: Mailing, last: MailStep, book: Rulebook, at: datetime) -> bool:
    """Whether it may be tried again now. One that was begun and never answered may have gone out: it is not sent again."""
    if last.at + timedelta(minutes=book["reports.mail_again_minutes"]) > at:
        return False
    if last.state == _BEGUN:
        _step(mailing, last.seq + 1, _UNSURE, "interrupted", at)
        return False
    tries = MailStep.objects.filter(mailing=mailing, state=_BEGUN).count()
    return bool(tries < book["reports.mail_attempts_max"])


def _step(mailing: Mailing, seq: int, state: str, code: str, at: datetime) -> bool:
    try:
        with transaction.atomic():
            MailStep.objects.create(mailing=mailing, seq=seq, state=state, code=code, at=at)
    except IntegrityError:
        return False
    return True


def _outgoing(mailing: Mailing, at: datetime) -> Outgoing | None:
    issued = mailing.issued
    number = org.labels([mailing.person_id]).get(mailing.person_id, "")
    if not number or digest_of(issued.content) != issued.digest:
        return None
    key = f"report-{mailing.pk}-{issued.digest[:16]}"
    to = settings.TUOGU_STAFF_MAIL.format(staff_number=number)
    with translation.override(mailing.schedule.language):
        content = told(content_of(issued.content))
        title = f"{content.title} {content.place} {content.period}"
        name = f"{content.title} {content.period}.xlsx".replace("/", "-")
        files = () if content.personal else ((name, _workbook(content, number, at)),)
        return Outgoing(key, to, title, _body(content, issued.digest), files=files)


def _body(content: Content, digest: str) -> str:
    lines = [content.title, f"{content.place}　{content.period}", *content.facts, ""]
    if content.personal:
        lines.append(_("本报表含客户明细，不随邮件发送，请登录系统在“报表”查看。"))
    elif content.tables:
        table, known = content.tables[0], staff_numbers(content)
        lines.append("　".join(column.title for column in table.columns))
        lines += [
            "　".join(
                read(column.kind, value, known) for column, value in zip(table.columns, row, strict=True)
            )
            for row in table.rows[:_LINES]
        ]
        lines += ["", _("全部内容见附件；人员以工号列示。")]
    return "\n".join([*lines, _("内容摘要 %(digest)s") % {"digest": digest}])


def _workbook(content: Content, who: str, at: datetime) -> bytes:
    with tempfile.TemporaryDirectory() as folder, marked(Mark(who, at)):
        path = Path(folder) / "report.xlsx"
        write_bulletin(path, content, staff_numbers(content), own_words())
        return path.read_bytes()
