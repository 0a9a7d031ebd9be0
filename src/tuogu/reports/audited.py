"""What this room tells the auditor of a period. Never: personal data."""

from __future__ import annotations

from datetime import date

import polars as pl

from tuogu.bulk import Source, titled_between
from tuogu.reports.models import (
    ChanceModel,
    FrozenMonth,
    Issued,
    Mailing,
    MailStep,
    Schedule,
    ScheduleRun,
    ScheduleStop,
)

_TABLES: dict[str, Source] = {
    "冻结的月份": (FrozenMonth, "at", {
        "月份": "month", "已知截至": "known_at", "制度": "rulebook", "制度摘要": "rulebook_digest",
        "定义摘要": "definitions_digest", "输入摘要": "inputs_digest", "结果摘要": "result_digest", "行数": "rows",
        "冻结人员号": "by_id", "时间": "at",
    }),
    "签发的报表": (Issued, "at", {
        "签发": "pk", "报表": "report", "机构": "institution_code", "自": "first_date", "至": "last_date", "版次": "number",
        "摘要": "digest", "冻结月摘要": "frozen", "含客户明细": "personal", "人员号": "by_id", "时间": "at",
    }),
    "机会模型": (ChanceModel, "at", {
        "模型": "pk", "对象": "target", "截至": "trained_on", "制度": "rulebook", "制度摘要": "rulebook_digest",
        "记录摘要": "rows_digest", "胜过平均": "better", "摘要": "digest", "人员号": "by_id", "时间": "at",
    }),
    "报表发送计划": (Schedule, "at", {
        "计划": "pk", "报表": "report", "机构": "institution_code", "岗位": "role", "语言": "language", "人员号": "by_id",
        "时间": "at",
    }),
    "报表发送计划停止": (ScheduleStop, "at", {"计划": "schedule_id", "人员号": "by_id", "时间": "at"}),
    "报表发送计划执行": (ScheduleRun, "at", {
        "计划": "schedule_id", "期间": "first_date", "收件人数": "recipients", "问题": "trouble", "时间": "at",
    }),
    "报表邮件": (Mailing, "at", {
        "邮件": "pk", "计划": "schedule_id", "签发": "issued_id", "收件人员号": "person_id", "时间": "at",
    }),
    "报表邮件步骤": (MailStep, "at", {
        "邮件": "mailing_id", "序号": "seq", "状态": "state", "代码": "code", "时间": "at",
    }),
}  # fmt: skip


def audit_tables(first: date, last: date) -> dict[str, pl.DataFrame]:
    """Months frozen, reports issued and mailed from `first` to `last`, both included."""
    return titled_between(_TABLES, first, last)
