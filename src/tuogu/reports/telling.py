"""Reports in the reader's language: a content keeps its Chinese words, whoever shows it says them in the active language.

In: words, contents, measures as they are stored. Out: the same in the active language; titles of reports with their Chinese
name first. Never: a stored content changed, a name of a place or person translated, a number touched.
"""

from __future__ import annotations

import re
from dataclasses import fields, replace
from functools import cache

from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_noop as _

from tuogu.files.bulletin import Chart, Column, Content, Definition, Table, Value
from tuogu.files.bulletin_words import CHINESE, Words
from tuogu.reports.bulletins.phrases import ALL

_HAN = re.compile(r"[\u3400-\u9fff]")
_NAMED = re.compile(r"%\((\w+)\)s")
_NUMBER, _ANYTHING = r"[-+\d.,:%‰—]+", r"[^，。；]+?"  # a name ends where a clause does
_LISTED = "、"  # between the words of one cell
_KEPT_TITLE = _("%(name)s · %(english)s")


def chinese() -> bool:
    """Whether the reader reads Chinese: then everything stays as it is."""
    return (get_language() or "zh").startswith("zh")


def said(text: str) -> str:
    """A word or sentence of a report in the active language; a name, and what nobody has translated, as it is."""
    if chinese() or not _HAN.search(text):
        return text
    known = gettext(text)
    if known != text:
        return known
    for template, pattern in _patterns():
        found = pattern.fullmatch(text)
        if found:
            return gettext(template) % {name: said(part) for name, part in found.groupdict().items()}
    return gettext("、").join(map(said, text.split(_LISTED))) if _LISTED in text else text


def filled(text: str) -> bool:
    """Whether a text is a template of `phrases`, or one filled: its own words are the template's."""
    return text in ALL or any(pattern.fullmatch(text) for _template, pattern in _patterns())


def titled(title: str) -> str:
    """The title of a report: its Chinese name, by which everybody asks for it, and the English beside it."""
    told = said(title)
    return title if told == title else gettext(_KEPT_TITLE) % {"name": title, "english": told}


def told(content: Content) -> Content:
    """The content in the active language."""
    if chinese():
        return content
    return replace(
        content, title=titled(content.title), place=said(content.place), period=said(content.period),
        facts=tuple(map(said, content.facts)), tables=tuple(map(_table, content.tables)),
        charts=tuple(map(_chart, content.charts)), definitions=tuple(map(_definition, content.definitions)),
    )  # fmt: skip


def told_chart(chart: Chart) -> Chart:
    """A chart in the active language."""
    return chart if chinese() else _chart(chart)


def own_words() -> Words:
    """What a workbook or paper says of itself, in the active language."""
    return Words(*(gettext(getattr(CHINESE, one.name)) for one in fields(Words)))


def _table(table: Table) -> Table:
    words = [column.kind == "text" for column in table.columns]
    return Table(
        said(table.title), tuple(Column(said(one.title), one.kind) for one in table.columns),
        tuple(_cells(row, words) for row in table.rows),
        tuple(said(cell) if isinstance(cell, str) else cell for cell in table.foot), said(table.note), said(table.empty),
    )  # fmt: skip


def _cells(row: tuple[Value, ...], words: list[bool]) -> tuple[Value, ...]:
    return tuple(
        said(cell) if word and isinstance(cell, str) else cell for cell, word in zip(row, words, strict=True)
    )


def _chart(chart: Chart) -> Chart:
    series = tuple(replace(one, name=said(one.name)) for one in chart.series)
    return replace(chart, title=said(chart.title), labels=tuple(map(said, chart.labels)), series=series)


def _definition(one: Definition) -> Definition:
    return replace(
        one, title=said(one.title), numerator=said(one.numerator), denominator=said(one.denominator), note=said(one.note)
    )  # fmt: skip


@cache
def _patterns() -> list[tuple[str, re.Pattern[str]]]:
    """Every template with the pattern of the sentences that it makes."""
    return [(template, re.compile(_pattern(template), re.DOTALL)) for template in ALL]


def _pattern(template: str) -> str:
    parts, at = [], 0
    for found in _NAMED.finditer(template):
        name = found[1]
        parts.append(re.escape(template[at : found.start()]))
        parts.append(f"(?P<{name}>{_NUMBER if name.startswith('n') else _ANYTHING})")
        at = found.end()
    return "".join([*parts, re.escape(template[at:])])
