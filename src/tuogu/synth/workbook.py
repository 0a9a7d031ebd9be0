"""A branch's workbook, as dirty as real ones, and the truth about every row.

In: a `City`, a folder. Out: DIR/workbook.xlsx (sheets 保单, 客户, 人员, 机构, 坐标, 考核指标) and DIR/truth/:
canonical tables, campaign.json, one rows_*.parquet a sheet (sheet, row, expected, reason). Never: a live
formula.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl

from tuogu.core.intake_facts import fact_rows
from tuogu.core.intake_titles import SHEET_TITLES, TITLES
from tuogu.files.safe_excel import SHEET_ROWS_MAX, SafeSheet, SafeWorkbook, open_workbook, text_format
from tuogu.synth.city import City, Progress
from tuogu.synth.drafts import Draft, clean_rows, columns_of, draft_sheets
from tuogu.synth.forms import Cell, Share
from tuogu.synth.parquet import write_truth
from tuogu.synth.spoils import Row

# What this branch calls some columns; the others have the template's title.
HEADERS: dict[str, dict[str, str]] = {
    "policies": {
        "policy_number": "保险单号",
        "premium_mode": "交费方式",
        "inception_date": "生效日",
        "premium_fen": "保费（元）",
        "sum_insured_fen": "基本保额",
        "state": "保单状态*",
    },
    "customers": {
        "phone": "手机",
        "id_number": "身份证号",
        "address": "通讯地址",
        "customer_number": "客户编号",
    },
    "people": {"hired_date": "入职日期", "team_code": "所属团队"},
    "institutions": {"region_code": "区划代码"},
    "coordinates": {},
    "facts": {"subject": "工号或部门代码", "source_ref": "来源依据"},
}
SERIAL, REMARK = "序号", "备注"  # columns that nobody asked for
GROUPS = {
    "customers": ((1, 7, "基本信息"), (8, 10, "联络信息"), (11, 15, "来源识别"))
}  # merged above the header
SHEET_ORDER = ("policies", "customers", "people", "institutions", "coordinates", "facts")
TITLE_ROWS = {"policies": 3, "customers": 2, "people": 1, "institutions": 0, "coordinates": 0, "facts": 1}
WIDTHS = {"address": 44, "product_name": 26, "name": 12, "id_number": 21, "policy_number": 18}
TOTAL_COLUMN = {"policies": "premium_fen", "customers": "contact_attempts"}


def write_workbook(
    city: City, out: str | Path, *, dirty: bool = True, progress: Progress | None = None
) -> Path:
    """Write DIR/workbook.xlsx and DIR/truth/; `dirty` False writes clean rows only. Returns the workbook's
    path.

    Raises ValueError for a city that does not fit a worksheet (1,048,576 rows): write Parquet instead.
    """
    out = Path(out)
    out.mkdir(parents=True, exist_ok=True)
    told = progress or (lambda _name, _share: None)
    if len(city.codes.policy_codes) > 0.9 * SHEET_ROWS_MAX:
        raise ValueError("城市太大，一个工作表放不下，请改用 --parquet")
    told("填表", 0.0)
    drafts = draft_sheets(city) if dirty else clean_sheets(city)
    path = out / "workbook.xlsx"
    known = []
    with open_workbook(path, constant_memory=True) as workbook:
        pen = _Pen(workbook)
        for i, kind in enumerate(SHEET_ORDER):
            told(SHEET_TITLES[kind], i / len(SHEET_ORDER))
            sheet = workbook.add_worksheet(SHEET_TITLES[kind])
            known.append(_write_sheet(city, sheet, drafts[kind], pen))
    told("答案", 1.0)
    write_truth(city, out / "truth")
    for kind, rows in zip(SHEET_ORDER, known, strict=True):
        rows.write_parquet(out / "truth" / f"rows_{kind}.parquet")
    return path


def clean_sheets(city: City) -> dict[str, Draft]:
    """The same sheets without any dirt: what the template would give."""
    drafts = {}
    for kind in SHEET_ORDER:
        rows = clean_rows(kind, fact_rows(city.facts) if kind == "facts" else getattr(city.books, kind))
        drafts[kind] = Draft(kind, [*rows], ["accepted"] * len(rows), [None] * len(rows))
    return drafts


class _Pen:
    """The formats of the workbook."""

    def __init__(self, workbook: SafeWorkbook) -> None:
        self.title = workbook.add_format(
            {"bold": True, "font_size": 16, "align": "center", "valign": "vcenter"}
        )
        self.note = workbook.add_format({"font_color": "#666666"})
        self.group = workbook.add_format(
            {"bold": True, "align": "center", "bg_color": "#D9E1F2", "border": 1}
        )
        self.header = workbook.add_format({"bold": True, "bg_color": "#EDEDED", "border": 1})
        self.text = text_format(workbook)
        self.day = workbook.add_format({"num_format": "yyyy-mm-dd"})
        self.share = workbook.add_format({"num_format": "0.00%"})
        self.total = workbook.add_format({"bold": True, "top": 1})


def _write_sheet(city: City, sheet: SafeSheet, draft: Draft, pen: _Pen) -> pl.DataFrame:
    """Write one sheet from the top down; returns what is known of every row below the header."""
    kind = draft.kind
    columns = columns_of(kind)
    titles = [SERIAL, *(HEADERS[kind].get(c, TITLES[kind][c]) for c in columns), REMARK]
    for i, column in enumerate(columns, start=1):
        sheet.set_column(i, i, WIDTHS.get(column, 13), pen.text if column.endswith("_number") else None)
    header_row = _write_titles(city, sheet, kind, len(titles), pen)
    for i, title in enumerate(titles):
        sheet.write_string(header_row, i, title, pen.header)
    sheet.freeze_panes(header_row + 1, 2)
    total = columns.index(TOTAL_COLUMN[kind]) + 1 if kind in TOTAL_COLUMN else 0
    for at, row in enumerate(draft.rows, start=header_row + 1):
        if isinstance(row, dict):
            _write_row(sheet, at, row, columns, pen, at - header_row)
        elif row == "header":
            for i, title in enumerate(titles):
                sheet.write_string(at, i, title, pen.header)
        elif row is not None:
            sheet.write_string(at, 0, row, pen.total)
            sheet.write_number(at, total, 8_888_888, pen.total)
    sheet.autofilter(header_row, 0, header_row, len(titles) - 1)
    return pl.DataFrame(
        {
            "sheet": [SHEET_TITLES[kind]] * len(draft.rows),
            "row": range(header_row + 2, header_row + 2 + len(draft.rows)),
            "expected": draft.expected,
            "reason": draft.reason,
        },
        schema={"sheet": pl.String, "row": pl.Int64, "expected": pl.String, "reason": pl.String},
    )


def _write_titles(city: City, sheet: SafeSheet, kind: str, width: int, pen: _Pen) -> int:
    """Title, note and merged group rows; returns the zero-based row of the header."""
    name = f"{city.codes.geography.city}中心支公司{SHEET_TITLES[kind]}清单"
    rows = TITLE_ROWS[kind]
    if rows >= 1:
        sheet.set_row(0, 26)
        sheet.merge_range(0, 0, 0, width - 1, name, pen.title)
    if rows >= 2:
        sheet.write_string(1, 0, f"数据日期：{city.data_date:%Y年%m月%d日}", pen.note)
        sheet.write_string(1, 6, "制表：运营管理部　　（合成数据，并非真实客户）", pen.note)
    if kind in GROUPS:
        for first, last, title in GROUPS[kind]:
            sheet.merge_range(rows, first, rows, last, title, pen.group)
        return rows + 1
    return rows


def _write_row(sheet: SafeSheet, at: int, row: Row, columns: list[str], pen: _Pen, serial: int) -> None:
    sheet.write_number(at, 0, serial)
    for i, column in enumerate(columns, start=1):
        _write_cell(sheet, at, i, row[column], pen)


def _write_cell(sheet: SafeSheet, at: int, i: int, cell: Cell, pen: _Pen) -> None:
    if cell is None:
        return
    if isinstance(cell, str):
        sheet.write_string(at, i, cell)
    elif isinstance(cell, date):
        sheet.write_datetime(at, i, cell, pen.day)
    elif isinstance(cell, Share):
        sheet.write_number(at, i, cell.fraction, pen.share)
    else:
        sheet.write_number(at, i, cell)
