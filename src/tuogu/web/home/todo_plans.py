"""What the plans ask of the viewer: decide, confirm an undo, release, make anew.

In: a viewer, `plans.queries.attention`. Out: ToDo lines. Never: a decision offered to who made the plan, a release to who
approved it.
"""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _

from tuogu.org import queries as org
from tuogu.plans import queries as plans
from tuogu.web.home.links import link
from tuogu.web.parts import ToDo
from tuogu.web.plans.words import counted
from tuogu.web.templatetags.tuogu import NOTHING, moment, num, percent
from tuogu.web.viewer import Viewer


def undos(viewer: Viewer, attention: plans.Attention) -> Iterator[ToDo]:
    """Requests to undo a release that another person must confirm."""
    if not viewer.may("plans:undo_decide", "POST"):
        return
    waiting = [asked for asked in attention.undo_asked if asked.by != viewer.person]
    names = org.names({asked.by for asked in waiting}) if waiting else {}
    for asked in waiting:
        facts = {"plan": asked.plan, "part": asked.instalment, "n": counted(asked.pieces, asked.strategy)}
        yield ToDo(
            icon="arrow-back-up",
            title=_("方案 %(plan)s 第 %(part)s 期（%(n)s）申请撤销，等你确认") % facts,
            text=_("%(who)s：%(reason)s") % {"who": names.get(asked.by) or "", "reason": asked.reason},
            due=None,
            due_words=_("%(at)s 提出") % {"at": moment(asked.at)},
            url=link(viewer, "plans:undo", asked.release),
            action=_("核对"),
        )


def decisions(viewer: Viewer, attention: plans.Attention) -> Iterator[ToDo]:
    """Plans that await a second person; their makers see that they wait."""
    for head in attention.awaiting:
        facts = {
            "plan": head.id, "placed": counted(head.placed, head.strategy), "rest": counted(head.unplaced, head.strategy),
            "bad": num(head.violations),
            "gap": f"{percent(head.gap, 2)}%" if head.placed else NOTHING, "who": head.made_by_name,
        }  # fmt: skip
        text = (
            _("安置 %(placed)s，未安置 %(rest)s · 硬性违规 %(bad)s，距最优下界 %(gap)s · 制表 %(who)s")
            % facts
        )
        since = _("%(at)s 送审") % {"at": moment(head.made_at)}
        if head.made_by == viewer.person:
            title = _("方案 %(plan)s 已送审，等另一人审批") % facts
            yield ToDo("route", title, text, None, since, link(viewer, "plans:plan", head.id), _("查看"))
        elif viewer.may("plans:decide", "POST"):
            title = _("方案 %(plan)s 等你审批") % facts
            yield ToDo("gavel", title, text, None, since, link(viewer, "plans:decide", head.id), _("审批"))


def releases(viewer: Viewer, attention: plans.Attention) -> Iterator[ToDo]:
    """Instalments that come due, and what became of their rows since the plan was made."""
    if not viewer.may("plans:release", "POST"):
        return
    for line in attention.releases:
        if line.approved_by == viewer.person:
            continue
        facts = {
            "plan": line.plan, "part": line.instalment, "n": counted(line.pieces, line.strategy),
            "moved": counted(line.moved, line.strategy), "rest": counted(line.pieces - line.moved, line.strategy),
        }  # fmt: skip
        title = _("方案 %(plan)s 第 %(part)s 期到期下发，%(n)s") % facts
        text = _("审批后没有变动，可以按原样下发")
        if line.moved:
            title = _("方案 %(plan)s 第 %(part)s 期到期下发，%(moved)s在审批后有变动") % facts
            text = _("这 %(moved)s下发时会留在原处，不影响其余 %(rest)s") % facts
        yield ToDo(
            "package", title, text, line.due_date, "", link(viewer, "plans:plan", line.plan), _("核对")
        )


def taken_back(viewer: Viewer, attention: plans.Attention) -> Iterator[ToDo]:
    """Policies of the plan in force that an undo took back after their instalment: nothing is scheduled for them."""
    if not viewer.may("plans:again", "POST"):
        return
    for line in attention.taken_back:
        facts = {"plan": line.plan, "part": line.instalment, "n": counted(line.pieces, line.strategy)}
        yield ToDo(
            "route",
            _("方案 %(plan)s 第 %(part)s 期下发后又被撤回 %(n)s") % facts,
            _("这 %(n)s不归方案指定的人；重新安排后只下发这些") % facts,
            None,
            "",
            link(viewer, "plans:plan", line.plan),
            _("重新安排"),
        )


def sent_back(viewer: Viewer, attention: plans.Attention) -> Iterator[ToDo]:
    """The viewer's newest plan, or a colleague's for whom the viewer stands in, where it was sent back."""
    for head in attention.sent_back:
        if head.made_by in (viewer.person, *viewer.acting_for):
            facts = {"plan": head.id, "who": head.made_by_name}
            own = head.made_by == viewer.person
            yield ToDo(
                icon="arrow-back",
                title=_("方案 %(plan)s 被退回") % facts
                if own
                else _("代 %(who)s：方案 %(plan)s 被退回") % facts,
                text=_("%(who)s：%(note)s") % {"who": head.decided_by_name, "note": head.note},
                due=None,
                due_words=_("%(at)s 退回") % {"at": moment(head.decided_at)},
                url=link(viewer, "plans:plan", head.id),
                action=_("查看"),
            )
