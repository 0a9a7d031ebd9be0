"""What this room stores about one person: told in a copy for the person (L-07, PIPL 45), emptied when the person is erased.

In: customer numbers. Out: frames in clear for the copy; emptied values, one transaction with the deletion. Never: a fact
away: that there was a visit, an amendment, a signed list, with its hash, stays. A list that holds other people's lines,
too, is written anew without what was said of this one; a list still on its road goes back, to be collected again.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace
from datetime import datetime

import polars as pl
from django.db.models import QuerySet

from tuogu import vault
from tuogu.core.amending import title_of
from tuogu.core.custody import SHANGHAI
from tuogu.corrections.batches import LIVING, SCAN, send_back
from tuogu.corrections.content import lines_of, workbook
from tuogu.corrections.models import (
    Amendment,
    Batch,
    BatchEvent,
    BatchLine,
    BatchPaper,
    ReturnVisit,
    Verdict,
    Withdrawal,
)
from tuogu.corrections.programme_reads import visit_answers
from tuogu.corrections.registering import open_amendments
from tuogu.corrections.words import ANSWER_STATES, CHANNELS, OUTCOMES, SOURCES
from tuogu.org import append_only
from tuogu.org import queries as org
from tuogu.privacy import actions as privacy
from tuogu.vault.blobs import seal_bytes

_GONE = "（已按本人请求删除）"
_SCAN_GONE = "签名扫描件载有已按本人请求删除的客户信息，无法分开，已一并删除；原件摘要见清单页。"
_WHY = "客户个人信息已按本人请求删除"
_VISITS = ("回访时间", "方式", "结果", "回答", "备注", "更正说明", "经办工号")
_AMENDMENTS = ("登记时间", "项目", "原内容", "更改为", "来源", "凭据", "经办工号")


def join_in() -> None:
    """Copies and deletions of a person ask this room, too."""
    privacy.also_in_copies("回访记录", _visits)
    privacy.also_in_copies("信息更正登记", _amendments)
    privacy.also_erased("资料更正", erase)


def _visits(number: str) -> pl.DataFrame:
    rows = list(ReturnVisit.objects.filter(customer_number=number).order_by("pk"))
    who, whys = org.labels(row.by_id for row in rows), vault.open_texts(r.why_corrected_sealed for r in rows)
    told = []
    for row, why in zip(rows, whys, strict=True):
        answers, note = visit_answers(row.pk)
        said = "；".join(
            f"{title_of(field)}：{value or ANSWER_STATES[state]}" for field, (state, value) in answers.items()
        )
        told.append(
            (
                _moment(row.visited_at),
                CHANNELS[row.channel],
                OUTCOMES[row.outcome],
                said,
                note,
                why,
                who.get(row.by_id),
            )
        )
    return pl.DataFrame(told, schema=dict.fromkeys(_VISITS, pl.String), orient="row")


def _amendments(number: str) -> pl.DataFrame:
    rows = list(Amendment.objects.filter(customer_number=number).order_by("pk"))
    who = org.labels(row.by_id for row in rows)
    olds, news = vault.open_texts(r.old_sealed for r in rows), vault.open_texts(r.new_sealed for r in rows)
    grounds = vault.open_texts(r.evidence_sealed for r in rows)
    told = [
        (
            _moment(row.recorded_at),
            title_of(row.field),
            old,
            new,
            SOURCES[row.source],
            ground,
            who.get(row.by_id),
        )
        for row, old, new, ground in zip(rows, olds, news, grounds, strict=True)
    ]
    return pl.DataFrame(told, schema=dict.fromkeys(_AMENDMENTS, pl.String), orient="row")


def _moment(at: datetime) -> str:
    return f"{at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"


def erase(numbers: Sequence[str], *, by: int, at: datetime) -> int:
    """Empty what was said, what stood and what should stand, and write the lists anew that show it."""
    held = Amendment.objects.filter(customer_number__in=numbers)
    batches = list(
        Batch.objects.select_for_update()
        .filter(pk__in=BatchLine.objects.filter(amendment__in=held).values("batch"))
        .order_by("pk")
    )
    for batch in batches:
        if batch.state in LIVING:
            send_back(batch.pk, reason=_WHY, by=by, at=at)
    Withdrawal.objects.bulk_create(
        Withdrawal(amendment=row, reason=_WHY, by_id=by, at=at)
        for row in open_amendments().filter(customer_number__in=numbers)
    )
    with ExitStack() as lifted:
        for model in (ReturnVisit, Amendment, Verdict, BatchPaper):
            lifted.enter_context(append_only.lifted(model._meta.db_table))
        emptied = _empty(held, numbers)
        for batch in batches:
            _write_anew(batch, numbers)
    BatchEvent.objects.bulk_create(
        BatchEvent(batch_id=row.pk, state=row.state, reason=_WHY + "，存档清单已重制", by_id=by, at=at)
        for row in Batch.objects.filter(pk__in=[batch.pk for batch in batches])
    )
    return emptied


def _empty(held: QuerySet[Amendment], numbers: Sequence[str]) -> int:
    visits = ReturnVisit.objects.filter(customer_number__in=numbers)
    emptied = visits.update(answers_sealed=None)
    visits.filter(corrects__isnull=False).update(why_corrected_sealed=vault.seal_text(_GONE))
    emptied += held.update(
        old_sealed=None, old_hash=None, new_sealed=None, new_hash=None, evidence_sealed=None
    )
    return emptied + Verdict.objects.filter(item__customer_number__in=numbers).update(note_sealed=None)


def _write_anew(batch: Batch, numbers: Sequence[str]) -> None:
    """The papers without this person. Their digests stay those of what was signed and carried out: that proves what was
    done, and that this copy is another. A scan cannot be written anew."""
    lines = [
        replace(line, old=_GONE, new=_GONE) if line.customer_number in numbers else line
        for line in lines_of(batch)
    ]
    papers = BatchPaper.objects.filter(batch=batch)
    papers.filter(kind=SCAN).update(content_sealed=seal_bytes(_SCAN_GONE.encode()))
    papers.exclude(kind=SCAN).update(
        content_sealed=seal_bytes(workbook(batch, lines, batch.content_digest or ""))
    )
