"""What this room tells the auditor of a period: ids, staff ids, figures, moments. Never: a text of a report or a remark."""

from __future__ import annotations

from datetime import date

import polars as pl

from tuogu.bulk import Source, titled_between
from tuogu.campaigns.models import (
    Bulletin,
    Campaign,
    CampaignEnd,
    Completeness,
    MonthRanking,
    ReportAudit,
    ReportedPolicy,
    ScriptUse,
    SeminarGrant,
    WeeklyReport,
)

_TABLES: dict[str, Source] = {
    "活动": (Campaign, "opened_at", {
        "活动": "pk", "名称": "title", "年度": "year", "方案": "plan_id", "开立人员号": "opened_by_id", "时间": "opened_at",
    }),
    "活动结束": (CampaignEnd, "at", {
        "活动": "pk", "结束日": "ended_date", "原因": "reason", "人员号": "by_id", "时间": "at",
    }),
    "活动周报": (WeeklyReport, "filed_at", {
        "周报": "pk", "活动": "campaign_id", "部门": "department_code", "自": "first_date", "至": "last_date",
        "截止日": "due_date", "版次": "number", "账内数": "derived", "上报数": "reported", "填报人员号": "filed_by_id",
        "时间": "filed_at",
    }),
    "周报保单": (ReportedPolicy, "report__filed_at", {
        "周报": "report_id", "保单号": "policy_number", "产品": "product_name", "保费（分）": "premium_fen",
        "缴费年期": "payment_term_years", "投保人客户号": "holder_number", "被保险人客户号": "insured_number",
        "起保日": "inception_date", "出自账内": "from_books",
    }),
    "周报审核": (ReportAudit, "at", {
        "周报": "report_id", "次": "number", "账内数": "derived", "差异": "differences", "相符": "agreed",
        "审核人员号": "by_id", "时间": "at",
    }),
    "活动月度排名": (MonthRanking, "frozen_at", {
        "排名": "pk", "活动": "campaign_id", "月份": "month", "阶段": "stage", "行": "rows", "排名依据": "ways",
        "制度": "rulebook",
        "摘要": "digest", "人员号": "frozen_by_id", "时间": "frozen_at",
    }),
    "活动通报": (Bulletin, "at", {"排名": "pk", "说明": "remark", "人员号": "by_id", "时间": "at"}),
    "专场产品说明会": (SeminarGrant, "at", {
        "排名": "pk", "部门": "department_code", "说明": "remark", "人员号": "by_id", "时间": "at",
    }),
    "话术使用": (ScriptUse, "at", {
        "话术号": "script_id", "人员号": "person_id", "日期": "used_date", "用途": "purpose", "次数": "times",
        "登记人员号": "by_id", "时间": "at",
    }),
    "资料完整度": (Completeness, "taken_at", {
        "活动": "campaign_id", "部门": "department_code", "客户号": "customer_number", "次": "number", "情形": "kind",
        "批次": "wave", "已知项": "known", "应知项": "wanted", "日期": "seen_date", "时间": "taken_at",
    }),
}  # fmt: skip


def audit_tables(first: date, last: date) -> dict[str, pl.DataFrame]:
    """Chinese table name → rows of the days `first` to `last`, both included."""
    return titled_between(_TABLES, first, last)
