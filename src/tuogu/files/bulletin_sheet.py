"""What every sheet of a report's workbook has: its look, its title and facts, its lines to sign, ready to print.

In: a sheet, a content. Out: formats by kind of cell; the rows of the head. Never: a text that becomes a formula.
"""

from __future__ import annotations

from dataclasses import dataclass

from xlsxwriter.format import Format

from tuogu.files.bulletin import Content, Kind
from tuogu.files.bulletin_words import Words
from tuogu.files.register_stationery import Stationery
from tuogu.files.safe_excel import SafeSheet, SafeWorkbook, write_text

_FORMATS = {
    "int": "#,##0", "money": "#,##0.00", "percent": '0.00"%"', "per_mille": '0.00"‰"', "each": "#,##0.00",
    "points": "+0.00;-0.00;0.00",
}  # fmt: skip
_LINE_COLUMNS = 6  # over which a line of text runs at least
_A4 = 9  # as Excel counts papers
QUIET = "#5D6878"  # of lines that are read second


@dataclass
class Look:
    """Formats, made once; and the workbook's own words."""

    stationery: Stationery
    book: SafeWorkbook
    words: Words

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


def head_of(sheet: SafeSheet, content: Content, title: str, columns: int, look: Look) -> int:
    """Title, place and period, facts; returns the first free row."""
    lines = [f"{content.place}　{content.period}", *content.facts]
    last = last_column(columns)
    sheet.merge_range(0, 0, 0, last, "", look.stationery.line(15, bold=True))
    write_text(sheet, 0, 0, title, look.stationery.line(15, bold=True))
    for row, text in enumerate(lines, 1):
        sheet.merge_range(row, 0, row, last, "", look.stationery.line(10, colour=QUIET))
        write_text(sheet, row, 0, text, look.stationery.line(10, colour=QUIET))
    return 1 + len(lines)


def last_column(columns: int) -> int:
    """The last column over which a line of text runs: a narrow table leaves it room beyond."""
    return max(columns - 1, _LINE_COLUMNS)


def print_set_up(sheet: SafeSheet, heads: int | None, wide: bool, words: Words) -> None:
    """A4, fitted to the width, margins, who signs and which page in the foot; `heads`: the row that stands on every page."""
    if wide:
        sheet.set_landscape()
    sheet.set_paper(_A4)
    sheet.fit_to_pages(1, 0)
    sheet.set_margins(left=0.5, right=0.5, top=0.7, bottom=0.7)
    page = words.page % {"page": "&P", "pages": "&N"}
    sheet.set_footer("&L" + "　　　　　　".join(words.signers) + f"&R{page}")
    if heads is not None:
        sheet.repeat_rows(heads)
