"""Papers as PDF: what stands on them, how tables break, what a rare name looks like, the same bytes for the same paper."""

from __future__ import annotations

import io
from datetime import UTC, datetime

import pypdf
import pytest

from tuogu.files.page_marks import png_mark
from tuogu.files.paper import Chart, Grid, Head, PageMark, Paper, Picture, Series, Sheet, Text
from tuogu.files.paper_grids import written
from tuogu.files.pdf import pdf_of
from tuogu.files.pdf_grid import SIZES, layout
from tuogu.files.pdf_letters import broken, readable, width
from tuogu.files.watermark import Mark, codes_in, marked

HEADS = (Head("机构"), Head("件数", "right"), Head("说明"))


def ranking(rows: int) -> Grid:
    said = "长假前提前完成，三件在理赔中"
    body = tuple((f"第{n}营业部", f"{n * 1000:,}", said * (n % 4)) for n in range(1, rows + 1))
    return Grid(HEADS, body, ("合计", "9,999,999", ""), title="排名")


def pages(content: bytes) -> list[str]:
    return [page.extract_text() for page in pypdf.PdfReader(io.BytesIO(content)).pages]


def test_a_long_table_repeats_its_heads_and_says_which_page_of_how_many():
    found = pages(pdf_of(Paper("月报", (Sheet((ranking(150),)),))))
    assert len(found) > 2
    for place, text in enumerate(found, 1):
        assert "机构" in text
        assert f"第 {place} 页，共 {len(found)} 页" in text
    whole = "".join(found)
    assert all(f"{n * 1000:,}" in whole for n in range(1, 151)), "no row is lost at a break"
    assert whole.count("9,999,999") == 1


def test_the_same_paper_is_the_same_bytes_and_the_watermark_is_found_in_them():
    mark = Mark("王五 0012", datetime(2026, 11, 22, 1, tzinfo=UTC), "E20261122-ABCDEFGH")
    paper = Paper("月报", (Sheet((ranking(60),)), Sheet((Text("完"),))), digest="ab" * 32)
    with marked(mark):
        first, second = pdf_of(paper), pdf_of(paper)
    assert first == second
    assert pdf_of(paper) != first
    assert codes_in(first.decode("utf-8", "ignore").split()) == [mark.code], "a copy points to its export"
    assert "ab" * 32 in first.decode("latin-1")
    assert all("水印 · 王五 0012 · 2026-11-22 09:00 · E20261122-ABCDEFGH" in page for page in pages(first))


def test_a_rare_character_of_a_name_is_never_an_empty_box():
    assert readable("赵𠮷祥") == "赵[U+20BB7]祥"
    assert readable("镕堃淼·买买提\u200b\ufe00") == "镕堃淼·买买提"
    assert readable("□ 有　□ 无\t") == "□ 有　□ 无 "
    (page,) = pages(pdf_of(Paper("册", (Sheet((Grid(HEADS, (("赵𠮷祥", "1", ""),)),)),))))
    assert "赵[U+20BB7]祥" in page
    assert "请照证件手写补上" in page
    (plain,) = pages(pdf_of(Paper("册", (Sheet((Grid(HEADS, (("赵吉祥", "1", "[U+2]"),)),)),))))
    assert "请照证件手写补上" not in plain


def test_markup_in_a_name_is_letters():
    (page,) = pages(
        pdf_of(Paper("<b>册</b>", (Sheet((Text("<para>&amp;"), Grid(HEADS, (("<br/>", "1", "&"),)))),)))
    )
    assert "<b>册</b>" in page
    assert "<para>&amp;" in page
    assert "<br/>" in page


def test_lines_break_as_chinese_does_and_keep_numbers_whole():
    text = "保单P90000001的保费为1,234,567.00元，请在到期前缴纳（含附加险）。"
    for room in range(60, 200, 7):
        lines = broken(text, room, 9)
        assert "".join(lines) == text
        assert all(width(line, 9) <= room for line in lines)
        assert not any(line[0] in "，。）" or line[-1] == "（" for line in lines)
        assert any("P90000001" in line for line in lines)
    assert broken("A" * 50, 40, 9) != ["A" * 50], "what is wider than a line is cut"
    assert broken("", 40, 9) == [""]


