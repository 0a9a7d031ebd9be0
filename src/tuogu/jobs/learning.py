"""The job that learns a model of chances: reading and judging a history takes longer than a page waits (P-07).

In: a target, who asks, when. Out: a stored model; the job's row names it. Never: a model that nobody asked for; a second one
when the job is run again after a crash.
"""

from __future__ import annotations

from typing import Any

from tuogu.jobs.asked import Asked, Clock
from tuogu.jobs.progress import Steps
from tuogu.reports import actions as reports
from tuogu.reports import queries

LEARN_STEPS = (("读取记录", 45), ("学习并检验", 50), ("保存模型", 5))  # share of the whole, in percent


def run_learning(asked: Asked, clock: Clock, progress: Steps) -> dict[str, Any]:  # noqa: ARG001 - a kind of job's shape
    """arguments: target. Result: model (id), better (whether it beats the share of all). It knows what was known when it was
    asked for."""
    target = asked.arguments["target"]
    for one in queries.chance_models(target):
        if (one.by, one.at) == (asked.by, asked.at):
            return {"model": one.id, "better": one.better}
    head = reports.train_chances(target, by=asked.by, at=asked.at, step=progress.step)
    return {"model": head.id, "better": head.better}
