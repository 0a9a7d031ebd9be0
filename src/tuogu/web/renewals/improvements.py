"""Orders to branches with a low renewal rate, and what they file: causes, measures, outcome (S3-23).

In: a viewer, an order, words. Out: the page, rows of the room. Never: a rate typed where the frozen month gives it, but as a
correction that is marked and has its reason.
"""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from tuogu.org import queries as org
from tuogu.renewals import actions
from tuogu.renewals import queries as renewals
from tuogu.reports import queries as reports
from tuogu.web.renewals.reading import month_before, month_given, months, names_of, places, rooms, told
from tuogu.web.viewer import ViewerRequest

_BP = 100  # hundredths of a percent in a percent
_FULL = 10_000


@require_safe
def listing(request: ViewerRequest) -> HttpResponse:
    """Orders within scope, the newest month first; late ones named."""
    viewer = request.viewer
    rows = renewals.improvements(viewer.scope, viewer.today, late_only=request.GET.get("late") == "1")
    context = {
        "rooms": rooms(viewer, "improvements"), "rows": rows, "places": places(row.institution_code for row in rows),
        "names": names_of(row.by for row in rows), "kinds": kinds(), "limit": viewer.rulebook["renewal.improve_below_bp"],
        "months": months(month_before(viewer.today.replace(day=1))),
        "houses": [(row.code, row.name) for row in org.house(viewer.scope, viewer.today)],
        "late_only": request.GET.get("late") == "1",
    }  # fmt: skip
    return render(request, "renewals/improvements.html", context)


def kinds() -> dict[str, str]:
    """What a branch files."""
    return {"causes": _("脱保原因"), "measures": _("改进措施"), "outcome": _("整改结果")}


@require_POST
def order(request: ViewerRequest) -> HttpResponse:
    """Order it of one branch."""
    viewer, post = request.viewer, request.POST

    def act() -> str:
        place, month = post.get("institution", ""), month_given(post)
        actions.order_improvement(
            place, month, measured_bp=reports.frozen_renewal_rate(viewer.scope, place, month),
            corrected_bp=_rate(post.get("rate", "")), reason=post.get("reason", ""), by=viewer.person, at=viewer.now,
        )  # fmt: skip
        return _("已要求该机构专题分析并整改；到期未报的列为逾期。")

    told(request, act)
    return redirect("renewals:improvements")


@require_POST
def file(request: ViewerRequest, order: int) -> HttpResponse:
    """File causes, measures or the outcome."""
    viewer, post = request.viewer, request.POST
    if order not in {row.id for row in renewals.improvements(viewer.scope, viewer.today)}:
        raise Http404

    def act() -> str:
        kind, text = post.get("kind", ""), post.get("text", "")
        actions.file_improvement(order, kind, text=text, by=viewer.person, at=viewer.now)
        return _("已上报；补充的另报一条，原来的保留。")

    told(request, act)
    return redirect("renewals:improvements")


def _rate(text: str) -> int | None:
    """'61.5' → 6150; nothing → None."""
    if not text.strip():
        return None
    try:
        value = Decimal(text.strip()) * _BP
    except InvalidOperation:
        value = Decimal(-1)
    if not value.is_finite() or not 0 <= value <= _FULL:
        raise renewals.RenewalRefused(_("续保率：请填写 0 到 100 的数字；没有写入任何数据"))
    return int(value)
