"""What the views of this room share: the frame of the viewer's device, tabs, people, a register within scope.

In: a viewer, ids. Out: plain values for templates. Never: a register out of scope (404).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from django.http import Http404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from tuogu.kit import queries as kit
from tuogu.org import queries as org
from tuogu.web.paging import FIRST_DAY, LAST_DAY
from tuogu.web.viewer import Viewer

_TABS = (  # url name, what it is called
    ("kit:hub", gettext_noop("上门准备")),
    ("kit:registers", gettext_noop("登记表")),
    ("kit:returns", gettext_noop("签名页回收")),
    ("kit:high_end", gettext_noop("高端客户")),
    ("kit:estates", gettext_noop("小区与网点")),
    ("kit:scripts", gettext_noop("约访话术")),
)


def framed(viewer: Viewer, here: str) -> dict[str, Any]:
    """`frame`: the template that the page extends, for a phone or a desk; the tabs that the viewer may open."""
    tabs = [
        {"name": name, "title": _(title), "current": name == here}
        for name, title in _TABS
        if viewer.may(name)
    ]
    return {"frame": "kit/_phone.html" if viewer.only_phone else "kit/_desk.html", "kit_tabs": tabs}


def register_or_404(viewer: Viewer, register: int) -> kit.PrintRow:
    """A printed register within scope."""
    found = kit.register(viewer.scope, register)
    if found is None:
        raise Http404
    return found


def names_of(people: Iterable[int | None]) -> dict[int, str]:
    """Name of each custodian id."""
    return {person: known.name for person, known in org.known_as(people).items()}


def title_of(row: kit.PrintRow, names: dict[int, str]) -> str:
    """As the paper is called: 客户联系资料册 2026年3月 王五."""
    return f"{_(row.kind_label)} {period_of(row)} {names.get(row.person, '')}".strip()


def period_of(row: kit.PrintRow) -> str:
    """The month, the week, or the day on which the policies were given or the visits are made."""
    if row.kind == kit.RegisterKind.CONTACT:
        return _("%(year)s 年 %(month)s 月") % {"year": row.first_date.year, "month": row.first_date.month}
    if row.kind == kit.RegisterKind.VISIT_WEEK:
        last = row.first_date + timedelta(days=6)
        return _("%(first)s 至 %(last)s") % {"first": row.first_date.isoformat(), "last": last.isoformat()}
    return row.first_date.isoformat()


def month_of(text: str) -> date | None:
    """The first day of a month typed as 2026-03; None for anything else."""
    try:
        year, month = (int(part) for part in text.strip().split("-"))
        found = date(year, month, 1)
    except ValueError:
        return None
    return found if FIRST_DAY <= found <= LAST_DAY else None


def dated(line: kit.Line) -> dict[str, Any]:
    """A line with its days as days."""
    return {
        **vars(line),
        "inception_date": date.fromisoformat(line.inception_date) if line.inception_date else None,
        "due_date": date.fromisoformat(line.due_date) if line.due_date else None,
        "visit_date": date.fromisoformat(line.visit_date) if line.visit_date else None,
    }
