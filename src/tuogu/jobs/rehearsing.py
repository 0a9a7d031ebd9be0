"""What a draft of the rules would change: one plan by the rules in force, one by the draft, on the same books (N-09, N-04).

In: a draft that was submitted, a day, a strategy. Out: figures side by side in the job's row. Never: a plan stored, a rule
adopted, a row written to the books.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

import polars as pl

from tuogu.core.labels import METRICS
from tuogu.core.rulebook import Rulebook
from tuogu.core.tables import Plan
from tuogu.jobs import storing
from tuogu.jobs.asked import Asked, Clock, scope_of
from tuogu.jobs.flow import FlowRefused
from tuogu.jobs.progress import Inside, Steps
from tuogu.org.scope import Scope
from tuogu.rules import drafts

_FIGURES = 40  # named figures of a certificate that are kept in the job's row
# how long each step takes of a whole, in percent
_STEPS = (("读取在库数据", 8), ("载入地址编码簿", 4), ("编码与分类", 8), ("生成方案", 27), ("独立检查", 3))
BY = ("现行制度", "草案")
REHEARSAL_STEPS = tuple((f"{by}：{name}", share) for by in BY for name, share in _STEPS)


def run_rehearsal(asked: Asked, clock: Clock, progress: Steps) -> dict[str, Any]:
    """arguments: draft, as_of (ISO day), strategy, options, seed, effort.

    Result: draft, strategy, as_of, lines [[what, by the rules in force, by the draft]], moved (subjects that would go to
    somebody else), common (subjects that both plans place).
    """
    wish, scope = asked.arguments, scope_of(asked, clock)
    base, book, wrong = drafts.draft_book(wish["draft"])
    if book is None:
        raise FlowRefused("草案还有错误，不能试算：" + "；".join(map(str, wrong)))
    plans = [_plan(rules, by, wish, scope, progress) for by, rules in zip(BY, (base, book), strict=True)]
    both = plans[0].placements.join(plans[1].placements, on="number", suffix="_draft")
    return {
        "draft": wish["draft"], "strategy": wish["strategy"], "as_of": wish["as_of"], "common": both.height,
        "moved": both.filter(pl.col("receiver") != pl.col("receiver_draft")).height,
        "lines": [list(line) for line in _lines(*plans)],
    }  # fmt: skip


def _plan(rules: Rulebook, by: str, wish: dict[str, Any], scope: Scope, progress: Steps) -> Plan:
    return storing.rehearse(
        rules, as_of=date.fromisoformat(wish["as_of"]), seed=wish["seed"], effort=wish["effort"],
        strategy=wish["strategy"], options=wish["options"], progress=_Named(progress, by),
        scope=scope,
    )  # fmt: skip


def _lines(now: Plan, then: Plan) -> Iterator[tuple[str, str, str]]:
    """(what, by the rules in force, by the draft)."""
    for what, figure in (
        ("已安排", lambda plan: f"{plan.placements.height:,}"),
        ("未安排", lambda plan: f"{plan.unplaced.height:,}"),
        ("接收人数", lambda plan: f"{plan.placements['receiver'].n_unique():,}"),
        ("每人最多", lambda plan: _most(plan)),
        ("违反硬性规则", lambda plan: f"{plan.certificate.violations:,}"),
    ):
        yield what, figure(now), figure(then)
    if now.certificate.metric == then.certificate.metric:
        per_unit, unit = METRICS.get(now.certificate.metric, (1, now.certificate.metric))
        for what, counted in (("目标值", "objective"), ("下限", "lower_bound")):
            of = [getattr(plan.certificate, counted) / per_unit for plan in (now, then)]
            yield f"{what}（{unit}）", f"{of[0]:,.0f}", f"{of[1]:,.0f}"
    facts = dict(then.certificate.feasibility)
    for fact, figure in now.certificate.feasibility[:_FIGURES]:
        yield fact, figure, facts.get(fact, "—")


def _most(plan: Plan) -> str:
    counts = plan.placements.group_by("receiver").len()["len"]
    return f"{counts.max() or 0:,}"


class _Named:
    """The steps of one of the two plans under names of their own."""

    def __init__(self, progress: Steps, by: str) -> None:
        self._progress, self._by = progress, by

    @contextmanager
    def step(self, name: str) -> Iterator[Inside]:
        with self._progress.step(f"{self._by}：{name}") as inside:
            yield inside
