"""A plan's certificate in plain words, the same in the workbook and in the report.

In: a plan, the rulebook, staff names. Out: lines of (topic, figure, sentence, tone). Never: a claim that the
certificate does not hold, a gap without its bound, a limit that was hit and is not named.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from tuogu.core.rulebook import Rulebook
from tuogu.core.tables import Certificate, Plan

METRICS = {
    "metres": "社区中心点之间的直线距离（米），按保单件数加权",
    "region_level": "没有坐标，按最近共同区划的距离档（米）计，按保单件数加权",
}
LIMITS = {
    "search_moves": "改进搜索到达步数上限",
    "descent_passes": "末轮逐件下降到达遍数上限",
    "repair_nodes": "逐月调整到达节点上限",
    "repair_uneven": "为守住月度上下限，放宽了持有件数的均衡带",
    "repair_anew": "为守住月度上下限，部分单元整体换人",
    "repair_least": "月度上下限无法全部守住，取越界件数最少的方案",
    "balance_band": "持有件数超出均衡带，已如实放宽",
    "changed_hands_cap": "换人件数上限为守住月度上下限而让位，已如实列出占比",
    "adjusted_below_bound": "人工调整放宽了下界所依据的规则，原下界不再适用，已降到目标值",
    "adjusted_not_revalued": "人工调整后的目标值无法重算，所列为程序原方案的值",
    "smoothing_nodes": "逐月微调到达节点上限",
    "smoothing_rings": "逐月微调的代价只在越界人员附近比较",
}
FIGURES = {
    "adjusted_by_hand": "人工调整行数",
    "managers": "客户经理人数",
    "planned": "分配件数",
    "units": "识别码单元数",
    "distance_part_m": "目标值中的距离部分（米·件）",
    "trait_part_m": "目标值中的特长不匹配部分（米·件）",
    "hand_over_part_m": "相邻区件的交接代价（米，不在目标值内）",
    "mean_distance_m": "件均距离（米）",
    "random_distance_m": "随机分配的件均距离（米）",
    "own_area_share": "服务区内件数占比",
    "named_share": "指定接收人件数占比",
    "own_team_share": "回归原营业组件数占比",
    "near_share": "同区他组件数占比",
    "elsewhere_share": "其他组件数占比",
    "unplaced_share": "未分配件数占比",
    "max_distance_m": "最远一件的距离（米）",
    "completeness": "完整性：已分配占全部应安排",
    "held_min": "持有件数最少",
    "held_max": "持有件数最多",
    "held_cap": "每人持有件数上限",
    "balance_cv": "持有件数变异系数",
    "month_load_min": "每人每月应收下限",
    "month_load_max": "每人每月应收上限",
    "month_min": "单人单月应收最少",
    "month_max": "单人单月应收最多",
    "month_mean": "单人单月应收平均",
    "month_outside_pieces": "越界件数合计",
    "broken_managers": "片区断开的客户经理数",
    "broken_teams": "片区断开的组数",
    "split_communities": "由多人服务的社区数",
    "split_streets": "由多人服务的街道数",
    "mean_value_spread_pct.city": "市区各部门件均保费最高与最低之差（占均值 %）",
    "mean_value_spread_pct.county": "县区各部门件均保费最高与最低之差（占均值 %）",
    "planners": "保险规划师人数",
    "planners_weighed": "参与分配的规划师人数",
    "stock": "可分配资源件数",
    "barred": "问题件、困难件",
    "placed": "已分配件数",
    "pool": "留池件数",
    "quota_mean": "人均分配件数",
    "worth_spread": "每分金额：最多者比最少者高出的比例",
    "wef1_violations": "按每分计少于他人的规划师（已去掉对方最贵一件并计入取整）",
    "wef1_rounding": "仅因件数取整而在某类略少的规划师",
    "wef1_overall": "各类合计按每分计少于他人的规划师（已去掉对方最贵一件）",
    "changed_hands": "换人件数（与前一方案都有的保单）",
    "changed_hands_share": "换人件数占比",
    "changed_hands_forced": "其中因离司换人",
    "principle_completeness": "五项原则：完整性",
    "principle_standardisation": "五项原则：标准化",
    "principle_uniform_division": "五项原则：统一性",
    "principle_flexibility": "五项原则：灵活性",
    "principle_balance": "五项原则：均衡性",
    "standing": "安置前在管件数",
    "arriving": "新增孤儿保单",
    "level_cross": "第1级 同一客户",
    "level_region": "第2级 区域",
    "level_keyword": "第3级 关键字",
    "level_single": "第4级 单件调整",
    "level_block": "第5级 整块调整",
    "moved_adjacent": "微调：相邻区件",
    "moved_new": "微调：月度新产生保单",
    "move_price": "微调代价",
    "move_price_bound": "微调代价的下界",
    "outside_before_smoothing": "微调前越界件数",
    "receivers": "接收人数",
    "scope": "范围内件数",
    "aside": "由保全组负责的件数",
    "map_lines": "对应关系行数",
    "map_lines_used": "采用的行数",
    "collection": "收费件",
    "supervised": "督导件",
    "in_pool": "尚无责任人",
    "specialists": "督导专员人数",
}
SHARES = frozenset({  # figures that are parts of a whole: shown as percent, as the tables show them
    "own_area_share", "named_share", "own_team_share", "near_share", "elsewhere_share", "unplaced_share", "completeness",
    "changed_hands_share", "worth_spread",
})  # fmt: skip
FACT_TOPICS = ("可行性", "其他指标")  # topics of many short lines: arithmetic, further figures
YEARLY_LIMITS = {"visits": "拜访能力", "month_load": "月度应收上限"}


@dataclass(frozen=True)
class Line:
    """One statement. `tone` is good, warn, bad or plain."""

    topic: str
    figure: str
    sentence: str
    tone: str = "plain"


def certificate_lines(plan: Plan, rulebook: Rulebook, names: Mapping[str, str]) -> list[Line]:
    """The certificate of `plan`, most important first."""
    certificate = plan.certificate
    lines = [
        _violations(certificate, rulebook),
        _placed(plan),
        _value(certificate),
        _gap(certificate),
        _band(plan, rulebook),
        _handed_over(plan),
        _contiguity(certificate),
        _limits(certificate),
    ]
    lines += [Line(FACT_TOPICS[0], figure, fact) for fact, figure in certificate.feasibility]
    lines += _binding(certificate, names)
    lines += [
        Line(FACT_TOPICS[1], f"{value:.2%}" if name in SHARES else _number(value), FIGURES.get(name, name))
        for name, value in certificate.figures
    ]
    return lines


def provenance(plan: Plan, data_date: str) -> list[tuple[str, str]]:
    """What the plan was made from, as (label, value)."""
    return [
        ("数据日期", data_date),
        ("计划日期", plan.as_of.isoformat()),
        ("制度版本", plan.rulebook_version),
        ("随机种子", str(plan.seed)),
        ("求解力度", f"{plan.effort:,}"),
        ("数据摘要", plan.book_digest[:12]),
    ]


def band_text(rulebook: Rulebook) -> str:
    """The month band as people write it: 25–60."""
    return f"{rulebook['territory.month_load_min']}–{rulebook['territory.month_load_max']}"


def outside_band(loads: pl.DataFrame, rulebook: Rulebook) -> int:
    """How many (manager, month) of LOADS lie outside the band."""
    low, high = rulebook["territory.month_load_min"], rulebook["territory.month_load_max"]
    return loads.filter(~pl.col("due").is_between(low, high)).height


def _violations(certificate: Certificate, rulebook: Rulebook) -> Line:
    if certificate.violations == 0:
        return Line("硬性违规", "0", "独立复核程序逐条核对全部硬性规则，没有违规。", "good")
    sentence = (
        f"有违规，须先处理。每人每月应收须在 {band_text(rulebook)} 件之间；本数据下若不可行，见可行性。"
    )
    return Line("硬性违规", f"{certificate.violations:,}", sentence, "bad")


def _placed(plan: Plan) -> Line:
    placed, left = plan.assignments.height, plan.unplaced.height
    sentence = (
        f"应安排孤儿保单 {placed + left:,} 件：{placed:,} 件有客户经理，"
        f"{left:,} 件由保全组负责，每件都有原因。"
    )
    return Line("已分配", f"{placed:,}", sentence)


def _value(certificate: Certificate) -> Line:
    metric = METRICS.get(certificate.metric, certificate.metric)
    return Line("目标值", f"{certificate.objective:,}", f"越小越好：{metric}，含特长不匹配的加价。")


def _gap(certificate: Certificate) -> Line:
    bound = f"{certificate.lower_bound:,}"
    if certificate.gap == 0:
        return Line("差距", "0", f"已证明最优：目标值等于下界 {bound}，没有更好的方案。", "good")
    if not math.isfinite(certificate.gap):
        return Line("差距", "—", "下界为 0 而目标值大于 0，差距无法用比例表示。", "warn")
    share = f"{certificate.gap:.2%}"
    sentence = f"下界 {bound} 由松弛问题独立求得，任何方案都不低于它；本方案至多还能改进 {share}。"
    return Line("差距", share, sentence)


def _band(plan: Plan, rulebook: Rulebook) -> Line:
    outside, band = outside_band(plan.loads, rulebook), band_text(rulebook)
    if plan.loads.is_empty():
        return Line("越界人月", "—", "没有客户经理，无法判断每月应收。", "warn")
    mean = plan.loads["due"].mean()
    average = f"人均每月 {mean:.1f} 件。" if isinstance(mean, float) else ""
    if outside == 0:
        return Line("越界人月", "0", f"{plan.loads.height:,} 个人月都在 {band} 件之间。{average}", "good")
    sentence = f"{plan.loads.height:,} 个人月中有 {outside:,} 个不在 {band} 件之间，见每月应收。{average}"
    return Line("越界人月", f"{outside:,}", sentence, "bad")


def _handed_over(plan: Plan) -> Line:
    moved = plan.certificate.moved_adjacent
    sentence = "为使各月在限内，把保单交给相邻片区的客户经理（相邻区件）；没有其他调整手段。"
    return Line("相邻区件", f"{moved:,}", sentence if moved else "没有需要交给相邻片区的保单。")


def _contiguity(certificate: Certificate) -> Line:
    if certificate.contiguity == "judged":
        return Line(
            "片区完整",
            "已判定",
            "每个客户经理、每个组的片区是否连成一片已逐一判定，断开处全部列在“片区断开”。",
        )
    why = certificate.contiguity.partition(":")[2].strip()
    return Line("片区完整", "未判定", f"无法判定片区是否连成一片：{why or '没有坐标或相邻关系'}。", "warn")


def _limits(certificate: Certificate) -> Line:
    if not certificate.limits_hit:
        return Line("求解上限", "未触及", "求解自行结束，没有被步数或节点数上限打断。")
    known = dict.fromkeys(LIMITS.get(limit.partition(":")[0], limit) for limit in certificate.limits_hit)
    named = "；".join(known)
    return Line("求解上限", "已触及", f"{named}。差距仍按下界如实给出。", "warn")


def _binding(certificate: Certificate, names: Mapping[str, str]) -> list[Line]:
    """Yearly limits that bind, one line a limit with the people it binds."""
    people: dict[str, list[str]] = {}
    for number, limit in certificate.binding:
        people.setdefault(limit, []).append(names.get(number, number))
    return [
        Line(
            "年度上限",
            f"{len(bound)} 人",
            f"{YEARLY_LIMITS.get(limit, limit)}已用足：{'、'.join(bound)}。",
            "warn",
        )
        for limit, bound in people.items()
    ]


def _number(value: float) -> str:
    return f"{value:,.0f}" if value == round(value) or abs(value) >= 1000 else f"{value:,.3f}"
