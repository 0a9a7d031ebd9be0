"""The penalty ledger: list, one with its rule, amount, period and source, the person's own; notice, appeal, decision."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from tuogu.review import actions
from tuogu.review import queries as review
from tuogu.web.paging import id_of
from tuogu.web.parts import Moment, View
from tuogu.web.review.reading import names_of, person_or_404, rooms, told
from tuogu.web.templatetags.tuogu import moment, num
from tuogu.web.viewer import Viewer, ViewerRequest

_ROWS = 40


@require_safe
def listing(request: ViewerRequest) -> HttpResponse:
    """The newest first, by where they stand."""
    viewer, query = request.viewer, request.GET
    view = query.get("view") if query.get("view") in review.VIEWS else "all"
    person = person_or_404(viewer, query["person"]) if query.get("person") else None
    before = id_of(query.get("before", ""))
    found = review.penalty_page(viewer.scope, str(view), person=person, before=before, size=_ROWS + 1)
    rows = found[:_ROWS]
    counts = review.penalty_counts(viewer.scope)
    context = {
        "rooms": rooms(viewer, "penalties"),
        "views": [
            View(_(word), f"?view={name}", counts[name], name == view) for name, word in review.VIEWS.items()
        ],
        "view": view,
        "rows": rows,
        "names": names_of(row.person for row in rows),
        "older": f"?{urlencode({'view': view, 'before': rows[-1].id})}" if len(found) > _ROWS else "",
        "untold": counts["untold"],
    }
    return render(request, "review/penalties.html", context)


@require_safe
def record(request: ViewerRequest, penalty_id: int) -> HttpResponse:
    """One penalty: what it rests on, what became of it, what the viewer may do."""
    viewer = request.viewer
    found = _found(viewer, penalty_id)
    line, own = found.line, found.line.person == viewer.person
    context: dict[str, Any] = {
        "line": line,
        "own": own,
        "names": names_of([line.person]),
        "moments": _moments(found),
        "appeal_until": found.appeal_until,
        "may_appeal": own
        and line.state == "notified"
        and found.appeal_until
        and viewer.today <= found.appeal_until,
        "may_decide": line.state == "appealed"
        and viewer.may("review:decide", "POST")
        and viewer.person not in found.concerned,
        "may_notify": line.state == "computed" and viewer.may("review:notify", "POST") and not own,
        "reason_max": review.REASON_CHARS_MAX,
        "reason_min": review.REASON_CHARS_MIN,
    }
    return render(
        request, "review/penalty_phone.html" if viewer.only_phone else "review/penalty.html", context
    )


@require_safe
def mine(request: ViewerRequest) -> HttpResponse:
    """The viewer's own penalties."""
    viewer = request.viewer
    context = {
        "rows": review.penalties_of(viewer.person),
    }
    return render(request, "review/mine_phone.html" if viewer.only_phone else "review/mine.html", context)


@require_POST
def notify(request: ViewerRequest) -> HttpResponse:
    """Tell the people of the ticked penalties, or of all that wait."""
    viewer, post = request.viewer, request.POST
    picked = None if post.get("all") else [i for i in map(id_of, post.getlist("pick")) if i is not None]

    def act() -> str:
        ids = review.untold(viewer.scope, picked)
        n = actions.notify(ids, by=viewer.person, at=viewer.now)
        if not n:
            raise actions.ReviewRefused(_("没有待告知的处罚"))
        return _("已告知 %(n)s 笔；本人可在申诉期内申诉，撤销须由另一人决定。") % {"n": num(n)}

    told(request, act)
    return redirect(f"{reverse('review:penalties')}?view=untold")


@require_POST
def appeal(request: ViewerRequest, penalty_id: int) -> HttpResponse:
    """The person objects."""
    viewer, reason = request.viewer, request.POST.get("reason", "")
    _found(viewer, penalty_id)

    def act() -> str:
        actions.appeal(penalty_id, reason=reason, by=viewer.person, at=viewer.now)
        return _("已申诉；由没有参与检查和告知的另一人决定，结果会写在这里。")

    told(request, act)
    return redirect("review:penalty", penalty_id=penalty_id)


@require_POST
def decide(request: ViewerRequest, penalty_id: int) -> HttpResponse:
    """Uphold or reverse."""
    viewer, post = request.viewer, request.POST
    _found(viewer, penalty_id)

    def act() -> str:
        decision = post.get("decision", "")
        actions.decide(penalty_id, decision, reason=post.get("reason", ""), by=viewer.person, at=viewer.now)
        if decision == "reverse":
            return _("已撤销；已登记的考核指标随之更正。原记录不删除。")
        return _("已维持；不能再申诉。")

    told(request, act)
    return redirect("review:penalty", penalty_id=penalty_id)


def _found(viewer: Viewer, penalty_id: int) -> review.PenaltyView:
    try:
        found = review.penalty(penalty_id, viewer.scope, viewer=viewer.person)
    except review.ReviewUnknown as unknown:
        raise Http404 from unknown
    seen_by_all = viewer.may("review:penalties")
    if not seen_by_all and (found.line.person != viewer.person or found.line.state == "computed"):
        raise Http404
    return found


def _moments(found: review.PenaltyView) -> list[Moment]:
    """Newest first; the first is the ledger's own entry."""
    names = names_of(step.by for step in found.steps)
    steps = [
        Moment(_(s.label), _(s.state), moment(s.at), s.reason, mark=names[s.by].name if s.by in names else "")
        for s in reversed(found.steps)
    ]
    return [*steps, Moment(_("由事实计算得出"), "", moment(found.line.at), "")]
