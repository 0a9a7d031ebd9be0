"""Papers of the visit kit as workbooks: registers page by page (S1-29, N-18), check-up and family tables (S4-30, S4-31).

In: heads and plain rows. Out: workbooks ready to print on A4 landscape; each page of a register is a sheet with its code,
its digest and lines to sign on. Never: an identifier as a number, two pages of a register on one sheet.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from tuogu.files.page_marks import png_mark
from tuogu.files.register_sheets import HEADER_ROW, open_sheet, write_rows, write_table
from tuogu.files.register_stationery import Column, Stationery, row_heights, widths
from tuogu.files.safe_excel import open_workbook

REGISTER = (
    Column("序号", "place", "int", centred=True),
    Column("保单号", "policy_number"),
    Column("险种", "product_name", wide=22),
    Column("投保日期", "inception_date", "date", centred=True),
    Column("保额", "sum_insured_fen", "money"),
    Column("保费", "premium_fen", "money"),
    Column("应收日", "due_date", "date", centred=True),
    Column("投保人", "holder", centred=True),
    Column("被保险人", "insured", centred=True),
    Column("联系电话", "phone"),
    Column("地址", "address", wide=34),
)
VISITS = (
    Column("序号", "place", "int", centred=True),
    Column("拜访日", "visit_date", "date", centred=True),
    Column("投保人", "holder", centred=True),
    Column("联系电话", "phone"),
    Column("地址", "address", wide=30),
    Column("保单号", "policy_number"),
    Column("险种", "product_name", wide=20),
    Column("应收日", "due_date", "date", centred=True),
    Column("拜访理由", "reasons", wide=44),
)
CHECK_UP = (
    Column("保单号", "policy_number"),
    Column("主险保单号", "main_policy_number"),
    Column("险种", "product_name", wide=26),
    Column("状态", "state", centred=True),
    Column("生效日", "inception_date", "date", centred=True),
    Column("满期日", "end_date", "date", centred=True),
    Column("保额", "sum_insured_fen", "money"),
    Column("每期保费", "premium_fen", "money"),
    Column("下次应缴", "next_due_date", "date", centred=True),
    Column("上次检查", "checked_date", "date", centred=True),
    Column("须办事项", "findings", wide=44),
)
FAMILY = (
    Column("成员", "name", centred=True),
    Column("性别", "sex", centred=True),
    Column("年龄", "age", "int", centred=True),
    Column("投保公司", "insurer", wide=20),
    Column("险种名称", "product_name", wide=26),
    Column("生效日期", "effective_date", "date", centred=True),
    Column("基本保额", "sum_insured_fen", "money"),
    Column("年交保费", "yearly_premium_fen", "money"),
    Column("缴费期限", "payment_term", centred=True),
    Column("保险期间", "cover_term", centred=True),
    Column("保单状态", "state", centred=True),
    Column("主要保险功能", "benefit", wide=34),
    Column("下次交费", "next_due_date", "date", centred=True),
)
GAPS = (
    Column("成员", "name", centred=True, least=12),
    Column("保障", "kind", least=14),
    Column("现状", "standing", least=14),
    Column("有效保单", "covers", "int", least=10),
    Column("现阶段需要", "needed", centred=True, least=12),
)
_SIGNING = "客户经理签名：　　　　　　　　　主管签名：　　　　　　　　　日期：　　　　　　　　"
_LINE_POINTS, _MARK_SCALE = 24, 0.55


@dataclass(frozen=True)
class RegisterPage:
    """One page of a register: its code, its digest, its rows (keys as the columns, without the place)."""

    place: int
    code: str
    digest: str
    rows: Sequence[Mapping[str, Any]]
    columns: Sequence[Column] = REGISTER


def write_register(path: Path, title: str, subtitle: str, pages: Sequence[RegisterPage]) -> None:
    """One sheet a page, in order."""
    with open_workbook(path) as workbook:
        stationery = Stationery(workbook)
        for page, frame in zip(pages, register_frames(pages), strict=True):
            _register_page(stationery, title, subtitle, page, len(pages), frame)


def register_frames(pages: Sequence[RegisterPage]) -> list[pl.DataFrame]:
    """The rows of each page in its columns, numbered through the whole register."""
    frames, first = [], 1
    for page in pages:
        rows = [{**row, "place": place} for place, row in enumerate(page.rows, first)]
        frames.append(pl.DataFrame(rows, schema=_schema(page.columns)))
        first += len(rows)
    return frames


def _register_page(
    stationery: Stationery, title: str, subtitle: str, page: RegisterPage, pages: int, frame: pl.DataFrame
) -> None:
    wide = widths(frame, page.columns)
    said = f"{subtitle}　第 {page.place} 页，共 {pages} 页"
    sheet = open_sheet(stationery, f"第{page.place}页", title, said, page.columns, wide)
    write_rows(sheet, stationery, HEADER_ROW + 1, page.columns, frame, row_heights(frame, page.columns, wide))
    at = HEADER_ROW + 2 + frame.height
    for offset, text in enumerate(
        (_SIGNING, f"页码　{page.code}", f"本页内容摘要 SHA-256　{page.digest}"), at
    ):
        sheet.set_row(offset, _LINE_POINTS)
        sheet.merge_range(offset, 1, offset, len(page.columns) - 2, text, stationery.line(10))
    mark = {"image_data": io.BytesIO(png_mark(page.code)), "x_scale": _MARK_SCALE, "y_scale": _MARK_SCALE}
    sheet.insert_image(at, len(page.columns) - 1, f"{page.code}.png", mark)
    sheet.set_footer(f"&L{page.code}&R第 {page.place} 页，共 {pages} 页")


def write_visit_sheets(
    path: Path,
    subtitle: str,
    check_up: pl.DataFrame,
    family: pl.DataFrame,
    gaps: pl.DataFrame,
    premium_fen: int,
) -> None:
    """保单体检表, 家庭保障分析表 with its sum, 保障缺口. Frames in the columns above, words in Chinese."""
    totals = family_totals(premium_fen)
    with open_workbook(path) as workbook:
        stationery = Stationery(workbook)
        write_table(stationery, "保单体检表", "保单体检表", subtitle, CHECK_UP, check_up)
        write_table(stationery, "家庭保障分析表", "家庭保障分析表", subtitle, FAMILY, family, totals)
        write_table(stationery, "保障缺口", "保障缺口", subtitle, GAPS, gaps)


def family_totals(premium_fen: int) -> list[Any]:
    """The last row of the family's table: what is paid a year for covers in force."""
    return ["合计", *[None] * 6, premium_fen, *[None] * 5]


def _schema(columns: Sequence[Column]) -> dict[str, Any]:
    kinds = {"int": pl.Int64, "money": pl.Int64, "date": pl.Date}
    return {column.name: kinds.get(column.kind, pl.String) for column in columns}
