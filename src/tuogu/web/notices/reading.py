"""The filter that an address or a posted form speaks of.

view institution state trouble leaver(staff number) find
"""

from __future__ import annotations

from collections.abc import Mapping

from tuogu.notices import queries as notices
from tuogu.org import queries as org
from tuogu.web.paging import ID_DIGITS

NOBODY = 0  # a staff number that nobody has: the list is then empty, not whole


def wanted_of(query: Mapping[str, str]) -> notices.CaseFilter:
    """The filter; a value that nobody offers is passed over."""
    view = query.get("view", "open")
    return notices.CaseFilter(
        view=view if view in notices.VIEWS else "open",
        state=query.get("state", ""),
        trouble=query.get("trouble", ""),
        leaver=_person(query.get("leaver", "").strip()),
        institution=query.get("institution", ""),
        find=query.get("find", "").strip(),
    )


def _person(staff_number: str) -> int | None:
    if not staff_number:
        return None
    found = org.staff_ids([staff_number])
    return int(found["custodian_id"][0]) if found.height else NOBODY


def picked_ids(values: list[str]) -> list[int]:
    """Ids that a form picked."""
    return [int(value) for value in values if value.isdecimal() and len(value) <= ID_DIGITS]
