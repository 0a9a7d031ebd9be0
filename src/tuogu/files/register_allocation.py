"""分配登记表: which policy goes to whom, page by page, with page totals and a signature block.

In: the rows of `register_tables.allocation`. Out: one sheet (more only beyond Excel's 1,026 page breaks).
Never: a manager whose pages another manager's rows share, a page without its total, a total that the rows
do not give.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import polars as pl

from tuogu.files.certificate_words import band_text
from tuogu.files.register_sheets import (
    HEADER_POINTS,
    HEADER_ROW,
    SUBTITLE_POINTS,
    TITLE_POINTS,
    empty_row,
    fit_page,
    open_sheet,
    write_row,
    write_rows,
)
from tuogu.files.register_stationery import ROW_POINTS, Column, Stationery, widths
from tuogu.files.register_tables import RegisterSource
from tuogu.files.safe_excel import SafeSheet

COLUMNS = (
    Column("序号", "serial", "int"),
    Column("识别码", "unit_code", centred=True),
    Column("街道社区", "place", "label", wide=17),
    Column("保单号码", "policy_number", centred=True),
    Column("投保人", "holder", centred=True),
    Column("电话", "phone", centred=True),
    Column("险种名称", "product_name", "label", wide=17),
    Column("缴费", "frequency", centred=True),
    Column("保费（元）", "premium_fen", "money"),
    Column("应收月份", "months", "label", wide=11),
    Column("年件数", "due", "int"),
    Column("期次", "instalment", "int", centred=True),
    Column("方式", "lever", centred=True),
    Column("客户经理", "manager", centred=True),
    Column("工号", "staff_number", centred=True),
)
PRINTED = (
    len(COLUMNS) - 2
)  # manager and staff number stand in the group line; as columns they serve the filter
SIGNATURES = ("制表", "复核", "审批", "客户经理签名")
_LABEL_COLUMNS = [column.name for column in COLUMNS].index("policy_number")  # a total's label fills these
_PAGE_BREAKS_MAX = 1_000  # Excel keeps 1,026 in a sheet
_GROUP_POINTS, _SIGNATURE_POINTS = 20, 30
_TOTAL_ROWS_MAX = 4  # page, manager, team, whole


@dataclass(frozen=True)
class Totals:
    """What a total row says: policies, premium of one instalment in fen, instalments in the year."""

    policies: int
    premium_fen: int
    due: int


@dataclass(frozen=True)
class Span:
    """Rows first ... last - 1 of the register: a team's, or a manager's with the team it belongs to."""

    first: int
    last: int
    team: str
    whose: str = ""


class Sums:
    """Running sums over the register's rows: the totals of any span without adding it up again."""

    def __init__(self, rows: pl.DataFrame) -> None:
        sums = rows.select(pl.col("premium_fen", "due").fill_null(0).cum_sum())
        self.premium = [0, *sums["premium_fen"].to_list()]
        self.due = [0, *sums["due"].to_list()]

    def of(self, first: int, last: int) -> Totals:
        """Totals of the rows first ... last - 1."""
        premium = self.premium[last] - self.premium[first]
        return Totals(last - first, premium, self.due[last] - self.due[first])


def _spans(rows: pl.DataFrame, keys: list[str]) -> list[Span]:
    """Consecutive spans of equal `keys`; team is the first of the labels, whose the manager's."""
    counted = rows.group_by(keys, maintain_order=True).agg(
        pl.first("team", "manager", "staff_number").name.prefix("_"), count=pl.len()
    )
    spans, first = [], 0
    for row in counted.iter_rows(named=True):
        last = first + row["count"]
        spans.append(Span(first, last, row["_team"], f"{row['_manager']}（{row['_staff_number']}）"))
        first = last
    return spans


def write_allocation(stationery: Stationery, source: RegisterSource, rows: pl.DataFrame) -> None:
    """Write the register of `rows`, sorted by team and manager, each manager on pages of his or her own."""
    page_rows = source.rulebook["registers.page_rows"]
    rows = rows.with_columns(serial=pl.int_range(1, rows.height + 1, dtype=pl.Int64))
    wide = widths(rows, COLUMNS)
    parts = _sheets(rows, page_rows)
    for part, sheet_rows in enumerate(parts):
        suffix = f"（{part + 1}）" if part else ""
        subtitle = _subtitle(source, rows.height)
        sheet = open_sheet(
            stationery, f"分配登记表{suffix}", f"孤儿保单分配登记表{suffix}", subtitle, COLUMNS, wide, PRINTED
        )
        fit_page(sheet, wide[:PRINTED], _page_points(page_rows))
        sheet.freeze_panes(HEADER_ROW + 1, 4)
        _Writer(stationery, sheet, page_rows, sheet_rows).write("合计" if len(parts) == 1 else "本册合计")


