"""What this room tells the auditor of a period: ids, numbers, staff numbers, moments. Never: personal data in clear."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

import polars as pl

from tuogu.core.custody import SHANGHAI
from tuogu.core.labels import LEAVE_REASONS
from tuogu.notices import words
from tuogu.notices.models import (
    ContactTransfer,
    Departure,
    DepartureChange,
    Message,
    MessageEvent,
    NoticeCase,
    Proof,
    TemplateDecision,
    Waiver,
)
from tuogu.org import queries as org

MOMENT = pl.Datetime("us", "Asia/Shanghai")
_PEOPLE = (
    "by",
    "person",
    "decided_by",
    "asked_by",
    "prepared_by",
    "drafted_by",
    "giver",
    "receiver",
    "leaver",
)


_HEADINGS = {
    "id": "编号", "person": "离职人工号", "cause": "缘由", "leave_date": "离司日", "formalities_date": "手续办结日",
    "clock_days": "期限天数", "by": "经办人工号", "opened_at": "立案时间", "departure": "离职编号",
    "what": "更正的是", "before_date": "更正前", "after_date": "更正后", "at": "时间", "policy_number": "保单号",
    "holder_number": "投保人客户号", "leaver": "离职人工号", "why": "为何立案", "state": "状态", "trouble": "难处",
    "internal_due_date": "内部期限", "statutory_due_date": "法定期限", "due_date": "期限", "proved_date": "告知日",
    "key": "发送键", "channel": "渠道", "template_version": "文本版本", "body_digest": "内容摘要",
    "attempts": "发送次数", "tracking_number": "邮寄单号", "prepared_by": "备好人工号", "prepared_at": "备好时间",
    "message": "消息编号", "kind": "事项", "code": "通道所答", "case": "案件编号", "outcome": "结果",
    "counts": "算作凭证", "on_date": "日期", "script": "话术", "approved": "同意", "evidence_digest": "凭据摘要",
    "asked_by": "申请人工号", "asked_at": "申请时间", "decided_by": "复核人工号", "decided_at": "复核时间",
    "version": "版本", "drafted_by": "起草人工号", "customer_number": "客户号", "giver": "原联系人工号",
    "receiver": "接替人工号", "sent_at": "提交时间", "settled_at": "办结时间",
}  # fmt: skip
_TOLD = {"leave_date": "离司日", "formalities_date": "手续办结日"}
_WORDS: dict[str, Mapping[str, str]] = {  # column → code → word
    "cause": LEAVE_REASONS,
    "what": _TOLD,
    "why": words.WHY,
    "state": words.CASE_STATES | words.MESSAGE_STATES | words.TRANSFER_STATES | words.WAIVER_STATES,
    "trouble": words.TROUBLES,
    "channel": words.CHANNELS,
    "kind": words.EVENTS | words.PROOF_KINDS | words.TRANSFER_KINDS,
    "code": words.TROUBLES | words.CHANNELS,
    "outcome": words.PHONE_OUTCOMES,
}


def audit_tables(first: date, last: date) -> dict[str, pl.DataFrame]:
    """Chinese table name → rows of the days `first` to `last`, both included."""
    start = datetime.combine(first, time.min, SHANGHAI)
    end = datetime.combine(last + timedelta(days=1), time.min, SHANGHAI)

    def told(rows: Any, moment: str, **columns: str) -> pl.DataFrame:
        found = rows.filter(**{f"{moment}__gte": start, f"{moment}__lt": end}).order_by("pk")
        return _frame(found.values_list(*columns.values()), columns)

    return {
        "离职": told(
            Departure.objects, "opened_at", id="pk", person="person_id", cause="cause", leave_date="leave_date",
            formalities_date="formalities_date", clock_days="clock_days", by="opened_by_id", opened_at="opened_at",
        ),
        "离职日期更正": told(
            DepartureChange.objects, "at", id="pk", departure="departure_id", what="what", before_date="before_date",
            after_date="after_date", by="by_id", at="at",
        ),
        "告知案件": told(
            NoticeCase.objects, "opened_at", id="pk", policy_number="policy_number", holder_number="holder_number",
            leaver="departure__person_id", why="why", state="state", trouble="trouble",
            internal_due_date="internal_due_date", statutory_due_date="statutory_due_date", due_date="due_date",
            proved_date="proved_date", opened_at="opened_at",
        ),
        "告知消息": told(
            Message.objects, "prepared_at", id="pk", key="key", channel="channel", holder_number="holder_number",
            template_version="template_version", body_digest="body_digest", state="state", attempts="attempts",
            tracking_number="tracking_number", prepared_by="prepared_by_id", prepared_at="prepared_at",
        ),
        "告知消息经过": told(
            MessageEvent.objects, "at", id="pk", message="message_id", kind="kind", code="code", by="by_id", at="at"
        ),
        "告知凭证": told(
            Proof.objects, "at", id="pk", case="case_id", message="message_id", kind="kind", outcome="outcome",
            counts="counts", on_date="on_date", script="script", evidence_digest="evidence_digest", by="by_id", at="at",
        ),
        "免告知申请": told(
            Waiver.objects, "asked_at", id="pk", case="case_id", state="state", asked_by="asked_by_id",
            asked_at="asked_at", decided_by="decided_by_id", decided_at="decided_at",
        ),
        "告知文本复核": told(
            TemplateDecision.objects, "at", id="pk", channel="template__channel", version="template__version",
            approved="approved", drafted_by="drafted_by_id", by="by_id", at="at",
        ),
        "企微转接": told(
            ContactTransfer.objects, "asked_at", id="pk", customer_number="customer_number", kind="kind",
            giver="giver_id", receiver="receiver_id", state="state", code="code", asked_by="asked_by_id",
            asked_at="asked_at", sent_at="sent_at", settled_at="settled_at",
        ),
    }  # fmt: skip


def _frame(rows: Iterable[tuple[Any, ...]], columns: dict[str, str]) -> pl.DataFrame:
    """Rows under Chinese headings, codes in words; people by staff number."""
    found = list(rows)
    values: dict[str, list[Any]] = {name: [row[place] for row in found] for place, name in enumerate(columns)}
    people = [name for name in columns if name in _PEOPLE]
    labels = org.labels({i for name in people for i in values[name] if i is not None})
    for name in people:
        values[name] = [labels.get(i) for i in values[name]]
    for name in values.keys() & _WORDS.keys():
        values[name] = [_WORDS[name].get(code, code) for code in values[name]]
    return pl.DataFrame(
        [pl.Series(_HEADINGS[name], column, dtype=_kind(name)) for name, column in values.items()]
    )


def _kind(name: str) -> Any:
    """The type of a column by its name: the same whether there are rows or not."""
    if name.endswith("_at") or name == "at":
        return MOMENT
    if name.endswith("_date"):
        return pl.Date
    if name in ("approved", "counts"):
        return pl.Boolean
    return (
        pl.Int64
        if name in ("id", "departure", "message", "case", "attempts", "clock_days", "version")
        else pl.String
    )
