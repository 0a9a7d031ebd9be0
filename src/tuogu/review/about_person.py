"""What this room stores about a person: told in a copy for the person (L-07, PIPL 45), emptied when the person is erased.

In: customer numbers. Out: a frame in clear for the copy; texts without the lines that name the customer. Never: a fact taken
away: that a log was written and inspected, by whom and when, which parts were filled in, stays.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from functools import partial
from typing import Any

import polars as pl
from django.db import models

from tuogu import vault
from tuogu.core.inspection.tables import LOG_PARTS
from tuogu.org import append_only
from tuogu.org import queries as org
from tuogu.privacy import actions as privacy
from tuogu.review.logs import texts_of
from tuogu.review.models import Check, Log, LogNamed, Report, ReportEnd
from tuogu.review.naming import only, without

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
    emptied = _empty(Log, "text_sealed", {"pk__in": logs}, partial(_parts, numbers=wanted))
    beside = partial(without, numbers=wanted)
    return emptied + sum(
        _empty(model, field, {f"{where}__in": logs}, beside) for model, field, where in _SAID
    )


def _empty(
    model: type[models.Model], field: str, which: dict[str, Any], left_of: Callable[[str], str]
) -> int:
    rows = model._default_manager.filter(**which, **{f"{field}__isnull": False})
    emptied = 0
    with append_only.lifted(model._meta.db_table):
        for row in rows.order_by("pk"):
            told = vault.open_text(getattr(row, field)) or ""
            left = left_of(told)
            if left != told:
                sealed = vault.seal_text(left) if left else None
                emptied += model._default_manager.filter(pk=row.pk).update(**{field: sealed})
    return emptied


def _parts(told: str, numbers: Collection[str]) -> str:
    """A log's texts by part, without what names the customers."""
    parts = {part: without(text, numbers) for part, text in json.loads(told).items()}
    kept = {part: text for part, text in parts.items() if text}
    return json.dumps(kept, ensure_ascii=False) if kept else ""
