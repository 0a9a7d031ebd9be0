"""What this room did in a period, for an auditor: numbers, states, times; no words of a person, no contents.

In: days. Out: frames by Chinese title.
"""

from __future__ import annotations

from datetime import date

import polars as pl

from tuogu.bulk import titled
from tuogu.core.custody import day_bounds
from tuogu.privacy.models import BlockStep, Consent, KeyEvent, Party, RequestStep, RetentionRun, Sharing

_CONSENTS = {
    "编号": "id", "客户号": "customer_number", "用途": "purpose", "方式": "channel", "意愿": "said", "表示时间": "said_at",
    "来源": "source", "来源编号": "source_ref", "告知版本": "text_version", "经办人员号": "by_id", "登记时间": "recorded_at",
}  # fmt: skip
_STEPS = {
    "请求": "request_id", "客户号": "request__customer_number", "类别": "request__kind", "期限": "request__due_date",
    "步": "number", "状态": "state", "结果": "outcome", "依据": "note", "经办人员号": "by_id", "时间": "at",
}  # fmt: skip
_BLOCKS = {
    "客户号": "customer_number", "步": "number", "停止处理": "blocked", "依据": "ground", "经办人员号": "by_id",
    "时间": "at",
}  # fmt: skip
_PARTIES = {
    "接收方": "code", "版本": "number", "名称": "name", "用途": "purpose", "合法性基础": "ground",
    "评估日期": "assessed_date", "评估编号": "assessment_ref", "停止日期": "until_date", "经办人员号": "by_id",
    "时间": "recorded_at",
}  # fmt: skip
_SHARINGS = {
    "编号": "id", "接收方": "party_code", "名称": "party_name", "用途": "purpose", "合法性基础": "ground", "字段": "fields",
    "行数": "rows", "凭据": "reference", "经办人员号": "by_id", "时间": "at",
}  # fmt: skip
_RUNS = {
    "类别": "kind", "界限": "cutoff_at", "清除": "removed", "摘要": "digest", "经办人员号": "by_id", "时间": "at",
}  # fmt: skip
_KEYS = {"行为": "act", "密钥": "key_id", "值": "values", "经办人员号": "by_id", "时间": "at"}


def audit_tables(first: date, last: date) -> dict[str, pl.DataFrame]:
    """Everything that was written from `first` to `last`, both included."""
    begin, end = day_bounds(first, last)
    within = {"at__gte": begin, "at__lt": end}
    recorded = {"recorded_at__gte": begin, "recorded_at__lt": end}
    return {
        "同意与拒绝": titled(Consent.objects.filter(**recorded).order_by("id"), _CONSENTS),
        "个人信息请求": titled(RequestStep.objects.filter(**within).order_by("id"), _STEPS),
        "停止处理": titled(BlockStep.objects.filter(**within).order_by("id"), _BLOCKS),
        "外部接收方": titled(Party.objects.filter(**recorded).order_by("id"), _PARTIES),
        "共享登记": titled(Sharing.objects.filter(**within).order_by("id"), _SHARINGS),
        "到期清除": titled(RetentionRun.objects.filter(**within).order_by("id"), _RUNS),
        "密钥": titled(KeyEvent.objects.filter(**within).order_by("id"), _KEYS),
    }
