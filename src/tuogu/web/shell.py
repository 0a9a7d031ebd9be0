"""What stands around every page: navigation by flow and by post, the viewer, the rulebook, the last seal.

In: a request with a viewer. Out: template variables. Never: a link to a page that the viewer may not open, a count that
needs more than one cheap query.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext_lazy as _

from tuogu import clock
from tuogu.ledger import queries as ledger
from tuogu.rules import queries as rules
from tuogu.web.personal import reveals_left
from tuogu.web.viewer import Viewer


@dataclass(frozen=True)
class NavItem:
    """One line of the navigation. `under`: the URL names that belong to it begin with one of these."""

    label: Any
    icon: str
    url_name: str
    under: tuple[str, ...]


NAVIGATION: tuple[tuple[NavItem, ...], ...] = (  # groups follow the flow
    (NavItem(_("今日"), "home", "home", ("home", "buffer")),),
    (
        NavItem(_("导入"), "file-import", "imports:list", ("imports:", "jobs:")),
        NavItem(_("客户与保单"), "users", "policies:list", ("policies:",)),
        NavItem(_("分布"), "map-2", "territory:distribution", ("territory:",)),
        NavItem(_("分配"), "route", "plans:list", ("plans:", "draws:", "facts:", "fairness:")),
        NavItem(_("台账"), "book-2", "ledger:entries", ("ledger:",)),
    ),
    (NavItem(_("人员"), "id-badge-2", "staff:list", ("staff:",)),),
    (
        NavItem(_("制度"), "scale", "rules:list", ("rules:",)),
        NavItem(_("系统"), "settings", "system:home", ("system:",)),
    ),
)

REVEALS = ("policies:reveal", "phone:reveal", "staff:reveal")


def shell(request: HttpRequest) -> dict[str, Any]:
    """Context processor: everything lazy, so that fragments and error pages pay for nothing."""
    viewer: Viewer | None = getattr(request, "viewer", None)
    return {
        "viewer": viewer,
        "navigation": SimpleLazyObject(lambda: navigation(request, viewer)),
        "rulebook_label": SimpleLazyObject(
            lambda: (viewer.rulebook if viewer else rules.applicable(clock.business_today())).version
        ),
        "last_seal": SimpleLazyObject(ledger.last_seal_mark),
        "may_reveal": viewer is not None and any(viewer.may(name, "POST") for name in REVEALS),
        "reveals_left": SimpleLazyObject(lambda: reveals_left(viewer) if viewer else None),
        "demo": settings.TUOGU_DEMO,
        "language_names": settings.LANGUAGES,
    }


def navigation(request: HttpRequest, viewer: Viewer | None) -> list[list[dict[str, Any]]]:
    """Groups of lines that this viewer may open; the current one is marked."""
    if viewer is None:
        return []
    match = request.resolver_match
    here = match.view_name if match else ""
    groups = []
    for group in NAVIGATION:
        lines = [
            {
                "label": item.label, "icon": item.icon, "url": reverse(item.url_name),
                "current": here.startswith(item.under),
            }
            for item in group
            if viewer.may(item.url_name)
        ]  # fmt: skip
        if lines:
            groups.append(lines)
    return groups
