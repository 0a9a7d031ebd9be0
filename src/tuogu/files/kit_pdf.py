"""Papers of the visit kit as PDF: the content of the workbooks of kit_papers, a page a sheet (S1-29, N-18, S4-30, S4-31).

In: heads and plain rows. Out: papers for pdf.pdf_of. Never: two pages of a register on one sheet of paper, a figure that the
workbook writes otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl

from tuogu.files.kit_papers import (
    CHECK_UP,
    FAMILY,
    GAPS,
    RegisterPage,
    family_totals,
    register_frames,
)
from tuogu.files.paper import Grid, Head, PageMark, Paper, Sheet
from tuogu.files.paper_grids import grid_of

_SIGNERS = ("客户经理签名：", "主管签名：", "日期：")
_VISIT_SIGNERS = ("客户签名：", "服务人员签名：", "日期：")
_ROOMS = ("本次服务内容", "问题解答及处理结果", "客户的意见和需求")  # to be written in by hand
_ASKED_MM, _ROOM_MM = 9.0, 22.0
_ERASED = "本页内容已随客户的删除清除"


def register_paper(title: str, subtitle: str, pages: Sequence[RegisterPage], digest: str) -> Paper:
    """One sheet a page, each with its code, its digest and lines to sign on."""
    sheets = [
        Sheet(
            (_page(page, frame),), title, (f"{subtitle}　第 {page.place} 页，共 {len(pages)} 页",), _SIGNERS,
            PageMark(page.code, page.digest), landscape=True,
        )
        for page, frame in zip(pages, register_frames(pages), strict=True)
    ]  # fmt: skip
    return Paper(title, tuple(sheets), digest)


def _page(page: RegisterPage, frame: pl.DataFrame) -> Grid:
    grid = grid_of(page.columns, frame)
    return grid if grid.rows else Grid(grid.heads, (), empty=_ERASED)


def visit_paper(
    title: str,
    subtitle: str,
    check_up: pl.DataFrame,
    family: pl.DataFrame,
    gaps: pl.DataFrame,
    premium_fen: int,
    questions: Mapping[str, tuple[str, Mapping[str, str]]],
) -> Paper:
    """保单体检表, 家庭保障分析表 with its sum and gaps, 服务调查表 with the five questions and room to write."""
    tables = grid_of(FAMILY, family, family_totals(premium_fen)), grid_of(GAPS, gaps, title="保障缺口")
    return Paper(
        title,
        (
            _visit("保单体检表", subtitle, grid_of(CHECK_UP, check_up)),
            _visit("家庭保障分析表", subtitle, *tables),
            _visit("服务调查表", subtitle, _survey(questions)),
        ),
    )


def _visit(title: str, subtitle: str, *grids: Grid) -> Sheet:
    return Sheet(grids, title, (subtitle,), _VISIT_SIGNERS, landscape=True)


def _survey(questions: Mapping[str, tuple[str, Mapping[str, str]]]) -> Grid:
    asked = [
        (question, "　　".join(f"□ {word}" for word in words.values()))
        for question, words in questions.values()
    ]
    rows = (*asked, *((name, "") for name in _ROOMS))
    least = {row: _ASKED_MM if row < len(asked) else _ROOM_MM for row in range(len(rows))}
    return Grid((Head("事项"), Head("记录")), rows, least_mm=least)
