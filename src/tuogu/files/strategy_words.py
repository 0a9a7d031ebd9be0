"""The certificate of a plan without territories, in plain words; the same in the workbook, on the page and on the terminal.

In: a plan. Out: lines of (topic, figure, sentence, tone), as `certificate_words` gives for territories. Never: a claim that
the certificate does not hold.
"""

from __future__ import annotations

import math
from decimal import Decimal

from tuogu.core.labels import METRICS
from tuogu.core.strategies import STRATEGIES
from tuogu.core.tables import Certificate, Plan
from tuogu.files.certificate_words import FACT_TOPICS, FIGURES, SHARES, Line

_SHARES = {FIGURES[name] for name in SHARES}
SUBJECT_UNITS = {"policy": "件", "customer": "位客户"}


def strategy_lines(plan: Plan) -> list[Line]:
    """The certificate of `plan`, most important first."""
    proof, unit = plan.certificate, SUBJECT_UNITS[STRATEGIES[plan.strategy].subject]
    return [
        _violations(proof),
        _placed(plan, unit),
        _value(proof),
        _gap(proof),
        *(Line(FACT_TOPICS[0], figure, fact) for fact, figure in proof.feasibility),
        *(
            Line(FACT_TOPICS[1], figure_text(value, FIGURES.get(name, name)), FIGURES.get(name, name))
            for name, value in proof.figures
        ),
    ]


def objective_text(value: int, metric: str) -> str:
    """An objective or a bound in the unit that people read: 25.01 for 25,012,605 millionths."""
    scale, _unit = METRICS.get(metric, (1, metric))
    return f"{value:,}" if scale == 1 else f"{Decimal(value) / scale:,.2f}"


def unit_of(metric: str) -> str:
    """What an objective counts."""
    return METRICS.get(metric, (1, metric))[1]


def figure_text(value: float, label: str = "") -> str:
    """A figure of a certificate: shares in percent, whole numbers without decimals, small ones with three digits."""
    if label in _SHARES:
        return f"{value:.2%}"
    if value == round(value) or abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:,.3g}"


def _violations(proof: Certificate) -> Line:
    if proof.violations == 0:
        return Line("硬性违规", "0", "独立复核程序逐条核对全部硬性规则，没有违规。", "good")
    return Line("硬性违规", f"{proof.violations:,}", "有违规，须先处理；批准须写明理由。", "bad")


def _placed(plan: Plan, unit: str) -> Line:
    placed, left = plan.placements.height, plan.unplaced.height
    sentence = f"本次涉及 {placed + left:,} {unit}：{placed:,} {unit}有接收人，{left:,} {unit}未分配，每一个都有原因。"
    return Line("已分配", f"{placed:,}", sentence)


def _value(proof: Certificate) -> Line:
    said = objective_text(proof.objective, proof.metric)
    return Line("目标值", said, f"越小越好：{unit_of(proof.metric)}。")


def _gap(proof: Certificate) -> Line:
    bound = objective_text(proof.lower_bound, proof.metric)
    if proof.violations and math.isfinite(
        proof.gap
    ):  # the bound is of plans that keep the rules; this one does not
        sentence = (
            f"有违规，不能说最优：下界 {bound} 只对可以违反同样规则的分法成立，不说明守规矩的方案能做到多好。"
        )
        return Line("差距", f"{proof.gap:.2%}" if proof.gap else "0", sentence, "warn")
    if proof.gap == 0:
        return Line("差距", "0", f"已证明最优：目标值等于下界 {bound}，没有更好的分法。", "good")
    if not math.isfinite(proof.gap):
        return Line("差距", "—", "下界为 0 而目标值大于 0，差距无法用比例表示。", "warn")
    sentence = f"下界 {bound} 由松弛问题独立求得，任何分法都不低于它；本方案至多还能改进 {proof.gap:.2%}。"
    return Line("差距", f"{proof.gap:.2%}", sentence)
