"""What logs and inspection ask of the viewer: logs to check, penalties to tell of, appeals and reports to decide.

In: a viewer. Out: ToDo lines. Never: a log that is another's to check, an appeal that the viewer may not decide.
"""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _

from tuogu.org.rights import Right
from tuogu.review import queries as review
from tuogu.web.home.links import link
from tuogu.web.home.pending import Pending
from tuogu.web.parts import ToDo
from tuogu.web.templatetags.tuogu import num
from tuogu.web.viewer import Viewer


def inspection(viewer: Viewer, pending: Pending) -> Iterator[ToDo]:
    """S1-18, N-14: one line each."""
    if viewer.can(Right.INSPECT):
        if {"logs", "lots"} & pending:
            yield from _to_check(viewer)
        if "penalties" in pending:
            yield from _to_tell(viewer)
    if {"penalties", "reports"} & pending and viewer.can(Right.DECIDE_APPEALS):
        yield from _to_decide(viewer)


def _to_check(viewer: Viewer) -> Iterator[ToDo]:
    due = review.due_for(viewer.person, viewer.today)
    if due:
        yield ToDo(
            icon="clipboard-check", title=_("待批阅、检查的日志 %(n)s 篇") % {"n": num(len(due))},
            text=_("直接主管每天批阅；到期的抽查也在其中"), due=due[0].due_date, due_words="",
            url=link(viewer, "review:desk"), action=_("去批阅"),
        )  # fmt: skip


def _to_tell(viewer: Viewer) -> Iterator[ToDo]:
    n = review.waiting(viewer.scope)["untold"]
    if n:
        yield ToDo(
            icon="gavel", title=_("待告知的处罚 %(n)s 笔") % {"n": num(n)},
            text=_("告知本人后才生效，本人可以申诉"), due=None, due_words=_("待告知"),
            url=link(viewer, "review:penalties", view="untold"), action=_("查看"),
        )  # fmt: skip


def _to_decide(viewer: Viewer) -> Iterator[ToDo]:
    appealed, reports = review.waiting(viewer.scope)["appealed"], len(review.open_reports(viewer.scope))
    if appealed:
        yield ToDo(
            icon="gavel", title=_("待决定的申诉 %(n)s 笔") % {"n": num(appealed)},
            text=_("由没有参与检查和告知的另一人决定"), due=None, due_words=_("待决定"),
            url=link(viewer, "review:penalties", view="appealed"), action=_("查看"),
        )  # fmt: skip
    if reports:
        yield ToDo(
            icon="clipboard-check", title=_("待认定的日志报告 %(n)s 份") % {"n": num(reports)},
            text=_("报告人以外的另一人认定后才有后果"), due=None, due_words=_("待认定"),
            url=link(viewer, "review:home"), action=_("查看"),
        )  # fmt: skip
