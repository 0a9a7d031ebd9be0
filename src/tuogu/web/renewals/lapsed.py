"""Lapsed cars: the month's list of rescue, and the registers of true and untrue data (S3-17, S3-21).

In: a viewer, a month or a register. Out: the page, a mark of truth, a file. Never: a car of another branch.
"""

from __future__ import annotations

from datetime import date
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from tuogu.renewals import actions
from tuogu.renewals import queries as renewals
from tuogu.web.exports.asking import answer
from tuogu.web.paging import day_of, first_of, numbered, size_of
from tuogu.web.parts import View
from tuogu.web.renewals.lapsed_rows import VIEWS, expiry_months, lapsed_rows, of_month
from tuogu.web.renewals.reading import case_or_404, month_of, months, rooms, shown, told
from tuogu.web.viewer import ViewerRequest


@require_safe
def listing(request: ViewerRequest) -> HttpResponse:
    """The month's rescue list, or one of the registers; narrowed to a month of expiry."""
    viewer, query = request.viewer, request.GET
    view, month, expired = _asked(query, viewer.today)
    every = lapsed_rows(viewer.scope, view, viewer.today, month)
    found = of_month(every, expired)
    size, first = size_of(query), first_of(query)
    rows = found.slice(first - 1, size).to_dicts()
    titles = {
        "rescue": _("脱保挽救清单"), "true": _("信息真实台账"), "untrue": _("信息不实台账"), "unknown": _("尚未核实"),
    }  # fmt: skip
    context = {
        "rooms": rooms(viewer, "lapsed"), "view": view, "rows": rows, "total": found.height, "month": month,
        "views": [View(title, f"?view={name}", None, name == view) for name, title in titles.items()],
        "title": titles[view], "months": months(viewer.today), "month_key": f"{month:%Y-%m}", "every": every.height,
        "expiries": [(f"{one:%Y-%m}", f"{one:%Y-%m}") for one in expiry_months(every)],
        "expired_key": f"{expired:%Y-%m}" if expired else "", "per_month": dict(found.group_by("month").len().iter_rows()),
        "page": numbered(reverse("renewals:lapsed"), query, first, size, found.height), **shown(rows),
    }  # fmt: skip
    return render(request, "renewals/lapsed.html", context)


def _asked(query: QueryDict, today: date) -> tuple[str, date, date | None]:
    """The view, the month of the rescue list, the month of expiry."""
    view = query.get("view", "") if query.get("view", "") in VIEWS else "rescue"
    return view, month_of(query.get("month", ""), today), day_of(query.get("expired", "") + "-01")


@require_POST
def mark(request: ViewerRequest, subject: int) -> HttpResponse:
    """The customer's data proved true or untrue, by contact or return visit (the monthly sample marks by itself)."""
    viewer, post = request.viewer, request.POST
    row = case_or_404(viewer, subject)

    def act() -> str:
        if post.get("true") not in {"1", "0"} or post.get("found_by") == "sample":
            raise renewals.RenewalRefused(_("请选择信息真实或不实，以及从何得知；没有写入任何数据"))
        actions.mark_truth(
            row.holder_number, true=post["true"] == "1", found_by=post.get("found_by", ""),
            note=post.get("note", ""), by=viewer.person, at=viewer.now,
        )  # fmt: skip
        return _("已登记；以最后一次核实为准。只有每月抽查证明不实才会失去业务归属。")

    told(request, act)
    if post.get("back") == "phone":
        return redirect("phone:renewal", subject=subject)
    return redirect("renewals:case", subject=subject)


@require_POST
def export(request: ViewerRequest) -> HttpResponse:
    """The list that is shown, as a workbook for the branch."""
    viewer, post = request.viewer, request.POST
    view, month, expired = _asked(post, viewer.today)
    told_of = {"view": view, "month": f"{month:%Y-%m}", "expired": f"{expired:%Y-%m}" if expired else ""}
    back = f"{reverse('renewals:lapsed')}?{urlencode(told_of)}"
    rows = of_month(lapsed_rows(viewer.scope, view, viewer.today, month), expired).height
    if not rows:
        messages.warning(request, _("清单是空的，没有可以导出的。"))
        return redirect(back)
    return answer(
        request, kind="renewal_lapsed", title=_("脱保明细清单 %(month)s") % {"month": f"{month:%Y-%m}"},
        query=told_of, rows=rows, back=back,
    )  # fmt: skip
