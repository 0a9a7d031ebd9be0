"""The phone's pages: what the ledger has given to the viewer, or to a colleague for whom the viewer stands in (P-05).

In: a viewer. Out: pages of what this person holds. Never: a customer whom neither holds (404), a name, phone
or address in an address bar, a clear look without a reason.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from tuogu.accesslog.failures import RevealRefused
from tuogu.books import queries as books
from tuogu.org import queries as org
from tuogu.pools import queries as pools
from tuogu.rules import queries as rules
from tuogu.web import personal
from tuogu.web.home.todo_corrections import lists_to_sign, return_visits
from tuogu.web.paging import day_of
from tuogu.web.phone import cases, renewals, tasks
from tuogu.web.phone.agenda import agenda, band_of
from tuogu.web.phone.claimed import at_home, claims
from tuogu.web.phone.keeping import masked_page
from tuogu.web.phone.months import bars_of
from tuogu.web.phone.origin import origin
from tuogu.web.phone.verdicts import verdicts_of
from tuogu.web.phone.whose import FIELD, colleagues, held_with, whose
from tuogu.web.phone.words import TOOLS
from tuogu.web.pools.panel import follow_words
from tuogu.web.viewer import Viewer, ViewerRequest

PAGE = 40
FOLLOW_UPS = 5
SUGGESTIONS = 4  # reasons to visit that a page names
FIELDS = "name,phone,address"
_TAIL = re.compile(r"[0-9A-Za-z]{4}")


@require_safe
def today(request: ViewerRequest) -> HttpResponse:
    """What came, what falls due, what has lapsed."""
    viewer = request.viewer
    shown = whose(viewer, request.GET.get(FIELD, ""))
    context = agenda(books.held_by_person(shown.person, viewer.today), rules.applicable(viewer.today))
    if shown.colleague is not None or viewer.stood_in_by is None:
        context |= tasks.at_home(shown, viewer)
    context["shown"] = personal.masked({*context["numbers"], *context.get("task_numbers", ())})
    context |= {"whose": shown, "colleagues": colleagues(viewer)}
    if shown.colleague is None:
        context["substitute"] = _substitute(viewer)
        held = claims(viewer)
        context["going_back"] = _going_back(viewer, held)
        context |= at_home(viewer, held) | cases.at_home(viewer) | renewals.at_home(viewer)
        context["asks"] = [*lists_to_sign(viewer), *return_visits(viewer)]
    return masked_page(render(request, "phone/today.html", context))


@require_safe
def customers(request: ViewerRequest) -> HttpResponse:
    """My customers by place; narrowed to the last four of a policy number, to a month, or to the day they came."""
    viewer, asked = request.viewer, request.GET
    typed = asked.get("q", "").strip()
    month, since = day_of(asked.get("month", "") + "-01"), day_of(asked.get("since", ""))
    shown = whose(viewer, asked.get(FIELD, ""))
    page = books.held_by_person(shown.person, viewer.today).customers(
        size=PAGE,
        after=asked.get("after", ""),
        tail=typed if _TAIL.fullmatch(typed) else "",
        due_in=month,
        since=since,
    )
    context = {
        "page": page, "typed": typed, "month": month, "since": since, "wrong": bool(typed) and not _TAIL.fullmatch(typed),
        "shown": personal.masked(row.number for row in page.rows), "whose": shown, "colleagues": colleagues(viewer),
    }  # fmt: skip
    return masked_page(render(request, "phone/customers.html", context))


@require_safe
def customer(request: ViewerRequest, number: str) -> HttpResponse:
    """One customer of mine, or of a colleague for whom I stand in: facts, policies, how they came."""
    viewer = request.viewer
    try:
        context = _customer(request, number)
    except Http404:
        other = renewals.instead(viewer, number)  # served for a car alone
        if other is None:
            raise
        return other
    personal.opened(viewer, subject_kind="customer", subject=number)
    return masked_page(render(request, "phone/customer.html", context))


@require_POST
@never_cache
def reveal(request: ViewerRequest, number: str) -> HttpResponse:
    """The same page once with name, phone and address in clear; or why not."""
    context = _customer(request, number)
    reason = request.POST.get("other", "").strip() or request.POST.get("reason", "")
    try:
        context["clear"] = personal.revealed(
            request.viewer, number, policy=context["policies"][0].number, fields=FIELDS, reason=reason
        )
    except RevealRefused as refusal:
        context["refusal"] = str(refusal)
    context["left"] = personal.reveals_left(request.viewer)
    return render(request, "phone/customer.html", context)


@require_safe
def months(request: ViewerRequest) -> HttpResponse:
    """Pieces due in each of twelve months, against the band (S0-20)."""
    viewer = request.viewer
    band = band_of(rules.applicable(viewer.today))
    held = books.held_by_person(viewer.person, viewer.today)
    context = {"months": bars_of(held.months(), band), "band": band, "policies": held.policies}
    return render(request, "phone/months.html", context)


def _customer(request: ViewerRequest, number: str) -> dict[str, Any]:
    viewer = request.viewer
    shown_of, held = held_with(viewer, number)
    policies = held.of_customer(number)
    newest = max(policies, key=lambda policy: (policy.since_date, policy.number))
    shown = personal.masked([number])
    if number not in shown:
        raise Http404
    follow_ups = pools.follow_ups(number, limit=FOLLOW_UPS)
    return follow_words(number, follow_ups) | {
        "follow_ups": follow_ups, "number": number, "customer": shown[number],
        "age": _age(shown[number].birth_year, viewer.today),
        "policies": policies, "newest": newest, "origin": origin(newest.number),
        "left": personal.reveals_left(viewer), "whose": shown_of, "beside": held.beside(number),
        "cases": cases.of_customer(number), "owed": tasks.owed_by(number, viewer), "verdicts": verdicts_of(number, viewer),
        "tools": TOOLS,
        "suggested": tasks.suggested_for(number, shown_of, viewer)[:SUGGESTIONS],
    }  # fmt: skip


def _going_back(viewer: Viewer, held: list[pools.HeldClaim]) -> list[pools.HeldClaim]:
    """Claimed pieces that nobody has followed up for so long that they go back soon (P-09), the nearest first."""
    return [row for row in held if row.warns] if viewer.may("phone:claims") else []


def _substitute(viewer: Viewer) -> dict[str, Any] | None:
    """Who receives the viewer's own prompts today: then they are not shown here, the customers are."""
    if viewer.stood_in_by is None:
        return None
    row = org.substitute_of(viewer.person, viewer.today)
    return (
        None
        if row is None
        else {"name": org.names([row.substitute])[row.substitute] or "", "until": row.until_date}
    )


def _age(birth_year: int | None, today: date) -> int | None:
    return None if birth_year is None else today.year - birth_year
