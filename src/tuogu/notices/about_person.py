"""What this room stores about one person: told in a copy for the person (L-07, PIPL 45), emptied when the person is erased.

In: customer numbers. Out: frames in clear for the copy; emptied values, one transaction with the deletion. Never: a fact
taken away: that a holder was told, when, by which way and with the hash of which words, stays (N-07).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import polars as pl

from tuogu import vault
from tuogu.core.custody import SHANGHAI
from tuogu.notices.models import (
    OPEN_MESSAGES,
    OPEN_TRANSFERS,
    ContactLink,
    ContactTransfer,
    Message,
    MessageEvent,
    NoticeCase,
    Proof,
)
from tuogu.notices.words import (
    CASE_STATES,
    CHANNELS,
    LINK_STATES,
    MESSAGE_STATES,
    PHONE_OUTCOMES,
    PROOF_KINDS,
    WHY,
)
from tuogu.org import append_only
from tuogu.org import queries as org
from tuogu.privacy import actions as privacy

_CASES = ("保单号", "事由", "状态", "开始", "截止日", "告知日")
_MESSAGES = ("时间", "渠道", "送往", "标题", "正文", "状态", "经办工号")
_PROOFS = ("日期", "方式", "结果", "备注", "附件", "经办工号")
_CONTACTS = ("企微外部联系人", "联系人工号", "状态", "自")
_EVIDENCE = "已上传凭证（按原件另行提供）"  # a scan: it does not fit a cell
_GONE = ""


def join_in() -> None:
    """Copies and deletions of a person ask this room, too."""
    privacy.also_in_copies("离职告知", _cases)
    privacy.also_in_copies("告知信函和消息", _messages)
    privacy.also_in_copies("告知记录", _proofs)
    privacy.also_in_copies("企业微信联系人", _contacts)
    privacy.also_erased("离职告知", erase)


def _cases(number: str) -> pl.DataFrame:
    rows = [
        (
            row.policy_number, WHY[row.why], CASE_STATES[row.state], _moment(row.opened_at), row.due_date.isoformat(),
            row.proved_date.isoformat() if row.proved_date else None,
        )
        for row in NoticeCase.objects.filter(holder_number=number).order_by("pk")
    ]  # fmt: skip
    return _frame(_CASES, rows)


def _messages(number: str) -> pl.DataFrame:
    rows = list(Message.objects.filter(holder_number=number).order_by("pk"))
    who = org.labels(row.prepared_by_id for row in rows)
    ways, bodies = vault.open_texts(r.to_sealed for r in rows), vault.open_texts(r.body_sealed for r in rows)
    told = [
        (
            _moment(row.prepared_at), CHANNELS[row.channel], to, row.title, body, MESSAGE_STATES[row.state],
            who.get(row.prepared_by_id),
        )
        for row, to, body in zip(rows, ways, bodies, strict=True)
    ]  # fmt: skip
    return _frame(_MESSAGES, told)


def _proofs(number: str) -> pl.DataFrame:
    rows = list(Proof.objects.filter(case__holder_number=number).order_by("pk"))
    who, notes = org.labels(row.by_id for row in rows), vault.open_texts(row.note_sealed for row in rows)
    told = [
        (
            row.on_date.isoformat(), PROOF_KINDS[row.kind], PHONE_OUTCOMES.get(row.outcome, row.outcome), note,
            None if row.evidence_sealed is None else _EVIDENCE, who.get(row.by_id),
        )
        for row, note in zip(rows, notes, strict=True)
    ]  # fmt: skip
    return _frame(_PROOFS, told)


def _contacts(number: str) -> pl.DataFrame:
    rows = list(ContactLink.objects.filter(customer_number=number))
    who, ids = org.labels(row.person_id for row in rows), vault.open_texts(r.external_sealed for r in rows)
    told = [
        (external, who.get(row.person_id), LINK_STATES[row.state], row.since_date.isoformat())
        for row, external in zip(rows, ids, strict=True)
    ]
    return _frame(_CONTACTS, told)


def _frame(titles: Sequence[str], rows: Sequence[tuple[str | None, ...]]) -> pl.DataFrame:
    return pl.DataFrame(list(rows), schema=dict.fromkeys(titles, pl.String), orient="row")


def _moment(at: datetime) -> str:
    return f"{at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"


def erase(numbers: Sequence[str], *, by: int, at: datetime) -> int:
    """Empty texts, addressees, notes and WeCom ids; what is still to leave is taken out of the outbox."""
    theirs = Message.objects.filter(holder_number__in=numbers)
    cancelled = list(theirs.filter(state__in=OPEN_MESSAGES).values_list("pk", flat=True))
    Message.objects.filter(pk__in=cancelled).update(state="cancelled")
    MessageEvent.objects.bulk_create(
        MessageEvent(message_id=pk, kind="cancelled", code="erased", by_id=by, at=at) for pk in cancelled
    )
    emptied = theirs.update(to_sealed=vault.seal_text(_GONE), body_sealed=vault.seal_text(_GONE))
    with append_only.lifted(Proof._meta.db_table):
        emptied += Proof.objects.filter(case__holder_number__in=numbers).update(
            note_sealed=None, evidence_sealed=None
        )
    return emptied + _forget_contacts(numbers, at)


def _forget_contacts(numbers: Sequence[str], at: datetime) -> int:
    """WeCom's id goes; that there was a contact, and with whom, stays. The hash is unique: another takes its place."""
    links = ContactLink.objects.filter(customer_number__in=numbers)
    ContactTransfer.objects.filter(link__in=links, state__in=OPEN_TRANSFERS).update(
        state="failed", code="erased", settled_at=at
    )
    for link in links:  # a person has one contact, seldom two
        link.external_sealed, link.external_hash = vault.seal_text(_GONE), vault.nobodys_hash()
        link.state = "refused"  # never handed on
        link.save(update_fields=["external_sealed", "external_hash", "state"])
    return len(links)
