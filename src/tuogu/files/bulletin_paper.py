"""A report as a paper: the same content as its page and its workbook, for pdf.pdf_of.

In: a content, what its codes are called. Out: a Paper with tables, charts, definitions and lines to sign on. Never: a cell
written otherwise than on the page.
"""

from __future__ import annotations

from typing import Literal

from tuogu.files.bulletin import NUMBERS, Chart, Content, Known, Table, number, read, read_foot
from tuogu.files.bulletin_words import CHINESE, Words
from tuogu.files.paper import Chart as Drawn
from tuogu.files.paper import Grid, Head, Paper, Part, Series, Sheet, Text


def paper_of(content: Content, known: Known, digest: str = "", words: Words = CHINESE) -> Paper:
    """The document."""
    parts: list[Part] = []
    for chart in content.charts:
        if chart.labels:
            parts.append(_drawn(chart, words))
    for table in content.tables:
        parts.append(_grid(table, known))
        if table.note:
            parts.append(Text(table.note, "small"))
    if content.definitions:
        parts.append(Text(words.definitions_title, "heading"))
        parts += [Text(_said(one.title, one.numerator, one.denominator, one.note, one.source), "small")
                  for one in content.definitions]  # fmt: skip
    facts = (f"{content.place}　{content.period}", *content.facts)
    sheet = Sheet(tuple(parts), content.title, facts, words.signers)
    return Paper(content.title, (sheet,), digest, words.page)


def _said(title: str, numerator: str, denominator: str, note: str, source: str) -> str:
    words = f"{title}＝{numerator}" + (f"÷{denominator}" if denominator else "")
    return f"{words}。{note}（{source}）" if note else f"{words}（{source}）"


def _grid(table: Table, known: Known) -> Grid:
    heads = tuple(
        Head(column.title, "right" if column.kind in NUMBERS else "left") for column in table.columns
    )
    rows = tuple(_row(table, row, known) for row in table.rows)
    foot = tuple(
        read_foot(column.kind, value, known) for column, value in zip(table.columns, table.foot, strict=False)
    )
    return Grid(heads, rows, foot, table.title, table.empty)


def _row(table: Table, row: tuple[str | int | None, ...], known: Known) -> tuple[str, ...]:
    return tuple(read(column.kind, value, known) for column, value in zip(table.columns, row, strict=True))


def _drawn(chart: Chart, words: Words) -> Drawn:
    series = tuple(
        Series(one.name, tuple(number(chart.unit, value) for value in one.values)) for one in chart.series
    )
    kind: Literal["bars", "lines"] = "lines" if chart.kind == "lines" else "bars"
    decimals = 0 if chart.unit == "int" else 2
    return Drawn(kind, chart.title, chart.labels, series, words.unit(chart.unit), decimals)
