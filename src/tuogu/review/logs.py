"""A person's daily log (S1-32): what was done, collected, developed, achieved, and what is planned for the next day.

In: texts by part, who and when. Out: a version of the log, with the figures that the records of the day give. Never: a log
of somebody else, a version after the mark, a day to come or one that lies too far back.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from tuogu import vault
from tuogu.core.custody import business_date
from tuogu.core.inspection.tables import LOG_PARTS
from tuogu.data.workdays import is_working_day, working_days
from tuogu.review.failures import ReviewRefused
from tuogu.review.locking import hold
from tuogu.review.models import Check, Log, LogNamed
from tuogu.review.naming import named_in
from tuogu.review.prefill import figures_of
from tuogu.rules import queries as rules

TEXT_CHARS_MAX = 4_000  # of one part


@transaction.atomic
def file_log(person: int, log_date: date, texts: Mapping[str, str], *, by: int, at: datetime) -> int:
    """File a version of the log; the same again changes nothing. Returns its id. ReviewRefused says why not."""
    if by != person:
        raise ReviewRefused(_("工作日志只能由本人填写"))
    said = {part: texts.get(part, "").strip() for part in LOG_PARTS}
    said = {part: text for part, text in said.items() if text}
    if not said:
        raise ReviewRefused(_("日志是空的"))
    long = [LOG_PARTS[part] for part, text in said.items() if len(text) > TEXT_CHARS_MAX]
    if long:
        raise ReviewRefused(_("“%(part)s”超过 %(n)s 字") % {"part": _(long[0]), "n": f"{TEXT_CHARS_MAX:,}"})
    why = closed(person, log_date, business_date(at))
    if why:
        raise ReviewRefused(why)
    hold()
    if Check.objects.filter(level="supervisor", person_id=person, log_date=log_date).exists():
        raise ReviewRefused(_("主管已批阅，不能再改"))
    last = Log.objects.filter(person_id=person, log_date=log_date).order_by("-number").first()
    if last is not None and texts_of(last) == said:
        return int(last.pk)
    made = Log.objects.create(
        person_id=person, log_date=log_date, number=1 + (last.number if last else 0), parts=list(said),
        text_sealed=vault.seal_text(json.dumps(said, ensure_ascii=False)), figures=figures_of(person, log_date),
        filed_at=at, by_id=by,
    )  # fmt: skip
    LogNamed.objects.bulk_create(LogNamed(log=made, customer_number=one) for one in named_in(said.values()))
    return int(made.pk)


def closed(person: int, log_date: date, today: date) -> str:
    """Why a log of that day cannot be written any more; '' = it can."""
    if log_date > today:
        return _("不能填写以后的日志")
    if not is_working_day(log_date) and log_date != today:
        return _("休息日没有日志")
    most = int(rules.applicable(today)["inspection.log_open_days"])
    if working_days(log_date + timedelta(days=1), today + timedelta(days=1)).count > most:
        return _("只能填写当日和前 %(n)s 个工作日的日志") % {"n": most}
    if Check.objects.filter(level="supervisor", person_id=person, log_date=log_date).exists():
        return _("主管已批阅，不能再改")
    return ""


def texts_of(log: Log) -> dict[str, str]:
    """The log's texts in clear, by part."""
    told = vault.open_text(log.text_sealed) if log.text_sealed is not None else None
    return dict(json.loads(told)) if told else {}


def newest(person: int, log_date: date) -> Log | None:
    """The version that counts."""
    return Log.objects.filter(person_id=person, log_date=log_date).order_by("-number").first()
