"""What supervision of care asks of the viewer: tasks brought before them, records that wait, plans that are missing.

In: a viewer. Out: ToDo lines. Never: a task of somebody out of scope, one that the viewer may do nothing about.
"""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _

from tuogu.org.rights import Right
from tuogu.web.home.links import link
from tuogu.web.home.pending import Pending
from tuogu.web.parts import ToDo
from tuogu.web.templatetags.tuogu import day, num
from tuogu.web.viewer import Viewer
from tuogu.web.work.board import next_monday
from tuogu.work import queries as work


def care(viewer: Viewer, pending: Pending) -> Iterator[ToDo]:
    """P-20, P-21, S4-26: one line each."""
    if not viewer.can(Right.KEEP_WORK):
        return
    if "told" in pending:
        yield from _told(viewer)
    if "conflicts" in pending:
        yield from _conflicts(viewer)
    if viewer.can(Right.READ_WORK):
        yield from _plans(viewer)


def _told(viewer: Viewer) -> Iterator[ToDo]:
    found = work.told_open(viewer.person)
    if found.tasks:
        yield ToDo(
            icon="alarm", title=_("升级到您的逾期任务 %(n)s 项") % {"n": num(found.tasks)},
            text=_("最早的应在 %(day)s 前完成；督促责任人，或说明理由免办") % {"day": day(found.oldest)},
            due=None, due_words=_("已逾期"), url=link(viewer, "work:escalations"), action=_("查看"),
        )  # fmt: skip


def _conflicts(viewer: Viewer) -> Iterator[ToDo]:
    waiting = len(work.conflicts(viewer.scope))
    if waiting:
        yield ToDo(
            icon="git-compare", title=_("待定记录 %(n)s 条") % {"n": num(waiting)},
            text=_("送到时客户已换责任人；决定计入谁，决定之前不算任何人的"),
            due=None, due_words=_("等您决定"), url=link(viewer, "work:conflicts"), action=_("去决定"),
        )  # fmt: skip


def _plans(viewer: Viewer) -> Iterator[ToDo]:
    week = next_monday(viewer.today)
    missing = len(work.week_plans_missing(viewer.scope, week))
    if missing:
        yield ToDo(
            icon="calendar-week", title=_("下周计划 %(n)s 人未交") % {"n": num(missing)},
            text=_("须在 %(day)s 之前交") % {"day": day(week)},
            due=week, due_words="", url=link(viewer, "work:week_plans"), action=_("查看"),
        )  # fmt: skip
