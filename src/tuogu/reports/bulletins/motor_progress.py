"""续保业务日报 by responsible person, 续保例会通报 by department for the week's meeting (S3-19): the same events, two cuts.

In: what is asked. Out: Content. Never: a running case counted twice; a number that the board of renewal shows otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import polars as pl

from tuogu.core.measures.figures import rate
from tuogu.core.motor import lists
from tuogu.core.motor.limits import Limits
from tuogu.core.motor.words import BANDS, STEPS
from tuogu.files.bulletin import Chart, Column, Content, Definition, Series, Table, Value
from tuogu.org import queries as org
from tuogu.org.scope import Scope
from tuogu.renewals import queries as renewals
from tuogu.reports.bulletins import phrases
from tuogu.reports.bulletins.asked import Asked, called, institution_names, summed
from tuogu.reports.bulletins.motor_rows import around, contacts, ended_in
from tuogu.rules import queries as rules

_SOURCE = "S3-19 汽车保险续保的流程管理 L25"
_DAILY = (
    Definition("在手", "进入清单、尚未结束的件数", "", _SOURCE),
    Definition("今日联系", "当天电话、短信或拜访接通的在手客户数", "", _SOURCE),
    Definition("未联系", "进入清单以后责任人一次也没有联系的件数", "", _SOURCE),
    Definition("逾期", "过了认领期限没有责任人，或过了联系期限没有联系的件数", "", _SOURCE),
)
_WEEKLY = (
    Definition(
        "续保率",
        "本周终保保单中已续保的件数",
        "本周终保的车险保单件数（凭证明报废、过户的不计）",
        _SOURCE,
        "一周未完时，尚未到期的也在分母内，件数另列",
    ),
    Definition("本周续保", "结束日在本周、结果为已续保的件数，不论何时终保", "", _SOURCE),
)
_WEEK_COUNTED = ("ended", "ahead", "kept", "premium", "kept_premium", "renewed", "lost")
_COUNTED = ("held", *BANDS, "touched", "renewed", "elsewhere", "silent", "late")


def daily(asked: Asked, key: str, title: str) -> Content:
    """Each responsible person's cases of the day, for the head of the department."""
    day = asked.first
    running = renewals.pipeline(asked.scope, day)
    ended = around(asked.scope, day, day)
    rows = _people(running, asked, ended)
    heads = (
        Column("责任人", "person"), Column("单位"), Column("在手", "int"), *(Column(word, "int") for word in BANDS.values()),
        Column("今日联系", "int"), Column("今日续保", "int"), Column("今日他处投保", "int"), Column("未联系", "int"),
        Column("逾期", "int"),
    )  # fmt: skip
    names = institution_names()
    lines = tuple(
        (
            row["custodian_id"],
            called(names, row["institution_code"]),
            *(int(row[name] or 0) for name in _COUNTED),
        )
        for row in rows.iter_rows(named=True)
    )
    table = Table("各责任人", heads, lines, ("合计", None, *summed(rows, *_COUNTED)) if lines else ())
    fired = renewals.fired_on(asked.scope, day)
    steps = tuple((STEPS[step], count) for step in STEPS if (count := fired.get(step)))
    facts = (phrases.HELD % {"n_held": f"{running.height:,}", "n_late": f"{_n(running, 'late'):,}"},)
    return Content(
        key, title, asked.place, asked.period, facts,
        (table, Table("当日触发的步骤", (Column("步骤"), Column("件数", "int")), steps)),
        (_stages(running),), _DAILY,
    )  # fmt: skip


def weekly(asked: Asked, key: str, title: str) -> Content:
    """The week by department and team, for the meeting."""
    rows = around(asked.scope, asked.first, asked.last)
    running = renewals.pipeline(asked.scope, asked.known)
    expired = rows.filter(pl.col("expiry_date").is_between(asked.first, asked.last))
    renewed = ended_in(rows, "renewed", asked.first, asked.known)
    lost = ended_in(rows, "elsewhere", asked.first, asked.known)
    tables = tuple(
        _week_table(name, title, asked.known, expired, renewed, lost)
        for name, title in (("department", "各部门"), ("team", "各组"))
    )
    touched = contacts(running["holder_number"], asked.first, asked.known)["customer_number"].n_unique()
    ahead = expired.filter(pl.col("expiry_date") > asked.known).height
    week = {
        "n_ended": expired.height, "n_ahead": ahead, "n_kept": expired.filter(pl.col("outcome") == "renewed").height,
        "n_renewed": renewed.height, "n_lost": lost.height, "n_touched": touched,
    }  # fmt: skip
    now = {
        "n_held": running.height, "n_nobody": running.filter(~pl.col("named")).height, "n_late": _n(running, "late")
    }  # fmt: skip
    facts = (
        (phrases.WEEK_AHEAD if ahead else phrases.WEEK) % _written(week),
        phrases.RUNNING % {"n_day": asked.known.isoformat(), **_written(now)},
    )
    return Content(
        key,
        title,
        asked.place,
        asked.period,
        facts,
        (*tables, _late_table(running)),
        (_stages(running),),
        _WEEKLY,
    )


