"""Who is offered as the receiver of rows that somebody picked, for the page that moves them by hand.

In: a draft, numbers of its rows, who is chosen already. Out: variables of plans/adjust.html. Never: somebody offered whom
the checker has refused; a judgement made here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from tuogu.plans import queries as plans
from tuogu.web.templatetags.plan_words import staff_no
from tuogu.web.viewer import Viewer

_REFUSED_SHOWN = 50  # named with the reason; their number is always given


def offered(plan: int, viewer: Viewer, numbers: list[str], receiver: str) -> dict[str, Any]:
    """The receivers to choose from: those that the checker accepts first, the others with what stands in the way."""
    takers = plans.takers_of(plan, viewer.scope, numbers, on=viewer.today)
    names = plans.receiver_names({taker.receiver for taker in takers})
    named = [(taker, _named(taker.receiver, names)) for taker in takers if taker.verdict != "has_them"]
    groups = [(label, [pair for pair in named if pair[0].verdict == code]) for code, label in _groups()]
    refused = [pair for pair in named if pair[0].verdict == "refused"]
    listed = {taker.receiver for taker, _name in named if taker.verdict != "refused"}
    return {
        "groups": [(label, pairs) for label, pairs in groups if pairs],
        "takers_refused": refused[:_REFUSED_SHOWN],
        "takers_refused_count": len(refused),
        "typed": receiver if receiver not in listed else "",
    }


def _groups() -> list[tuple[str, str]]:
    return [("fine", _("复核通过")), ("openly", _("须公开放宽")), ("unchecked", _("未逐个复核，试算时复核"))]


def _named(receiver: str, names: Mapping[str, str]) -> str:
    name = names.get(receiver, receiver)
    number = staff_no(receiver)
    return f"{name} {number}" if number and number != name else name
