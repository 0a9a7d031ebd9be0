"""The filters of the list of imports: who, when, coverage, state, part of the name.

In: the query string. Out: what the books are asked for, choices, chips. Never: an error for an address typed by hand.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tuogu.books import queries as books
from tuogu.org import queries as org
from tuogu.web.paging import day_of, filter_chips, id_of
from tuogu.web.parts import Chip

COVERAGES = {"full": gettext_lazy("全量"), "partial": gettext_lazy("增量")}
STATES = {
    "stored": gettext_lazy("已入库"),
    "rejects": gettext_lazy("有拒收行"),
    "asked": gettext_lazy("撤回待复核"),
    "reverted": gettext_lazy("已撤回"),
}
_NAME_CHARS_MAX = 100


def wanted_of(query: Mapping[str, str]) -> books.ImportFilter:
    """What is asked for; a value that means nothing is passed over."""
    coverage, state = query.get("coverage", ""), query.get("state", "")
    return books.ImportFilter(
        name=query.get("name", "").strip()[:_NAME_CHARS_MAX],
        by=id_of(query.get("by", "")),
        first=day_of(query.get("from", "")),
        last=day_of(query.get("to", "")),
        coverage=coverage if coverage in COVERAGES else "",
        state=state if state in books.IMPORT_STATES else "",
    )


def choices() -> dict[str, Any]:
    """What the selects offer."""
    return {
        "people": sorted(((person, name) for person, name in _people().items()), key=lambda pair: pair[1]),
        "coverages": list(COVERAGES.items()),
        "states": list(STATES.items()),
    }


def chips_of(query: Mapping[str, str]) -> list[Chip]:
    """The filters in force."""
    names = {
        "name": _("文件名"), "by": _("入库人"), "from": _("入库自"), "to": _("入库至"), "coverage": _("范围"),
        "state": _("状态"),
    }  # fmt: skip
    words = {
        "by": {str(person): name for person, name in _people().items()},
        "coverage": {code: str(word) for code, word in COVERAGES.items()},
        "state": {code: str(word) for code, word in STATES.items()},
    }
    return filter_chips(query, names, words, kept=("size",))


def _people() -> dict[int, str]:
    return {person: name or _("系统") for person, name in org.names(books.importers()).items()}
