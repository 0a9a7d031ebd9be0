"""Motor renewal on the phone: my policies by days left, one with the intention in one tap, the open round to claim from.

In: a viewer, taps. Out: small pages, of which a phone may keep those that hold no typed words; a talk (`renewal_talk`).
Never: a policy of somebody else (404), a name or plate before the claim.
"""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from tuogu.privacy.failures import PrivacyRefused
from tuogu.renewals import queries as renewals
from tuogu.web import personal
from tuogu.web.paging import id_of
from tuogu.web.phone import renewal_talk
from tuogu.web.phone.keeping import masked_page
from tuogu.web.phone.whose import FIELD, colleagues, holder_of, whose
from tuogu.web.renewals.case import case_context
from tuogu.web.renewals.claims import open_context
from tuogu.web.renewals.reading import places, shown, words
from tuogu.web.viewer import Viewer, ViewerRequest
from tuogu.work import queries as records
from tuogu.work.failures import WorkRefused
from tuogu.work.kinds import Kind, Purpose
from tuogu.work.said import CARD

_SHOWN = 100


@require_safe
def mine(request: ViewerRequest) -> HttpResponse:
    """What the viewer, or a colleague stood in for, is responsible for: the nearest end of cover first."""
    viewer = request.viewer
    of = whose(viewer, request.GET.get(FIELD, ""))
    found = renewals.own_pipeline(of.person, viewer.today)
    rows = found.head(_SHOWN).to_dicts()
    urged = {row["subject_id"] for row in renewals.urgings(of.person).to_dicts()}
    context: dict[str, Any] = {
        "rows": rows, "total": found.height, "urged": urged, "whose": of, "colleagues": colleagues(viewer), **shown(rows),
    }  # fmt: skip
    return masked_page(render(request, "phone/renewals.html", context))


@require_http_methods(["GET", "HEAD", "POST"])
def one(request: ViewerRequest, subject: int) -> HttpResponse:
    """One policy; POST records a contact, with the intention in one tap."""
    viewer = request.viewer
    row = renewals.motor_policy(viewer.scope, subject)
    if row is None or not renewals.answers_for(viewer.person, row.responsible, viewer.today):
        raise Http404
    if request.method == "POST":
        try:
            told = renewal_talk.file(viewer, _fields(request, subject))
            (messages.warning if told.lacking else messages.success)(request, told.words)
        except (WorkRefused, PrivacyRefused, renewals.RenewalRefused) as refused:
            messages.error(request, str(refused))
        return redirect("phone:renewal", subject=subject)
    personal.opened(viewer, subject_kind="vehicle_case", subject=str(subject))
    verdict = records.may_contact(row.holder_number, str(Purpose.RENEWAL), str(Kind.CALL), viewer.now)
    context = case_context(viewer, row) | _talk_words() | {
        "phone": True, "client_key": uuid4().hex, "verdict": verdict, "life": _serves(viewer, row.holder_number),
    }  # fmt: skip
    answer = render(request, "phone/renewal.html", context)
    if context["end"] or context["supports"] or context["typed"]:
        add_never_cache_headers(answer)  # what somebody typed may name anybody
        return answer
    return masked_page(answer)


@require_safe
def blank(request: ViewerRequest) -> HttpResponse:
    """The empty form of a talk: what a phone shows offline for a policy whose page it has not kept."""
    return masked_page(render(request, "phone/renewal_blank.html", _talk_words() | words()))


def _talk_words() -> dict[str, Any]:
    return {
        "kinds": [(str(kind), _(str(kind.label))) for kind in renewal_talk.KINDS], "nobody": renewal_talk.NOBODY,
        "card": [(key, _(word)) for key, word in CARD.items()],
    }  # fmt: skip


def _fields(request: ViewerRequest, subject: int) -> QueryDict:
    """The form's fields with the policy that the address names."""
    fields = request.POST.copy()
    fields[renewal_talk.SUBJECT] = str(subject)
    return fields


def _serves(viewer: Viewer, customer: str) -> bool:
    """Whether the customer's own page is open to the viewer: also served beyond the car."""
    try:
        holder_of(viewer, customer)
    except Http404:
        return False
    return True


def instead(viewer: Viewer, number: str) -> HttpResponse | None:
    """Where a customer is known to the viewer by a car alone: that policy's page; None for anybody else."""
    for row in renewals.motor_of_customer(viewer.scope, number):
        if renewals.answers_for(viewer.person, row.responsible, viewer.today):
            return redirect("phone:renewal", subject=row.subject)
    return None


@require_safe
def open_round(request: ViewerRequest) -> HttpResponse:
    """What may be claimed in the open round, and second rounds of the city."""
    viewer = request.viewer
    after = id_of(request.GET.get("after", "")) or 0
    seconds, context = renewals.second_waiting(viewer.scope, viewer.now), open_context(viewer, after)
    context |= {
        "seconds": seconds,
        "places": context["places"] | places(one.institution_code for one in seconds),
    }
    return render(request, "phone/renewals_open.html", context)


def at_home(viewer: Viewer) -> dict[str, Any]:
    """What the first page says: how many policies end soon, how many urgings wait."""
    rows = renewals.own_pipeline(viewer.person, viewer.today)
    covered = rows.filter(rows["days_left"] >= 0)
    urged = renewals.urgings(viewer.person).height if rows.height else 0
    return {
        "renewals_mine": rows.height, "renewals_next": covered["expiry_date"].min() if covered.height else None,
        "renewals_urged": urged, "renewals_late": rows.filter("late").height,
    }  # fmt: skip
