"""What this room tells the auditor of a period: ids, numbers, staff numbers, moments. Never: a key, a secret, a body."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

import polars as pl

from tuogu.core.custody import SHANGHAI
from tuogu.integration.models import CallDay, Delivery, KeyEvent, Push
from tuogu.org import queries as org

MOMENT = pl.Datetime("us", "Asia/Shanghai")
_I, _S = pl.Int64, pl.String
_KEYS = {
    "编号": _I, "密钥编号": _I, "名称": _S, "事项": _S, "订阅编号": _I, "机构": _S, "经办人工号": _S, "时间": MOMENT,
}  # fmt: skip
_CALLS = {"密钥编号": _I, "日期": pl.Date, "调用": _I, "拒绝": _I, "明文": _I}
_PUSHES = {
    "编号": _I, "密钥编号": _I, "接口": _S, "内容摘要": _S, "状态": _S, "送来": _I, "接受": _I, "拒收": _I,
    "导入": _I, "时间": MOMENT,
}  # fmt: skip
_DELIVERIES = {
    "编号": _I, "订阅编号": _I, "事件编号": _I, "事件": _S, "第几次": _I, "结果": _S, "HTTP 状态": _I, "时间": MOMENT,
}  # fmt: skip
_WORDS: dict[str, Mapping[str, str]] = {  # heading → code → word
    "事项": {
        "made": "发给", "clear_approved": "批准明文", "revoked": "吊销", "subscribed": "订阅事件", "resumed": "恢复发送",
        "skipped": "跳过事件", "ended": "结束订阅",
    },
    "状态": {"waiting": "处理中", "done": "已入库", "refused": "未接受"},
    "事件": {
        "custody.changed": "责任变动", "leaver.recorded": "离职登记", "plan.released": "方案下发",
        "import.finished": "导入完成",
    },
    "结果": {
        "delivered": "送达", "answered": "对方拒绝", "unreachable": "连不上", "timeout": "超时", "refused": "地址不许发送",
        "key_dead": "密钥已停用",
    },
}  # fmt: skip


def audit_tables(first: date, last: date) -> dict[str, pl.DataFrame]:
    """Chinese table name → rows of the days `first` to `last`, both included."""
    start = datetime.combine(first, time.min, SHANGHAI)
    end = datetime.combine(last + timedelta(days=1), time.min, SHANGHAI)
    acts = KeyEvent.objects.filter(at__gte=start, at__lt=end).order_by("pk")
    acted = list(acts.values_list(
        "pk", "key_id", "key__name", "kind", "subscription_id", "key__institution_code", "by_id", "at"
    ))  # fmt: skip
    labels = org.labels(row[6] for row in acted)
    pushes = Push.objects.filter(asked_at__gte=start, asked_at__lt=end).order_by("pk")
    sent = Delivery.objects.filter(at__gte=start, at__lt=end).order_by("pk")
    days = CallDay.objects.filter(day__gte=first, day__lte=last).order_by("day", "key_id")
    return {
        "接口密钥": _frame(((*row[:6], labels.get(row[6]), row[7]) for row in acted), _KEYS),
        "接口调用": _frame(days.values_list("key_id", "day", "calls", "refused", "clear"), _CALLS),
        "接口推送": _frame(
            pushes.values_list(
                "pk",
                "key_id",
                "path",
                "body_digest",
                "state",
                "sent",
                "accepted",
                "rejected",
                "import_run",
                "asked_at",
            ),
            _PUSHES,
        ),
        "事件通知": _frame(
            sent.values_list(
                "pk", "subscription_id", "event_id", "event__kind", "attempt", "outcome", "status", "at"
            ),
            _DELIVERIES,
        ),
    }


def _frame(rows: Iterable[tuple[Any, ...]], schema: dict[str, Any]) -> pl.DataFrame:
    frame = pl.DataFrame(list(rows), schema=schema, orient="row")
    said = {heading: word for heading, word in _WORDS.items() if heading in schema}
    return frame.with_columns(pl.col(heading).replace(word) for heading, word in said.items())
