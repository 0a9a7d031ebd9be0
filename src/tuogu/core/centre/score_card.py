"""The planner's score card: five parts, hundredths of a point each (S1-09…S1-16, S1-22).

In: the planners, the facts of the month before the plan's, the rulebook. Out: the frame of the sheet SCORE_CARDS. Never:
a missing fact guessed (it gives nothing and is named), a part without the record it was taken from, a discretion that
nobody signs or that lies out of bounds.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import polars as pl

from tuogu.core.centre.sheets import SCORE_CARDS
from tuogu.core.facts import FACT_KEYS, month_before, of_month
from tuogu.core.rulebook import Rulebook
from tuogu.core.strategies import StrategyError
from tuogu.core.tables import conform

RATES = (  # fact key, short name of the part, what it is called when it is missing
    ("task_completion", "task", "任务完成率"),
    ("attendance", "attendance", "参会率"),
    ("log_pass_rate", "log", "日志合格率"),
)
LADDERS = (("管理", "centre.score.rank_management"), ("销售", "centre.score.rank_sales"))
ROSTER = "人员名册"
UNSOURCED = "未注明出处"
NAMED_MAX = 3  # people named in a message


def score_cards(planners: pl.DataFrame, facts: pl.DataFrame, as_of: date, rulebook: Rulebook) -> pl.DataFrame:
    """SCORE_CARDS of `planners` (rows of PEOPLE), by staff number. StrategyError for a discretion that is refused."""
    month = month_before(as_of)  # 上月度
    _require_measured(planners, facts, month)
    cards = planners.select("staff_number", "supervisor", roster_rank=pl.col("rank")).sort("staff_number")
    cards = _with_rank(cards, facts, month, rulebook)
    for key, short, _word in RATES:
        steps = rulebook[f"centre.score.{key}"]
        cards = _joined(cards, facts, key, month, f"{short}_bp", f"{short}_source")
        cards = cards.with_columns(rate_points(pl.col(f"{short}_bp"), steps).alias(f"{short}_points"))
    cards = _deducted(cards, facts, month)
    cards = _with_discretion(cards, facts, month, rulebook["centre.score.discretion_max"])
    parts = ("rank_points", *(f"{short}_points" for _key, short, _word in RATES), "discretion_points")
    cards = cards.with_columns(score=pl.sum_horizontal(parts), missing=_missing())  # S1-09
    return conform(cards.select(*SCORE_CARDS.schema), SCORE_CARDS.schema)


def _require_measured(planners: pl.DataFrame, facts: pl.DataFrame, month: date) -> None:
    """StrategyError when nothing was measured of anybody in the month: the roster's ranks alone would deal.  # S1-09"""
    keys = ("rank", *(key for key, _short, _word in RATES), "discretion")
    of_them = pl.col("subject").is_in(planners["staff_number"].implode())
    filed = facts.filter((pl.col("month") == month) & of_them & pl.col("key").is_in(keys))
    if filed.is_empty():
        words = "、".join(FACT_KEYS[key].label for key in keys)
        raise StrategyError(
            f"{month.year}年{month.month}月没有任何保险规划师的考核指标，不能按得分分配；"
            f"缺少：{words}；请在“考核指标”表中填写该月的指标并登记（tuogu facts）"
        )


def known_ranks(rulebook: Rulebook) -> frozenset[str]:
    """Every way to write a rank of the tables: 高级, 管理高级, 管理系列高级.  # S1-10, S1-11"""
    return frozenset(
        f"{before}{name}"
        for ladder, key in LADDERS
        for name in rulebook[key]
        for before in ("", ladder, f"{ladder}系列")
    )


def rate_points(rate_bp: pl.Expr, steps: Sequence[Sequence[int]]) -> pl.Expr:
    """Points of the highest step that the rate reaches; below all steps, and without a rate, 0.  # A-11"""
    points = pl.lit(0, pl.Int64)
    for start, worth in sorted((start, worth) for start, worth in steps):
        points = pl.when(rate_bp >= start).then(pl.lit(worth, pl.Int64)).otherwise(points)
    return points


def _joined(
    cards: pl.DataFrame, facts: pl.DataFrame, key: str, month: date, value: str, source: str
) -> pl.DataFrame:
    """The cards with a fact's value and the record it comes from (S1-22)."""
    found = of_month(facts, key, month).select(
        pl.col("subject").alias("staff_number"),
        pl.col("value").alias(value),
        pl.col("source_ref").fill_null(UNSOURCED).alias(source),
    )
    return cards.join(found, on="staff_number", how="left", maintain_order="left")


def _deducted(cards: pl.DataFrame, facts: pl.DataFrame, month: date) -> pl.DataFrame:
    """log_points less what inspections took, never below 0; the source names it.  # S1-19, S1-20, A-12"""
    taken = _joined(cards, facts, "log_deduction", month, "deducted", "deducted_source")
    words = pl.format("；扣{}分：{}", pl.col("deducted") / 100, "deducted_source")
    return taken.with_columns(
        log_points=(pl.col("log_points") - pl.col("deducted").fill_null(0)).clip(lower_bound=0),
        log_source=pl.when(pl.col("deducted") > 0)
        .then(pl.col("log_source").fill_null("") + words)
        .otherwise("log_source"),
    )


