"""The register of people and one person's record."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from tuogu.accesslog import queries as seen
from tuogu.accesslog.failures import RevealRefused
from tuogu.accounts import queries as accounts
from tuogu.ledger import queries as ledger
from tuogu.ledger.kinds import Relation, SubjectKind
from tuogu.org import queries as org
from tuogu.org.rights import Right
from tuogu.org.scope import Scope
from tuogu.web import personal
from tuogu.web.paging import pager_of, size_of
from tuogu.web.parts import View
from tuogu.web.staff.filters import chips_of, role_words, series_words, staff_filter
from tuogu.web.staff.posts import place_words
from tuogu.web.staff.visible import person_or_404
from tuogu.web.viewer import ViewerRequest


@require_safe
def register(request: ViewerRequest) -> HttpResponse:
    """Who works here, by staff number, with what each holds now."""
    viewer, wanted, size = request.viewer, staff_filter(request.GET), size_of(request.GET)
    page = org.staff_page(
        viewer.scope, wanted, viewer.today, before=request.GET.get("before", ""), after=request.GET.get("after", ""),
        size=size,
    )  # fmt: skip
    people = [row.person for row in page.rows]
    context = {
        "rows": page.rows,
        "held": held_by(people),
        "roles_of": roles_of(people, viewer),
        "series": series_words(),
        "roles": role_words(),
        "institutions": org.institution_choices(viewer.scope),
        "tabs": _tabs(request.GET),
        "chips": chips_of(request.GET, viewer.scope),
        "clear_url": reverse("staff:list"),
        "page": pager_of(request.GET, shown=len(page.rows), before=page.before, after=page.after),
    }
    return render(request, "staff/list.html", context)


@require_safe
def totals(request: ViewerRequest) -> HttpResponse:
    """The totals row of the register, asked for after the page stands."""
    found = org.staff_totals(request.viewer.scope, staff_filter(request.GET), request.viewer.today)
    return render(request, "staff/_totals.html", {"totals": found})


@never_cache
@require_safe
def record(request: ViewerRequest, staff_number: str) -> HttpResponse:
    """One person: facts, what is held now, history, posts, duty, account, who looked."""
    person = person_or_404(request.viewer, staff_number)
    personal.opened(request.viewer, subject_kind="person", subject=person.staff_number)
    contact = personal.masked_contact(request.viewer, person.person)
    return render(request, "staff/record.html", _record(request, person, contact))


@never_cache
@require_POST
def reveal(request: ViewerRequest, staff_number: str) -> HttpResponse:
    """Phone and home in clear, for this answer only: the reason is written down and the look is counted."""
    person, refusal, contact = person_or_404(request.viewer, staff_number), "", None
    try:
        contact = personal.revealed_contact(
            request.viewer,
            person.person,
            staff_number=person.staff_number,
            reason=request.POST.get("reason", ""),
        )
    except RevealRefused as refused:
        refusal = str(refused)
    shown = contact or personal.masked_contact(request.viewer, person.person)
    context = {"person": person, "contact": shown, "clear": contact is not None, "refusal": refusal}
    return render(request, "staff/_contact.html", context | {"left": personal.reveals_left(request.viewer)})


def _record(request: ViewerRequest, person: org.StaffRow, contact: org.StaffContact) -> dict[str, Any]:
    viewer, today = request.viewer, request.viewer.today
    records, posts = org.dated_records(person.person), org.post_history(person.person)
    duties, looks = org.duties_of(person.person), seen.who_looked("person", person.staff_number, limit=6)
    substitute, stands_in = org.substitute_of(person.person, today), org.acting_for(person.person, today)
    away = org.absences([person.person], today, date.max)
    actors = {r.by for r in records} | {p.by for p in posts} | {look.person for look in looks}
    return {
        "person": person,
        "contact": contact,
        "left": personal.reveals_left(viewer),
        "gone": person.left_date is not None and person.left_date <= today,
        "held": _held_lines(person.person),
        "records": records,
        "posts": posts,
        "duties": duties,
        "account": accounts.account_of(person.person),
        "looks": looks,
        "absences": [row for row in away if row.until_date > row.from_date],
        "keeps_calendar": viewer.can(Right.KEEP_CALENDAR),
        "substitute": substitute,
        "stands_in": stands_in,
        "places": place_words(posts),
        "names": org.names(
            actors
            | {duty.pool for duty in duties}
            | {*stands_in, *([substitute.substitute] if substitute else [])}
        ),
        "series": dict(series_words()),
        "policies_url": f"{reverse('policies:list')}?{urlencode({'custodian': person.staff_number})}",
    }


def held_by(people: list[int]) -> dict[int, int]:
    """How many policies each of these people holds now."""
    if not people:
        return {}
    loads = ledger.loads(Scope(custodian_ids=frozenset(people)), kind=SubjectKind.POLICY)
    return dict(loads.select("custodian_id", "held").iter_rows())


def _held_lines(person: int) -> list[dict[str, Any]]:
    words = {
        (r.value, k.value): f"{_(str(k.label))} · {_(str(r.label))}" for r in Relation for k in SubjectKind
    }
    return [
        {"relation": relation, "kind": kind, "words": words[(relation, kind)], "count": count}
        for relation, kind, count in ledger.held_kinds(person)
    ]


def roles_of(people: list[int], viewer: Any) -> dict[int, str]:
    """The posts of each of these people today, in words."""
    found: dict[int, list[str]] = {}
    for post in org.posts_of(people, viewer.today):
        found.setdefault(post.person, []).append(_(post.label))
    return {person: _("、").join(dict.fromkeys(labels)) for person, labels in found.items()}


def _tabs(query: Mapping[str, str]) -> list[View]:
    now, base = query.get("state", ""), reverse("staff:list")
    tabs = [("", _("全部")), ("in_post", _("在职")), ("left", _("已离司"))]
    return [
        View(word, f"{base}?state={state}" if state else base, current=state == now) for state, word in tabs
    ]
