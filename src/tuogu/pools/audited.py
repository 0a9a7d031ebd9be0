"""What this room tells the auditor of a period: ids, numbers, staff ids, moments. Never: personal data in clear; a note."""

from __future__ import annotations

from datetime import date

import polars as pl

from tuogu.bulk import titled
from tuogu.core.custody import day_bounds
from tuogu.pools.models import Claim, ClaimStep, Contacted

_CLAIMS = {
    "认领": "pk", "号码": "subject__number", "关系": "relation", "公共池": "pool_id", "池类": "pool_kind",
    "认领人员号": "person_id", "客户号": "customer_number", "日期": "claimed_date", "时间": "at", "台账记录": "entry_id",
    "制度": "rule",
}  # fmt: skip
_STEPS = {
    "认领": "claim_id", "步骤": "step", "自": "counted_from", "到期": "due_date", "日期": "step_date", "理由": "reason",
    "人员号": "by_id", "时间": "at", "制度": "rule",
}  # fmt: skip
_CONTACTS = {
    "跟进": "pk", "客户号": "customer_number", "保单号": "policy_number", "责任人员号": "person_id", "联系方式": "channel",
    "结果": "outcome", "日期": "contacted_date", "下次": "next_date", "人员号": "by_id", "时间": "at",
}  # fmt: skip


def audit_tables(first: date, last: date) -> dict[str, pl.DataFrame]:
    """Chinese table name → rows of the days `first` to `last`, both included."""
    begin, end = day_bounds(first, last)
    period = {"at__gte": begin, "at__lt": end}
    return {
        "认领": titled(Claim.objects.filter(**period).order_by("pk"), _CLAIMS),
        "认领的去向": titled(ClaimStep.objects.filter(**period).order_by("pk"), _STEPS),
        "跟进": titled(Contacted.objects.filter(**period).order_by("pk"), _CONTACTS),
    }
