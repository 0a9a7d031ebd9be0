"""What this room stores about one person: told in a copy for the person (L-07, PIPL 45), emptied when the person is erased.

In: customer numbers. Out: a frame in clear for the copy; emptied notes. Never: a fact taken away: that somebody was
contacted, by whom and when, stays.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import polars as pl

from tuogu import vault
from tuogu.org import append_only
from tuogu.org import queries as org
from tuogu.pools.models import Contacted
from tuogu.privacy import actions as privacy

_CONTACTED = ("日期", "保单号", "方式", "结果", "下次联系", "备注", "经办工号")


def join_in() -> None:
    """Copies and deletions of a person ask this room, too."""
    privacy.also_in_copies("联系记录", _contacted)
    privacy.also_erased("公共池联系记录", erase)


def _contacted(number: str) -> pl.DataFrame:
    rows = list(Contacted.objects.filter(customer_number=number).order_by("pk"))
    who, notes = org.labels(row.by_id for row in rows), vault.open_texts(row.note_sealed for row in rows)
    told = [
        (
            row.contacted_date.isoformat(), row.policy_number, row.get_channel_display(), row.get_outcome_display(),
            row.next_date.isoformat() if row.next_date else None, note, who.get(row.by_id),
        )
        for row, note in zip(rows, notes, strict=True)
    ]  # fmt: skip
    return pl.DataFrame(told, schema=dict.fromkeys(_CONTACTED, pl.String), orient="row")


def erase(numbers: Sequence[str], *, by: int, at: datetime) -> int:  # noqa: ARG001 - the deletion names who and when
    """Empty the notes."""
    with append_only.lifted(Contacted._meta.db_table):
        return Contacted.objects.filter(customer_number__in=numbers).update(note_sealed=None)
