"""What the plans tell an auditor of a period: ids, numbers, staff and times; reasons as written, never a customer.

In: the first and the last day. Out: frames by Chinese title. Never: a policy's row, a plan's table, a sealed word opened.
"""

from __future__ import annotations

from datetime import date

import polars as pl

from tuogu.bulk import Source, titled_between
from tuogu.core.strategies import STRATEGIES
from tuogu.plans.models import (
    Adjustment,
    DepartmentFiling,
    Draw,
    DrawStep,
    HandOff,
    ReviewCase,
    ReviewOutcome,
    Round,
    RoundStep,
    ScheduledRelease,
    StoredPlan,
    UndoStep,
)

_PLANS = {
    "方案": "id", "分配方式": "strategy", "状态": "state", "基准日": "as_of", "制度": "rulebook__version",
    "选项": "options", "编制人员号": "made_by_id", "编制时间": "made_at", "已分配": "placed", "未分配": "unplaced",
    "违规": "violations", "人工调整行数": "adjusted", "修订自方案": "adjusts_id", "内容摘要": "digest",
    "数据摘要": "book_digest",
}  # fmt: skip
_DECISIONS = {
    "方案": "id", "决定": "state", "决定人员号": "decided_by_id", "决定时间": "decided_at", "意见": "decision_note",
    "重叠确认理由": "overlap_note",
}  # fmt: skip
_RELEASES = {
    "期次号": "id", "方案": "plan_id", "第几期": "instalment", "第几次": "attempt", "发放日": "due_date",
    "状态": "state", "批次": "batch_id", "经办人员号": "changed_by_id", "时间": "changed_at",
    "理由": "override_reason", "放行人员号": "override_by_id", "结果": "outcome",
}  # fmt: skip
_UNDOS = {
    "期次号": "scheduled_id", "序号": "number", "步骤": "step", "人员号": "by_id", "时间": "at", "理由": "reason",
}  # fmt: skip
_ADJUSTMENTS = {
    "修订稿方案": "revision_id", "原方案": "original_id", "第几次": "number", "行数": "rows", "来源": "source",
    "理由": "reason", "公开放宽项数": "openly", "人员号": "by_id", "时间": "at",
}  # fmt: skip
_DRAWS = {
    "抽签": "code", "抽取数": "count", "名单摘要": "list_digest", "密钥摘要": "key_digest", "登记人员号": "opened_by_id",
    "时间": "opened_at",
}  # fmt: skip
_DRAW_STEPS = {
    "抽签": "draw__code", "序号": "number", "步骤": "step", "当事人员号": "party_id", "承诺": "commitment",
    "盐": "salt", "种子": "seed", "时间": "at",
}  # fmt: skip
_ROUNDS = {
    "轮次": "id", "名称": "name", "月份": "month", "机构": "institution_code", "协调小组": "coordinating",
    "开立人员号": "opened_by_id", "时间": "opened_at",
}  # fmt: skip
_STEPS = {
    "步骤号": "id", "轮次": "round_id", "序号": "number", "步骤": "title", "牵头部门": "department",
    "部门代码": "department_code", "到期日": "due_date",
}  # fmt: skip
_HAND_OFFS = {
    "步骤号": "step_id", "序号": "number", "动作": "kind", "人员号": "by_id", "时间": "at", "备注": "note",
    "附件类别": "artefact", "附件编号": "artefact_id",
}  # fmt: skip
_FILINGS = {
    "报备": "id", "部门": "department_code", "年度": "year", "类别": "kind", "版本": "number", "专人人员号": "person_id",
    "文件名": "file_name", "前一摘要": "previous_digest", "摘要": "digest", "报备人员号": "filed_by_id", "时间": "filed_at",
}  # fmt: skip
_CASES = {
    "复核": "id", "对象号": "subject_id", "方案": "plan_id", "登记人员号": "asked_by_id", "提出人": "asked_for",
    "时间": "asked_at", "到期日": "due_date",
}  # fmt: skip
_OUTCOMES = {
    "复核": "case_id", "结论": "outcome", "落实": "leads_to", "复核人员号": "reviewer_id", "时间": "at",
}  # fmt: skip

_POSTED = {
    "posted": "已下发", "stale": "责任人已变未动", "unchanged": "本来就是", "undone": "已撤回", "conflicts": "冲突未撤",
    "held": "暂缓", "of_held": "此前暂缓",
}  # fmt: skip
_PLAN_WORDS = {
    "分配方式": {name: strategy.label for name, strategy in STRATEGIES.items()},
    "选项": {o.name: o.label for strategy in STRATEGIES.values() for o in strategy.options}
    | {code: word for strategy in STRATEGIES.values() for o in strategy.options for code, word in o.choices},
}


def audit_tables(first: date, last: date) -> dict[str, pl.DataFrame]:
    """Everything that was done with plans from `first` to `last`, both included."""
    sources: dict[str, Source] = {
        "方案": (StoredPlan, "made_at", _PLANS),
        "方案决定": (StoredPlan, "decided_at", _DECISIONS),
        "发放安排": (ScheduledRelease, "changed_at", _RELEASES),
        "撤销申请": (UndoStep, "at", _UNDOS),
        "人工调整": (Adjustment, "at", _ADJUSTMENTS),
        "抽签": (Draw, "opened_at", _DRAWS),
        "抽签步骤": (DrawStep, "at", _DRAW_STEPS),
        "轮次": (Round, "opened_at", _ROUNDS),
        "轮次步骤": (RoundStep, "round__opened_at", _STEPS),
        "步骤交接": (HandOff, "at", _HAND_OFFS),
        "部门报备": (DepartmentFiling, "filed_at", _FILINGS),
        "复核申请": (ReviewCase, "asked_at", _CASES),
        "复核结论": (ReviewOutcome, "at", _OUTCOMES),
    }
    words = {"方案": _PLAN_WORDS, "发放安排": {"结果": _POSTED}}
    return titled_between(sources, first, last, words)
