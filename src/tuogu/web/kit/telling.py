"""What a customer tells at the door for the coverage table: members of the family, policies of other insurers (S4-30).

In: a form. Out: rows of the room `work`; the page again. Never: a customer whom the viewer does not serve.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from tuogu.core.household import KINDS
from tuogu.web.paging import day_of, id_of
from tuogu.web.viewer import ViewerRequest
from tuogu.work import actions as work
from tuogu.work.failures import WorkRefused

_FEN = 100  # of a yuan
_YEARS_MAX = 120  # a premium paid for longer than anybody lives is a slip
_IN_YUAN = {"sum_insured": "sum_insured_fen", "yearly_premium": "premium_fen"}  # input → what is kept, in fen
_WHOLE = ("payment_term_years",)
_DAYS = ("effective_date", "end_date", "next_due_date")
_TEXTS = ("insurer", "product_name", "benefit")


@require_POST
def member(request: ViewerRequest, number: str) -> HttpResponse:
    """Write a member down."""
    viewer, post = request.viewer, request.POST

    def act() -> str:
        if post.get("birth_date", "").strip() and day_of(post["birth_date"]) is None:
            raise WorkRefused(_("日期：请按 2026-11-22 填写；没有写入任何数据"))
        work.keep_member(
            number, relation=post.get("relation", ""), name=post.get("name", ""), sex=post.get("sex", ""),
            birth_date=day_of(post.get("birth_date", "")), by=viewer.person, at=viewer.now,
        )  # fmt: skip
        return _("已登记家庭成员；登记错了可移除。")

    return _done(request, number, act)


@require_POST
def remove(request: ViewerRequest, number: str, member: int) -> HttpResponse:
    """The member was told wrongly."""
    viewer = request.viewer

    def act() -> str:
        work.withdraw_member(member, by=viewer.person, at=viewer.now)
        return _("已移除这位家庭成员；需要时重新登记。")

    return _done(request, number, act)


@require_POST
def outside(request: ViewerRequest, number: str) -> HttpResponse:
    """Write down a policy of another insurer; with `replaces` alone, that there is none any more."""
    viewer, post = request.viewer, request.POST

    def act() -> str:
        work.keep_outside_policy(
            number, detail=_detail(post), member=id_of(post.get("member", "")),
            replaces=id_of(post.get("replaces", "")), by=viewer.person, at=viewer.now,
        )  # fmt: skip
        return _("已登记他司保单情况，并入家庭保障分析表；登记错了可移除。")

    return _done(request, number, act)


def _detail(post: Any) -> dict[str, Any]:
    """By names of core.household.COVERS; WorkRefused names the field that cannot be read."""
    told: dict[str, Any] = {name: post.get(name, "").strip() for name in _TEXTS}
    kinds = [kind for kind in post.getlist("kinds") if kind in KINDS]
    told["kinds"] = ",".join(kinds)
    for name in _DAYS:
        day = day_of(post.get(name, ""))
        if post.get(name, "").strip() and day is None:
            raise WorkRefused(_("日期：请按 2026-11-22 填写；没有写入任何数据"))
        told[name] = day.isoformat() if day else ""
    for name in (*_IN_YUAN, *_WHOLE):
        text = post.get(name, "").strip().replace(",", "")
        if text and (not text.isdecimal() or len(text) > 9):
            raise WorkRefused(_("金额和年数：请填整数；没有写入任何数据"))
        kept, unit = (_IN_YUAN[name], _FEN) if name in _IN_YUAN else (name, 1)
        told[kept] = int(text) * unit if text else ""
    if told["effective_date"] and told["end_date"] and told["end_date"] < told["effective_date"]:
        raise WorkRefused(_("保障止期不能早于生效日期；没有写入任何数据"))
    if told["payment_term_years"] and told["payment_term_years"] > _YEARS_MAX:
        raise WorkRefused(_("缴费年期：最多 %(n)s 年；没有写入任何数据") % {"n": _YEARS_MAX})
    if any(told.values()):
        told["payments_per_year"] = 0 if post.get("single") else 1
        told["state"] = "in_force"
    return told


def _done(request: ViewerRequest, number: str, act: Callable[[], str]) -> HttpResponse:
    try:
        messages.success(request, act())
    except WorkRefused as refused:
        messages.error(request, str(refused))
    return redirect("kit:customer", number=number)
