"""What this room tells the auditor of a period: ids, numbers, staff ids, moments. Never: personal data in clear; a note."""

from __future__ import annotations

from datetime import date

import polars as pl

from tuogu.bulk import Source, titled_between
from tuogu.work.models import (
    Conflict,
    ConflictEnd,
    Escalation,
    Record,
    SatisfactionForm,
    Task,
    TaskEnd,
    WeekPlan,
)

_TASKS = {
    "任务": "pk", "对象": "subject__number", "义务": "obligation", "起算日": "anchor_date", "开始": "opens_date",
    "截止": "due_date", "次数": "needed", "理由": "reason", "制度": "rulebook", "时间": "made_at",
}  # fmt: skip
_ENDS = {
    "任务": "task_id", "结果": "outcome", "日期": "ended_date", "记录": "record_id", "理由": "reason", "人员号": "by_id",
    "时间": "at",
}  # fmt: skip
_RECORDS = {
    "记录": "pk", "客户号": "customer_number", "方式": "kind", "目的": "purpose", "结果": "outcome", "服务理由": "reason",
    "未面访原因": "no_visit", "收费方式": "collection_method", "基本服务": "services", "发生时间": "happened_at",
    "登记时间": "recorded_at", "责任人员号": "person_id", "人员号": "by_id", "离线": "offline", "更正": "corrects_id",
}  # fmt: skip
_CONFLICTS = {
    "待处理": "pk", "客户号": "customer_number", "人员号": "by_id", "现责任人员号": "held_by_id", "时间": "received_at",
    "原因": "why",
}  # fmt: skip
_DECIDED = {
    "待处理": "conflict_id", "处理": "decision", "记录": "record_id", "理由": "reason", "人员号": "by_id", "时间": "at",
}  # fmt: skip
_PLANS = {"周计划": "pk", "人员号": "person_id", "周": "week_date", "时间": "filed_at", "报送人员号": "by_id"}
_STEPS = {"任务": "task_id", "步": "step", "报告给": "told_id", "时间": "at"}
_FORMS = {"记录": "record_id", "签名": "signature__digest", "时间": "at"}


_TABLES: dict[str, Source] = {
    "任务": (Task, "made_at", _TASKS),
    "任务的结果": (TaskEnd, "at", _ENDS),
    "服务记录": (Record, "recorded_at", _RECORDS),
    "满意度调查": (SatisfactionForm, "at", _FORMS),
    "待处理记录": (Conflict, "received_at", _CONFLICTS),
    "待处理的结果": (ConflictEnd, "at", _DECIDED),
    "周计划": (WeekPlan, "filed_at", _PLANS),
    "逾期升级": (Escalation, "at", _STEPS),
}


def audit_tables(first: date, last: date) -> dict[str, pl.DataFrame]:
    """Chinese table name → rows of the days `first` to `last`, both included."""
    return titled_between(_TABLES, first, last)
