"""Open a case, take a step: one post each, for desk and phone.

In: a posted form. Out: a case or a line of its history, a message. Never: a step the viewer has no part in (the action asks
again), a redirect to an address that somebody else wrote.
"""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from tuogu.books import queries as books
from tuogu.cases import actions
from tuogu.cases import queries as cases
from tuogu.ledger.failures import LedgerError
from tuogu.web.cases.forms import given_of
from tuogu.web.cases.showing import case_or_404
from tuogu.web.cases.words import kind_words, rooms, staff_id, topics
from tuogu.web.paging import day_of
from tuogu.web.viewer import ViewerRequest

_BACK = {"phone": "phone:case", "desk": "cases:record"}


def new(request: ViewerRequest) -> HttpResponse:
    """The form of a new case, and what becomes of it."""
    viewer, data = request.viewer, request.POST or request.GET
    refusal = ""
    if request.method == "POST":
        policy = data.get("policy", "").strip()
        try:
            if books.policy_subject(viewer.scope, policy) is None:
                raise actions.CaseRefused(_("保单：没有这一件，或不在您的范围内；没有写入任何数据"))
            made = actions.open_case(
                data.get("kind", ""), policy, topic=data.get("topic", ""), other=staff_id(data.get("other", "")),
                why=data.get("why", ""), by=viewer.person, at=viewer.now,
            )  # fmt: skip
        except actions.CaseRefused as refused:
            refusal = str(refused)
        else:
            messages.success(request, _("已立案，经过从今天记起；立错了的，在本页办结或写明情况。"))
            return redirect(_BACK["phone" if data.get("back") == "phone" else "desk"], case_id=made)
    known = kind_words()
    context = {
        "rooms": rooms(viewer, "list"), "refusal": refusal, "data": data, "topics": topics(viewer.rulebook),
        "kinds": [(str(code), known[str(code)]) for code in cases.Kind if code in cases.OF_A_POLICY
                  and (code != cases.Kind.PROBLEM or viewer.may("cases:quality"))],
    }  # fmt: skip
    template = "phone/case_new.html" if data.get("back") == "phone" else "cases/new.html"
    return render(request, template, context, status=409 if refusal else 200)


@require_POST
def step(request: ViewerRequest, case_id: int) -> HttpResponse:
    """One step of a case."""
    viewer, post = request.viewer, request.POST
    found = case_or_404(viewer, case_id)
    name = post.get("step", "")
    if name not in {one.name for one in cases.machine(found.row.kind).steps}:
        raise Http404
    try:
        if post.get("day", "").strip() and day_of(post["day"]) is None:
            raise actions.CaseRefused(_("日期：请按 2026-11-22 填写；没有写入任何数据"))
        done = actions.take(case_id, name, given_of(post), by=viewer.person, at=viewer.now)
    except (actions.CaseRefused, LedgerError) as refused:
        messages.error(request, str(refused))
    else:
        state = _(cases.machine(found.row.kind).states[done.state])
        said = _("已登记，现在是“%(state)s”。记录只增不改；办错的，由下一步更正。")
        messages.success(request, said % {"state": state})
        if done.batch is not None:
            messages.success(
                request, _("责任已随批次 %(n)s 移交；要撤回，请在台账申请撤销。") % {"n": done.batch}
            )
    back = post.get("back", "")
    if back == "quality":
        return redirect("cases:quality")
    return redirect(_BACK.get(back, _BACK["desk"]), case_id=case_id)
