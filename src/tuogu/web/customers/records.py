"""One customer: who, policies, family, who holds what and since when, what falls due, plans, who looked; a clear look.

In: a viewer and a number. Out: the page. Never: a customer of whom no policy is within scope (404), a policy out of scope, a
name, phone or ID in an address, a clear look without a reason.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from tuogu.accesslog import queries as seen
from tuogu.accesslog.failures import RevealRefused
from tuogu.books import queries as books
from tuogu.ledger.kinds import EntryKind, Relation
from tuogu.org import queries as org
from tuogu.org.rights import Right
from tuogu.plans import queries as plans
from tuogu.web import personal
from tuogu.web.customers.lists import DEFAULT_SORT, LIST
from tuogu.web.customers.panels import panels_of
from tuogu.web.customers.reading import wanted_of
from tuogu.web.ledger.turns import reason_words
from tuogu.web.lists.tools import beside_links, list_url, trailed
from tuogu.web.viewer import Viewer, ViewerRequest

FIELDS = ("phone", "id_number", "address", "name")  # what may be asked for in clear
_LOOKS = 8
_NEWEST = 12  # assignments of a relation; the policy's own page has them all
_PLANS_SHOWN = 20


@never_cache
@require_safe
def record(request: ViewerRequest, number: str) -> HttpResponse:
    """Everything that the rooms know; opening it is noted."""
    viewer, found = request.viewer, _record_or_404(request.viewer, number)
    personal.opened(viewer, subject_kind="customer", subject=number)
    customers = personal.masked(found.people)
    context = {
        **_person(viewer, found, customers),
        **_places(request, number),
        "record": found,
        "customers": customers,
        "kin": [(kin, customers.get(kin.number)) for kin in found.kin],
        "panels": panels_of(viewer, number),
        "soon": viewer.today + timedelta(days=viewer.rulebook["lists.due_soon_days"]),
        **_held(found, viewer),
    }
    return render(request, "customers/record.html", context)


@never_cache
@require_POST
def reveal(request: ViewerRequest, number: str) -> HttpResponse:
    """Fields in clear, for this answer only: the reason is written down and the look is counted."""
    viewer, found = request.viewer, _record_or_404(request.viewer, number)
    field, refusal, clear = request.POST.get("field", ""), "", False
    if field not in (*FIELDS, "all"):
        raise Http404
    customers, fields = personal.masked([number]), FIELDS if field == "all" else (field,)
    try:
        shown = personal.revealed_customer(
            viewer, number, fields=",".join(fields), reason=request.POST.get("reason", "")
        )
        customers[number] = replace(customers[number], **{name: getattr(shown, name) for name in fields})
        clear = True
    except RevealRefused as refused:
        refusal = str(refused)
    context = {"record": found, "refusal": refusal, "clear": clear, **_person(viewer, found, customers)}
    return render(request, "customers/_person.html", context)


@require_safe
def beside(request: ViewerRequest, number: str) -> HttpResponse:
    """Previous and next in the list that the page was opened from."""
    viewer, query = request.viewer, trailed(request)
    if query is None or not viewer.may("customers:list") or not books.visible_customer(viewer.scope, number):
        raise Http404
    found = books.customers_beside(
        viewer.scope,
        wanted_of(request, query),
        number,
        as_of=viewer.today,
        sort=query.get("sort") or DEFAULT_SORT,
    )
    if found is None:
        raise Http404
    return render(request, "lists/_beside.html", beside_links("customers:record", found, query))


def _record_or_404(viewer: Viewer, number: str) -> books.CustomerRecord:
    found = books.customer_record(viewer.scope, number)
    if found is None:
        raise Http404
    return found


def _person(
    viewer: Viewer, found: books.CustomerRecord, customers: Mapping[str, books.ShownCustomer]
) -> dict[str, Any]:
    """What the card about the person shows."""
    return {
        "number": found.row.number,
        "person": customers.get(found.row.number),
        "fields": [
            ("phone", _("手机")),
            ("address", _("地址")),
            ("id_number", _("证件号")),
            ("all", _("全部")),
        ],
    }


def _places(request: ViewerRequest, number: str) -> dict[str, Any]:
    """The list that the page was opened from."""
    may = request.viewer.may("customers:list")
    return {
        "in_list": request.GET.get("in", "") if may else "",
        "list_url": list_url(LIST, trailed(request) or QueryDict()),
    }


def _held(found: books.CustomerRecord, viewer: Viewer) -> dict[str, Any]:
    """Relations with their history, plans and looks, with names for everybody: one query for the names."""
    assignments = books.customer_assignments(found, newest=_NEWEST)
    standing = plans.places_in_plans(found.subjects)
    if not viewer.can(Right.READ_BOOKS):  # what is planned for others is not told before its release (S0-23)
        standing = [place for place in standing if place.released]
    policies = [p.number for p in (*found.held, *found.insured)]
    looks = seen.who_looked_at({"customer": [found.row.number], "policy": policies}, limit=_LOOKS)
    ids = {p.custodian_id for p in (*found.held, *found.insured)} | {
        h.holder.custodian_id for h in found.holdings
    }
    ids |= {
        i for rows in assignments.values() for e in rows for i in (e.old_custodian_id, e.new_custodian_id)
    }
    ids |= {place.receiver for place in standing} | {look.person for look in looks}
    called = org.known_as(ids)
    return {
        "names": {i: known.name for i, known in called.items()},
        "numbers": {i: known.staff_number for i, known in called.items()},
        "relations": [
            {
                "word": word,
                "now": [held for held in found.holdings if held.relation == relation],
                "before": [
                    (e, _(str(EntryKind(e.kind).label)), reason_words(e.reason_code))
                    for e in assignments.get(relation, [])
                ],
            }
            for relation, word in _relation_words().items()
            if any(held.relation == relation for held in found.holdings) or relation in _ALWAYS
        ],
        "plans": standing[:_PLANS_SHOWN],
        "plans_open": plans.plans_seen((place.plan for place in standing[:_PLANS_SHOWN]), viewer.scope),
        "plans_more": max(0, len(standing) - _PLANS_SHOWN),
        "looks": looks,
    }


# Three relations stand apart on every customer's page, whether or not somebody holds them; contacts come as a panel.
_ALWAYS = (Relation.CUSTODY.value, Relation.OWNERSHIP.value, Relation.DEVELOPMENT.value)


def _relation_words() -> dict[str, str]:
    return {
        Relation.CUSTODY.value: _("责任"),
        Relation.OWNERSHIP.value: _("归属"),
        Relation.DEVELOPMENT.value: _("开发权"),
        Relation.SUPERVISION.value: _("督导"),
    }
