"""What the list of customers is narrowed to, read from the address and shown as chips.

view, region, street, orphan_type, institution, team   as in CustomerFilter
policies_min          at least so many live policies
due_from, due_until   months as 2026-12, both included
custodian             a staff number, or `buffer`
q                     a policy number, its last four characters, a display code
found                 the mark of a search for a person (see web.policies.marks)
"""

from __future__ import annotations

from collections.abc import Mapping

from django.contrib.sessions.backends.base import SessionBase
from django.utils.translation import gettext as _

from tuogu.books import queries as books
from tuogu.core import labels
from tuogu.web.paging import filter_chips
from tuogu.web.parts import Chip
from tuogu.web.policies.reading import custodian_of, month_of, search_of
from tuogu.web.viewer import ViewerRequest

_MIN_DIGITS = 4  # of a number of policies: nobody holds ten thousand


def wanted_of(request: ViewerRequest, query: Mapping[str, str] | None = None) -> books.CustomerFilter:
    """The filter of the address, or of a query string that a form carries along."""
    return filter_of(request.GET if query is None else query, request.session)


def filter_of(asked: Mapping[str, str], session: SessionBase) -> books.CustomerFilter:
    """The filter of a query string; `session` knows the searches for a person."""
    view, least = asked.get("view", "all"), asked.get("policies_min", "").strip()
    return books.CustomerFilter(
        view=view if view in books.CUSTOMER_VIEWS else "all",
        region=asked.get("region", ""),
        street=asked.get("street", ""),
        orphan_type=asked.get("orphan_type", ""),
        institution=asked.get("institution", ""),
        team=asked.get("team", ""),
        custodian=custodian_of(asked.get("custodian", "")),
        policies_min=int(least) if least.isdecimal() and len(least) <= _MIN_DIGITS else None,
        due_from=month_of(asked.get("due_from", ""), following=False),
        due_until=month_of(asked.get("due_until", ""), following=True),
        search=search_of(asked, session),
    )


def chips_of(query: Mapping[str, str], words: Mapping[str, Mapping[str, str]]) -> list[Chip]:
    """The filters in force; the view is a tab, not a chip."""
    names = {
        "institution": _("机构"), "street": _("街道"), "region": _("区划"), "orphan_type": _("孤儿类型"), "team": _("团队"),
        "custodian": _("责任人"), "policies_min": _("有效件不少于"), "due_from": _("应收月自"), "due_until": _("应收月至"),
        "q": _("查找"), "found": _("查找"),
    }  # fmt: skip
    return filter_chips(query, names, words, kept=("view", "sort", "size"))


def choices() -> dict[str, list[tuple[str, str]]]:
    """(code, word) of the enumerated filters."""
    return {"orphan_type": [(code, _(word)) for code, word in labels.ORPHAN_TYPES.items()]}
