"""Panels that other rooms hang on a customer's page: one line a room, shown to whoever has its right.

In: a viewer, a customer's number; the page has made sure that the customer is within scope. Out: what the panels' templates
show. Never: personal data in a panel's context that did not come through `web.personal`; a panel of a room that the viewer
may not read.

A room's function returns the context of its template: `title`, and what it shows; the template reads all of it as `panel.…`
(another name of the page cannot get in its way). With nothing to tell it returns a title only, and the page says 无.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tuogu.org.rights import Right
from tuogu.web.cases import panel as cases
from tuogu.web.chances import advised as chances
from tuogu.web.corrections import panel as corrections
from tuogu.web.notices import panel as notices
from tuogu.web.pools import panel as pools
from tuogu.web.privacy import panel as privacy
from tuogu.web.viewer import Viewer

Build = Callable[[Viewer, str], dict[str, Any]]


@dataclass(frozen=True)
class Panel:
    """`template`: shows the context that `build` gives, in the body of a card."""

    right: Right
    build: Build
    template: str


PANELS: tuple[Panel, ...] = (
    Panel(Right.READ_RECORD, cases.customer_panel, cases.TEMPLATE),
    Panel(Right.READ_CORRECTIONS, corrections.customer_panel, corrections.TEMPLATE),
    Panel(Right.READ_NOTICES, notices.customer_panel, notices.TEMPLATE),
    Panel(Right.READ_RECORD, pools.customer_panel, pools.TEMPLATE),
    Panel(Right.READ_RECORD, privacy.customer_panel, privacy.TEMPLATE),
    Panel(Right.READ_RECORD, chances.customer_panel, chances.TEMPLATE),
)


def panels_of(viewer: Viewer, number: str) -> list[dict[str, Any]]:
    """`panel` of each template that the viewer may read: the context, with its template and whether there is nothing."""
    found = []
    for panel in PANELS:
        if viewer.can(panel.right):
            context = panel.build(viewer, number)
            empty = not any(value for name, value in context.items() if name != "title")
            found.append({"template": panel.template, "empty": empty, **context})
    return found
