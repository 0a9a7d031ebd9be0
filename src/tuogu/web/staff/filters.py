"""What the register is narrowed to, read from the address and shown as chips.

A name never stands in the address: the box takes staff numbers; a name is searched by the search page, which posts it.
"""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext as _

from tuogu.core.standardise_words import SERIES
from tuogu.org import queries as org
from tuogu.org.queries import StaffFilter
from tuogu.org.roles import Role
from tuogu.org.scope import Scope
from tuogu.web.paging import filter_chips
from tuogu.web.parts import Chip


def staff_filter(query: Mapping[str, str]) -> StaffFilter:
    """`number` is the beginning of a staff number."""
    return StaffFilter(
        text=query.get("number", "").strip(),
        institution_code=query.get("institution", ""),
        series=query.get("series", ""),
        role=query.get("role", ""),
        state=query.get("state", ""),
    )


def series_words() -> list[tuple[str, str]]:
    """(code, word) of the series that people belong to."""
    return [(code, _(word)) for code, word in SERIES.items()]


def role_words() -> list[tuple[str, str]]:
    """(code, word) of the posts."""
    return [(role.value, _(str(role.label))) for role in Role]


def chips_of(query: Mapping[str, str], scope: Scope) -> list[Chip]:
    """The filters in force; the state is a tab, not a chip."""
    names = {"number": _("工号"), "institution": _("机构"), "series": _("系列"), "role": _("岗位")}
    words: dict[str, dict[str, str]] = {
        "series": dict(series_words()),
        "role": dict(role_words()),
    }
    if query.get("institution"):
        words["institution"] = {code: name.strip() for code, name in org.institution_choices(scope)}
    return filter_chips(query, names, words, kept=("state",))
