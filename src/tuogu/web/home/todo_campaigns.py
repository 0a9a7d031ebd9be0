"""What the repurchase campaign asks of the viewer: weekly reports to file or to audit, who is late (S2-16, S2-17).

In: a viewer. Out: ToDo lines. Never: a department out of reach, a figure of the books (the room's pages count those).
"""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _

from tuogu.campaigns import queries as campaigns
from tuogu.org.rights import Right
from tuogu.web.home.links import link
from tuogu.web.parts import ToDo
from tuogu.web.templatetags.tuogu import num
from tuogu.web.viewer import Viewer


def campaign_reports(viewer: Viewer) -> Iterator[ToDo]:
    """A line of what is to be filed, or is missing from departments; a line of what is to be audited."""
    if not viewer.can(Right.READ_CAMPAIGNS):
        return
    if viewer.can(Right.FILE_CAMPAIGN, Right.KEEP_CAMPAIGN):
        yield from _owed(viewer)
    if viewer.can(Right.KEEP_CAMPAIGN):
        yield from _to_audit(viewer)


def _owed(viewer: Viewer) -> Iterator[ToDo]:
    lines = campaigns.owed(viewer.scope, viewer.today)
    if not lines:
        return
    late, names = [line for line in lines if line.state == campaigns.LATE], []
    for line in late or lines:
        names += [] if line.name in names else [line.name]
    yield ToDo(
        icon="report", title=_("活动周报待报 %(n)s 份") % {"n": num(len(lines))},
        text=(_("已过截止日：%(who)s") if late else _("%(who)s")) % {"who": _("、").join(names[:3])},
        due=lines[0].week.due_date, due_words="",
        url=link(viewer, "campaigns:reports", lines[0].campaign_id), action=_("去看"),
    )  # fmt: skip


def _to_audit(viewer: Viewer) -> Iterator[ToDo]:
    waiting = campaigns.to_audit(viewer.scope)
    if waiting:
        first = next(iter(campaigns.campaigns(viewer.scope, running=True)))
        yield ToDo(
            icon="report", title=_("待审核的活动周报 %(n)s 份") % {"n": num(waiting)},
            text=_("上报数与账内数逐项对照"), due=None, due_words=_("待审核"),
            url=link(viewer, "campaigns:reports", first.pk, view="waiting"), action=_("去审核"),
        )  # fmt: skip
