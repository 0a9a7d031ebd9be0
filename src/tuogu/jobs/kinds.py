"""Which jobs there are: what each runs, and its steps with their usual share of the time.

A kind's function takes (what was asked, a clock, progress) and returns plain values for the row. It is
idempotent: a worker may die at any moment, and another runs it again from the beginning.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from tuogu.jobs import importing, storing
from tuogu.jobs.asked import Asked, Clock
from tuogu.jobs.progress import Steps

Run = Callable[[Asked, Clock, Steps], dict[str, Any]]


@dataclass(frozen=True)
class Kind:
    """`steps`: name and usual share of the time, in the order of the flow."""

    label: str
    run: Run
    steps: tuple[tuple[str, int], ...]


def run_plan(asked: Asked, clock: Clock, progress: Steps) -> dict[str, Any]:
    """Plan what is stored. arguments: as_of (ISO day), seed, effort, afresh, city ('' = what the institutions say).

    Result: plan (id), placed, unplaced, managers, units, violations, gap, value_m, lower_bound_m.
    """
    arguments = asked.arguments
    drafted = storing.draft_plan(
        city=arguments.get("city") or None, as_of=date.fromisoformat(arguments["as_of"]), seed=arguments["seed"],
        effort=arguments["effort"], afresh=arguments.get("afresh", False), planner=lambda: asked.by, clock=clock,
        progress=progress,
    )  # fmt: skip
    plan, certificate = drafted.plan, drafted.plan.certificate
    return {
        "plan": drafted.plan_id, "placed": plan.assignments.height, "unplaced": plan.unplaced.height,
        "managers": plan.assignments["staff_number"].n_unique(), "units": plan.units.height,
        "violations": drafted.violations.height, "gap": certificate.gap, "value_m": certificate.value_m,
        "lower_bound_m": certificate.lower_bound_m,
    }  # fmt: skip


KINDS: dict[str, Kind] = {
    "preview_import": Kind("试导入", importing.run_preview, importing.PREVIEW_STEPS),
    "import": Kind("导入", importing.run_import, importing.IMPORT_STEPS),
    "plan": Kind(
        "生成方案",
        run_plan,
        (("读取在库数据", 10), ("载入地址编码簿", 5), ("编码与分类", 10), ("规划挂靠", 65), ("独立检查", 3),
         ("保存方案，待审批", 7)),
    ),
}  # fmt: skip
