"""The facts that plans read of people and departments: which there are, in which scale, and how to look them up.

In: FACTS. Out: one value a subject. Never: a fact of another month than asked for, the older of two facts of the same
month taken (a later row of the frame wins), a missing fact read as zero.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import polars as pl


@dataclass(frozen=True)
class Scale:
    """How a figure is written and stored: `places` decimals of what people write; `most` the largest stored integer.

    The bounds tell a slip of the pen from a figure; what a figure is worth is said by the rulebook.
    """

    unit: str  # behind the written number
    places: int
    most: int
    form: str  # what a cell must look like
    bounds: str


SCALES: dict[str, Scale] = {
    "bp": Scale("%", 2, 100_000, "百分比（带百分号，如 85.5%）", "0% 至 1000%"),
    "points": Scale("分", 2, 1_000, "分数（最多两位小数，如 9.5）", "0 至 10 分"),  # S1-16
    "log_points": Scale("分", 2, 2_000, "分数（最多两位小数，如 6）", "0 至 20 分"),  # S1-19
    "fen": Scale("元", 2, 10**15, "金额（元，最多两位小数）", "0 元以上"),
    "pieces": Scale("件", 0, 10_000_000, "整数", "0 至 10,000,000"),
    "months": Scale("个月", 0, 120, "整数（月数）", "0 至 120"),
}
TEXT_CHARS_MAX = 40  # of a fact that is a word


@dataclass(frozen=True)
class FactKey:
    """`scale`: what an integer value counts; 'text' where the fact is a word."""

    key: str
    label: str
    scale: str  # 'bp' hundredths of a percent | 'points', 'log_points' hundredths | 'fen' | 'pieces' | 'months' | 'text'
    req: str
    also: tuple[str, ...] = ()  # other words that people write for it
    signed: bool = False  # somebody gave it: the author must be named (S1-16)
    ahead: bool = False  # is decided before its month: of a year to come at most
    of: str = "person"  # whom it is measured of: 'person' | 'department'
    yearly: bool = False  # counts a whole year: one month of a year carries it


FACT_KEYS: dict[str, FactKey] = {
    fact.key: fact
    for fact in (
        FactKey("rank", "职级", "text", "S1-10", ("职等", "级别", "公布职级")),
        FactKey(
            "extended_probation_months",
            "延长考核期第几个月",
            "months",
            "S1-12",
            ("延长考核期月数", "延长考核期"),
        ),
        FactKey(
            "task_completion",
            "个人任务（期交）完成率",
            "bp",
            "S1-13",
            ("任务完成率", "个人任务完成率", "期交完成率"),
        ),
        FactKey("attendance", "参会率", "bp", "S1-14", ("上月度参会率", "出勤率")),
        FactKey("log_pass_rate", "工作日志合格率", "bp", "S1-15", ("日志合格率", "日志检查合格率")),
        FactKey("log_deduction", "日志抽查扣分", "log_points", "S1-19", ("日志扣分",)),
        FactKey(
            "discretion", "部门灵活调配分", "points", "S1-16", ("灵活调配分", "部门灵活调配"), signed=True
        ),
        FactKey("withheld", "停发客户资源", "pieces", "S1-35", ("停发资源",), ahead=True),
        FactKey("productivity", "上月产能", "fen", "S4-13", ("产能", "月产能", "当月产能")),
        FactKey("effective_recruits", "有效增员人数", "pieces", "S4-07", ("有效增员",)),
        FactKey("valid_complaints", "有效投诉件数", "pieces", "S4-07", ("有效投诉",)),
        FactKey(
            "premium",
            "全年保费收入",
            "fen",
            "S2-05",
            ("保费收入", "年度保费收入"),
            of="department",
            yearly=True,
        ),
        FactKey("completions", "二次投保客户数", "pieces", "S2-12", ("二次投保完成数",), of="department"),
    )
}


def of_month(facts: pl.DataFrame, key: str, month: date) -> pl.DataFrame:
    """subject, value, text, source_ref, author of one key in one month, the last row of each subject, by subject."""
    rows = facts.filter((pl.col("key") == key) & (pl.col("month") == month.replace(day=1)))
    last = rows.unique("subject", keep="last", maintain_order=True)
    return last.select("subject", "value", "text", "source_ref", "author").sort("subject")


def summed(facts: pl.DataFrame, key: str, first: date, last: date) -> pl.DataFrame:
    """subject, value: the sum of a key over the months `first`..`last`, both counted, by subject."""
    within = pl.col("month").is_between(first.replace(day=1), last.replace(day=1))
    rows = facts.filter((pl.col("key") == key) & within)
    latest = rows.unique(["subject", "month"], keep="last", maintain_order=True)
    return latest.group_by("subject").agg(pl.col("value").sum()).sort("subject")


def month_before(day: date) -> date:
    """The first day of the month before the one of `day`."""
    return date(day.year - 1, 12, 1) if day.month == 1 else date(day.year, day.month - 1, 1)
