"""What a branch measured of its people and departments: the facts that plans read, each with the record it came from.

In: a city's people and institutions, the data date, a random generator of its own. Out: FACTS. Never: a fact of a month
after the data date (but resources withheld from the month to come, which are decided before), a figure without a source, a
rate that a department could not have announced.

The premiums of the departments stand in the shares that the source prints (S2-05, S2-06); everything else is drawn.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tuogu.core.facts import month_before
from tuogu.core.tables import FACTS, conform
from tuogu.synth.planners import SERIES
from tuogu.synth.vocabulary import (
    CENTRE,
    CITY_COLLECTION,
    CITY_DEPARTMENTS,
    COUNTY_COLLECTION,
    COUNTY_DEPARTMENTS,
    MANAGEMENT_LADDER,
)

MONTHS = 3  # of productivity, recruits, complaints and planners' figures
SHARES = (*CITY_DEPARTMENTS.items(), *COUNTY_DEPARTMENTS.items())
PREMIUM_UNIT_FEN = 2_400  # premium of a department for each ten-thousandth of its share and each marketer
PRODUCTIVITY_MEDIAN_FEN, PRODUCTIVITY_SIGMA = 820_000, 0.8
NOTHING_SOLD_SHARE = 0.07
RECRUIT_SHARES = (0.72, 0.22, 0.06)  # 0, 1, 2 in a month
COMPLAINT_SHARE = 0.02
RATES_BP = (3000, 5000, 6000, 7500, 8000, 8550, 9000, 9500, 9990, 10_000, 10_000, 10_000)
COMPLETIONS_BP = (0, 2999, 3000, 4500, 6000, 7200, 8500, 9990, 10_000, 11_500, 13_000)
DISCRETION = (400, 500, 600, 650, 700, 750, 800, 850, 900, 950, 1_000)
Row = tuple[str, date, str, int | None, str | None, str, str | None]


def measure(
    people: pl.DataFrame, institutions: pl.DataFrame, data_date: date, rng: np.random.Generator
) -> pl.DataFrame:
    """FACTS of the branch, by subject, month and key."""
    months = [data_date.replace(day=1)]
    while len(months) < MONTHS:
        months.append(month_before(months[-1]))
    in_post = people.filter(pl.col("left_date").is_null()).sort("staff_number")
    agents = in_post.filter(series="marketing")
    planners = in_post.filter(series=SERIES)
    leaders = in_post.filter("supervisor")  # the centre's own before those of other series
    supervisors = leaders.sort(pl.col("series") != SERIES, "staff_number")["staff_number"].to_list()
    rows = _premiums(institutions, agents.height, data_date)
    for month in reversed(months):
        rows += _agents(agents, month, rng)
        rows += _planners(planners, supervisors, month, rng)
    rows += _exceptions(planners, months[0])
    facts = pl.DataFrame(rows, schema=FACTS, orient="row")
    return (
        conform(facts, FACTS)
        .unique(["subject", "month", "key"], keep="last", maintain_order=True)
        .sort("subject", "month", "key")
    )


def _premiums(institutions: pl.DataFrame, marketers: int, data_date: date) -> list[Row]:
    """Last year's premium of each department that sells, in December; also this year's once the year is over."""
    shares = dict(SHARES)
    for collection, table in ((CITY_COLLECTION, CITY_DEPARTMENTS), (COUNTY_COLLECTION, COUNTY_DEPARTMENTS)):
        shares[collection] = 10_000 - sum(table.values())
    years = [data_date.year - 1] + ([data_date.year] if data_date.month == 12 else [])
    departments = institutions.filter(level="department").sort("institution_code")
    return [
        (code, date(year, 12, 1), "premium", shares[name] * PREMIUM_UNIT_FEN * marketers, None,
         f"业务系统{year}年度保费收入统计表", None)
        for code, name in departments.select("institution_code", "name").iter_rows()
        for year in years
        if name in shares
    ]  # fmt: skip


def _agents(agents: pl.DataFrame, month: date, rng: np.random.Generator) -> list[Row]:
    """Productivity and recruits of every agent who was hired by then; complaints of the few who had one."""
    there = agents.filter(pl.col("hired_date").dt.month_start() <= month)["staff_number"].to_list()
    fen = np.rint(rng.lognormal(np.log(PRODUCTIVITY_MEDIAN_FEN), PRODUCTIVITY_SIGMA, len(there)))
    fen = np.where(rng.random(len(there)) < NOTHING_SOLD_SHARE, 0, fen).astype(np.int64)
    recruits = rng.choice(len(RECRUIT_SHARES), len(there), p=RECRUIT_SHARES)
    complaints = rng.random(len(there)) < COMPLAINT_SHARE
    said = f"{month.year}年{month.month}月"
    rows = _column(there, month, "productivity", fen, f"业务系统{said}业绩报表")
    rows += _column(there, month, "effective_recruits", recruits, f"{said}有效增员公告")
    complained = [number for number, has in zip(there, complaints, strict=True) if has]
    return rows + _column(
        complained, month, "valid_complaints", np.ones(len(complained), np.int64), f"{said}客户投诉登记簿"
    )


def _planners(
    planners: pl.DataFrame, supervisors: list[str], month: date, rng: np.random.Generator
) -> list[Row]:
    """Announced rank, completion, attendance, logs and discretion of every planner who was there."""
    there = planners.filter(pl.col("hired_date").dt.month_start() <= month)
    numbers, said = there["staff_number"].to_list(), f"{month.year}年{month.month}月"
    rows: list[Row] = [
        (
            number,
            month,
            "rank",
            None,
            f"{'管理' if rank in _led(leads) else '销售'}系列{rank}",
            f"{said}职级考核公布",
            None,
        )
        for number, rank, leads in there.select("staff_number", "rank", "supervisor").iter_rows()
    ]
    n = len(numbers)
    rows += _column(
        numbers, month, "task_completion", _some(COMPLETIONS_BP, n, rng), f"业务系统{said}期交任务完成表"
    )
    rows += _column(numbers, month, "attendance", _some(RATES_BP, n, rng), f"{said}参会考勤记录")
    rows += _column(numbers, month, "log_pass_rate", _some(RATES_BP, n, rng), f"{said}工作日志检查表")
    given = _some(DISCRETION, n, rng)
    for row in _column(numbers, month, "discretion", given, f"{CENTRE}{said}灵活调配评分表"):
        author = next((number for number in supervisors if number != row[0]), None)  # nobody gives her own
        rows += [(*row[:6], author)] if author else []
    return rows


def _led(leads: bool) -> Sequence[str]:
    """Ranks that stand on the management ladder: those of a leader, and the assistant's, which sales does not have."""
    return MANAGEMENT_LADDER if leads else MANAGEMENT_LADDER[-1:]


def _exceptions(planners: pl.DataFrame, month: date) -> list[Row]:
    """One planner in the second month of an extended probation, one in the first, one whose resources are withheld."""
    plain = (
        planners.filter(~pl.col("supervisor")).sort("staff_number", descending=True)["staff_number"].to_list()
    )
    said = f"{month.year}年{month.month}月"
    rows: list[Row] = [
        (number, month, "extended_probation_months", which, None, f"{said}职级考核公布", None)
        for number, which in zip(plain[:2], (2, 1), strict=False)
    ]
    coming = date(month.year + month.month // 12, month.month % 12 + 1, 1)
    return rows + [
        (number, coming, "withheld", 1, None, f"{said}日志弄虚作假处理通知", None) for number in plain[2:3]
    ]


def _some(values: Sequence[int], count: int, rng: np.random.Generator) -> NDArray[np.int64]:
    return np.array(values, np.int64)[rng.integers(0, len(values), count)]


def _column(numbers: list[str], month: date, key: str, values: NDArray[np.int64], source: str) -> list[Row]:
    return [
        (number, month, key, int(value), None, source, None)
        for number, value in zip(numbers, values, strict=True)
    ]
