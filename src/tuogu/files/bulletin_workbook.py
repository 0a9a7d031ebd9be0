"""A report as a workbook that a branch would send on: numbers as numbers, native charts, heads that stay, ready to print.

In: a path, a content, what its codes are called. Out: an .xlsx with a sheet for each table, one for charts, one for
definitions. Never: a figure written otherwise than on the page, a text that becomes a formula.
"""

from __future__ import annotations

from pathlib import Path

from tuogu.files.bulletin import NUMBERS, Column, Content, Known, Table, Value, number, read, read_foot
from tuogu.files.bulletin_charts import chart_sheets
from tuogu.files.bulletin_sheet import QUIET, Look, head_of, last_column, print_set_up
from tuogu.files.bulletin_words import CHINESE, Words
from tuogu.files.register_stationery import Stationery
from tuogu.files.safe_excel import SafeSheet, open_workbook, write_text

_SHEET_NAME_MAX = 31  # Excel's limit
_FORBIDDEN = str.maketrans("", "", "[]:*?/\\'")
_WIDTH_MIN, _WIDTH_MAX = 8, 42
_UPRIGHT_COLUMNS = 6  # that fit a page that stands


def write_bulletin(path: Path, content: Content, known: Known, words: Words = CHINESE) -> None:
    """Write the workbook at a path."""
    with open_workbook(path) as book:
        look = Look(Stationery(book), book, words)
        taken = {words.definitions, words.chart_data, words.charts}
        for table in content.tables:
            name = _sheet_name(table.title or content.title or words.table, taken)
            _table_sheet(book.add_worksheet(name), content, table, known, look)
        drawn = [chart for chart in content.charts if chart.labels]
        if drawn:
            chart_sheets(book, content, drawn, look)
        if content.definitions:
            _definitions(book.add_worksheet(words.definitions), content, look)


def _sheet_name(title: str, taken: set[str]) -> str:
    plain = title.translate(_FORBIDDEN)[:_SHEET_NAME_MAX]
    name, count = plain, 2
    while name in taken:
        name, count = f"{plain[: _SHEET_NAME_MAX - 3]}{count}", count + 1
    taken.add(name)
    return name


def _table_sheet(sheet: SafeSheet, content: Content, table: Table, known: Known, look: Look) -> None:
    title = (
        f"{content.title}　{table.title}" if table.title and table.title != content.title else content.title
    )
    heads = head_of(sheet, content, title, len(table.columns), look)
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
        write_text(sheet, row, 0, table.empty, look.stationery.line(10, colour=QUIET))
    if table.note:
        row += 1
        write_text(sheet, row, 0, table.note, look.stationery.line(9, colour=QUIET))
    row += 2
    sheet.merge_range(row, 0, row, last_column(len(table.columns)), "", look.stationery.line(10))
    write_text(sheet, row, 0, "　　　　　　　　".join(look.words.signers), look.stationery.line(10))
    sheet.freeze_panes(heads + 1, 1)
    if table.rows:
        sheet.autofilter(heads, 0, heads + len(table.rows), len(table.columns) - 1)
    print_set_up(sheet, heads, len(table.columns) > _UPRIGHT_COLUMNS, look.words)


def _row(
    sheet: SafeSheet, row: int, columns: tuple[Column, ...], values: tuple[Value, ...], known: Known, look: Look, fill: str
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


def _definitions(sheet: SafeSheet, content: Content, look: Look) -> None:
    words = look.words
    heads = head_of(sheet, content, f"{content.title}　{words.definitions_title}", 5, look)
    titles = (words.measure, words.numerator, words.denominator, words.note, words.source)
    for place, (title, width) in enumerate(zip(titles, (20, 34, 34, 24, 28), strict=True)):
        write_text(sheet, heads, place, title, look.stationery.cell("text", "header"))
        sheet.set_column(place, place, width)
    for row, one in enumerate(content.definitions, heads + 1):
        for place, text in enumerate((one.title, one.numerator, one.denominator, one.note, one.source)):
            write_text(sheet, row, place, text, look.stationery.cell("text"))
    sheet.freeze_panes(heads + 1, 1)
    print_set_up(sheet, heads, wide=True, words=look.words)
