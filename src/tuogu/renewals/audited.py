"""What this room tells the auditor of a period: ids, numbers, staff ids, moments. Never: a plate, a frame, a paper."""

from __future__ import annotations

from datetime import date

import polars as pl

from tuogu.bulk import Source, titled_between
from tuogu.core.motor.words import BANDS
from tuogu.renewals.models import (
    Amendment,
    CallOut,
    CallOutLine,
    CallOutResult,
    Ended,
    FiredStep,
    Improvement,
    ImprovementLine,
    ListedCase,
    MonthlyList,
    MotorChange,
    Naming,
    Register,
    RegisterLine,
    RewardApproval,
    RewardPolicy,
    SampleAnswers,
    Sampled,
    Stated,
    StepAnswer,
    Support,
    SupportAnswer,
    TruthMark,
)

_WHO = {"人员号": "by_id", "时间": "at"}
_TABLES: dict[str, Source] = {
    "车险变更": (
        MotorChange, "at",
        {"保单号": "policy__number", "项目": "field", "原值": "before", "新值": "after", "原因": "why", **_WHO},
    ),
    "车险月度清单": (MonthlyList, "at", {"清单": "pk", "提取日": "run_date", "制度": "rulebook", **_WHO}),
    "车险清单明细": (
        ListedCase, "monthly_list__at",
        {
            "清单": "monthly_list_id", "保单号": "subject__number", "分段": "band", "剩余天数": "days_left", "晚进": "late",
            "机构": "institution_code", "终保日": "expiry_date", "认领期限": "claim_due_date", "来源已知": "source_known",
        },
    ),
    "续保步骤": (
        FiredStep, "at",
        {
            "步骤号": "pk", "保单号": "subject__number", "步骤": "step", "次": "round", "应办日": "due_date",
            "办理日": "fired_date", "责任人号": "person_id", "原因": "reason", "时间": "at",
        },
    ),
    "续保步骤答复": (StepAnswer, "at", {"步骤号": "fired_id", "答复": "what", **_WHO}),
    "续保责任人": (
        Naming, "at",
        {
            "保单号": "subject__number", "轮次": "round", "机构": "institution_code", "责任人号": "person_id",
            "台账记录": "entry_id", "说明": "note", **_WHO,
        },
    ),
    "续保责任清单": (
        Register, "at",
        {"清单号": "pk", "机构": "institution_code", "月份": "month", "备案日": "locked_date", "摘要": "digest", **_WHO},
    ),
    "续保责任清单明细": (
        RegisterLine, "register__at",
        {"清单号": "register_id", "保单号": "subject__number", "责任人号": "person_id", "来源查找": "source_found"},
    ),
    "续保责任清单更正": (
        Amendment, "at",
        {"清单号": "register_id", "保单号": "subject__number", "责任人号": "person_id", "原因": "reason", **_WHO},
    ),
    "续保意向": (Stated, "at", {"保单号": "subject__number", "服务记录": "record_id", "意向": "intention", **_WHO}),
    "续保结果": (
        Ended, "at",
        {
            "保单号": "subject__number", "序": "seq", "结果": "outcome", "撤回": "withdrawn", "新保单号": "successor_number",
            "凭据": "proof", "日期": "ended_date", "原因": "reason", **_WHO,
        },
    ),
    "续保支持": (Support, "at", {"支持号": "pk", "保单号": "subject__number", "请求": "asked_of", "原因": "why", **_WHO}),
    "续保支持答复": (SupportAnswer, "at", {"支持号": "support_id", "答复": "answer", **_WHO}),
    "统一呼出": (CallOut, "at", {"名单": "pk", "日期": "made_date", "摘要": "digest", **_WHO}),
    "统一呼出明细": (
        CallOutLine, "call_out__at",
        {"名单": "call_out_id", "行": "pk", "保单号": "subject__number", "原因": "reason"},
    ),
    "统一呼出结果": (CallOutResult, "at", {"行": "line_id", "结果": "result", "说明": "note", **_WHO}),
    "信息真实性": (
        TruthMark, "at",
        {"客户号": "customer_number", "属实": "true", "来源": "found_by", "说明": "note", **_WHO},
    ),
    "续保抽查": (Sampled, "at", {"抽查": "pk", "月份": "month", "保单号": "subject__number", "抽签": "draw", "时间": "at"}),
    "续保抽查答复": (
        SampleAnswers, "at",
        {
            "抽查": "sampled_id", "信息真实": "data_true", "服务落实": "service_done", "流程规范": "procedure_kept",
            "客户满意": "satisfied", "说明": "note", **_WHO,
        },
    ),
    "续保整改": (
        Improvement, "at",
        {
            "整改": "pk", "机构": "institution_code", "月份": "month", "续保率万分之": "rate_bp",
            "冻结万分之": "measured_bp", "更正理由": "reason", "期限": "due_date", **_WHO,
        },
    ),
    "续保整改内容": (ImprovementLine, "at", {"整改": "improvement_id", "类别": "kind", "内容": "text", **_WHO}),
    "续保奖励政策": (
        RewardPolicy, "at",
        {"政策": "pk", "年度": "year", "版本": "version", "内容": "text", "原因": "reason", **_WHO},
    ),
    "续保奖励政策批准": (RewardApproval, "at", {"政策": "policy_id", **_WHO}),
}  # fmt: skip


def audit_tables(first: date, last: date) -> dict[str, pl.DataFrame]:
    """Chinese table name → rows of the days `first` to `last`, both included."""
    return titled_between(_TABLES, first, last, {"车险清单明细": {"分段": BANDS}})
