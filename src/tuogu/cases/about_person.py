"""What this room stores about one person: told in a copy for the person (L-07, PIPL 45), emptied when the person is erased.

In: customer numbers. Out: frames in clear for the copy; emptied words. Never: a fact taken away: that a case ran, which
steps were taken, by whom and when, stays; so does the number of a card.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import polars as pl

from tuogu import vault
from tuogu.cases.appending import opened
from tuogu.cases.cards import label
from tuogu.cases.kinds import OPENED, Kind, machine
from tuogu.cases.models import CaseStep, ServiceCard
from tuogu.core.machines import NEEDS
from tuogu.org import append_only
from tuogu.org import queries as org
from tuogu.privacy import actions as privacy

_STEPS = ("个案", "保单号", "日期", "步骤", "内容", "经办工号")
_CARDS = ("卡号", "建卡时间", "换卡理由", "建卡工号")


def join_in() -> None:
    """Copies and deletions of a person ask this room, too."""
    privacy.also_in_copies("个案经过", _steps)
    privacy.also_in_copies("客户服务卡", _cards)
    privacy.also_erased("个案内容", erase)


def _steps(number: str) -> pl.DataFrame:
    rows = list(
        CaseStep.objects.filter(case__customer_number=number)
        .order_by("case_id", "seq")
        .select_related("case")
    )
    who, texts = org.labels(row.by_id for row in rows), vault.open_texts(row.texts_sealed for row in rows)
    told = [
        (
            str(Kind(row.case.kind).label), row.case.policy_number, row.day.isoformat(), step_word(row.case.kind, row.name),
            "；".join(f"{NEEDS.get(need, '备注')}：{text}" for need, text in opened(words).items()), who.get(row.by_id),
        )
        for row, words in zip(rows, texts, strict=True)
    ]  # fmt: skip
    return pl.DataFrame(told, schema=dict.fromkeys(_STEPS, pl.String), orient="row")


def _cards(number: str) -> pl.DataFrame:
    rows = list(ServiceCard.objects.filter(customer_number=number).order_by("pk"))
    who = org.labels(row.by_id for row in rows)
    told = [(label(row.number), f"{row.at:%Y-%m-%d %H:%M}", row.reason, who.get(row.by_id)) for row in rows]
    return pl.DataFrame(told, schema=dict.fromkeys(_CARDS, pl.String), orient="row")


def step_word(kind: str, name: str) -> str:
    """What a step is called."""
    if name == OPENED:
        return "立案"
    return next(step.label for step in machine(kind).steps if step.name == name)


def erase(numbers: Sequence[str], *, by: int, at: datetime) -> int:  # noqa: ARG001 - the deletion names who and when
    """Empty what was given in words."""
    with append_only.lifted(CaseStep._meta.db_table):
        return CaseStep.objects.filter(case__customer_number__in=numbers).update(texts_sealed=None)
