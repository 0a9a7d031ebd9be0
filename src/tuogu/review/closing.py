"""The facts of a month that plans read (S1-15, S1-19, S1-35): filed once, corrected when a penalty is reversed.

In: a month that is over, an institution, who files. Out: facts with their source, and a row that says what was filed. Never:
a month with logs that nobody marked taken as it is without a word of assent, a consequence of a penalty that the person was
not told of, a figure that somebody filed by hand changed into another one without being asked for.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from hashlib import sha256

import polars as pl
from django.db import transaction
from django.utils.translation import gettext as _

from tuogu.core import inspection
from tuogu.core.custody import business_date
from tuogu.core.inspection.tables import PENALTIES
from tuogu.core.tables import FACTS
from tuogu.org import queries as org
from tuogu.org.scope import Scope
from tuogu.plans import actions as plans
from tuogu.plans import queries as plan_reads
from tuogu.review.facts import filed, reversals
from tuogu.review.failures import ReviewRefused
from tuogu.review.locking import hold
from tuogu.review.models import MonthClose, Penalty
from tuogu.review.owed import falsified, logs_owed
from tuogu.rules import queries as rules

LEDGER = "处罚台账："  # begins the source of what this room files of penalties
MONTHS_AHEAD = 12  # a fact may be filed a year ahead; a bar is filed again as months come near


@dataclass(frozen=True)
class Outlook:
    """What closing a month would file, and what stands in its way."""

    month: date
    owed: int
    passed: int
    unmarked: int  # logs filed and not marked
    untold: int  # penalties of the month that nobody was told of
    facts: pl.DataFrame


def outlook(month: date, institution_code: str, *, on: date) -> Outlook:
    """What `close_month` would do now."""
    people = _people(institution_code)
    last = min(_next(month) - timedelta(days=1), on)
    owed = logs_owed(month, last).filter(pl.col("staff_number").is_in(people))
    book = rules.applicable(last)
    judged = inspection.judged_logs(owed, book, falsified())
    rates = inspection.pass_rates(judged)
    told, untold = _penalties(people)
    frame = inspection.month_facts(rates, told, month, book).filter(pl.col("key") != "withheld")
    frame = frame.with_columns(
        source_ref=pl.when(pl.col("key") == "log_deduction")
        .then(pl.lit(LEDGER) + pl.col("source_ref"))
        .otherwise("source_ref")
    )
    frame = pl.concat([frame, _taken_back(frame, "log_deduction", month, people)])
    of_month = untold.filter((pl.col("from_date") == month) & (pl.col("points") > 0))
    unmarked = owed.filter(pl.col("filed") & pl.col("marked_points").is_null()).height
    return Outlook(
        month,
        owed.height,
        judged.filter("passed").height,
        unmarked,
        of_month.height,
        frame.sort("key", "subject"),
    )


@transaction.atomic
def close_month(
    month: date, institution_code: str = "", *, by: int, at: datetime, unmarked_fail: bool = False
) -> dict[str, int]:
    """File the facts of a month of an institution ('' = the whole house); counts of filed, corrected, unchanged.

    ReviewRefused: the month is not over, nobody owed a log, penalties that nobody was told of, logs not marked (they count
    as failed only with `unmarked_fail`).
    """
    hold()
    month, today = month.replace(day=1), business_date(at)
    if _next(month) > today:
        raise ReviewRefused(_("这个月还没有结束"))
    seen = outlook(month, institution_code, on=today)
    if not seen.owed and seen.facts.is_empty():
        raise ReviewRefused(_("这个月没有人须填日志，也没有扣分"))
    if seen.untold:
        raise ReviewRefused(_("这个月有 %(n)s 笔扣分还没有告知本人；先告知再月结") % {"n": seen.untold})
    if seen.unmarked and not unmarked_fail:
        raise ReviewRefused(
            _("有 %(n)s 篇日志主管没有批阅；批阅后再月结，或确认按不合格计") % {"n": seen.unmarked}
        )
    return _file(seen, institution_code, by=by, at=at)


@transaction.atomic
def follow_reversal(month: date, *, by: int, at: datetime) -> None:
    """After a reversal: correct what closed months and the months to come say."""
    hold()
    closed = MonthClose.objects.filter(month=month).values_list("institution_code", flat=True).distinct()
    for code in sorted(closed):
        _file(outlook(month, code, on=business_date(at)), code, by=by, at=at)
    file_withheld(by=by, at=at)


@transaction.atomic
def file_withheld(*, by: int, at: datetime) -> int:
    """File from whom resources are withheld this month and in those to come; how many facts are new."""
    hold()
    this = business_date(at).replace(day=1)
    told, _untold = _penalties(None)
    parts = [_withheld(told, month) for month in _months(this)]
    frame = pl.concat(parts)
    stored = _filed("withheld", this, _months(this)[-1])
    by_hand = stored.filter((pl.col("value") > 0) & ~pl.col("source_ref").str.starts_with(LEDGER))
    frame = frame.join(by_hand.select("subject", "month"), on=["subject", "month"], how="anti")
    gone = stored.filter((pl.col("value") > 0) & pl.col("source_ref").str.starts_with(LEDGER)).join(
        frame.select("subject", "month"), on=["subject", "month"], how="anti"
    )
    counted = plans.file_facts(pl.concat([frame, _zeros(gone)]), by=by, at=at)
    return counted["filed"] + counted["corrected"]


def _file(seen: Outlook, institution_code: str, *, by: int, at: datetime) -> dict[str, int]:
    counted = plans.file_facts(seen.facts, by=by, at=at)
    earlier = MonthClose.objects.filter(month=seen.month, institution_code=institution_code)
    if not earlier.exists() or counted["filed"] or counted["corrected"]:
        MonthClose.objects.create(
            month=seen.month, institution_code=institution_code, number=earlier.count() + 1, owed=seen.owed,
            passed=seen.passed, facts=seen.facts.height,
            digest=sha256(seen.facts.write_csv().encode()).hexdigest(), by_id=by, at=at,
        )  # fmt: skip
    return counted


def _penalties(people: list[str] | None) -> tuple[pl.DataFrame, pl.DataFrame]:
    """PENALTIES that stand: those of which the person was told, and those of which nobody told yet."""
    standing = inspection.standing(filed(), reversals())
    if people is not None:
        standing = standing.filter(pl.col("staff_number").is_in(people))
    told = set(Penalty.objects.filter(steps__name="notify").values_list("key", flat=True))
    known = pl.col("penalty").is_in(list(told))
    return standing.filter(known).select(*PENALTIES), standing.filter(~known).select(*PENALTIES)


def _withheld(told: pl.DataFrame, month: date) -> pl.DataFrame:
    out = inspection.without_resources(told, month)
    rows = out.select(
        subject="staff_number", month=pl.lit(month), key=pl.lit("withheld"), value=pl.lit(1, pl.Int64),
        text=pl.lit(None, pl.String), source_ref=pl.lit(LEDGER) + pl.col("penalty"), author=pl.lit(None, pl.String),
    )  # fmt: skip
    return rows.select(*FACTS)


def _taken_back(frame: pl.DataFrame, key: str, month: date, people: list[str]) -> pl.DataFrame:
    """Facts of 0 where this room filed a figure before that no longer stands."""
    stored = _filed(key, month, month).filter(
        pl.col("source_ref").str.starts_with(LEDGER) & (pl.col("value") > 0) & pl.col("subject").is_in(people)
    )
    now = frame.filter(pl.col("key") == key).select("subject")
    return _zeros(stored.join(now, on="subject", how="anti"))


def _zeros(stored: pl.DataFrame) -> pl.DataFrame:
    return stored.with_columns(value=pl.lit(0, pl.Int64), source_ref=pl.lit(f"{LEDGER}已撤销")).select(*FACTS)


def _filed(key: str, first: date, last: date) -> pl.DataFrame:
    return plan_reads.facts_of(Scope.everything(), first, last).filter(pl.col("key") == key)


def _people(institution_code: str) -> list[str]:
    """Staff numbers of an institution and everything below it."""
    scope = Scope(institution_codes=frozenset({institution_code})) if institution_code else Scope.everything()
    return org.people(scope)["staff_number"].to_list()


def _next(month: date) -> date:
    return (month + timedelta(days=32)).replace(day=1)


def _months(first: date) -> list[date]:
    months = [first]
    while len(months) < MONTHS_AHEAD:
        months.append(_next(months[-1]))
    return months
