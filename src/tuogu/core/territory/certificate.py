"""What is proved and printed about a plan: value, bound, gap, arithmetic, limits, figures.

In: Setting, Solution, Feasibility and the plan's tables. Out: Certificate (violations are counted by
`core.check` and filled in by `core.plan`). Never: a gap against a bound for another band than the plan's, a
limit hit and not named.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from tuogu.core.gap import gap_of
from tuogu.core.tables import Certificate
from tuogu.core.territory.feasibility import Feasibility
from tuogu.core.territory.setting import Setting
from tuogu.core.territory.solution import Solution

NOT_JUDGED = "not_judged: 没有坐标，也没有导入相邻社区，无法判断服务区是否连成一片"


def certificate(
    setting: Setting,
    solution: Solution,
    possible: Feasibility,
    need: pl.DataFrame,
    tables: tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame],
    cap_reason: str,
) -> Certificate:
    """`need` is HEADCOUNT; `tables` are assignments, unplaced and breaks; `cap_reason` is visits or
    month_load.
    """
    assigned, unplaced, breaks = tables
    final, labels = solution.instance, solution.labels
    held = final.held(labels)
    bound, value = solution.bound_m, solution.objective
    staff = setting.managers["staff_number"]
    at_cap = staff.filter(pl.Series(held >= final.band.held_cap)).to_list()
    limits = solution.limits_hit
    if int(held.min()) < final.band.held_min or int(held.max()) > final.band.held_max:
        limits += ("balance_band",)
    return Certificate(
        metric=setting.at.metric,
        objective=value,
        lower_bound=bound,
        gap=gap_of(value, bound),
        moved_adjacent=int((assigned["lever"] == "adjacent").sum()),
        limits_hit=tuple(sorted(set(limits))),
        binding=tuple((number, cap_reason) for number in sorted(at_cap)),
        feasibility=(*possible.facts(), *_need_facts(need), *_home_facts(setting)),
        contiguity="judged" if final.judged else NOT_JUDGED,
        figures=_figures(setting, solution, assigned, unplaced, breaks),
    )


def _need_facts(need: pl.DataFrame) -> tuple[tuple[str, str], ...]:
    """The fullest month of each district and its headcount (S0-15)."""
    fullest = need.sort("need", "due", "month").group_by("region_code", "region", maintain_order=True).last()
    rows = fullest.sort("region_code", nulls_last=True).select("region", "month", "due", "need").iter_rows()
    return tuple(
        (f"{region}按配比所需人数（{month}月应收 {due:,} 件）", f"{n:,} 人") for region, month, due, n in rows
    )


def _home_facts(setting: Setting) -> tuple[tuple[str, str], ...]:
    """Managers without a coded home (S0-14) and communities without coordinates of their own."""
    lines = [("住址未编码，暂按本组中心计算", number) for number in setting.homes_missing]
    borrowed = int(setting.at.borrowed[np.unique(setting.places)].sum())
    if borrowed:
        lines.append(("没有坐标、暂用街道或区县中心的社区", f"{borrowed:,} 个"))
    return tuple(lines)


def _figures(
    setting: Setting, solution: Solution, assigned: pl.DataFrame, unplaced: pl.DataFrame, breaks: pl.DataFrame
) -> tuple[tuple[str, float], ...]:
    """Named numbers: the objective's components (S0-16) and the plan's evenness."""
    final, labels = solution.instance, solution.labels
    rows = np.arange(final.units)
    metres = final.metres[rows, labels].astype(np.int64)
    ground = np.concatenate([np.arange(setting.instance.units), solution.atoms[0]])
    trait = int((final.policies * setting.trait_m[ground, labels]).sum())
    held, due = final.held(labels), final.due(labels)
    total = max(int(final.policies.sum()), 1)
    handed = assigned.filter(pl.col("lever") == "adjacent").height
    count = {
        level: breaks.filter(pl.col("level") == level).height
        for level in ("manager", "team", "community", "street")
    }
    figures = {
        "managers": final.managers,
        "planned": len(assigned),
        "units": assigned["unit_code"].n_unique(),
        "distance_part_m": solution.objective - trait,
        "trait_part_m": trait,
        "hand_over_part_m": handed * final.hand_over_m,
        "mean_distance_m": round(solution.objective / total, 1),
        "max_distance_m": int(metres.max()),
        "completeness": round(len(assigned) / max(len(assigned) + len(unplaced), 1), 4),
        "held_min": int(held.min()),
        "held_max": int(held.max()),
        "held_cap": final.band.held_cap,
        "balance_cv": round(float(held.std() / held.mean()), 4),
        "month_load_min": final.band.month_min,
        "month_load_max": final.band.month_max,
        "month_min": int(due.min()),
        "month_max": int(due.max()),
        "month_mean": round(float(due.mean()), 2),
        "month_outside_pieces": final.month_excess(labels),
        "broken_managers": count["manager"],
        "broken_teams": count["team"],
        "split_communities": count["community"],
        "split_streets": count["street"],
    }
    return tuple((name, float(value)) for name, value in figures.items())


def trivial(metric: str, planned: int, unplaced: int, possible: Feasibility) -> Certificate:
    """The certificate of a plan with nothing to divide: no policy or no manager."""
    figures = {
        "managers": possible.managers,
        "planned": planned,
        "completeness": 0.0,
        "month_load_min": possible.month_min,
        "month_load_max": possible.month_max,
    }
    return Certificate(
        metric=metric,
        objective=0,
        lower_bound=0,
        gap=0.0,
        feasibility=(*possible.facts(), ("交保全组的孤儿保单", f"{unplaced:,} 件")),
        contiguity="judged",
        figures=tuple((name, float(value)) for name, value in figures.items()),
    )
