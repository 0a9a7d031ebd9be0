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
from tuogu.files.watermark import Mark
from tuogu.ledger import queries as ledger
from tuogu.rules import queries as rules
from tuogu.web.personal import reveals_left
from tuogu.web.sightings import mark_of
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
        NavItem(_("地址"), "map-pin", "regions:home", ("regions:",)),
        NavItem(_("客户"), "users", "customers:list", ("customers:",)),
        NavItem(_("保单"), "file-text", "policies:list", ("policies:", "lists:")),
        NavItem(_("分布"), "map-2", "territory:distribution", ("territory:",)),
        NavItem(_("分配"), "route", "plans:list", ("plans:", "draws:", "facts:", "fairness:", "transfers:")),
        NavItem(_("台账"), "book-2", "ledger:entries", ("ledger:",)),
        NavItem(_("日志与检查"), "clipboard-check", "review:home", ("review:",)),
        NavItem(_("资料更正"), "edit", "corrections:list", ("corrections:",)),
        NavItem(_("离职告知"), "mail", "notices:board", ("notices:",)),
        NavItem(_("服务督导"), "heart-handshake", "work:board", ("work:",)),
        NavItem(_("个案"), "clipboard-list", "cases:list", ("cases:",)),
        NavItem(_("续保"), "car", "renewals:board", ("renewals:",)),
        NavItem(_("活动"), "flag", "campaigns:list", ("campaigns:",)),
        NavItem(_("报表"), "report-analytics", "reports:hub", ("reports:", "chances:")),
        NavItem(_("公共池"), "inbox", "pools:board", ("pools:",)),
        NavItem(_("服务工具"), "briefcase", "kit:hub", ("kit:",)),
        NavItem(_("导出"), "file-export", "exports:list", ("exports:",)),
    ),
    (NavItem(_("人员"), "id-badge-2", "staff:list", ("staff:",)),),
    (
        NavItem(_("制度"), "scale", "rules:list", ("rules:",)),
        NavItem(_("审计"), "list-search", "audit:period", ("audit:",)),
        NavItem(_("数据保护"), "shield-lock", "privacy:home", ("privacy:",)),
        NavItem(_("系统"), "settings", "system:home", ("system:",)),
        NavItem(_("接口密钥"), "key", "keys:list", ("keys:",)),
    ),
)

REVEALS = ("policies:reveal", "regions:reveal", "customers:reveal", "phone:reveal", "staff:reveal")


def shell(request: HttpRequest) -> dict[str, Any]:
    """Context processor: everything lazy, so that fragments and error pages pay for nothing."""
    viewer: Viewer | None = getattr(request, "viewer", None)
    return {
        "viewer": viewer,
        "navigation": SimpleLazyObject(lambda: navigation(request, viewer)),
        "print_line": SimpleLazyObject(lambda: print_line(viewer) if viewer else ""),
        "print_mark": SimpleLazyObject(lambda: mark_of(viewer.now) if viewer else ""),
        "rulebook_label": SimpleLazyObject(
            lambda: (viewer.rulebook if viewer else rules.applicable(clock.business_today())).version
        ),
        "last_seal": SimpleLazyObject(ledger.last_seal_mark),
        "may_reveal": viewer is not None and any(viewer.may(name, "POST") for name in REVEALS),
        "reveals_left": SimpleLazyObject(lambda: reveals_left(viewer) if viewer else None),
        "demo": settings.TUOGU_DEMO,
        "language_names": settings.LANGUAGES,
    }


def print_line(viewer: Viewer) -> str:
    """What the footer of a printed page says (N-13)."""
    return Mark(f"{viewer.name} {viewer.staff_number}", viewer.now, mark_of(viewer.now)).line


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
