"""What this room tells the auditor of a period: ids, numbers, staff ids, moments. Never: personal data in clear; a word of
a case.
"""

from __future__ import annotations

from datetime import date

import polars as pl

from tuogu.bulk import Source, titled_between
from tuogu.cases.models import Case, CaseStep, HandedLine, IncomeShare, Receipt, ReceiptStep, ServiceCard

_CASES = {
    "个案": "pk", "种类": "kind", "保单号": "policy_number", "客户号": "customer_number", "事项": "topic",
    "原任人员号": "former_id", "对方人员号": "other_id", "批次": "batch_id", "期限": "due_date", "制度": "rulebook",
    "立案人员号": "opened_by_id", "时间": "opened_at",
}  # fmt: skip
_STEPS = {
    "个案": "case_id", "序": "seq", "步骤": "name", "由": "source", "到": "target", "日期": "day", "事实": "facts",
    "服务记录": "record_id", "批次": "batch_id", "人员号": "by_id", "时间": "at",
}  # fmt: skip
_CARDS = {
    "卡号": "pk", "客户号": "customer_number", "换下": "replaces_id", "理由": "reason", "人员号": "by_id", "时间": "at",
}  # fmt: skip
_LINES = {"个案": "case_id", "保单号": "subject__number", "客户号": "customer_number"}
_RECEIPTS = {
    "接单": "pk", "人员号": "person_id", "批次": "batch_id", "发放日": "given_date", "期限": "due_date", "件数": "pieces",
    "时间": "made_at",
}  # fmt: skip
_ACTS = {
    "接单": "receipt_id", "步骤": "act", "日期": "day", "理由": "reason", "人员号": "by_id", "时间": "at",
}  # fmt: skip
_SHARES = {
    "台账记录": "entry_id", "孤儿类型": "orphan_type", "收益继承比例": "share_bp", "制度": "rulebook", "时间": "at",
}  # fmt: skip


_TABLES: dict[str, Source] = {
    "个案": (Case, "opened_at", _CASES),
    "个案经过": (CaseStep, "at", _STEPS),
    "客户服务卡": (ServiceCard, "at", _CARDS),
    "交接清单": (HandedLine, "case__opened_at", _LINES),
    "接单": (Receipt, "made_at", _RECEIPTS),
    "接单经过": (ReceiptStep, "at", _ACTS),
    "收益继承比例": (IncomeShare, "at", _SHARES),
}


def audit_tables(first: date, last: date) -> dict[str, pl.DataFrame]:
    """Chinese table name → rows of the days `first` to `last`, both included."""
    return titled_between(_TABLES, first, last)
