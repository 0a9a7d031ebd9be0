"""What the viewer is asked in a colleague's stead (P-05), and where the viewer's own prompts go meanwhile.

In: a viewer. Out: ToDo lines. Never: a line after the last day, a customer's name.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from django.utils.translation import gettext as _

from tuogu.books import queries as books
from tuogu.org import queries as org
from tuogu.web.home.links import link
from tuogu.web.parts import ToDo
from tuogu.web.templatetags.tuogu import num, short_day
from tuogu.web.viewer import Viewer

WEEK = timedelta(days=7)


def stands_in(viewer: Viewer) -> Iterator[ToDo]:
    """One line for each colleague whose prompts come here: what falls due within a week."""
    known = org.known_as(viewer.acting_for) if viewer.acting_for else {}
    for person in viewer.acting_for:
        held, row = books.held_by_person(person, viewer.today), org.substitute_of(person, viewer.today)
        due = len(held.dues(viewer.today, viewer.today + WEEK))
        facts = {
            "name": known[person].name,
            "due": num(due),
            "held": num(held.policies),
            "lapsed": num(len(held.lapsed())),
        }
        title = _("代 %(name)s：七天内应收 %(due)s 件") % facts
        text = _("其名下 %(held)s 件，失效 %(lapsed)s 件；责任人仍是本人，由你联系客户") % facts
        url = link(viewer, "phone:today", of=known[person].staff_number)
        url = url or link(viewer, "policies:list", custodian=known[person].staff_number)
        until = _("至 %(day)s") % {"day": short_day(row.until_date - timedelta(days=1))} if row else ""
        yield ToDo("user-share", title, text, None, until, url, _("看清单"))


def handed_on(viewer: Viewer) -> Iterator[ToDo]:
    """Where the viewer's own prompts go today."""
    if viewer.stood_in_by is None:
        return
    row = org.substitute_of(viewer.person, viewer.today)
    if row is not None:
        name = org.names([row.substitute])[row.substitute] or ""
        title = _("你的提醒现在由 %(name)s 代收") % {"name": name}
        text = _("名下的责任不变；回岗后可在日历中提前结束")
        until = _("至 %(day)s") % {"day": short_day(row.until_date - timedelta(days=1))}
        yield ToDo("user-share", title, text, None, until, link(viewer, "staff:calendar"), _("日历"))
