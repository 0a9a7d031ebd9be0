"""What motor renewal asks of the viewer: claims, the leader's word, second rounds, urgings, calls, samples, orders (S3).

In: a viewer. Out: ToDo lines. Never: a case out of scope, a line that the viewer may not do anything about.
"""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _

from tuogu.org.rights import Right
from tuogu.renewals import queries as renewals
from tuogu.web.home.links import link
from tuogu.web.home.pending import Pending
from tuogu.web.parts import ToDo
from tuogu.web.templatetags.tuogu import moment, num
from tuogu.web.viewer import Viewer


def renewals_waiting(viewer: Viewer, pending: Pending) -> Iterator[ToDo]:
    """One line each."""
    if "renewals" in pending:
        if viewer.can(Right.NAME_RENEWALS):
            yield from _claims(viewer)
            yield from _finals(viewer)
            yield from _seconds(viewer)
        if viewer.can(Right.NAME_RENEWALS, Right.KEEP_RENEWALS):
            yield from _supports(viewer)
        if viewer.can(Right.KEEP_RENEWALS):
            yield from _of_the_city(viewer)
        if viewer.can(Right.SERVE):
            yield from urged(viewer)
    if "renewal_calls" in pending and viewer.can(Right.CALL_OUT):
        yield from _results(viewer)
    if "renewal_samples" in pending and viewer.can(Right.KEEP_RENEWALS, Right.CALL_OUT):
        yield from _samples(viewer)
    if "renewal_orders" in pending and viewer.can(Right.NAME_RENEWALS):
        yield from _orders(viewer)
    if "renewal_rewards" in pending and viewer.can(Right.APPROVE_REWARDS):
        yield from _rewards(viewer)


def _claims(viewer: Viewer) -> Iterator[ToDo]:
    waiting = renewals.waiting_by_branch(viewer.scope)
    if waiting:
        yield ToDo(
            icon="car", title=_("续保待明确责任人 %(n)s 件") % {"n": num(sum(row.waiting for row in waiting))},
            text=_("确认或认领清单上的业务；过期转全辖公开认领"), due=min(row.due for row in waiting), due_words="",
            url=link(viewer, "renewals:claims"), action=_("去确认"),
        )  # fmt: skip


def _finals(viewer: Viewer) -> Iterator[ToDo]:
    found = renewals.finals_waiting(viewer.scope, viewer.today)
    if found:
        yield ToDo(
            icon="car", title=_("续保待最终确认 %(n)s 件") % {"n": num(len(found))},
            text=_("到期前仍未续保；无法续保的二次分配"), due=found[0].expiry_date, due_words="",
            url=link(viewer, "renewals:second"), action=_("去确认"),
        )  # fmt: skip


def _seconds(viewer: Viewer) -> Iterator[ToDo]:
    found = renewals.second_waiting(viewer.scope, viewer.now)
    if found:
        yield ToDo(
            icon="clock", title=_("二次分配待认领 %(n)s 件") % {"n": num(len(found))},
            text=_("最早 %(at)s 截止，过时转全辖或提交总公司") % {"at": moment(found[0].until_at)},
            due=viewer.today, due_words="", url=link(viewer, "renewals:second"), action=_("去分配"),
        )  # fmt: skip


def _supports(viewer: Viewer) -> Iterator[ToDo]:
    found = [one for one in renewals.supports(viewer.scope, open_only=True) if one.by != viewer.person]
    city = viewer.can(Right.KEEP_RENEWALS)
    mine = [one for one in found if (one.asked_of == "city") == city]
    if mine:
        yield ToDo(
            icon="alert-circle", title=_("续保求助待答复 %(n)s 件") % {"n": num(len(mine))},
            text=_("重要客户、大型团单，或无法按时续保的业务"), due=None, due_words=_("待答复"),
            url=link(viewer, "renewals:case", mine[-1].subject_id), action=_("去答复"),
        )  # fmt: skip


