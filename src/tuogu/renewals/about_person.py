"""What this room stores about one person: told in a copy for the person (L-07, PIPL 45), emptied when the person is erased.

In: customer numbers. Out: frames in clear for the copy; emptied plates, frame numbers and papers. Never: a fact taken away:
that a policy was listed, who was responsible and how it ended stays.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import polars as pl
from django.db.models import QuerySet

from tuogu import vault
from tuogu.org import append_only
from tuogu.privacy import actions as privacy
from tuogu.renewals.models import Ended, MotorPolicy, Stated, TruthMark

_POLICIES = ("保单号", "车牌号", "车架号", "起保日期", "终保日期", "保费(元)")
_SAID = ("保单号", "时间", "续保意向")
_ENDS = ("保单号", "日期", "结果", "凭据")
_TRUTH = ("时间", "属实", "说明")


def join_in() -> None:
    """Copies and deletions of a person ask this room, too."""
    privacy.also_in_copies("车险保单", _policies)
    privacy.also_in_copies("车险续保意向", _said)
    privacy.also_in_copies("车险续保结果", _ends)
    privacy.also_in_copies("车险信息真实性", _truth)
    privacy.also_erased("车险车辆信息", erase)


def _policies(number: str) -> pl.DataFrame:
    rows = list(MotorPolicy.objects.filter(holder_number=number).order_by("subject_id"))
    plates = vault.open_texts(row.plate_sealed for row in rows)
    frames = vault.open_texts(row.frame_sealed for row in rows)
    told = [
        (
            row.number, plate, frame, row.start_date.isoformat(), row.expiry_date.isoformat(),
            f"{row.premium_fen // 100}.{row.premium_fen % 100:02d}",
        )
        for row, plate, frame in zip(rows, plates, frames, strict=True)
    ]  # fmt: skip
    return pl.DataFrame(told, schema=dict.fromkeys(_POLICIES, pl.String), orient="row")


def _said(number: str) -> pl.DataFrame:
    rows = Stated.objects.filter(subject__in=_subjects([number])).order_by("pk").select_related("subject")
    told = [
        (row.subject.number, f"{row.at:%Y-%m-%d %H:%M}", str(row.get_intention_display())) for row in rows
    ]
    return pl.DataFrame(told, schema=dict.fromkeys(_SAID, pl.String), orient="row")


def _ends(number: str) -> pl.DataFrame:
    rows = Ended.objects.filter(subject__in=_subjects([number])).order_by("pk").select_related("subject")
    told = [
        (row.subject.number, row.ended_date.isoformat(), str(row.get_outcome_display()), row.proof)
        for row in rows
    ]
    return pl.DataFrame(told, schema=dict.fromkeys(_ENDS, pl.String), orient="row")


def _truth(number: str) -> pl.DataFrame:
    rows = TruthMark.objects.filter(customer_number=number).order_by("pk")
    told = [(f"{row.at:%Y-%m-%d %H:%M}", "是" if row.true else "否", row.note) for row in rows]
    return pl.DataFrame(told, schema=dict.fromkeys(_TRUTH, pl.String), orient="row")


def _subjects(numbers: Sequence[str]) -> QuerySet[Any]:
    return MotorPolicy.objects.filter(holder_number__in=numbers).values("subject_id")


def erase(numbers: Sequence[str], *, by: int, at: datetime) -> int:  # noqa: ARG001 - the deletion names who and when
    """Empty what names the car, and photos of papers."""
    with append_only.lifted(Ended._meta.db_table):
        Ended.objects.filter(subject__in=_subjects(numbers)).update(paper_sealed=None)
    return MotorPolicy.objects.filter(holder_number__in=numbers).update(
        plate_sealed=None, plate_hash=None, frame_sealed=None, frame_hash=None
    )
