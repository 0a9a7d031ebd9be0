"""The year's policy of assessment and rewards: versions, the second person's yes (S3-24).

In: a viewer, a year, a text. Out: the page, a version, an approval. Never: a text changed.
"""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from tuogu.renewals import actions
from tuogu.renewals import queries as renewals
from tuogu.web.paging import id_of
from tuogu.web.renewals.reading import names_of, rooms, told
from tuogu.web.viewer import Viewer, ViewerRequest

_YEARS_BACK = 3


@require_safe
def listing(request: ViewerRequest) -> HttpResponse:
    """The policy in force and every version of a year."""
    viewer = request.viewer
    year = _year(request.GET.get("year", ""), viewer)
    rows = renewals.reward_policies(year)
    context = {
        "rooms": rooms(viewer, "rewards"), "year": year, "years": _years(viewer), "rows": rows,
        "force": renewals.reward_policy_in_force(viewer.today), "fixed": viewer.rulebook["renewal.rewards_fixed_months"],
        "names": names_of(who for row in rows for who in (row.by, row.approved_by)),
        "revising": bool(rows) and year <= viewer.today.year,
    }  # fmt: skip
    return render(request, "renewals/rewards.html", context)


@require_POST
def file(request: ViewerRequest) -> HttpResponse:
    """File the policy, or a further version with its reason."""
    viewer, post = request.viewer, request.POST
    year = _year(post.get("year", ""), viewer)

    def act() -> str:
        actions.file_policy(
            year, post.get("text", ""), reason=post.get("reason", ""),
            by=viewer.person, at=viewer.now,
        )  # fmt: skip
        return _("已提交，须由另一人审批后生效；审批前现行政策不变。")

    told(request, act)
    return redirect(f"{reverse('renewals:rewards')}?year={year}")


@require_POST
def approve(request: ViewerRequest, policy: int) -> HttpResponse:
    """The second person's yes."""
    viewer = request.viewer
    year = _year(request.POST.get("year", ""), viewer)
    if policy not in {row.id for row in renewals.reward_policies(year)}:
        raise Http404

    def act() -> str:
        actions.approve_policy(policy, by=viewer.person, at=viewer.now)
        return _("已批准，即日起按这一版兑现；以往版本留档。")

    told(request, act)
    return redirect(f"{reverse('renewals:rewards')}?year={year}")


def _year(text: str, viewer: Viewer) -> int:
    asked = id_of(text)
    return asked if asked in _years(viewer) else viewer.today.year


def _years(viewer: Viewer) -> list[int]:
    this = viewer.today.year
    return list(range(this + 1, this - _YEARS_BACK, -1))