def test_columns_fill_the_room_and_letters_shrink_only_as_far_as_needed():
    easy = layout(ranking(5), 500)
    assert (easy.size, easy.fits) == (SIZES[0], True)
    assert sum(easy.widths) == pytest.approx(500)
    months = Grid(tuple(Head(f"{m}月", "right") for m in range(30)), (tuple("123,456" for _ in range(30)),))
    tight = layout(months, 1000)
    assert SIZES[-1] <= tight.size < SIZES[0]
    forced = layout(months, 300)
    assert not forced.fits
    assert sum(forced.widths) == pytest.approx(300), "nothing beyond the edge"


def test_a_wide_table_lies_and_a_narrow_one_stands():
    months = Grid(tuple(Head(f"{m}月", "right") for m in range(16)), (tuple("123,456" for _ in range(16)),))
    file = pypdf.PdfReader(io.BytesIO(pdf_of(Paper("册", (Sheet((ranking(3),)), Sheet((months,)))))))
    upright, lying = (page.mediabox for page in file.pages)
    assert upright.height > upright.width
    assert lying.width > lying.height


def test_a_marked_sheet_stays_on_one_page_in_smaller_letters_and_else_bears_its_code_on_each():
    mark = PageMark("7F3Q-9M2K-8XYC-D", "c" * 64)

    def sheet(rows: int) -> list[str]:
        grid = Grid(HEADS, tuple((f"欧阳{n}", "1", "宁波市海曙区" * 40) for n in range(rows)))
        return pages(
            pdf_of(Paper("册", (Sheet((grid,), signatures=("签名：",), mark=mark, landscape=True),)))
        )

    assert len(sheet(9)) == 1
    long = sheet(60)
    assert len(long) > 1
    assert all("7F3Q-9M2K-8XYC-D" in page and "c" * 64 in page and "签名：" in page for page in long)


def test_charts_and_pictures_stand_with_their_words():
    labels = tuple(f"{m}月" for m in range(1, 13))
    bars = Chart("bars", "各月应收", labels, (Series("件", tuple(float(m * 10) for m in range(12))),), "件")
    gaps: tuple[float | None, ...] = (None,) * 11
    series = (
        Series("一支", (0.5, *gaps)),
        Series("三支", (None, *gaps)),
        Series("二支", tuple(m / 100 for m in range(12))),
    )
    lines = Chart("lines", "续保率", labels, series, "率", 2)
    empty = Chart("bars", "无数", (), (Series("件", ()),))
    blank = Chart("lines", "无率", labels, (Series("率", (None, *gaps)),))
    parts = (Text("一、总体", "heading"), bars, lines, empty, blank, Picture(png_mark("a"), 30, "图一"))
    text = "".join(pages(pdf_of(Paper("月报", (Sheet(parts),)))))
    for word in ("各月应收（件）", "110", "12月", "二支", "图一", "一、总体"):
        assert word in text, word


def test_an_empty_table_says_so_and_a_paper_without_sheets_is_refused():
    assert "（无）" in pages(pdf_of(Paper("册", (Sheet((Grid(HEADS, ()),)),))))[0]
    with pytest.raises(ValueError, match="needs a sheet"):
        pdf_of(Paper("册", ()))


@pytest.mark.parametrize(
    ("kind", "value", "shown"),
    [
        ("money", 441_000, "4,410.00"), ("money", -5, "-0.05"), ("money", 0, "0.00"), ("int", 1234, "1,234"),
        ("share", 0.8125, "81.2%"), ("text", "", "—"), ("money", None, "—"), ("text", "0012", "0012"),
    ],
)  # fmt: skip
def test_cells_are_written_as_the_workbook_shows_them(kind: str, value: object, shown: str):
    assert written(kind, value) == shown
