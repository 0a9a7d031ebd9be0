"""Which jobs there are: what each runs, and its steps with their usual share of the time.

A kind's function takes (what was asked, a clock, progress) and returns plain values for the row. It is
idempotent: a worker may die at any moment, and another runs it again from the beginning.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from math import isfinite
from typing import Any

from tuogu.jobs import auditing, exporting, importing, learning, pushing, rehearsing, storing
from tuogu.jobs.asked import Asked, Clock, scope_of
from tuogu.jobs.progress import Steps

Run = Callable[[Asked, Clock, Steps], dict[str, Any]]


@dataclass(frozen=True)
class Kind:
    """`steps`: name and usual share of the time, in the order of the flow."""

    label: str
    run: Run
    steps: tuple[tuple[str, int], ...]


def run_plan(asked: Asked, clock: Clock, progress: Steps) -> dict[str, Any]:
    """Plan what is stored. arguments: as_of (ISO day), seed, effort, afresh, city ('' = what the institutions say),
    strategy, options, rulebook ('' = the version in force on the day).

    Result: plan (id), strategy, placed, unplaced, managers, units, violations, gap, objective, lower_bound.
    """
    arguments = asked.arguments
    drafted = storing.draft_plan(
        city=arguments.get("city") or None, as_of=date.fromisoformat(arguments["as_of"]), seed=arguments["seed"],
        effort=arguments["effort"], afresh=arguments.get("afresh", False), planner=lambda: asked.by, clock=clock,
        progress=progress, strategy=arguments.get("strategy", "territory"), options=arguments.get("options", {}),
        rulebook_version=arguments.get("rulebook", ""), scope=scope_of(asked, clock),
    )  # fmt: skip
    plan, certificate = drafted.plan, drafted.plan.certificate
    return {
        "plan": drafted.plan_id, "strategy": plan.strategy, "placed": plan.placements.height,
        "unplaced": plan.unplaced.height, "managers": plan.placements["receiver"].n_unique(), "units": plan.units.height,
        "violations": drafted.violations.height, "gap": certificate.gap if isfinite(certificate.gap) else None,
        "objective": certificate.objective, "lower_bound": certificate.lower_bound,
    }  # fmt: skip


KINDS: dict[str, Kind] = {
    "preview_import": Kind("试导入", importing.run_preview, importing.PREVIEW_STEPS),
    "import": Kind("导入", importing.run_import, importing.IMPORT_STEPS),
    "push": Kind("接口推送", pushing.run_push, pushing.PUSH_STEPS),
    "export": Kind("导出", exporting.run_export, exporting.EXPORT_STEPS),
    "plan": Kind(
        "生成方案",
        run_plan,
        (("读取在库数据", 10), ("载入地址编码簿", 5), ("编码与分类", 10), ("生成方案", 65), ("独立检查", 3),
         ("保存方案，待审批", 7)),
    ),
    "audit_pack": Kind("检查包", auditing.run_pack, auditing.PACK_STEPS),
    "chances": Kind("学习机会模型", learning.run_learning, learning.LEARN_STEPS),
    "rehearsal": Kind("试算制度草案", rehearsing.run_rehearsal, rehearsing.REHEARSAL_STEPS),
}  # fmt: skip
