"""What a model keeps as codes, in words: bins of features, sides of a reason.

In: features, bins. Out: words for pages. Never: a word that is stored.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

from django.utils.translation import gettext as _

from tuogu.core.chance.model import Learned
from tuogu.core.chance.tables import AMOUNT, PLACES
from tuogu.core.motor.words import BANDS
from tuogu.org import queries as org
from tuogu.web.templatetags.tuogu import num, rate, yuan


def places_of(features: Iterable[Learned]) -> dict[str, str]:
    """Names of the institutions among the bins."""
    return org.institution_names(
        one.name for learned in features if learned.feature.key in PLACES for one in learned.bins
    )


def bin_words(learned: Learned, name: str, places: dict[str, str]) -> str:
    """A bin as people say it."""
    key, kind = learned.feature.key, learned.feature.kind
    if kind == AMOUNT:
        return _amount(learned, name)
    if name == "other" and name not in places:
        return _("其他")
    if key in PLACES:
        return places.get(name, name)
    if key == "band":
        return _(BANDS[name]) if name in BANDS else name
    said = {"yes": _("是"), "no": _("否"), "unknown": _("未核实"), "": _("未填")}
    return said.get(name) or (_(name) if key == "channel" else name)


def _amount(learned: Learned, name: str) -> str:
    """An amount's class by its ends; a single whole number as itself."""
    if name == "unknown":
        return _("不详")
    if not learned.edges:
        return _("不分档")
    unit = learned.feature.unit
    shown = yuan if unit == "fen" else rate if unit == "bp" else num
    place = [one.name for one in learned.bins].index(name)
    if place == len(learned.edges):
        return _("%(n)s 以上") % {"n": shown(learned.edges[-1])}
    edge, below = learned.edges[place], learned.edges[place - 1] if place else -1
    if edge - below == 1 and not unit:
        return str(shown(edge))
    if not place:
        return _("不超过 %(n)s") % {"n": shown(edge)}
    return _("%(low)s 以上至 %(high)s") % {"low": shown(below), "high": shown(edge)}


def times(adds: float) -> str:
    """How a reason multiplies the odds: ×1.42."""
    return f"×{math.exp(adds):.2f}"
