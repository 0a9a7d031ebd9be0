"""What a customer agreed to and refused: the state of today, the history, an entry at the desk and one at the door (L-03).

In: a customer within scope. Out: pages; a statement filed. Never: a statement changed; a duty of service offered for
refusal.
"""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tuogu import clock
from tuogu.books import queries as books
from tuogu.org import queries as org
from tuogu.org.rights import Right
from tuogu.privacy import actions
from tuogu.privacy import queries as privacy
from tuogu.privacy.kinds import Channel, Purpose, Said, Source
from tuogu.web import personal
from tuogu.web.paging import day_of, id_of, pager_of, size_of
from tuogu.web.privacy.panel import state_of
from tuogu.web.privacy.words import choices_of, words
from tuogu.web.viewer import Viewer, ViewerRequest

TEXT_VERSION = "GZ-2026-1"  # of the words read out at the door and at the desk


@require_http_methods(["GET", "HEAD", "POST"])
def customer(request: ViewerRequest, number: str) -> HttpResponse:
    """State and history of one customer; POST files a statement."""
    viewer, refusal = request.viewer, ""
    _require_visible(viewer, number)
    if request.method == "POST":
        refusal = _file(request, number, source=request.POST.get("source", ""))
        if not refusal:
            return redirect("privacy:customer", number=number)
    personal.opened(viewer, subject_kind="customer", subject=number)
    rows = privacy.history(number)
    context = state_of(viewer, number) | {
        "rows": rows, "names": org.names({row.by for row in rows}), "sources": choices_of(Source),
        "channels": choices_of(Channel), "said": choices_of(Said), "text_version": TEXT_VERSION, "given": request.POST,
        "requests": privacy.requests_of(number) if viewer.can(Right.READ_PRIVACY) else [], "refusal": refusal,
        "today": viewer.today,
    }  # fmt: skip
    return render(request, "privacy/customer.html", context, status=409 if refusal else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def door(request: ViewerRequest, number: str) -> HttpResponse:
    """At the door, on the phone: one tap says what the customer said."""
    viewer, refusal = request.viewer, ""
    _require_visible(viewer, number)
    if request.method == "POST":
        refusal = _file(request, number, source=Source.DOOR)
        if not refusal:
            return redirect("privacy:door", number=number)
    personal.opened(viewer, subject_kind="customer", subject=number)
    context = state_of(viewer, number) | {"text_version": TEXT_VERSION, "refusal": refusal}
    return render(request, "privacy/door.html", context, status=409 if refusal else 200)


@require_POST
def lift(request: ViewerRequest, number: str) -> HttpResponse:
    """Processing goes on, with its ground."""
    viewer = request.viewer
    _require_visible(viewer, number)
    try:
        actions.lift(number, ground=request.POST.get("ground", ""), by=viewer.person, at=viewer.now)
        messages.success(request, _("已恢复处理。要再次停止，请受理一项删除请求并改为停止处理。"))
    except actions.PrivacyRefused as refused:
        messages.error(request, _("%(why)s；没有写入任何数据。") % {"why": str(refused)})
    return redirect("privacy:customer", number=number)


@require_safe
def statements(request: ViewerRequest) -> HttpResponse:
    """Statements of all customers within scope, newest first."""
    viewer, query = request.viewer, request.GET
    said, purpose = query.get("said", ""), query.get("purpose", "")
    page = privacy.statement_page(
        viewer.scope, purpose=purpose, said=said, before=id_of(query.get("after", "")), size=size_of(query)
    )
    customers = personal.masked({row.number for row in page.rows})
    context = {
        "rows": [{"row": row, "customer": customers.get(row.number)} for row in page.rows],
        "names": org.names({row.by for row in page.rows}),
        "words": words(),
        "purposes": list(choices_of(Purpose).items()),
        "said": list(choices_of(Said).items()),
        "filtered": bool(said or purpose),
        "pager": pager_of(
            query, shown=len(page.rows), before=None, after=None if page.older is None else str(page.older)
        ),
    }
    return render(request, "privacy/statements.html", context)


def _file(request: ViewerRequest, number: str, *, source: str) -> str:
    """File what was posted; the refusal, or ''."""
    viewer, given = request.viewer, request.POST
    purpose, said = given.get("purpose", ""), given.get("said", "")
    day = day_of(given.get("said_date", ""))
    try:
        if day is not None and day > viewer.today:
            raise actions.PrivacyRefused(_("表示意愿的日期不能晚于今天"))
        actions.record_consent(
            number, purpose=purpose, said=said, channel=given.get("channel") or Channel.ANY, source=source,
            source_ref=given.get("source_ref", ""), text_version=given.get("text_version") or TEXT_VERSION,
            said_at=None if day in (None, viewer.today) else clock.day_end(day), by=viewer.person, at=viewer.now,
        )  # fmt: skip
    except actions.PrivacyRefused as refused:
        return _("%(why)s；没有写入任何数据。") % {"why": str(refused)}
    facts = {"purpose": choices_of(Purpose)[purpose], "said": choices_of(Said)[said]}
    done = _("已登记：%(said)s%(purpose)s。登记有误时，再登记一次即可，原记录保留。")
    if purpose == Purpose.MARKETING and said != Said.GIVEN:
        done = _("已登记：%(said)s%(purpose)s，即刻起不再列入营销名单，服务通知照常。改变主意时再登记同意。")
    messages.success(request, done % facts)
    return ""


def _require_visible(viewer: Viewer, number: str) -> None:
    if not books.customer_within(viewer.scope, number):
        raise Http404
