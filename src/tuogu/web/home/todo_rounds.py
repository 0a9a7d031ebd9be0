"""What rounds and reviews ask of the viewer: steps past their day, reviews that wait for somebody who had no part.

In: a viewer. Out: ToDo lines. Never: a step or a case that the viewer may not work on.
"""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _

from tuogu.plans import queries as plans
from tuogu.web.home.links import link
from tuogu.web.parts import ToDo
from tuogu.web.templatetags.tuogu import day
from tuogu.web.viewer import Viewer

_SHOWN = 3  # late steps named one by one; the page lists them all


def late_steps(viewer: Viewer) -> Iterator[ToDo]:
    """Steps of rounds within scope that should have been handed on (S0-26)."""
    if not viewer.may("plans:step", "POST"):
        return
    late = plans.overdue_steps(viewer.scope, viewer.today)
    for line, step in late[:_SHOWN]:
        facts = {"step": step.title, "round": line.name, "who": step.department, "day": day(step.due_date)}
        yield ToDo(
            icon="clock",
            title=_("“%(round)s”的“%(step)s”逾期") % facts,
            text=_("牵头 %(who)s，%(day)s 前应移交") % facts,
            due=step.due_date,
            due_words="",
            url=link(viewer, "plans:round", line.id) + f"#step-{step.id}",
            action=_("交接"),
        )
    if len(late) > _SHOWN:
        rest = _("另有 %(n)s 步逾期") % {"n": len(late) - _SHOWN}
        yield ToDo(
            "clock",
            rest,
            _("逾期清单列出全部步骤和牵头部门"),
            None,
            "",
            link(viewer, "plans:rounds"),
            _("查看"),
        )


def open_reviews(viewer: Viewer) -> Iterator[ToDo]:
    """Reviews of automated decisions, by the day they are due (L-08)."""
    if not viewer.may("plans:review", "POST"):
        return
    waiting = plans.review_lines(viewer.scope, only_open=True)
    if waiting:
        facts = {"n": len(waiting), "day": day(waiting[0].due_date)}
        yield ToDo(
            icon="scale",
            title=_("%(n)s 项人工复核待答复") % facts,
            text=_("最早 %(day)s 到期；参与过这项分配的人不能复核") % facts,
            due=waiting[0].due_date,
            due_words="",
            url=link(viewer, "plans:reviews"),
            action=_("复核"),
        )
