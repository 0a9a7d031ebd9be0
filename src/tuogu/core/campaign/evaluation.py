"""The quarter's test: second-purchase rate of the full quota against target and reclaim line (S2-10, S2-11).

In: the standing of each department, the stage's numbers from the rulebook, what departments have reported. Out: one row a
department. Never: a float at a boundary (19.99 % is reclaimed, 20.00 % is not); a rate of the released records that
decides anything (A-20: shown only).
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import polars as pl

from tuogu.core.apportion import exact
from tuogu.core.campaign.regions import AREAS, DEPARTMENT
from tuogu.core.campaign.sheets import EVALUATION
from tuogu.core.campaign.standing import Standing
from tuogu.core.facts import summed
from tuogu.core.proposal import Request
from tuogu.core.rulebook import Rulebook
from tuogu.core.strategies import StrategyError
from tuogu.core.tables import conform

WHOLE_BP = 10_000  # hundredths of a percent in a whole: a unit
MET, SHORT, RECLAIM, NO_QUOTA = "met", "short", "reclaim", "no_quota"
VERDICTS = {MET: "达标", SHORT: "未达标，未到回收线", RECLAIM: "低于回收线，回收", NO_QUOTA: "没有配额"}


@dataclass(frozen=True)
class Stage:
    """The numbers of a quarter's test, in hundredths of a percent."""

    target_bp: int
    threshold_bp: int  # of the target
    reclaim_bp: int  # of what is left

    @classmethod
    def of(cls, name: str, rulebook: Rulebook) -> Stage:
        """The stage `q2` or `q3` of the rulebook."""
        target, threshold = rulebook[f"campaign.{name}.target_bp"], rulebook[f"campaign.{name}.threshold_bp"]
        return cls(target, threshold, rulebook[f"campaign.{name}.reclaim_bp"])

    def verdict(self, completions: int, quota: int) -> str:
        """Compared as integers: completions / quota against target, and against threshold x target."""
        if not quota:
            return NO_QUOTA
        if completions * WHOLE_BP >= quota * self.target_bp:
            return MET
        below = completions * WHOLE_BP * WHOLE_BP < quota * self.target_bp * self.threshold_bp
        return RECLAIM if below else SHORT


@dataclass(frozen=True)
class Result:
    """One department's test."""

    department: str
    area: str
    quota: int
    released: int
    completions: int
    reported: int | None
    verdict: str
    taken: int  # by other strategies, and not bought again: in the quota, not in the remaining
    remaining: int
    draw_exact: Fraction
    draw: int


def evaluate(request: Request, stand: Standing, stage: Stage) -> list[Result]:
    """Every department that has records or has reported completions, by code."""
    rows = stand.records.group_by("department", "area").agg(
        quota=pl.len(),
        released=pl.col("receiver").count(),
        derived=pl.col("converted").sum(),
        taken=(pl.col("taken") & ~pl.col("converted")).sum(),
    )
    first, last = stand.period.first, stand.period.last
    filed = dict(summed(request.book.facts, "completions", first, last).iter_rows())
    from_facts = request.options["completions"] == "facts"
    found = []
    for code, area, quota, released, derived, taken in rows.sort("department").iter_rows():
        reported: int | None = filed.get(code)
        if from_facts and reported is None:
            raise StrategyError(f"部门 {code} 没有上报二次投保客户数，不能按上报数考核")
        completions = derived if not from_facts or reported is None else reported
        if not 0 <= completions <= quota:
            raise StrategyError(f"部门 {code} 上报二次投保客户 {completions} 位，超出配额 {quota} 位")
        verdict = stage.verdict(completions, quota)
        remaining = max(0, quota - completions - taken)  # A-22; fewer only where reports exceed the book
        should = Fraction(remaining * stage.reclaim_bp, WHOLE_BP) if verdict == RECLAIM else Fraction(0)
        draw = rounded(should, request.rulebook["campaign.draw_rounding"])
        found.append(
            Result(
                code, area, quota, released, completions, reported, verdict, taken, remaining, should, draw
            )
        )
    return found


def rounded(value: Fraction, how: str) -> int:
    """A draw of whole records, by the rulebook's rounding."""
    ways = {"half_up": int(value + Fraction(1, 2)), "down": int(value), "up": -int(-value // 1)}
    if how not in ways:
        raise StrategyError(f"制度 campaign.draw_rounding 只能是 {'、'.join(ways)}，不能是 {how}")
    return ways[how]


def evaluation(results: list[Result], stage: Stage) -> pl.DataFrame:
    """The frame of EVALUATION. Rates are cut, never rounded up over a line."""
    rows = []
    for r in results:
        rate = r.completions * WHOLE_BP // r.quota if r.quota else None
        released = r.completions * WHOLE_BP // r.released if r.released else None
        rows.append((
            AREAS.get(r.area, "不明"), f"{DEPARTMENT}{r.department}", r.quota, r.released, r.completions, r.reported,
            rate, released, stage.target_bp, stage.target_bp * stage.threshold_bp // WHOLE_BP, VERDICTS[r.verdict],
            r.taken, r.remaining, exact(r.draw_exact), r.draw,
        ))  # fmt: skip
    return conform(pl.DataFrame(rows, schema=EVALUATION.schema, orient="row"), EVALUATION.schema)


def facts(request: Request, stand: Standing) -> list[tuple[str, str]]:
    """What the certificate says of how completions were counted."""
    how = {"book": "账内保单推算", "facts": "部门上报"}[request.options["completions"]]
    days, least = stand.period.days, request.rulebook[f"campaign.{request.options['stage']}.days_min"]
    taken = stand.records["taken"].sum()
    return [
        *([("提前考核", f"考核期只有 {days} 天，不足 {least} 天，按提前考核办理")] if days < least else []),
        *([("已由其他分配取走", f"{taken:,} 位，计入配额，不计入剩余，不抽签")] if taken else []),
        ("考核期", f"{stand.period.first} 至 {stand.period.last}"),
        ("二次投保客户数来源", how),
        ("配额口径", "先前的活动方案" if request.earlier is not None else "部门及其人员现持有的客户"),
    ]
