"""The paper of the report: escaping, tables, cards, and the page around them.

In: texts and rows. Out: HTML that needs nothing from anywhere. Never: a text that is not escaped, a script, a
request to another file or host.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass
from html import escape
from importlib.resources import files

LISTED_MAX = 200  # rows of a list that a reader will look at; the workbook has them all
_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:"  # the report may ask nobody for anything
)


@dataclass(frozen=True)
class Raw:
    """HTML that is already safe: made by this package, never from data."""

    html: str


Text = str | Raw
Row = Sequence[Text | int | None]


def html(value: Text | int | None) -> str:
    """A value as HTML: text escaped, whole numbers with thousands separators, nothing for None."""
    if value is None:
        return ""
    if isinstance(value, Raw):
        return value.html
    return f"{value:,}" if isinstance(value, int) else escape(value)


def table(
    headers: Sequence[Text],
    rows: Iterable[Row],
    *,
    numeric: Set[int] = frozenset(),
    foot: Row | None = None,
    kind: str = "",
) -> Raw:
    """A table; `numeric` names the columns that stand on the right. Without rows it says so."""
    head = "".join(f'<th scope="col"{_side(i, numeric)}>{html(text)}</th>' for i, text in enumerate(headers))
    body = "".join(_row(row, numeric) for row in rows)
    body = body or f'<tr><td class="none" colspan="{len(headers)}">没有</td></tr>'
    tail = f"<tfoot>{_row(foot, numeric)}</tfoot>" if foot is not None else ""
    return Raw(
        f'<div class="scroll"><table class="{kind}"><thead><tr>{head}</tr></thead>'
        f"<tbody>{body}</tbody>{tail}</table></div>"
    )


def _row(cells: Row, numeric: Set[int]) -> str:
    return (
        "<tr>"
        + "".join(f"<td{_side(i, numeric)}>{html(cell)}</td>" for i, cell in enumerate(cells))
        + "</tr>"
    )


def _side(index: int, numeric: Set[int]) -> str:
    return ' class="num"' if index in numeric else ""


def card(title: str, body: Raw, *, note: str = "", aside: Raw | None = None, span: int = 12) -> Raw:
    """A titled card that takes `span` of twelve columns."""
    right = f'<span class="aside">{aside.html}</span>' if aside else ""
    small = f'<span class="note">{html(note)}</span>' if note else ""
    head = f"<header><h2>{html(title)}</h2>{small}{right}</header>"
    return Raw(f'<section class="card w{span}">{head}{body.html}</section>')


def stack(cards: Iterable[Raw], *, span: int) -> Raw:
    """Cards one below another in `span` of twelve columns."""
    return Raw(f'<div class="stack w{span}">{joined(cards).html}</div>')


def joined(parts: Iterable[Raw]) -> Raw:
    """Parts one after another."""
    return Raw("".join(part.html for part in parts))


def more(rows: int) -> Raw:
    """Say that a list of `rows` rows was cut at LISTED_MAX, and where the rest is."""
    rest = rows - LISTED_MAX
    return Raw(f'<p class="foot">另有 {rest:,} 行，见登记表工作簿。</p>') if rest > 0 else Raw("")


def page(title: str, body: Raw) -> str:
    """A whole document with its style inside."""
    style = files("tuogu.files").joinpath("assets/report.css").read_text(encoding="utf-8")
    return (
        '<!doctype html>\n<html lang="zh-CN">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        f'<title>{escape(title)}</title>\n<link rel="icon" href="data:,">\n'
        f"<style>\n{style}</style>\n</head>\n"
        f"<body>\n{body.html}\n</body>\n</html>\n"
    )
