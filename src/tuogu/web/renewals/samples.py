"""The monthly return visit by lot: announce the draw, take who was drawn, four answers each (S3-22).

In: a viewer, a month, answers. Out: pages, rows of the room. Never: a customer chosen by hand, the pseudonym key kept.
"""

from __future__ import annotations

import secrets
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from tuogu.plans import queries as plans
from tuogu.plans.failures import PlanRefused, PlanUnknown
from tuogu.renewals import actions
from tuogu.renewals import queries as renewals
from tuogu.web import personal
from tuogu.web.draws.opening import KEY_BYTES
from tuogu.web.paging import id_of
from tuogu.web.renewals.reading import month_before, month_given, month_of, months, places, rooms, told
from tuogu.web.viewer import Viewer, ViewerRequest

ANSWERS = ("data_true", "service_done", "procedure_kept", "satisfied")
_DRAWS = 200  # newest heads that are looked through


@require_safe
def sample(request: ViewerRequest) -> HttpResponse:
    """The sample of a month: who was drawn, what they answered; the draw that is under way."""
    viewer = request.viewer
    month = month_of(request.GET.get("month", ""), month_before(viewer.today.replace(day=1)))
    rows = renewals.sample(month, viewer.scope)
    findings = renewals.sample_findings(month, month, viewer.scope)
    holders = {row.subject_id: renewals.motor_policy(viewer.scope, row.subject_id) for row in rows}
    context: dict[str, Any] = {
        "rooms": rooms(viewer, "sample"), "rows": rows, "month": month, "month_key": f"{month:%Y-%m}",
        "months": months(month_before(viewer.today.replace(day=1))), "draws": _draws(viewer, f"{month:%Y%m}"),
        "answered": findings.height, "bad": {name: int((~findings[name]).sum()) for name in ANSWERS}, "titles": titles(),
        "holders": {key: row.holder_number for key, row in holders.items() if row},
        "customers": personal.masked(row.holder_number for row in holders.values() if row),
        "places": places(row.institution_code for row in rows), "may_answer": viewer.may("renewals:sample_answer", "POST"),
    }  # fmt: skip
    return render(request, "renewals/sample.html", context)


def titles() -> dict[str, str]:
    """The four questions."""
    return {
        "data_true": _("信息真实"), "service_done": _("服务到位"), "procedure_kept": _("流程规范"),
        "satisfied": _("客户满意"),
    }  # fmt: skip


def _draws(viewer: Viewer, month: str) -> list[plans.DrawHead]:
    heads, _total = plans.draw_heads(viewer.scope, size=_DRAWS)
    return [
        one
        for one in heads
        if one.code.startswith(f"{renewals.SAMPLE_DRAWN}-") and one.code.endswith(f"-{month}")
    ]


@never_cache
@require_POST
def open_sample(request: ViewerRequest) -> HttpResponse:
    """Announce the draw of a month; the page shows the pseudonym key once."""
    viewer, key, made = request.viewer, secrets.token_bytes(KEY_BYTES), []
    month = month_of(request.POST.get("month", ""), viewer.today)

    def act() -> str:
        try:
            made.append(
                actions.open_sample(month_given(request.POST), key=key, by=viewer.person, at=viewer.now)
            )
        except PlanRefused as refused:
            raise renewals.RenewalRefused(_("%(why)s；没有写入任何数据") % {"why": refused}) from refused
        return _("已发起抽取；须两方承诺并公开种子后才有结果。")

    if not told(request, act):
        return redirect(f"{reverse('renewals:sample')}?month={month:%Y-%m}")
    found = [one for one in _draws(viewer, f"{month:%Y%m}") if one.code == made[0]]
    context = {
        "code": made[0],
        "key": key.hex(),
        "draw": found[0] if found else None,
        "month_key": f"{month:%Y-%m}",
    }
    return render(request, "renewals/sample_opened.html", context)


@require_POST
def take(request: ViewerRequest) -> HttpResponse:
    """Who was drawn becomes the sample."""
    viewer, code = request.viewer, request.POST.get("draw", "")
    month = month_of(request.POST.get("month", ""), viewer.today)
    if code not in {one.code for one in _draws(viewer, f"{month:%Y%m}")}:
        raise Http404

    def act() -> str:
        try:
            taken = actions.take_sample(code, month_given(request.POST), by=viewer.person, at=viewer.now)
        except (PlanRefused, PlanUnknown) as refused:
            raise renewals.RenewalRefused(_("%(why)s；没有写入任何数据") % {"why": refused}) from refused
        return _("抽中 %(n)s 位客户，可以开始回访；名单不能更改。") % {"n": taken}

    told(request, act)
    return redirect(f"{reverse('renewals:sample')}?month={month:%Y-%m}")


@require_POST
def file_answers(request: ViewerRequest, sampled: int) -> HttpResponse:
    """The four answers of one customer."""
    viewer, post = request.viewer, request.POST
    month = month_of(post.get("month", ""), viewer.today)
    if id_of(str(sampled)) not in {row.id for row in renewals.sample(month, viewer.scope)}:
        raise Http404

    def act() -> str:
        if any(post.get(name) not in {"1", "0"} for name in ANSWERS):
            raise renewals.RenewalRefused(_("四项都请选择是或否；没有写入任何数据"))
        given = {name: post[name] == "1" for name in ANSWERS}
        actions.file_answers(
            sampled, data_true=given["data_true"], service_done=given["service_done"],
            procedure_kept=given["procedure_kept"], satisfied=given["satisfied"],
            note=post.get("note", ""), by=viewer.person, at=viewer.now,
        )  # fmt: skip
        return _("已登记四项回访结果，不能更改；信息不实的，原业务员失去归属。")

    told(request, act)
    return redirect(f"{reverse('renewals:sample')}?month={month:%Y-%m}")
