"""Tables of a strategy in the chosen language: words and units that the interface knows; what a plan wrote stays.

In: cells and charts as the plans give them, in Chinese. Out: the same with known words translated. Never: a number changed,
a word guessed.
"""

from __future__ import annotations

import re
from typing import Any

from django import template
from django.utils.translation import gettext, gettext_noop

register = template.Library()
_MEASURED = re.compile(r"(?P<n>-?[\d,.]+)(?P<unit>\D)")
_UNITS = (gettext_noop("%(n)s元"), gettext_noop("%(n)s分"), gettext_noop("%(n)s米"))
_WORDS = (gettext_noop("是"), gettext_noop("否"))  # how core writes a yes and a no
_HAN = re.compile(r"[\u3400-\u9fff]")


@register.filter
def cell_words(text: str) -> str:
    """A cell: 18.00分 → 18.00 pt, 是 → yes, a label of ours in its translation, anything else as it is."""
    measured = _MEASURED.fullmatch(text)
    form = "%(n)s" + measured["unit"] if measured else ""
    if measured and form in _UNITS:
        return gettext(form) % {"n": measured["n"]}
    return gettext(text) if text else ""


@register.filter
def chart_words(chart: dict[str, Any]) -> dict[str, Any]:
    """A chart with its series and labels in the chosen language."""
    return chart | {
        "labels": [cell_words(label or "") for label in chart["labels"]],
        "series": [one | {"name": cell_words(one["name"])} for one in chart["series"]],
    }


@register.filter
def chinese(text: str | list[str]) -> bool:
    """Whether Chinese stands in it still, which a page in English must say of itself."""
    return bool(_HAN.search(text if isinstance(text, str) else "".join(text)))
