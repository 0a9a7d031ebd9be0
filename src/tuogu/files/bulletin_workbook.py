"""A report as a workbook that a branch would send on: numbers as numbers, native charts, heads that stay, ready to print.

In: a path, a content, what its codes are called. Out: an .xlsx with a sheet for each table, one for charts, one for
definitions. Never: a figure written otherwise than on the page, a text that becomes a formula.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from xlsxwriter.format import Format

from tuogu.files.bulletin import (
    NUMBERS,
    UNIT_WORDS,
    Chart,
    Column,
    Content,
    Kind,
    Known,
    Table,
    Value,
    number,
    read,
    read_foot,
)
from tuogu.files.bulletin_paper import SIGNERS
from tuogu.files.register_stationery import Stationery
from tuogu.files.safe_excel import SafeSheet, SafeWorkbook, open_workbook, write_text

_FORMATS = {
    "int": "#,##0", "money": "#,##0.00", "percent": '0.00"%"', "per_mille": '0.00"‰"', "each": "#,##0.00",
    "points": "+0.00;-0.00;0.00",
}  # fmt: skip
_LINE_COLUMNS = 6  # over which a line of text runs at least
_ON_PAGE = 3  # charts
_SHEET_NAME_MAX = 31  # Excel's limit
_FORBIDDEN = str.maketrans("", "", "[]:*?/\\'")
_A4 = 9  # as Excel counts papers
_WIDTH_MIN, _WIDTH_MAX = 8, 42
_CHART_ROWS, _CHART_HIGH, _CHART_WIDE = 18, 330, 860  # rows of the sheet, pixels
_COLOURS = ("#1B528F", "#C46A00", "#2B7A4B", "#8C3B6E", "#5D6878", "#A08A1F")
_DATA = "图表数据"


def write_bulletin(path: Path, content: Content, known: Known) -> None:
    """Write the workbook at a path."""
    with open_workbook(path) as book:
        look = _Look(Stationery(book), book)
        taken: set[str] = {"口径", _DATA, "图表"}
        for table in content.tables:
            _table_sheet(
                book.add_worksheet(_sheet_name(table.title or content.title, taken)),
                content,
                table,
                known,
                look,
            )
        drawn = [chart for chart in content.charts if chart.labels]
        if drawn:
            _charts(book, content, drawn, look)
        if content.definitions:
            _definitions(book.add_worksheet("口径"), content, look)


@dataclass
class _Look:
    stationery: Stationery
    book: SafeWorkbook

    def cell(self, kind: Kind, fill: str = "body") -> Format:
        """Numbers with the format of their kind, everything else as text."""
        if kind not in _FORMATS:
            return self.stationery.cell("label" if kind != "text" else "text", fill)
        key = (kind, fill, False)
        if key not in self.stationery.made:
            found = self.stationery.cell("int", fill)
            made = self.book.add_format({"num_format": _FORMATS[kind]})
            for name in ("font_name", "font_size", "bold", "border", "valign", "align", "indent"):
                _copied(found, made, name)
            self.stationery.made[key] = made
        return self.stationery.made[key]


def _copied(source: Format, target: Format, name: str) -> None:
    wanted = {
        "border": (
            "left",
            "right",
            "top",
            "bottom",
            "left_color",
            "right_color",
            "top_color",
            "bottom_color",
        ),
        "align": ("text_h_align",),
        "valign": ("text_v_align",),
    }
    for one in wanted.get(name, (name,)):
        setattr(target, one, getattr(source, one))


def _sheet_name(title: str, taken: set[str]) -> str:
    plain = title.translate(_FORBIDDEN)[:_SHEET_NAME_MAX] or "表"
    name, count = plain, 2
    while name in taken:
        name, count = f"{plain[: _SHEET_NAME_MAX - 3]}{count}", count + 1
    taken.add(name)
    return name


def _head(sheet: SafeSheet, content: Content, title: str, columns: int, look: _Look) -> int:
    """Title, place and period, facts; returns the first free row."""
    lines = [f"{content.place}　{content.period}", *content.facts]
    last = _last(columns)
    sheet.merge_range(0, 0, 0, last, "", look.stationery.line(15, bold=True))
    write_text(sheet, 0, 0, title, look.stationery.line(15, bold=True))
    for row, text in enumerate(lines, 1):
        sheet.merge_range(row, 0, row, last, "", look.stationery.line(10, colour="#5D6878"))
        write_text(sheet, row, 0, text, look.stationery.line(10, colour="#5D6878"))
    return 1 + len(lines)


def _last(columns: int) -> int:
    """The last column over which a line of text runs: a narrow table leaves it room beyond."""
    return max(columns - 1, _LINE_COLUMNS)


def _print_set_up(sheet: SafeSheet, heads: int | None, wide: bool) -> None:
    if wide:
        sheet.set_landscape()
    sheet.set_paper(_A4)
    sheet.fit_to_pages(1, 0)
    sheet.set_margins(left=0.5, right=0.5, top=0.7, bottom=0.7)
    sheet.set_footer("&L" + "　　　　　　".join(SIGNERS) + "&R第 &P 页，共 &N 页")
    if heads is not None:
        sheet.repeat_rows(heads)


def _table_sheet(sheet: SafeSheet, content: Content, table: Table, known: Known, look: _Look) -> None:
    title = (
        f"{content.title}　{table.title}" if table.title and table.title != content.title else content.title
    )
    heads = _head(sheet, content, title, len(table.columns), look)
    for place, column in enumerate(table.columns):
        write_text(sheet, heads, place, column.title, look.stationery.cell("text", "header"))
        sheet.set_column(place, place, _width(table, place, known))
    row = heads
    for row, values in enumerate(table.rows, heads + 1):
        _row(sheet, row, table.columns, values, known, look, "body")
    if table.foot:
        row += 1
        _row(sheet, row, table.columns, table.foot, known, look, "total")
    if not table.rows:
        row += 1
        write_text(sheet, row, 0, table.empty, look.stationery.line(10, colour="#5D6878"))
    if table.note:
        row += 1
        write_text(sheet, row, 0, table.note, look.stationery.line(9, colour="#5D6878"))
    row += 2
    sheet.merge_range(row, 0, row, _last(len(table.columns)), "", look.stationery.line(10))
    write_text(sheet, row, 0, "　　　　　　　　".join(SIGNERS), look.stationery.line(10))
    sheet.freeze_panes(heads + 1, 1)
    if table.rows:
        sheet.autofilter(heads, 0, heads + len(table.rows), len(table.columns) - 1)
    _print_set_up(sheet, heads, len(table.columns) > 6)


def _row(
    sheet: SafeSheet, row: int, columns: tuple[Column, ...], values: tuple[Value, ...], known: Known, look: _Look, fill: str
) -> None:  # fmt: skip
    for place, (column, value) in enumerate(zip(columns, values, strict=True)):
        if column.kind in NUMBERS and isinstance(value, int):
            sheet.write_number(row, place, number(column.kind, value) or 0, look.cell(column.kind, fill))
        elif fill == "total":
            write_text(
                sheet, row, place, read_foot(column.kind, value, known), look.stationery.cell("text", fill)
            )
        else:
            write_text(sheet, row, place, read(column.kind, value, known), look.cell(column.kind, fill))


def _width(table: Table, place: int, known: Known) -> float:
    column = table.columns[place]
    texts = [column.title, *(read(column.kind, row[place], known) for row in table.rows[:200])]
    most = max(sum(2 if ord(letter) > 0x2E7F else 1 for letter in text) for text in texts)
    return float(min(max(most + 3, _WIDTH_MIN), _WIDTH_MAX))


def _charts(book: SafeWorkbook, content: Content, charts: list[Chart], look: _Look) -> None:
    """Native charts over a sheet with their numbers, so that who gets the file can change them."""
    sheet, data = book.add_worksheet("图表"), book.add_worksheet(_DATA)
    heads = _head(sheet, content, f"{content.title}　图表", 12, look)
    row = 0
    for place, chart in enumerate(charts):
        _numbers(data, row, chart, look)
        sheet.insert_chart(heads + 1 + place * _CHART_ROWS, 0, _native(book, chart, row))
        row += len(chart.labels) + 3
    sheet.set_column(0, 12, 9)
    data.set_column(0, 0, 24)
    sheet.set_h_pagebreaks(
        [heads + 1 + place * _CHART_ROWS for place in range(_ON_PAGE, len(charts), _ON_PAGE)]
    )
    _print_set_up(sheet, None, wide=False)
    _print_set_up(data, None, wide=False)


def _numbers(data: SafeSheet, row: int, chart: Chart, look: _Look) -> None:
    unit = UNIT_WORDS[chart.unit]
    write_text(
        data,
        row,
        0,
        f"{chart.title}（{unit}）" if unit else chart.title,
        look.stationery.cell("text", "header"),
    )
    for place, one in enumerate(chart.series, 1):
        write_text(data, row, place, one.name, look.stationery.cell("text", "header"))
        for line, value in enumerate(one.values, row + 1):
            if value is not None:
                data.write_number(line, place, number(chart.unit, value) or 0, look.cell(chart.unit))
    for line, label in enumerate(chart.labels, row + 1):
        write_text(data, line, 0, label, look.stationery.cell("text"))


def _native(book: SafeWorkbook, chart: Chart, row: int) -> object:
    kind = {"lines": "line", "funnel": "bar"}.get(chart.kind, "column")
    made = book.add_chart({"type": kind})
    last = row + len(chart.labels)
    for place in range(1, len(chart.series) + 1):
        colour = _COLOURS[(place - 1) % len(_COLOURS)]
        made.add_series({
            "name": [_DATA, row, place], "categories": [_DATA, row + 1, 0, last, 0],
            "values": [_DATA, row + 1, place, last, place],
            "line" if kind == "line" else "fill": {"color": colour},
            **({"marker": {"type": "circle", "size": 5}} if kind == "line" else {"gap": 60}),
            "data_labels": {"value": len(chart.labels) * len(chart.series) <= 24},
        })  # fmt: skip
    unit = UNIT_WORDS[chart.unit]
    made.set_title(
        {
            "name": f"{chart.title}（{unit}）" if unit else chart.title,
            "name_font": {"size": 12},
            "overlay": False,
        }
    )
    made.set_y_axis(
        {"reverse": True}
        if kind == "bar"
        else {"min": 0, "major_gridlines": {"visible": True, "line": {"color": "#D5DAE1"}}}
    )
    if kind == "bar":
        made.set_x_axis({"visible": False, "major_gridlines": {"visible": False}})
    made.set_legend({"none": True} if len(chart.series) == 1 else {"position": "bottom"})
    made.set_size({"width": _CHART_WIDE, "height": _CHART_HIGH})
    made.show_blanks_as("gap")
    return made


def _definitions(sheet: SafeSheet, content: Content, look: _Look) -> None:
    heads = _head(sheet, content, f"{content.title}　指标口径", 5, look)
    for place, (title, width) in enumerate(
        (("指标", 20), ("分子", 34), ("分母", 34), ("说明", 24), ("出处", 28))
    ):
        write_text(sheet, heads, place, title, look.stationery.cell("text", "header"))
        sheet.set_column(place, place, width)
    for row, one in enumerate(content.definitions, heads + 1):
        for place, text in enumerate((one.title, one.numerator, one.denominator, one.note, one.source)):
            write_text(sheet, row, place, text, look.stationery.cell("text"))
    sheet.freeze_panes(heads + 1, 1)
    _print_set_up(sheet, heads, wide=True)
