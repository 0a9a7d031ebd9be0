"""Head office's call list as a file (S3-15): whom to call, under which number, and why; and the same file with its answers.

In: an order of `exports` that names the list; a returned file. Out: one table; its answered rows. Never: a customer who
refuses to be called; a row without its reason; a guess which sheet was meant.
"""

from __future__ import annotations

from pathlib import Path

import polars as pl
from django.utils.translation import gettext

from tuogu.books import queries as books
from tuogu.core.custody import business_date
from tuogu.core.standardise_text import normal, printable
from tuogu.exports.kinds import BuildRefused, Column, Order, Table
from tuogu.files.reader import parse
from tuogu.files.refusal import FileRefused
from tuogu.org import queries as org
from tuogu.privacy import queries as privacy
from tuogu.privacy.kinds import Channel, Purpose
from tuogu.renewals.call_out import call_out_lines

REASONS = {"unclaimed": "二次分配后无人认领"}
HEADS = ("序号", "保单号", "客户号", "客户姓名", "联系电话", "终保日期", "提交原因", "呼出结果", "备注")
NUMBER, RESULT, NOTE = HEADS[1], HEADS[7], HEADS[8]
_SCHEMA = {"policy_number": pl.String, "result": pl.String, "note": pl.String}


def build(order: Order) -> Table:
    """The list, in clear: that is what head office calls from; `exports` asks for a second person."""
    today = business_date(order.at)
    rows = call_out_lines(int(order.query["call_out"]), org.scope_of(order.by, today))
    if rows.is_empty():
        raise BuildRefused(gettext("没有这份清单，或不在您的范围内"))
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


def read_results(path: Path) -> pl.DataFrame:
    """policy_number, result, note as written, of the answered rows in the file's order; FileRefused 'two_sheets' or
    'no_columns'."""
    sheets = [sheet for sheet in parse(path) if not sheet.hidden and sheet.frame.height]
    if len(sheets) != 1:
        raise FileRefused(gettext("文件须只有一张工作表"), "two_sheets")
    frame = sheets[0].frame
    cells = [name for name in frame.columns if name.startswith("c") and name[1:].isdigit()]
    table = [
        [str(value or "").strip() for value in row]
        for row in frame.select(normal(printable(pl.col(name))).alias(name) for name in cells).iter_rows()
    ]
    head = next((place for place, row in enumerate(table) if {NUMBER, RESULT} <= set(row)), None)
    if head is None:
        raise FileRefused(gettext("没有找到“保单号”和“呼出结果”两列"), "no_columns")
    at = {name: table[head].index(name) for name in (NUMBER, RESULT, NOTE) if name in table[head]}
    rows = [
        (row[at[NUMBER]], row[at[RESULT]], row[at[NOTE]] if NOTE in at else "")
        for row in table[head + 1 :]
        if row[at[NUMBER]] and row[at[RESULT]]
    ]
    return pl.DataFrame(rows, schema=_SCHEMA, orient="row")
