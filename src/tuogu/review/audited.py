"""What this room tells the auditor of a period: ids, staff ids, figures, moments. Never: a text of a log, a reason."""

from __future__ import annotations

from datetime import date

import polars as pl

from tuogu.bulk import Source, titled_between
from tuogu.review.models import (
    Check,
    Log,
    Lot,
    LotStep,
    MonthClose,
    OutsideFinding,
    Penalty,
    PenaltyStep,
    Report,
    ReportEnd,
)

_LOGS = {
    "日志": "pk", "人员号": "person_id", "日志日": "log_date", "版次": "number", "填写项": "parts", "当日记录": "figures",
    "时间": "filed_at",
}  # fmt: skip
_CHECKS = {
    "检查": "pk", "方式": "level", "人员号": "person_id", "日志日": "log_date", "日志": "log_id", "检查日": "checked_date",
    "早晚会": "session", "结果": "outcome", "主管批阅": "marked_points", "批阅人员号": "marker_id", "评分": "found_points",
    "注明差错": "noted", "重查自": "recheck_of_id", "抽签": "lot_id", "检查人员号": "by_id", "时间": "at",
}  # fmt: skip
_LOTS = {
    "抽签": "pk", "编号": "code", "部门": "department_code", "日期": "lot_date", "抽取数": "count",
    "名单摘要": "list_digest", "密钥摘要": "key_digest", "发起人员号": "opened_by_id", "时间": "opened_at",
}  # fmt: skip
_LOT_STEPS = {
    "抽签": "lot_id", "序号": "number", "步骤": "step", "参与人员号": "party_id", "承诺": "commitment", "盐": "salt",
    "种子": "seed", "时间": "at",
}  # fmt: skip
_REPORTS = {
    "报告": "pk", "人员号": "person_id", "日志日": "log_date", "日志": "log_id", "情形": "finding", "报告人员号": "by_id",
    "时间": "at",
}  # fmt: skip
_ENDS = {"报告": "pk", "认定": "confirmed", "认定日": "ended_date", "认定人员号": "by_id", "时间": "at"}
_FOUND = {
    "发现": "pk", "来源": "source", "来源号": "ref", "人员号": "person_id", "情形": "kind", "发现日": "found_date",
    "说明": "detail", "登记人员号": "by_id", "时间": "at",
}  # fmt: skip
_PENALTIES = {
    "处罚": "pk", "标识": "key", "人员号": "person_id", "条款": "req", "后果": "effect", "身份": "role", "扣分": "points",
    "金额（分）": "amount_fen", "自": "from_date", "至": "until_date", "来源": "source_kind", "来源号": "source_ref",
    "事实日": "fact_date", "说明": "detail", "制度": "rulebook", "时间": "at",
}  # fmt: skip
_STEPS = {
    "处罚": "penalty_id", "序号": "number", "步骤": "name", "状态": "state", "日期": "step_date",
    "人员号": "by_id", "时间": "at",
}  # fmt: skip
_CLOSES = {
    "月份": "month", "机构": "institution_code", "次": "number", "应填": "owed", "合格": "passed", "登记": "facts",
    "摘要": "digest", "人员号": "by_id", "时间": "at",
}  # fmt: skip


_TABLES: dict[str, Source] = {
    "工作日志": (Log, "filed_at", _LOGS),
    "日志检查": (Check, "at", _CHECKS),
    "抽查抽签": (Lot, "opened_at", _LOTS),
    "抽查抽签步骤": (LotStep, "at", _LOT_STEPS),
    "日志报告": (Report, "at", _REPORTS),
    "日志报告认定": (ReportEnd, "at", _ENDS),
    "奖惩依据": (OutsideFinding, "at", _FOUND),
    "处罚台账": (Penalty, "at", _PENALTIES),
    "处罚步骤": (PenaltyStep, "at", _STEPS),
    "日志月结": (MonthClose, "at", _CLOSES),
}


def audit_tables(first: date, last: date) -> dict[str, pl.DataFrame]:
    """Chinese table name → rows of the days `first` to `last`, both included."""
    return titled_between(_TABLES, first, last)
