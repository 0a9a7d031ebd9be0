"""Files what was measured of people and departments, so that plans read it frozen (S1-07, S1-22, N-16).

In: FACTS, who files them and when. Out: how many rows were filed, corrected, or stood there already. Never: a row changed
or taken away (a correction is a further row, and the newest counts), a fact without its source, of nobody, of a month to
come, or under a key that core.facts does not know; a row-by-row write.
"""

from __future__ import annotations

from datetime import date, datetime

import polars as pl
from django.db import connection, transaction

from tuogu.bulk import Cursor, drop, load
from tuogu.core.custody import business_date
from tuogu.core.fact_figures import SCALE_OF
from tuogu.core.facts import FACT_KEYS, SCALES
from tuogu.core.intake_facts import last_month
from tuogu.core.tables import FACTS, conform
from tuogu.org import queries as org
from tuogu.plans.facts_read import newest, subjects
from tuogu.plans.failures import PlanRefused
from tuogu.plans.models import EligibilityFact

_C = pl.col
_TABLE, _STAGE, _LOCK = EligibilityFact._meta.db_table, "plans_facts_stage", 0x66616374  # 'fact'
_IDENTITY = ("custodian_id", "month", "key")
_CONTENT = ("value", "text", "source_ref", "author_id")
_COLUMNS = (*_IDENTITY, "number", *_CONTENT)


@transaction.atomic
def file_facts(frame: pl.DataFrame, *, by: int, at: datetime) -> dict[str, int]:
    """File FACTS in the order of the frame: later rows of one subject, month and key correct earlier ones.

    Returns `filed` (first of their month), `corrected` (another value, source or author than what counted so far) and
    `unchanged` (says what counts already: not written again). PlanRefused, and nothing filed, when a row is not fit.
    """
    rows = conform(frame, FACTS).with_columns(_C("month").dt.month_start())
    if rows.is_empty():
        return {"filed": 0, "corrected": 0, "unchanged": 0}
    _require_fit(rows, at)
    given = _with_ids(rows)
    with connection.cursor() as cursor:
        _lock(cursor)
        _require_one_month_a_year(given)
        fresh = _numbered(given)
        if fresh.height:
            _write(cursor, fresh, by, at)
    first = fresh.filter(_C("number") == 1).height
    return {"filed": first, "corrected": fresh.height - first, "unchanged": rows.height - fresh.height}


def _require_fit(rows: pl.DataFrame, at: datetime) -> None:
    """What intake returns to the clerk cannot happen here; other rooms that file facts hear of it as a refusal."""
    scale = _C("key").replace_strict(SCALE_OF, default=None, return_dtype=pl.String)
    most = scale.replace_strict(
        {name: s.most for name, s in SCALES.items()}, default=0, return_dtype=pl.Int64
    )
    word, signed = scale == "text", _C("key").is_in([f.key for f in FACT_KEYS.values() if f.signed])
    found = pl.coalesce(
        pl.when(scale.is_null()).then(pl.lit("没有这项指标")),
        pl.when(~(_C("month") <= last_month(business_date(at))).fill_null(False)).then(
            pl.lit("月份晚于今天")
        ),
        pl.when(_C("source_ref").fill_null("").str.strip_chars() == "").then(pl.lit("没有写明来源")),
        pl.when(word & (_C("text").is_null() | _C("value").is_not_null())).then(pl.lit("应为文字")),
        pl.when(~word & (_C("value").is_null() | _C("text").is_not_null())).then(pl.lit("应为数值")),
        pl.when(~word & ~_C("value").is_between(0, most)).then(pl.lit("数值超出范围")),
        pl.when(signed & _C("author").is_null()).then(pl.lit("没有写明登记人")),
    )
    _refuse(rows.with_columns(fact_key="key").with_columns(why=found).filter(_C("why").is_not_null()))


