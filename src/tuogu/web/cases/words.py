"""What the pages of the cases call things, and the tabs that lead from one to the other.

In: a viewer. Out: texts, tabs, choices. Never: a rule.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.urls import reverse
from django.utils.translation import gettext as _

from tuogu.cases import queries as cases
from tuogu.core import paper_lists
from tuogu.core.attempts import METHODS
from tuogu.core.machines import NEEDS
from tuogu.core.rulebook import Rulebook
from tuogu.org import queries as org
from tuogu.web.parts import View
from tuogu.web.viewer import Viewer

TONES = {
    "reported": "warn", "reinstated_filed": "warn", "lost_filed": "warn", "proposed": "warn", "confirmed": "",
    "reinstated": "good", "transferred": "good", "found": "good", "delivered": "good", "done": "good", "settled": "good",
}  # fmt: skip


def rooms(viewer: Viewer, here: str) -> list[View]:
    """The pages of the cases, as tabs: those that the viewer may open."""
    pages = {
        "list": _("个案"), "board": _("按状态"), "quality": _("品质确认"), "receipts": _("接单"),
    }  # fmt: skip
    return [
        View(title, reverse(f"cases:{name}"), None, name == here)
        for name, title in pages.items()
        if viewer.may(f"cases:{name}")
    ]


def kinds() -> list[tuple[str, str]]:
    """Kinds of cases with their words."""
    return [(str(code), _(str(label))) for code, label in cases.Kind.choices]


def kind_words() -> dict[str, str]:
    """Code → word."""
    return dict(kinds())


def part_words(codes: Iterable[str]) -> str:
    """Who must act, in words."""
    return _("、").join(_(cases.PARTS[code]) for code in codes if code != "system")


def need_words() -> dict[str, str]:
    """What a step may need, in words; `remark` is what may be added to any."""
    return {code: _(word) for code, word in NEEDS.items()} | {"remark": _("备注")}


def method_words() -> dict[str, str]:
    """The prescribed ways of reaching a customer."""
    return {code: _(word) for code, word in METHODS.items()}


def topics(rulebook: Rulebook) -> list[tuple[str, str]]:
    """Preservation services that have a list of papers."""
    return [(code, _(title)) for code, title in paper_lists.services(rulebook).items()]


def paper_words() -> dict[str, str]:
    """What papers are called."""
    return {code: _(word) for code, word in paper_lists.PAPERS.items()}


def staff_id(number: str) -> int | None:
    """The custodian of a staff number; None for an unknown one."""
    found = org.staff_ids([number.strip()]) if number.strip() else None
    return None if found is None or found.is_empty() else int(found["custodian_id"][0])