def _sheets(rows: pl.DataFrame, page_rows: int) -> list[pl.DataFrame]:
    """Parts of whole managers below Excel's limit of page breaks; one empty part without rows."""
    starts, pages = [0], 0
    for span in _spans(rows, ["team_code", "staff_number"]):
        needed = -(-(span.last - span.first) // page_rows)
        if pages and pages + needed > _PAGE_BREAKS_MAX:
            starts.append(span.first)
            pages = 0
        pages += needed
    ends = [*starts[1:], rows.height]
    return [rows.slice(first, last - first) for first, last in zip(starts, ends, strict=True)]


def _subtitle(source: RegisterSource, policies: int) -> str:
    plan = source.plan
    return (
        f"{source.state}　数据日期 {source.book.books.data_date}　计划日期 {plan.as_of}　"
        f"制度 {plan.rulebook_version} 版　种子 {plan.seed}　"
        f"摘要 {plan.book_digest[:8]}　共 {policies:,} 件　"
        f"每人每月应收 {band_text(source.rulebook)} 件"
    )


def _page_points(page_rows: int) -> float:
    heading = TITLE_POINTS + SUBTITLE_POINTS + HEADER_POINTS + _GROUP_POINTS
    return heading + (page_rows + _TOTAL_ROWS_MAX) * ROW_POINTS + _SIGNATURE_POINTS


class _Writer:
    """Writes pages downwards. Rows are written strictly in order, as flat memory asks."""

    def __init__(self, stationery: Stationery, sheet: SafeSheet, page_rows: int, rows: pl.DataFrame) -> None:
        self.stationery, self.sheet, self.page_rows, self.rows = stationery, sheet, page_rows, rows
        self.sums = Sums(rows)
        self.row = HEADER_ROW + 1
        self.breaks: list[int] = []
        self.last = PRINTED - 1

    def write(self, total: str) -> None:
        """Write every page; `total` is what the totals beyond a manager's are called."""
        if self.rows.is_empty():
            empty_row(self.sheet, self.stationery, COLUMNS)
            self.row += 1
            self._signatures()
        team_ends = {span.last: span for span in _spans(self.rows, ["team_code"])}
        for span in _spans(self.rows, ["team_code", "staff_number"]):
            closing = [("客户经理合计", self.sums.of(span.first, span.last))]
            if span.last in team_ends:
                team = team_ends[span.last]
                closing.append((f"{team.team}{total}", self.sums.of(team.first, team.last)))
            if span.last == self.rows.height:
                closing.append((total, self.sums.of(0, span.last)))
            self._manager(span, closing)
        self.sheet.set_h_pagebreaks(self.breaks[:-1])  # nothing follows the last page
        self.sheet.autofilter(HEADER_ROW, 0, max(self.row - 1, HEADER_ROW + 1), len(COLUMNS) - 1)
        self.sheet.print_area(0, 0, self.row - 1, self.last)

    def _manager(self, span: Span, closing: list[tuple[str, Totals]]) -> None:
        whole = self.sums.of(span.first, span.last)
        starts = range(span.first, span.last, self.page_rows)
        for page, first in enumerate(starts, start=1):
            last = min(first + self.page_rows, span.last)
            self._group_line(
                f"{span.team}　客户经理：{span.whose}　共 {whole.policies:,} 件，全年应收 {whole.due:,} 件　"
                f"第 {page}/{len(starts)} 页"
            )
            write_rows(self.sheet, self.stationery, self.row, COLUMNS, self.rows.slice(first, last - first))
            self.row += last - first
            self._total(f"本页小计（累计 {last - span.first:,} 件）", self.sums.of(first, last), "sub")
            if last == span.last:
                for label, totals in closing:
                    self._total(label, totals, "total")
            self._signatures()
            self.breaks.append(self.row)

    def _group_line(self, text: str) -> None:
        look = self.stationery.cell(fill="group")
        self.sheet.set_row(self.row, _GROUP_POINTS)
        self.sheet.merge_range(self.row, 0, self.row, self.last, text, look)
        self.row += 1

    def _total(self, label: str, totals: Totals, fill: str) -> None:
        known: dict[str, Any] = {
            "policy_number": f"{totals.policies:,} 件",
            "premium_fen": totals.premium_fen,
            "due": totals.due,
        }
        look = self.stationery.cell(fill=fill, centred=True)
        self.sheet.merge_range(self.row, 0, self.row, _LABEL_COLUMNS - 1, label, look)
        values = [known.get(column.name) for column in COLUMNS[_LABEL_COLUMNS:]]
        columns = COLUMNS[_LABEL_COLUMNS:]
        write_row(self.sheet, self.stationery, self.row, columns, values, fill, start=_LABEL_COLUMNS)
        self.row += 1

    def _signatures(self) -> None:
        """制表 / 复核 / 审批 / 客户经理签名, with room to sign, at the foot of each page."""
        self.sheet.set_row(self.row, _SIGNATURE_POINTS)
        line = (
            "　　　　　".join(f"{name}：＿＿＿＿＿＿＿＿" for name in SIGNATURES)
            + "　　　　　日期：　　　年　　月　　日"
        )
        self.sheet.merge_range(
            self.row, 0, self.row, self.last, line, self.stationery.line(10, align="center")
        )
        self.row += 1
