"""Head office's call list as a file (S3-15): whom to call, under which number, and why.

In: an order of `exports` that names the list. Out: one table. Never: a customer who refuses to be called; a row without its
reason.
"""

from __future__ import annotations

from tuogu.books import queries as books
from tuogu.core.custody import business_date
from tuogu.exports.kinds import BuildRefused, Column, Order, Table
from tuogu.org import queries as org
from tuogu.privacy import queries as privacy
from tuogu.privacy.kinds import Channel, Purpose
from tuogu.renewals.call_out import call_out_lines

REASONS = {"unclaimed": "二次分配后无人认领"}
HEADS = ("序号", "保单号", "客户号", "客户姓名", "联系电话", "终保日期", "提交原因", "呼出结果", "备注")


def build(order: Order) -> Table:
    """The list, in clear: that is what head office calls from; `exports` asks for a second person."""
    today = business_date(order.at)
    rows = call_out_lines(int(order.query["call_out"]), org.scope_of(order.by, today))
    if rows.is_empty():
        raise BuildRefused("没有这份清单，或不在您的范围内")
    refused = set(privacy.refused(Purpose.MARKETING, Channel.PHONE, today)["customer_number"])
    shown = books.shown_customers(rows["holder_number"].to_list(), clear=True)
    told = [
        (
            place, row["policy_number"], row["holder_number"], person.name if person else None,
            person.phone if person else None, row["expiry_date"], reason_word(row["reason"]), "", "",
        )
        for place, row in enumerate(rows.iter_rows(named=True), 1)
        if row["holder_number"] not in refused
        for person in (shown.get(row["holder_number"]),)
    ]  # fmt: skip
    columns = list(zip(*told, strict=True)) or [() for _ in HEADS]
    roles = {"客户姓名": "name", "联系电话": "phone", "保单号": "number"}
    return Table(
        "总公司统一呼出清单",
        tuple(
            Column(head, list(values), roles.get(head, ""))
            for head, values in zip(HEADS, columns, strict=True)
        ),
    )


def reason_word(reason: str) -> str:
    """Why a case is on the list, in words."""
    kind, _colon, text = reason.partition(":")
    return f"流失风险较大：{text}" if kind == "risk" else REASONS.get(reason, reason)
