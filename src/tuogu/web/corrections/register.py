"""The amendment register: the list, a new entry at the customer's own word, the history of one customer field by field."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tuogu.accesslog.failures import RevealRefused
from tuogu.core.amending import ADDRESS_PARTS, AMENDABLE, address_of, title_of
from tuogu.corrections import actions
from tuogu.corrections import queries as corrections
from tuogu.corrections.failures import CorrectionRefused
from tuogu.corrections.queries import RegisterFilter
from tuogu.corrections.words import AMENDMENT_STATES, BY_HAND, SOURCES
from tuogu.web import personal
from tuogu.web.corrections.reading import names_of, rooms
from tuogu.web.paging import day_of, filter_chips, id_of, pager_of, size_of
from tuogu.web.parts import View
from tuogu.web.viewer import ViewerRequest


@never_cache
@require_safe
def register(request: ViewerRequest) -> HttpResponse:
    """One page of the register."""
    viewer, asked, size = request.viewer, request.GET, size_of(request.GET)
    older_than, newer_than = (
        id_of(asked.get("after", "")),
        id_of(asked.get("before", "")),
    )  # the list runs newest first
    found, more = corrections.register_page(
        viewer.scope, _wanted(request), before=older_than, after=newer_than, size=size
    )
    older = found and (more if newer_than is None else True)
    newer = found and (more if newer_than is not None else older_than is not None)
    context = {
        **rooms(viewer, "register"), **_filters(request), "lines": found, "names": names_of(line.by for line in found),
        "customers": personal.masked({line.customer_number for line in found}),
        "changes": personal.masked_changes(viewer, [line.id for line in found]),
        "page": pager_of(
            asked, shown=len(found), before=str(found[0].id) if newer else None, after=str(found[-1].id) if older else None
        ),
    }  # fmt: skip
    return render(request, "corrections/register.html", context)


@require_safe
def count(request: ViewerRequest) -> HttpResponse:
    """How many the whole list has, asked for after the page stands."""
    found = corrections.register_count(request.viewer.scope, _wanted(request))
    return render(request, "corrections/_register_count.html", {"count": found})


def _wanted(request: ViewerRequest) -> RegisterFilter:
    asked = request.GET
    return RegisterFilter(
        state=asked.get("state", "") if asked.get("state") in AMENDMENT_STATES else "",
        source=asked.get("source", "") if asked.get("source") in SOURCES else "",
        field=asked.get("field", "") if asked.get("field") in AMENDABLE else "",
        customer=asked.get("customer", "").strip(),
        first_day=day_of(asked.get("from", "")),
        last_day=day_of(asked.get("until", "")),
    )


def _filters(request: ViewerRequest) -> dict[str, Any]:
    asked, base = request.GET, reverse("corrections:register")
    chosen = asked.get("state", "")
    tabs = [View(_("全部"), base, current=not chosen)]
    tabs += [
        View(_(word), f"{base}?state={state}", current=state == chosen)
        for state, word in AMENDMENT_STATES.items()
    ]
    fields = {field: _(title_of(field)) for field in AMENDABLE}
    sources = {code: _(word) for code, word in SOURCES.items()}
    titles = {
        "source": _("来源"),
        "field": _("项目"),
        "customer": _("客户号"),
        "from": _("自"),
        "until": _("至"),
    }
    return {
        "tabs": tabs, "asked": asked, "field_options": list(fields.items()), "source_options": list(sources.items()),
        "chips": filter_chips(asked, titles, {"source": sources, "field": fields}, kept=("state", "size")),
        "clear_url": f"{base}?state={chosen}" if chosen else base,
    }  # fmt: skip


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: ViewerRequest) -> HttpResponse:
    """Write down what a customer, or a service, said. GET asks for the number first."""
    viewer, number = request.viewer, (request.POST or request.GET).get("customer", "").strip().upper()
    known = bool(number) and corrections.customer_within(viewer.scope, number)
    refusal = _("没有这位客户，或不在您的范围内；没有登记") if number and not known else ""
    if request.method == "POST" and not number:
        refusal = _("请先填写客户号；没有登记")
    if request.method == "POST" and known:
        try:
            values = {field: request.POST.get(field, "") for field in AMENDABLE if field != "address"}
            values["address"] = _address(request)
            made = actions.register(
                viewer.scope, number, values, source=request.POST.get("source", ""),
                evidence=request.POST.get("evidence", ""), by=viewer.person, at=viewer.now,
            )  # fmt: skip
        except CorrectionRefused as refused:
            refusal = str(refused)
        else:
            told = _("已登记更正 %(n)s 项，等待归集成清单。登错的可撤销，须写明理由。")
            messages.success(request, told % {"n": len(made)})
            return redirect("corrections:history", customer=number)
    context = {
        **rooms(viewer, "register"), "number": number if known else "", "typed": number, "refusal": refusal,
        "said": request.POST, "customer": personal.masked([number]).get(number) if known else None,
        "fields": [(field, _(title_of(field))) for field in AMENDABLE if field != "address"],
        "parts": [(part, _(title), request.POST.get(f"address.{part}", "")) for part, (title, _s) in ADDRESS_PARTS.items()],
        "source_options": [(code, _(SOURCES[code])) for code in BY_HAND],
    }  # fmt: skip
    return render(request, "corrections/new_amendment.html", context, status=400 if refusal else 200)


def _address(request: ViewerRequest) -> str:
    try:
        return address_of({part: request.POST.get(f"address.{part}", "") for part in ADDRESS_PARTS})
    except ValueError as short:
        raise CorrectionRefused(_("%(why)s；没有登记") % {"why": short}) from None


@require_POST
def withdraw(request: ViewerRequest, amendment: int) -> HttpResponse:
    """Take one back that no list holds yet."""
    viewer = request.viewer
    line = _line_or_404(request, amendment)
    try:
        actions.withdraw(amendment, reason=request.POST.get("reason", ""), by=viewer.person, at=viewer.now)
    except CorrectionRefused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("已撤销更正 %(id)s；要恢复就重新登记。") % {"id": amendment})
    return redirect("corrections:history", customer=line.customer_number)


@never_cache
@require_POST
def reveal(request: ViewerRequest, amendment: int) -> HttpResponse:
    """One amendment in clear, with its evidence: the history page once more, for this answer only; counted."""
    line = _line_or_404(request, amendment)
    clear, refusal = {}, ""
    try:
        clear[amendment] = personal.revealed_change(
            request.viewer, amendment, customer=line.customer_number, field=line.field,
            reason=request.POST.get("reason", ""),
        )  # fmt: skip
    except RevealRefused as refused:
        refusal = str(refused)
    return _history(request, line.customer_number, clear, refusal)


@never_cache
@require_safe
def history(request: ViewerRequest, customer: str) -> HttpResponse:
    """Who changed what of a customer, when, from which visit, in which list; visits, marks and findings beside it."""
    return _history(request, customer, {}, "")


def _history(request: ViewerRequest, customer: str, clear: dict[int, Any], refusal: str) -> HttpResponse:
    viewer = request.viewer
    if not corrections.customer_within(viewer.scope, customer):
        raise Http404
    lines, visits = corrections.field_history(customer), corrections.visits_of(customer)
    changes = personal.masked_changes(viewer, [line.id for line in lines]) | clear
    context = {
        **rooms(viewer, "register"), "number": customer, "customer": personal.masked([customer]).get(customer),
        "lines": lines, "changes": changes, "clear": clear, "visits": visits, "refusal": refusal,
        "names": names_of([*(line.by for line in lines), *(visit.by for visit in visits)]),
        "marks": corrections.held([customer]).get(customer, []), "findings": corrections.findings_of(customer),
    }  # fmt: skip
    return render(request, "corrections/history.html", context)


def _line_or_404(request: ViewerRequest, amendment: int) -> corrections.AmendmentLine:
    line = corrections.amendment(request.viewer.scope, amendment)
    if line is None:
        raise Http404
    return line
