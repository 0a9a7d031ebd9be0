"""Parameters as rows of a page: name, value in words, where it comes from, since when; narrowed by part and words.

In: a book, the filters of an address. Out: rows. Never: a value in other words than the command line's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext_lazy as _

from tuogu.core.rulebook import Parameter, Rulebook
from tuogu.core.rulebook_changes import Change
from tuogu.core.rulebook_words import Citation, citation, remarks, shown
from tuogu.data.rulebooks import part_titles, sections

PARTS: Mapping[str, Any] = {  # part of the rulebook → its short name, in the order of the source documents
    "territory_planning": _("区域规划"),
    "customer_resources": _("客户资源"),
    "repurchase_campaign": _("二次开发活动"),
    "motor_renewal": _("车险续保"),
    "orphan_service": _("孤儿保单服务"),
    "house": _("本系统与法律"),
}


@dataclass(frozen=True)
class Row:
    """One parameter."""

    parameter: Parameter
    part: str
    value: str
    cited: Citation
    since: date

    @property
    def words(self) -> str:
        """What the document says, in short, and why the number is as it is."""
        return remarks(self.parameter)


@dataclass(frozen=True)
class ChangeRow:
    """One changed parameter; "" where a book has no such parameter."""

    key: str
    title: str
    old: str
    new: str
    req: str
    cited: Citation


def document_of(part: str) -> str:
    """Title of the document that a part comes from."""
    return part_titles()[part]


def rows_of(rulebook: Rulebook, days: Mapping[str, date], part: str, words: str) -> list[Row]:
    """Rows of one part ("" = all) in whose name, key, requirement or source every word stands."""
    section_part, asked = sections(), words.lower().split()
    found = []
    for key, parameter in rulebook.parameters.items():
        own_part = section_part.get(key.partition(".")[0], "")
        text = f"{parameter.title} {key} {parameter.req} {parameter.source} {parameter.note}".lower()
        if part in {"", own_part} and all(word in text for word in asked):
            found.append(Row(parameter, own_part, shown(parameter), citation(parameter.source), days[key]))
    return found


def change_row(change: Change) -> ChangeRow:
    """A change in words."""
    told = change.new or change.old
    assert told is not None  # a change has two sides, one of them a parameter
    return ChangeRow(
        change.key, change.title, shown(change.old) if change.old else "", shown(change.new) if change.new else "",
        told.req, citation(told.source),
    )  # fmt: skip
