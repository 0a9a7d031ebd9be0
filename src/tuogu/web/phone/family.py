"""The family of a customer, as told at the door: who belongs to it, and what has changed (S4-30).

In: a viewer, a customer whom the viewer or a colleague holds; then a form. Out: the members, names masked; a row of `work`.
Never: a customer of somebody else (404), a name in clear on the page, a row changed (a change withdraws the row before).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from tuogu.web import personal
from tuogu.web.paging import day_of, id_of
from tuogu.web.phone.whose import holder_of
from tuogu.web.viewer import Viewer, ViewerRequest
from tuogu.work import actions
from tuogu.work.failures import WorkRefused

RELATIONS = (  # what is tapped; anything else is typed
    gettext_noop("配偶"), gettext_noop("子女"), gettext_noop("父母"), gettext_noop("兄弟姐妹"), gettext_noop("祖孙"),
)  # fmt: skip


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def family(request: ViewerRequest, number: str) -> HttpResponse:
    """The members; `?change=` opens one of them. POST: one more, what is true of one by now, or one less."""
    viewer, post, refusal = request.viewer, request.POST, ""
    holder_of(viewer, number)
    if request.method == "POST":
        try:
            said = _act(viewer, number, post)()
        except WorkRefused as refused:
            refusal = str(refused)
        else:
            messages.success(request, said)
            return redirect("phone:family", number=number)
    asked = id_of((post if refusal else request.GET).get("change", ""))
    context = _context(viewer, number, asked) | {"refusal": refusal, "given": post if refusal else {}}
    return render(request, "phone/family.html", context, status=409 if refusal else 200)


def _act(viewer: Viewer, number: str, post: QueryDict) -> Callable[[], str]:
    member = id_of(post.get("change", ""))
    if post.get("act") != "remove":
        return lambda: _keep(viewer, number, post, member)

    def remove() -> str:
        if member is None or all(one.id != member for one in personal.members_told(viewer, number)):
            raise WorkRefused(_("没有这位家庭成员，或已改过；没有写入任何数据"))
        actions.withdraw_member(member, by=viewer.person, at=viewer.now)
        return _("已移除这位家庭成员；需要时重新登记。")

    return remove


def _keep(viewer: Viewer, number: str, post: QueryDict, member: int | None) -> str:
    born = _day(post.get("birth_date", ""))
    relation = post.get("relation_other", "").strip() or post.get("relation", "")
    actions.keep_member(
        number, relation=relation, name=post.get("name", ""), sex=post.get("sex", ""), birth_date=born,
        replaces=member, by=viewer.person, at=viewer.now,
    )  # fmt: skip
    if member is None:
        return _("已登记家庭成员；登记错了可移除。")
    return _("已按最新情况登记，原来的一条留档。")


def _day(text: str) -> date | None:
    day = day_of(text)
    if text.strip() and day is None:
        raise WorkRefused(_("日期：请按 2026-11-22 填写；没有写入任何数据"))
    return day


def _context(viewer: Viewer, number: str, asked: int | None) -> dict[str, Any]:
    shown, told = personal.masked([number]), personal.members_told(viewer, number)
    if number not in shown:
        raise Http404
    personal.opened(viewer, subject_kind="customer", subject=number)
    ages = {one.id: viewer.today.year - one.birth_date.year for one in told if one.birth_date}
    return {
        "number": number, "customer": shown[number], "told": told, "ages": ages,
        "relations": [(word, _(word)) for word in RELATIONS], "text_max": viewer.rulebook["work.text_chars_max"],
        "change": next((one for one in told if one.id == asked), None),
    }  # fmt: skip