def _with_ids(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows with custodian_id of the subject and author_id; PlanRefused for one that nobody is."""
    people = org.staff_ids().select(author="staff_number", author_id="custodian_id")
    given = rows.join(subjects(), on="subject", how="left", maintain_order="left", validate="m:1").join(
        people, on="author", how="left", maintain_order="left", validate="m:1"
    )
    by_kind = {fact.key: fact.of for fact in FACT_KEYS.values()}
    of = _C("key").replace_strict(by_kind, default=None, return_dtype=pl.String)
    is_person = _C("custodian_id").is_in(people["author_id"].implode())
    signed = _C("key").is_in([fact.key for fact in FACT_KEYS.values() if fact.signed])
    why = pl.coalesce(
        pl.when(_C("custodian_id").is_null()).then(pl.lit("既不是在册工号，也不是部门代码")),
        pl.when(_C("author").is_not_null() & _C("author_id").is_null()).then(pl.lit("登记人不在册")),
        pl.when((of == "person") & ~is_person).then(pl.lit("按人员填报，不能填部门")),
        pl.when((of == "department") & is_person).then(pl.lit("按部门填报，不能填人员")),
        pl.when(signed & (_C("author_id") == _C("custodian_id"))).then(pl.lit("自己不能给自己打分")),  # S1-16
    )
    _refuse(given.with_columns(why=why).filter(_C("why").is_not_null()))
    return given


def _require_one_month_a_year(given: pl.DataFrame) -> None:
    """A figure of a whole year stands under one month of it, or it would be summed.  # S2-05"""
    yearly = given.filter(_C("key").is_in([fact.key for fact in FACT_KEYS.values() if fact.yearly]))
    if yearly.is_empty():
        return
    first, last = yearly.select(pl.min("month"), last=pl.max("month")).row(0)
    stored = newest(date(first.year, 1, 1), date(last.year, 12, 1)).select("custodian_id", "key", "month")
    year = _C("month").dt.year().alias("year")
    earlier = pl.concat([stored, yearly.select("custodian_id", "key", "month")])
    counted = earlier.unique(["custodian_id", "key", year], keep="first", maintain_order=True)
    both = yearly.with_columns(year).join(
        counted.with_columns(year).rename({"month": "counts"}), on=["custodian_id", "key", "year"], how="left"
    )
    said = pl.format("全年指标一年只登记一个月，这一年已登记在 {}", _C("counts").dt.strftime("%Y-%m"))
    _refuse(both.filter(_C("month") != _C("counts")).with_columns(why=said))


def _refuse(bad: pl.DataFrame) -> None:
    if bad.height:
        subject, key, why = bad.select("subject", "key", "why").row(0)
        label = FACT_KEYS[key].label if key in FACT_KEYS else key
        raise PlanRefused(
            f"有 {bad.height} 行考核指标不能登记，例如 {subject} 的“{label}”：{why}；没有登记任何一行"
        )


def _lock(cursor: Cursor) -> None:
    """One filing at a time, until the transaction ends; SQLite has one writer anyway."""
    if connection.vendor == "postgresql":
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])


def _numbered(given: pl.DataFrame) -> pl.DataFrame:
    """The rows that say something new, numbered on from what is stored."""
    stored = newest(*given.select(pl.min("month"), last=pl.max("month")).row(0))
    before = stored.select(*_IDENTITY, *(_C(c).alias(f"{c}_stored") for c in _CONTENT), last="number")
    rows = given.join(before, on=_IDENTITY, how="left", maintain_order="left", validate="m:1")
    turn = pl.int_range(pl.len()).over(_IDENTITY)
    same = pl.all_horizontal(
        _C(c).eq_missing(pl.when(turn == 0).then(_C(f"{c}_stored")).otherwise(_C(c).shift(1).over(_IDENTITY)))
        for c in _CONTENT
    )
    known = (turn > 0) | _C("last").is_not_null()
    fresh = rows.filter(~(known & same))
    number = _C("last").fill_null(0) + pl.int_range(1, pl.len() + 1).over(_IDENTITY)
    return fresh.with_columns(number=number).select(_COLUMNS)


def _write(cursor: Cursor, rows: pl.DataFrame, by: int, at: datetime) -> None:
    names = ", ".join(_COLUMNS)
    load(cursor, _STAGE, rows)
    cursor.execute(
        f"INSERT INTO {_TABLE} ({names}, filed_by_id, filed_at) SELECT {names}, %s, %s FROM {_STAGE}",
        [by, connection.ops.adapt_datetimefield_value(at)],
    )
    drop(cursor, _STAGE)
