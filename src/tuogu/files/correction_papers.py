"""Papers of the corrections: 客户信息更改汇总清单 for IT and the files, 回访登记汇总表 of a return-visit programme.

In: heads and rows of plain values. Out: workbooks as bytes, ready to print on A4 landscape with lines to sign on. Never: a
value that changes on its way (everything is text), two byte sequences of one list (it is written once and kept).
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime

import polars as pl

from tuogu.files.register_sheets import HEADER_ROW, open_sheet, write_rows
from tuogu.files.register_stationery import Column, Stationery, row_heights, widths
from tuogu.files.safe_excel import SafeSheet, open_workbook

_NOTHING = "（空）"
_LIST = (
    Column("序号", "place", "int", centred=True),
    Column("客户号", "customer_number", centred=True),
    Column("更改项目", "field", centred=True),
    Column("原内容", "old", wide=40),
    Column("更改为", "new", wide=40),
    Column("来源", "source", centred=True),
    Column("登记人", "recorder", centred=True),
    Column("登记日", "recorded", centred=True),
)
_SUMS = (Column("", "name", least=26), Column("次数", "visits", "int", least=12))
_ROWS = (
    Column("序号", "id", "int", centred=True),
    Column("回访时间", "at", centred=True),
    Column("客户号", "customer_number", centred=True),
    Column("客户", "customer", centred=True),
    Column("话术版本", "script", centred=True),
    Column("方式", "channel", centred=True),
    Column("结果", "outcome", centred=True),
    Column("新登记项目", "fields", wide=30),
    Column("回访人", "caller", centred=True),
    Column("说明", "remark", centred=True),
)


@dataclass(frozen=True)
class ListHead:
    """What stands above a list of amendments."""

    number: int
    institution: str
    manager: str  # '' = of several account managers
    first_date: date
    until_date: date
    made_by: str
    made_at: datetime
    digest: str


@dataclass(frozen=True)
class ListRow:
    """One amendment; null = nothing stands there."""

    place: int
    customer_number: str
    field: str
    old: str | None
    new: str | None
    source: str
    recorder: str
    recorded: str


@dataclass(frozen=True)
class VisitRow:
    """One return visit; the customer's name arrives masked."""

    id: int
    at: str
    customer_number: str
    customer: str
    script: str
    channel: str
    outcome: str
    fields: str
    caller: str
    remark: str


def write_batch_list(head: ListHead, rows: Sequence[ListRow]) -> bytes:
    """客户信息更改汇总清单 as the bytes of a workbook: every line, whose list it is, its digest, lines to sign on."""
    frame = pl.DataFrame([asdict(row) for row in rows], infer_schema_length=None).with_columns(
        pl.col("old", "new").cast(pl.String).fill_null(_NOTHING)
    )
    whose = f"　客户经理 {head.manager}" if head.manager else ""
    title = f"客户信息更改汇总清单　第 {head.number} 号"
    subtitle = (
        f"{head.institution}{whose}　登记期间 {head.first_date} 至 {head.until_date}（不含）　共 {len(rows)} 项　"
        f"制表 {head.made_by}　{head.made_at:%Y-%m-%d %H:%M}"
    )
    marks = (
        f"清单摘要 SHA-256：{head.digest}",
        f"第 {head.number} 号清单，仅供信息技术部批量更改和业务处理中心备档；含客户个人信息，不得转发，用毕删除",
    )
    return _printed(
        "更改清单",
        title,
        subtitle,
        _LIST,
        frame,
        marks,
        "制表：　　　　　客户经理签名：　　　　　信息技术部：　　　　　业务处理中心备档：　　　　　日期：",
    )


def write_visit_summary(
    title: str, subtitle: str, sums: Sequence[tuple[str, Sequence[tuple[str, int]]]], rows: Sequence[VisitRow]
) -> bytes:
    """回访登记汇总表: totals on the first sheets, every visit on the last."""
    buffer = io.BytesIO()
    with open_workbook(buffer) as workbook:
        stationery = Stationery(workbook)
        for name, lines in sums:
            total = sum(visits for _word, visits in lines)
            frame = pl.DataFrame(
                [*lines, ("合计", total)], schema={"name": pl.String, "visits": pl.Int64}, orient="row"
            ).with_columns(
                fill=pl.when(pl.int_range(pl.len()) == len(lines))
                .then(pl.lit("total"))
                .otherwise(pl.lit("body"))
            )
            _sheet(stationery, name, f"{title}　{name}", subtitle, _SUMS, frame)
        listed = pl.DataFrame([asdict(row) for row in rows], schema=_schema(_ROWS), infer_schema_length=None)
        sheet = _sheet(stationery, "回访登记", title, subtitle, _ROWS, listed)
        last = HEADER_ROW + 2 + max(listed.height, 1)
        sheet.merge_range(
            last, 0, last, len(_ROWS) - 1, "制表：　　　　　复核：　　　　　日期：", stationery.line(10)
        )
    return buffer.getvalue()


def _schema(columns: Sequence[Column]) -> dict[str, type[pl.DataType]]:
    return {column.name: pl.Int64 if column.kind == "int" else pl.String for column in columns}


def _printed(
    name: str,
    title: str,
    subtitle: str,
    columns: Sequence[Column],
    frame: pl.DataFrame,
    marks: Sequence[str],
    signing: str,
) -> bytes:
    buffer = io.BytesIO()
    with open_workbook(buffer) as workbook:
        stationery = Stationery(workbook)
        sheet = _sheet(stationery, name, title, subtitle, columns, frame)
        for offset, text in enumerate((signing, *marks), start=HEADER_ROW + 2 + frame.height):
            sheet.set_row(offset, 22)
            sheet.merge_range(offset, 0, offset, len(columns) - 1, text, stationery.line(10))
    return buffer.getvalue()


def _sheet(
    stationery: Stationery,
    name: str,
    title: str,
    subtitle: str,
    columns: Sequence[Column],
    frame: pl.DataFrame,
) -> SafeSheet:
    wide = widths(frame, columns)
    sheet = open_sheet(stationery, name, title, subtitle, columns, wide)
    write_rows(sheet, stationery, HEADER_ROW + 1, columns, frame, row_heights(frame, columns, wide))
    return sheet
