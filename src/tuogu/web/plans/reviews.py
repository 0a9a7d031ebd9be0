"""An automated decision in plain words for the customer, and a human who looks at it again (L-08).

In: a policy within scope. Out: an explanation to print, without anybody else's name; a case; its outcome. Never: another
customer, a colleague's name or number on what is printed; a plan before its release told to who may not see plans (S0-23).
"""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tuogu.accesslog import actions as accesslog
from tuogu.books import queries as books
from tuogu.core.by_hand import HAND
from tuogu.core.explain import ExplanationError
from tuogu.core.labels import LEVERS, VERDICTS
from tuogu.core.strategies import STRATEGIES
from tuogu.ledger import queries as ledger
from tuogu.ledger.kinds import Relation
from tuogu.org.rights import Right
from tuogu.plans import actions
from tuogu.plans import queries as plans
from tuogu.plans.archive import ArchiveBroken
from tuogu.web.viewer import ViewerRequest

_TOLD = (
    gettext_noop("社区"),
    gettext_noop("应收月份"),
    gettext_noop("期次"),
)  # inputs that are the customer's own


@never_cache
@require_safe
def explanation(request: ViewerRequest, number: str) -> HttpResponse:
    """Why this policy is with whom it is, in words for the person whose it is; opening it is noted."""
    viewer = request.viewer
    found = books.policy_reasons(viewer.scope, number, as_of=viewer.today)
    if found is None:
        raise Http404
    accesslog.record_open(by=viewer.person, subject_kind="policy", subject=number, at=viewer.now)
    subject = found.subjects[Relation.CUSTODY.value]
    turns = ledger.turns_of(subject).get(Relation.CUSTODY, [])
    head = next((t.assignment for t in turns if t.assignment.effective_until is None), None)
    failure, told = "", None
    try:
        told = plans.why(number, head_batch=head.batch_id if head else None)
    except (ExplanationError, ArchiveBroken) as broken:
        failure = str(broken)
    if told and not told.released and not viewer.can(Right.READ_BOOKS):
        told = None
    context = {
        "number": number,
        "why": told,
        "told": _told(told),
        "since": head.effective_date if head else None,
        "reviews": plans.reviews_of(subject),
        "may_ask": viewer.may("plans:ask_review", "POST"),
        "may_look": viewer.may("plans:review"),
        "failure": failure,
    }
    return render(request, "plans/explanation.html", context)


@require_POST
def ask(request: ViewerRequest, number: str) -> HttpResponse:
    """Open a case for this policy."""
    viewer = request.viewer
    try:
        case = actions.ask_review(
            number, scope=viewer.scope, asked_for=request.POST.get("asked_for", ""),
            statement=request.POST.get("statement", ""), by=viewer.person, at=viewer.now,
        )  # fmt: skip
        messages.success(
            request,
            _("复核申请 %(case)s 已登记，将由没有参与这项分配的人答复；现在没有任何变动。") % {"case": case},
        )
    except plans.PlanUnknown as unknown:
        raise Http404 from unknown
    except actions.PlanRefused as refused:
        messages.error(request, _("%(why)s；没有写入任何数据。") % {"why": str(refused)})
    return redirect("plans:explanation", number=number)


@require_safe
def listing(request: ViewerRequest) -> HttpResponse:
    """Cases within scope: open ones by due day, then the decided ones."""
    viewer = request.viewer
    rows = plans.review_lines(viewer.scope)
    late = [row.open and row.due_date < viewer.today for row in rows]
    return render(
        request,
        "plans/reviews.html",
        {"rows": list(zip(rows, late, strict=True)), "open": sum(r.open for r in rows)},
    )


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def review(request: ViewerRequest, case: int) -> HttpResponse:
    """One case; POST decides it."""
    viewer = request.viewer
    try:
        line = plans.review_line(case, viewer.scope)
    except plans.PlanUnknown as unknown:
        raise Http404 from unknown
    if request.method == "POST":
        try:
            actions.decide_review(
                case, scope=viewer.scope, outcome=request.POST.get("outcome", ""), reason=request.POST.get("reason", ""),
                leads_to=request.POST.get("leads_to", ""), by=viewer.person, at=viewer.now,
            )  # fmt: skip
            messages.success(
                request, _("复核结论已记录，不能再改；更改须另由调整责任人或修订方案落实，各有第二人。")
            )
        except actions.PlanRefused as refused:
            messages.error(request, _("%(why)s；没有写入任何数据。") % {"why": str(refused)})
        return redirect("plans:review", case=case)
    accesslog.record_open(by=viewer.person, subject_kind="policy", subject=line.number, at=viewer.now)
    may_decide = line.open and viewer.may("plans:review", "POST")
    return render(request, "plans/review.html", {"line": line, "may_decide": may_decide})


def _told(why: plans.Why | None) -> dict[str, Any] | None:
    """The decision in plain words: what was read, how it was decided, why others were not chosen, without a name."""
    if why is None:
        return None
    plan = plans.plan_rows(why.plan)[0]
    explained = why.explanation
    others: dict[str, int] = {}
    for candidate in explained.rejected:
        word = VERDICTS.get(candidate.verdict, candidate.verdict)
        others[word] = others.get(word, 0) + 1
    return {
        "way": STRATEGIES[plan["strategy"]].label,
        "purpose": STRATEGIES[plan["strategy"]].purpose,
        "placed": explained.staff_number is not None,
        "by_hand": explained.rule.startswith(LEVERS[HAND]),
        "inputs": [(name, value) for name, value in explained.inputs if name in _TOLD],
        "candidates": len(explained.candidates),
        "others": sorted(others.items(), key=lambda pair: (-pair[1], pair[0])),
        "rulebook": why.rulebook_version,
        "by_distance": explained.by_distance,
        "approved": plan["decided_at"],
    }
