"""What this room stores about a person: told in a copy for the person (L-07, PIPL 45), emptied when the person is erased.

In: customer numbers. Out: a frame in clear for the copy; texts without the lines that name the customer. Never: a fact taken
away: that a log was written and inspected, by whom and when, which parts were filled in, stays.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from datetime import datetime
from functools import partial

import polars as pl
from django.db import models

from tuogu.core.inspection.tables import LOG_PARTS
from tuogu.core.named_lines import only, without
from tuogu.org import queries as org
from tuogu.privacy import actions as privacy
from tuogu.review.logs import texts_of
from tuogu.review.models import Check, Log, LogNamed, Report, ReportEnd

_LOGS = ("日志日", "项目", "内容", "填写人工号")
_SAID: tuple[
    tuple[type[models.Model], str, str], ...
] = (  # what was said about such a log, and where it points to it
    (Check, "remark_sealed", "log_id"),
    (Report, "evidence_sealed", "log_id"),
    (ReportEnd, "reason_sealed", "report__log_id"),
)


def join_in() -> None:
    """Copies and deletions of a person ask this room, too."""
    privacy.also_in_copies("工作日志", _logs)
    privacy.also_erased("工作日志", erase)


def _logs(number: str) -> pl.DataFrame:
    rows = list(Log.objects.filter(named__customer_number=number).order_by("pk"))
    who = org.labels(row.person_id for row in rows)
    told = [
        (row.log_date.isoformat(), LOG_PARTS[part], lines, who.get(row.person_id))
        for row in rows
        for part, text in texts_of(row).items()
        if (lines := only(text, {number}))
    ]
    return pl.DataFrame(told, schema=dict.fromkeys(_LOGS, pl.String), orient="row")


def erase(numbers: Sequence[str], *, by: int, at: datetime) -> int:  # noqa: ARG001 - the deletion names who and when
    """Empty the lines that name these customers, in logs and in what was said about them; how many texts."""
    wanted = set(numbers)
    logs = list(
        LogNamed.objects.filter(customer_number__in=wanted).values_list("log_id", flat=True).distinct()
    )
    if not logs:
        return 0
    emptied = privacy.empty_texts(
        Log.objects.filter(pk__in=logs), "text_sealed", partial(_parts, numbers=wanted)
    )
    beside = partial(without, numbers=wanted)
    return emptied + sum(
        privacy.empty_texts(model._default_manager.filter(**{f"{where}__in": logs}), field, beside)
        for model, field, where in _SAID
    )


def _parts(told: str, numbers: Collection[str]) -> str:
    """A log's texts by part, without what names the customers."""
    parts = {part: without(text, numbers) for part, text in json.loads(told).items()}
    kept = {part: text for part, text in parts.items() if text}
    return json.dumps(kept, ensure_ascii=False) if kept else ""
