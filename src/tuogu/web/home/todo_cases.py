"""What the cases ask of the viewer: policies to sign for, refusals to rule on, cases that wait, papers that are overdue.

In: a viewer. Out: ToDo lines. Never: a case that the viewer has no step in, a refusal for whoever refused.
"""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _

from tuogu.cases import queries as cases
from tuogu.org.rights import Right
from tuogu.web.home.links import link
from tuogu.web.home.pending import Pending
from tuogu.web.parts import ToDo
from tuogu.web.templatetags.tuogu import num
from tuogu.web.viewer import Viewer


def matters(viewer: Viewer, pending: Pending) -> Iterator[ToDo]:
    """S1-34, S1-29…S1-31, S4-23: one line each."""
    if "receipts" in pending and viewer.can(Right.SERVE):
        yield from receipts(viewer)
    if "refusals" in pending and viewer.can(Right.KEEP_WORK):
        yield from _refusals(viewer)
    if "cases" in pending and viewer.may("cases:list"):
        yield from _waiting(viewer)
    if "papers" in pending and viewer.can(Right.KEEP_PAPERS, Right.KEEP_WORK):
        yield from _papers(viewer)


def receipts(viewer: Viewer) -> Iterator[ToDo]:
    """What the viewer, or whom the viewer stands in for, has received and not answered."""
    found = cases.receipts_waiting(viewer.person, viewer.today)
    if found:
        unsigned = sum(cases.ReceiptAct.SIGNED not in row.done for row in found)
        yield ToDo(
            icon="inbox", title=_("接单 %(n)s 笔待反馈") % {"n": num(len(found))},
            text=_("其中 %(n)s 笔还没有签收；逾期或不全的计入处罚台账") % {"n": num(unsigned)}, due=found[0].due_date,
            due_words="", url=link(viewer, "phone:cases"), action=_("去签收") if unsigned else _("去反馈"),
        )  # fmt: skip


def _refusals(viewer: Viewer) -> Iterator[ToDo]:
    found = cases.refusals_waiting(viewer.scope, viewer.person)
    if found:
        yield ToDo(
            icon="gavel", title=_("拒绝接单 %(n)s 笔待认定") % {"n": num(len(found))},
            text=_("有没有正当理由由主管认定；无故拒绝的取消资格"), due=None, due_words=_("待认定"),
            url=link(viewer, "cases:receipt", found[0].id), action=_("去认定"),
        )  # fmt: skip


def _waiting(viewer: Viewer) -> Iterator[ToDo]:
    waiting = cases.waiting_count(viewer.scope, viewer.person, viewer.today)
    if viewer.can(Right.CONFIRM_CASES):
        queue = cases.quality_queue(viewer.scope, viewer.person)
        waiting -= len(queue)
        if queue:
            yield ToDo(
                icon="checklist", title=_("待品质确认的个案 %(n)s 件") % {"n": num(len(queue))},
                text=_("疑难件、失效件的反馈表等，最早送来的在前"), due=None, due_words=_("等您确认"),
                url=link(viewer, "cases:quality"), action=_("去确认"),
            )  # fmt: skip
    if waiting > 0:
        yield ToDo(
            icon="checklist", title=_("等您办的个案 %(n)s 件") % {"n": num(waiting)},
            text=_("服务流程、疑难件、失效件、保全协办、工作交接等"), due=None, due_words=_("等您办"),
            url=link(viewer, "cases:list", view="mine"), action=_("查看"),
        )  # fmt: skip


def _papers(viewer: Viewer) -> Iterator[ToDo]:
    late = cases.papers_overdue(viewer.scope, viewer.person, viewer.today)
    if late:
        yield ToDo(
            icon="alarm", title=_("资料逾期未提交柜面 %(n)s 件") % {"n": num(len(late))},
            text=_("资料已收齐，应在期限内提交柜面；督促经办人"), due=late[0].due_date, due_words="",
            url=link(viewer, "cases:list", view="open", kind="papers", state="complete"), action=_("查看"),
        )  # fmt: skip