def _written(numbers: Mapping[str, int]) -> dict[str, str]:
    return {name: f"{value:,}" for name, value in numbers.items()}


def _week_table(
    level: str, title: str, known: date, expired: pl.DataFrame, renewed: pl.DataFrame, lost: pl.DataFrame
) -> Table:
    """Over the whole week's, also what is yet to end: how many those are stands beside (S3-19)."""
    names = institution_names()
    done = pl.col("outcome") == "renewed"
    counted = expired.group_by(level).agg(
        ended=pl.len().cast(pl.Int64), kept=done.sum().cast(pl.Int64), premium=pl.col("premium_fen").sum(),
        kept_premium=pl.col("premium_fen").filter(done).sum(),
        ahead=(pl.col("expiry_date") > known).sum().cast(pl.Int64),
    )  # fmt: skip
    told = counted
    for name, part in (("renewed", renewed), ("lost", lost)):
        other = part.group_by(level).agg(pl.len().cast(pl.Int64).alias(name))
        told = told.join(other, on=level, how="full", coalesce=True, nulls_equal=True)
    told = told.with_columns(pl.exclude(level).fill_null(0)).sort(level, nulls_last=True)
    heads = (
        Column("单位"), Column("本周终保", "int"), Column("其中尚未到期", "int"), Column("其中已续保", "int"),
        Column("续保率", "percent"),
        Column("终保保费（元）", "money"), Column("已续保原保费（元）", "money"), Column("本周续保", "int"),
        Column("本周流失", "int"),
    )  # fmt: skip
    lines = tuple(_week_line(called(names, row[level]), row) for row in told.iter_rows(named=True))
    sums = dict(zip(_WEEK_COUNTED, summed(told, *_WEEK_COUNTED), strict=True))
    return Table(title, heads, lines, _week_line("合计", sums) if lines else ())


def _week_line(name: str, row: Mapping[str, int]) -> tuple[Value, ...]:
    share = rate(row["kept"], row["ended"], "percent")
    return (
        name, row["ended"], row["ahead"], row["kept"], share, row["premium"], row["kept_premium"], row["renewed"],
        row["lost"],
    )  # fmt: skip


def _late_table(running: pl.DataFrame) -> Table:
    """Who is late, by person: what the meeting speaks about."""
    late = running.filter(pl.col("late")).group_by("custodian_id").agg(
        n=pl.len().cast(pl.Int64), silent=(pl.col("own_contacts") == 0).sum().cast(pl.Int64),
        next=pl.col("expiry_date").min(),
    )  # fmt: skip
    heads = (
        Column("责任人", "person"), Column("逾期件数", "int"), Column("其中未联系", "int"), Column("最近终保日", "day")
    )  # fmt: skip
    rows = late.sort(["n", "custodian_id"], descending=[True, False])
    return Table("逾期", heads, tuple((p, n, s, d.isoformat()) for p, n, s, d in rows.iter_rows()))


def _people(running: pl.DataFrame, asked: Asked, ended: pl.DataFrame) -> pl.DataFrame:
    """custodian_id, institution_code and _COUNTED."""
    day, limits = asked.first, Limits.of(rules.applicable(asked.first))
    told = running.with_columns(now=lists.band(pl.col("days_left"), limits))
    touched = contacts(running["holder_number"], day, day)["customer_number"].unique().to_list()
    counted = told.group_by("custodian_id").agg(
        held=pl.len().cast(pl.Int64),
        **{band: (pl.col("now") == band).sum().cast(pl.Int64) for band in BANDS},
        touched=pl.col("holder_number")
        .filter(pl.col("holder_number").is_in(touched))
        .n_unique()
        .cast(pl.Int64),
        silent=(pl.col("own_contacts") == 0).sum().cast(pl.Int64),
        late=pl.col("late").sum().cast(pl.Int64),
    )
    for outcome in ("renewed", "elsewhere"):
        part = ended_in(ended, outcome, day, day).group_by(custodian_id="person")
        counted = counted.join(
            part.agg(pl.len().cast(pl.Int64).alias(outcome)), on="custodian_id", how="full", coalesce=True
        )
    homes = _homes()
    return (
        counted.join(homes, on="custodian_id", how="left")
        .with_columns(pl.col(*_COUNTED).fill_null(0))
        .sort("institution_code", "custodian_id", nulls_last=True)
    )


def _homes() -> pl.DataFrame:
    """custodian_id → team, else institution, of people and pools."""
    people = org.people(Scope.everything()).select(
        "custodian_id", institution_code=pl.coalesce("team_code", "institution_code")
    )
    schema = {"custodian_id": pl.Int64, "institution_code": pl.String}
    pools = pl.DataFrame(org.placed_pools(), schema=schema, orient="row")
    return pl.concat([people.cast(schema), pools]).unique("custodian_id", keep="first")  # type: ignore[arg-type]


def _stages(running: pl.DataFrame) -> Chart:
    counts = renewals.stage_counts(running)
    labels = tuple(renewals.STAGES[stage] for stage in counts)
    return Chart("funnel", "在手业务所处环节", labels, (Series("件数", tuple(counts.values())),))


def _n(rows: pl.DataFrame, name: str) -> int:
    return int(rows[name].sum() or 0)
