"""What the list is narrowed to, read from the address and shown as chips.

view, state, street, region, orphan_type, service_class, institution   as in PolicyFilter
due_from, due_until   months as 2026-12, both included
custodian             a staff number, or `buffer`
q                     a policy number, its last four characters, a display or unit code
found                 the mark of a search for a person (see `marks`)
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from django.contrib.sessions.backends.base import SessionBase
from django.utils.translation import gettext as _

from tuogu.books import queries as books
from tuogu.core import labels
from tuogu.org import queries as org
from tuogu.plans import queries as plans
from tuogu.web.paging import filter_chips
from tuogu.web.parts import Chip
from tuogu.web.policies import marks
from tuogu.web.viewer import ViewerRequest

BUFFER = "buffer"
_UNIT_DIGITS = 10  # a display code and the number of the unit (S0-09); a unit is a plan's, not the books'
NOBODY = 0  # no custodian has this id: a staff number that nobody carries finds nothing
FORGOTTEN = books.Search(books.SearchKind.UNKNOWN, "")


def wanted_of(request: ViewerRequest, query: Mapping[str, str] | None = None) -> books.PolicyFilter:
    """The filter of the address, or of a query string that a form carries along."""
    return filter_of(request.GET if query is None else query, request.session)


def filter_of(asked: Mapping[str, str], session: SessionBase) -> books.PolicyFilter:
    """The filter of a query string; `session` remembers searches for people."""
    search = search_of(asked, session)
    unit = (
        search is not None and search.kind is books.SearchKind.DISPLAY and len(search.value) == _UNIT_DIGITS
    )
    view = asked.get("view", "all")
    return books.PolicyFilter(
        view=view if view in books.VIEWS else "all",
        state=asked.get("state", ""),
        region=asked.get("region", ""),
        street=asked.get("street", ""),
        orphan_type=asked.get("orphan_type", ""),
        service_class=asked.get("service_class", ""),
        institution=asked.get("institution", ""),
        due_from=month_of(asked.get("due_from", ""), following=False),
        due_until=month_of(asked.get("due_until", ""), following=True),
        custodian=custodian_of(asked.get("custodian", "")),
        search=None if unit else search,
        subjects=plans.subjects_of_unit(search.value) if unit else None,
    )


def month_of(text: str, *, following: bool) -> date | None:
    """First day of a month written 2026-12, or of the one after it."""
    try:
        first, until = books.month_of(date.fromisoformat(f"{text}-01"))
    except ValueError:
        return None
    return until if following else first


def custodian_of(text: str) -> int | None:
    """Id of a staff number or of the buffer group; NOBODY for a number that nobody carries; None when none is asked."""
    if not text:
        return None
    if text == BUFFER:
        return org.buffer_group()
    found = org.staff_ids([text.strip()])
    return int(found["custodian_id"][0]) if found.height else NOBODY


def search_of(asked: Mapping[str, str], session: SessionBase) -> books.Search | None:
    """The search of an address: typed, or remembered by the session under a mark."""
    if mark := asked.get("found", ""):
        return marks.recall(session, mark) or FORGOTTEN
    text = asked.get("q", "").strip()
    if not text:
        return None
    search = books.read_search(text)
    return FORGOTTEN if search.personal else search  # people are searched for by POST


def chips_of(query: Mapping[str, str], words: Mapping[str, Mapping[str, str]]) -> list[Chip]:
    """The filters in force; the view is a tab, not a chip. `words`: labels of coded values, by field."""
    names = {
        "institution": _("机构"), "street": _("街道"), "region": _("区划"), "state": _("状态"),
        "orphan_type": _("孤儿类型"), "service_class": _("服务类型"), "due_from": _("应收月自"),
        "due_until": _("应收月至"), "custodian": _("责任人"), "q": _("查找"), "found": _("查找"),
    }  # fmt: skip
    return filter_chips(query, names, words, kept=("view", "sort", "size"))


def choices() -> dict[str, list[tuple[str, str]]]:
    """(code, word) of the enumerated filters."""
    return {
        "orphan_type": [(code, _(word)) for code, word in labels.ORPHAN_TYPES.items()],
        "service_class": [(code, _(word)) for code, word in labels.SERVICE_CLASSES.items()],
        "state": [(code, _(word)) for code, word in labels.POLICY_STATES.items()],
    }


def search_words(request: ViewerRequest) -> dict[str, str]:
    """What the chip of a search for a person says: its kind, never its text."""
    mark = request.GET.get("found", "")
    search = marks.recall(request.session, mark) if mark else None
    kinds = {
        books.SearchKind.NAME: _("按姓名"), books.SearchKind.PHONE: _("按手机"), books.SearchKind.ID: _("按证件号"),
    }  # fmt: skip
    return {mark: kinds[search.kind] if search else _("已过期，请重新查找")}