def _with_rank(cards: pl.DataFrame, facts: pl.DataFrame, month: date, rulebook: Rulebook) -> pl.DataFrame:
    """rank, rank_source, rank_points: the announced rank, or else the roster's.  # S1-10, S1-11, S1-12

    A rank may name its ladder (管理高级). Otherwise whoever leads a team stands on the management ladder and the others
    on that of sales, unless only the other ladder has a rank of this name.
    """
    announced = of_month(facts, "rank", month).select(
        staff_number="subject", announced="text", rank_source=pl.col("source_ref").fill_null(UNSOURCED)
    )
    cards = cards.join(announced, on="staff_number", how="left", maintain_order="left")
    cards = _joined(cards, facts, "extended_probation_months", month, "probation_month", "probation_source")
    known = pl.col("announced").is_not_null()
    table = {f"{ladder}{name}": points for ladder, key in LADDERS for name, points in rulebook[key].items()}
    management, sales = (ladder for ladder, _key in LADDERS)
    leads = pl.col("supervisor").fill_null(False)
    own = pl.when(leads).then(pl.lit(management)).otherwise(pl.lit(sales))
    other = pl.when(leads).then(pl.lit(sales)).otherwise(pl.lit(management))
    plain = pl.col("rank").str.replace("系列", "")
    steps = (plain, pl.concat_str(own, plain), pl.concat_str(other, plain))
    late = pl.col("probation_month") >= rulebook["centre.score.probation_from_month"]
    names = {ladder: set(rulebook[key]) for ladder, key in LADDERS}
    either = pl.col("roster_rank").is_in(sorted(names[management] & names[sales]))
    stands = (
        pl.when(leads).then(pl.lit(f"带组，按{management}系列")).otherwise(pl.lit(f"未带组，按{sales}系列"))
    )
    from_roster = (
        pl.when(either)
        .then(pl.format("{}（无公布职级；{}）", pl.lit(ROSTER), stands))
        .otherwise(pl.lit(ROSTER))
    )
    cards = cards.with_columns(rank=pl.coalesce("announced", "roster_rank")).with_columns(
        rank_source=pl.when(known).then("rank_source").when(pl.col("rank").is_not_null()).then(from_roster),
        table_points=pl.coalesce(
            step.replace_strict(table, default=None, return_dtype=pl.Int64) for step in steps
        ),
    )
    return cards.with_columns(
        rank_points=pl.when(late.fill_null(False)).then(0).otherwise(pl.col("table_points").fill_null(0)),
        rank_source=pl.when(late.fill_null(False))
        .then(pl.format("{}；延长考核期第{}个月：{}", "rank_source", "probation_month", "probation_source"))
        .otherwise("rank_source"),
    )


def _with_discretion(cards: pl.DataFrame, facts: pl.DataFrame, month: date, most: int) -> pl.DataFrame:
    """discretion_points with author and reason; StrategyError for what is out of 0..most or not signed.  # S1-16"""
    found = of_month(facts, "discretion", month).select(
        staff_number="subject", given="value", discretion_source="source_ref", discretion_author="author"
    )
    cards = cards.join(found, on="staff_number", how="left", maintain_order="left")
    given = cards.filter(pl.col("given").is_not_null())
    _refuse(given.filter(~pl.col("given").is_between(0, most)), f"部门灵活调配分须在0至{most // 100}分之间")
    unsigned = pl.col("discretion_author").is_null() | (pl.col("discretion_source").fill_null("") == "")
    _refuse(given.filter(unsigned), "部门灵活调配分须写明给分人与理由（考核指标表的“责任人”和“出处”）")
    return cards.with_columns(discretion_points=pl.col("given").fill_null(0))


def _refuse(wrong: pl.DataFrame, words: str) -> None:
    if len(wrong):
        named = "、".join(wrong["staff_number"].head(NAMED_MAX))
        raise StrategyError(f"{words}；不符的有 {len(wrong)} 人：{named}")


def _missing() -> pl.Expr:
    """What was not given, in Chinese, joined by '、'; '' when all five parts have their fact."""
    unknown = pl.format("职级（“{}”不在职级表）", "rank")
    rank = (
        pl.when(pl.col("rank").is_null())
        .then(pl.lit("职级"))
        .when(pl.col("table_points").is_null())
        .then(unknown)
    )
    rates = [pl.when(pl.col(f"{short}_bp").is_null()).then(pl.lit(word)) for _key, short, word in RATES]
    discretion = pl.when(pl.col("given").is_null()).then(pl.lit("部门调配分"))
    return pl.concat_str(rank, *rates, discretion, separator="、", ignore_nulls=True)
