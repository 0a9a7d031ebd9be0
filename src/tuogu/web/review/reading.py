"""What the pages of this room share: tabs, people of an address, days, points, refusals.

In: a request. Out: values for templates; 404 for what is not there or out of scope. Never: a rule.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from decimal import Decimal, InvalidOperation

from django.contrib import messages
from django.http import Http404, HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from tuogu.org import queries as org
from tuogu.review.failures import ReviewRefused
from tuogu.web.parts import View
from tuogu.web.viewer import Viewer

_HUNDRED = 100


def rooms(viewer: Viewer, here: str) -> list[View]:
    """The pages of this room that the viewer may open, as tabs."""
    pages = {
        "home": _("检查计划"), "desk": _("批阅与检查"), "lots": _("随机抽查"), "penalties": _("处罚台账"),
        "months": _("月结"),
    }  # fmt: skip
    return [
        View(title, reverse(f"review:{name}"), None, name == here)
        for name, title in pages.items()
        if viewer.may(f"review:{name}")
    ]


def person_or_404(viewer: Viewer, number: str) -> int:
    """Somebody within scope by staff number, or the viewer."""
    found = org.staff_ids([number])
    if not found.height:
        raise Http404
    person = int(found["custodian_id"][0])
    within = org.custodians_within(viewer.scope)
    if within is not None and person not in within and person != viewer.person:
        raise Http404
    return person


def day_or_404(text: str) -> date:
    """2026-11-22 → the day."""
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise Http404 from error


def points_of(text: str) -> int | None:
    """'18.5' → 1850; nothing → None; ReviewRefused for anything else."""
    if not text.strip():
        return None
    try:
        value = Decimal(text.strip()) * _HUNDRED
    except InvalidOperation as error:
        raise ReviewRefused(_("评分应为数字")) from error
    if not value.is_finite() or value != int(value):
        raise ReviewRefused(_("评分最多两位小数"))
    return int(value)


def names_of(ids: Iterable[int | None]) -> dict[int, org.KnownAs]:
    """Names and staff numbers: one query."""
    return org.known_as(set(ids))


def told(request: HttpRequest, act: Callable[[], str]) -> bool:
    """Do it and say what happened; a refusal says why, and that nothing was written."""
    try:
        said = act()
    except ReviewRefused as refused:
        messages.error(request, _("%(why)s；没有写入任何数据。") % {"why": refused})
        return False
    messages.success(request, said)
    return True