def _of_the_city(viewer: Viewer) -> Iterator[ToDo]:
    calls = renewals.call_list(viewer.scope, viewer.today).height
    silent = renewals.unacknowledged(viewer.scope, viewer.today).height
    if calls or silent:
        yield ToDo(
            icon="phone", title=_("集中呼出 %(n)s 件") % {"n": num(calls)},
            text=_("督促后 %(n)s 件还没有确认") % {"n": num(silent)}, due=viewer.today, due_words="",
            url=link(viewer, "renewals:calls"), action=_("去呼出"),
        )  # fmt: skip
    waiting = renewals.to_call_out(viewer.scope).height
    if waiting:
        yield ToDo(
            icon="building", title=_("待提交总公司呼出 %(n)s 件") % {"n": num(waiting)},
            text=_("二次分配后无人认领，或流失风险较大"), due=viewer.today, due_words="",
            url=link(viewer, "renewals:call_outs"), action=_("去提交"),
        )  # fmt: skip


def urged(viewer: Viewer) -> Iterator[ToDo]:
    """Urgings that the viewer has not acknowledged (S3-12)."""
    found = renewals.urgings(viewer.person)
    if found.height:
        yield ToDo(
            icon="bell", title=_("续保督促待确认 %(n)s 件") % {"n": num(found.height)},
            text=_("到期前仍未续保，请确认并说明打算怎么做"), due=found["fired_date"].min(), due_words="",  # type: ignore[arg-type]  # a column of dates
            url=link(viewer, "phone:renewals"), action=_("去确认"),
        )  # fmt: skip


def _results(viewer: Viewer) -> Iterator[ToDo]:
    lists = renewals.call_outs(viewer.scope)
    left = int((lists["lines"] - lists["answered"]).sum()) if lists.height else 0
    if left:
        yield ToDo(
            icon="phone", title=_("总公司呼出待登记结果 %(n)s 件") % {"n": num(left)},
            text=_("逐件登记，或上传填好的清单"), due=None, due_words=_("待登记"),
            url=link(viewer, "renewals:call_outs"), action=_("去登记"),
        )  # fmt: skip


def _samples(viewer: Viewer) -> Iterator[ToDo]:
    first = viewer.today.replace(day=1)
    before = first.replace(year=first.year - (first.month == 1), month=(first.month - 2) % 12 + 1)
    left = sum(row.answers is None for row in renewals.sample(before, viewer.scope))
    if left:
        yield ToDo(
            icon="dice-5", title=_("抽查回访待完成 %(n)s 位") % {"n": num(left)}, text=_("四项结果，须由责任人以外的人回访"),
            due=None, due_words=_("本月内"), url=link(viewer, "renewals:sample"), action=_("去回访"),
        )  # fmt: skip


def _orders(viewer: Viewer) -> Iterator[ToDo]:
    found = [one for one in renewals.improvements(viewer.scope, viewer.today)
             if not {"causes", "measures"} <= one.filed.keys()]  # fmt: skip
    if found:
        yield ToDo(
            icon="report", title=_("续保率整改待报 %(n)s 份") % {"n": num(len(found))},
            text=_("分析脱保原因，制定改进措施"), due=min(one.due_date for one in found), due_words="",
            url=link(viewer, "renewals:improvements"), action=_("去填报"),
        )  # fmt: skip


def _rewards(viewer: Viewer) -> Iterator[ToDo]:
    years = (viewer.today.year, viewer.today.year + 1)
    found = [one for year in years for one in renewals.reward_policies(year) if one.approved_by is None]
    mine = [one for one in found if one.by != viewer.person]
    if mine:
        yield ToDo(
            icon="scale", title=_("%(year)s 年续保奖励政策待审批") % {"year": mine[0].year},
            text=_("第 %(n)s 版；审批后生效") % {"n": mine[0].version}, due=None, due_words=_("待审批"),
            url=link(viewer, "renewals:rewards", year=mine[0].year), action=_("去审批"),
        )  # fmt: skip
