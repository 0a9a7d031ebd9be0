"""Letters: printed in batches, posted with a tracking number, proved by the signed receipt.

In: prepared letters; a sheet of tracking numbers and signed days. Out: pages to print (in clear, each with its case code and
hash), a mail-merge list, proofs. Never: a letter read without a row in the access log; a receipt for a letter that is not
ours taken silently.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from django.db import transaction

from tuogu import vault
from tuogu.accesslog import actions as accesslog
from tuogu.core.custody import business_date
from tuogu.notices.delivering import LEFT_THE_HOUSE
from tuogu.notices.failures import NoticeRefused
from tuogu.notices.models import Message, MessageCase, MessageEvent, NoticeCase
from tuogu.notices.preparing import case_code, case_of
from tuogu.notices.proving import file_proofs
from tuogu.notices.sheet_reading import day_in, read_rows

LETTERS_MAX = 500  # pages of one print: what a desk folds in a day
_COLUMNS = {
    "code": ("案件编号", "编号"),
    "tracking": ("快递单号", "邮件号", "挂号信号"),
    "posted": ("寄出日期", "交寄日期"),
    "signed": ("签收日期", "妥投日期"),
}
_MARK_DIGITS = 16  # of the hash, as people compare them
_SHOWN = 5  # rows named in a refusal


@dataclass(frozen=True)
class Letter:
    """One page. `mark`: the first digits of the hash of what it says."""

    message: int
    code: str
    title: str
    address: str
    paragraphs: tuple[str, ...]
    mark: str


@dataclass(frozen=True)
class Receipts:
    """What a sheet of receipts did. `unknown`: Excel rows that name no letter of ours."""

    posted: int
    signed: int
    unknown: tuple[int, ...]


@transaction.atomic
def print_letters(message_ids: Collection[int], *, by: int, at: datetime) -> list[Letter]:
    """Open letters for printing and mark them printed; printing again is a further row of the log."""
    wanted = Message.objects.filter(
        pk__in=list(message_ids), channel="letter", state__in=("queued", "printed", "posted")
    )
    messages = list(wanted.order_by("pk")[: LETTERS_MAX + 1])
    if not messages:
        raise NoticeRefused("没有要打印的信函；没有写入任何数据")
    if len(messages) > LETTERS_MAX:
        raise NoticeRefused(f"一次最多打印 {LETTERS_MAX} 封；没有写入任何数据")
    accesslog.record(
        by=by, kind=LEFT_THE_HOUSE, subject_kind="list", subject="notice letters", fields="name,address",
        rows=len(messages), reason="notice letter", at=at,
    )  # fmt: skip
    MessageEvent.objects.bulk_create(
        MessageEvent(message=message, kind="printed", by_id=by, at=at) for message in messages
    )
    Message.objects.filter(pk__in=[m.pk for m in messages], state="queued").update(state="printed")
    return _opened(messages)


def _opened(messages: list[Message]) -> list[Letter]:
    first: dict[int, int] = {}
    links = MessageCase.objects.filter(message__in=messages).order_by("-case_id")
    first.update(links.values_list("message_id", "case_id"))  # the lowest is written last
    bodies = vault.open_texts(m.body_sealed for m in messages)
    addresses = vault.open_texts(m.to_sealed for m in messages)
    return [
        Letter(
            m.pk, case_code(first[m.pk]), m.title, address or "", tuple((body or "").split("\n\n")),
            m.body_digest[:_MARK_DIGITS],
        )
        for m, body, address in zip(messages, bodies, addresses, strict=True)
    ]  # fmt: skip


def letter_sheet(message_ids: Collection[int]) -> list[tuple[str, list[str]]]:
    """Columns of the mail-merge list, for whoever prints elsewhere. Only for the room of exports, which logs it."""
    wanted = Message.objects.filter(pk__in=list(message_ids), channel="letter")
    return merge_list(_opened(list(wanted.order_by("pk"))))


def file_receipts(path: Path, *, by: int, at: datetime) -> Receipts:
    """Tracking numbers and signed days from a sheet: 案件编号, 快递单号, 寄出日期, 签收日期. Once again changes nothing."""
    rows = read_rows(path, _COLUMNS, demanded=("code",))
    today = business_date(at)
    given: dict[int, tuple[int, str, date | None, date | None]] = {}
    for number, row in rows:
        case = case_of(row.get("code", ""))
        given[case or -number] = (
            number, row.get("tracking", ""), day_in(row.get("posted"), number), day_in(row.get("signed"), number)
        )  # fmt: skip
    late = [n for n, _, posted, signed in given.values() if max(posted or today, signed or today) > today]
    if late:
        raise NoticeRefused(f"第 {'、'.join(map(str, late[:_SHOWN]))} 行的日期在今天之后；没有写入任何数据")
    return _file(given, by=by, at=at)


@transaction.atomic
def _file(given: dict[int, tuple[int, str, date | None, date | None]], *, by: int, at: datetime) -> Receipts:
    links = MessageCase.objects.filter(
        case_id__in=[case for case in given if case > 0], message__channel="letter"
    )
    found: dict[int, tuple[int, Message]] = {
        link.case_id: (link.case_id, link.message)
        for link in links.exclude(message__state="cancelled").select_related("message").order_by("message_id")
    }
    posted, signed, events = [], [], []
    for case, message in found.values():
        _row, tracking, sent_day, signed_day = given[case]
        if message.state in ("queued", "printed") and (tracking or sent_day or signed_day):
            message.state, message.tracking_number = "posted", tracking
            posted.append(message)
            events.append(MessageEvent(message=message, kind="posted", code=tracking, by_id=by, at=at))
        if signed_day is not None and message.state == "posted":
            message.state = "delivered"
            signed.append((message, signed_day))
            events.append(MessageEvent(message=message, kind="signed", code=tracking, by_id=by, at=at))
    changed = {message.pk: message for message in [*posted, *(m for m, _ in signed)]}
    Message.objects.bulk_update(list(changed.values()), ["state", "tracking_number"])
    MessageEvent.objects.bulk_create(events)
    told = MessageCase.objects.filter(message__in=[m.pk for m in posted]).values("case_id")
    NoticeCase.objects.filter(pk__in=told, state="prepared").update(state="sent")
    for message, day in signed:
        cases = list(MessageCase.objects.filter(message=message).values_list("case_id", flat=True))
        file_proofs(cases, kind="letter_signed", on_date=day, by=by, at=at, message=message)
    unknown = tuple(sorted(row for case, (row, *_) in given.items() if case not in found))
    return Receipts(len(posted), len(signed), unknown)


def merge_list(letters: Iterable[Letter]) -> list[tuple[str, list[str]]]:
    """Columns of the mail-merge list, for whoever prints elsewhere."""
    rows = list(letters)
    return [
        ("案件编号", [letter.code for letter in rows]),
        ("地址", [letter.address for letter in rows]),
        ("标题", [letter.title for letter in rows]),
        ("正文", ["\n\n".join(letter.paragraphs) for letter in rows]),
        ("页摘要", [letter.mark for letter in rows]),
        ("快递单号", ["" for _ in rows]),
        ("寄出日期", ["" for _ in rows]),
        ("签收日期", ["" for _ in rows]),
    ]
