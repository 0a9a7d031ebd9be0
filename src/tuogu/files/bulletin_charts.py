"""The pictures of a report's workbook: native charts over a sheet with their numbers.

In: charts, a workbook. Out: a sheet of charts and one of their numbers, so that who gets the file can change them. Never: a
number written otherwise than in the tables.
"""

from __future__ import annotations

from tuogu.files.bulletin import Chart, Content, number
from tuogu.files.bulletin_sheet import Look, head_of, print_set_up
from tuogu.files.safe_excel import SafeSheet, SafeWorkbook, write_text

_ON_PAGE = 3  # charts
_CHART_ROWS, _CHART_HIGH, _CHART_WIDE = 18, 330, 860  # rows of the sheet, pixels
_COLOURS = ("#1B528F", "#C46A00", "#2B7A4B", "#8C3B6E", "#5D6878", "#A08A1F")


def chart_sheets(book: SafeWorkbook, content: Content, charts: list[Chart], look: Look) -> None:
    """Native charts over a sheet with their numbers, so that who gets the file can change them."""
    sheet, data = book.add_worksheet(look.words.charts), book.add_worksheet(look.words.chart_data)
    heads = head_of(sheet, content, f"{content.title}　{look.words.charts}", 12, look)
    row = 0
    for place, chart in enumerate(charts):
        _numbers(data, row, chart, look)
        sheet.insert_chart(heads + 1 + place * _CHART_ROWS, 0, _native(book, chart, row, look))
        row += len(chart.labels) + 3
    sheet.set_column(0, 12, 9)
    data.set_column(0, 0, 24)
    sheet.set_h_pagebreaks(
        [heads + 1 + place * _CHART_ROWS for place in range(_ON_PAGE, len(charts), _ON_PAGE)]
    )
    print_set_up(sheet, None, wide=False, words=look.words)
    print_set_up(data, None, wide=False, words=look.words)


def _numbers(data: SafeSheet, row: int, chart: Chart, look: Look) -> None:
    write_text(
        data, row, 0, look.words.with_unit(chart.title, chart.unit), look.stationery.cell("text", "header")
    )
    for place, one in enumerate(chart.series, 1):
        write_text(data, row, place, one.name, look.stationery.cell("text", "header"))
        for line, value in enumerate(one.values, row + 1):
            if value is not None:
                data.write_number(line, place, number(chart.unit, value) or 0, look.cell(chart.unit))
    for line, label in enumerate(chart.labels, row + 1):
        write_text(data, line, 0, label, look.stationery.cell("text"))


def _native(book: SafeWorkbook, chart: Chart, row: int, look: Look) -> object:
    kind = {"lines": "line", "funnel": "bar"}.get(chart.kind, "column")
    made = book.add_chart({"type": kind})
    last, words = row + len(chart.labels), look.words
    for place in range(1, len(chart.series) + 1):
        colour = _COLOURS[(place - 1) % len(_COLOURS)]
        made.add_series({
            "name": [words.chart_data, row, place], "categories": [words.chart_data, row + 1, 0, last, 0],
            "values": [words.chart_data, row + 1, place, last, place],
            "line" if kind == "line" else "fill": {"color": colour},
            **({"marker": {"type": "circle", "size": 5}} if kind == "line" else {"gap": 60}),
            "data_labels": {"value": len(chart.labels) * len(chart.series) <= 24},
        })  # fmt: skip
    made.set_title(
        {
            "name": look.words.with_unit(chart.title, chart.unit),
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
