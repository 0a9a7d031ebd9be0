"""The phone's page of a customer whom the viewer has claimed for development: nobody's policies, only the right to call.

In: a viewer, the number of a customer. Out: who it is, masked; since when and until when; follow-ups; a clear look with its
reason. Never: a customer whom the viewer has not claimed, or no longer holds (404); a policy: development shows none;
a contact that did not come through `web.personal`.
"""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from tuogu.accesslog.failures import RevealRefused
from tuogu.ledger.kinds import Relation
from tuogu.pools import queries as pools
from tuogu.web import personal
from tuogu.web.pools.panel import follow_words
from tuogu.web.viewer import Viewer, ViewerRequest

FIELDS = "name,phone,address"
_FOLLOW_UPS = 5
_AT_HOME = 5  # customers that the first page names


def claims(viewer: Viewer) -> list[pools.HeldClaim]:
    """Everything that the viewer has claimed and holds still, what goes back first at the top."""
    if not viewer.may("phone:claims") and not viewer.may("phone:claimed"):
        return []
    return pools.claims_of(viewer.person, pools.PoolRules.of(viewer.rulebook), viewer.today)


def developed(viewer: Viewer, held: list[pools.HeldClaim] | None = None) -> list[pools.HeldClaim]:
    """The customers claimed for development, who goes back first at the top. `held`: what `claims` told already."""
    if not viewer.may("phone:claimed"):
        return []
    rows = claims(viewer) if held is None else held
    return [row for row in rows if row.relation == Relation.DEVELOPMENT]


def claim_or_404(viewer: Viewer, number: str) -> pools.HeldClaim:
    """The viewer's own claim of this customer."""
    found = next((row for row in developed(viewer) if row.customer_number == number), None)
    if found is None:
        raise Http404
    return found


def at_home(viewer: Viewer, held: list[pools.HeldClaim]) -> dict[str, Any]:
    """What the first page shows of them."""
    rows = developed(viewer, held)
    first = rows[:_AT_HOME]
    return {
        "claimed": first,
        "claimed_shown": personal.masked(row.customer_number for row in first) if first else {},
        "claimed_count": len(rows),
    }


@require_safe
@never_cache
def customer(request: ViewerRequest, number: str) -> HttpResponse:
    """The customer, masked; opening it is noted."""
    context = _context(request.viewer, number)
    personal.opened(request.viewer, subject_kind="customer", subject=number)
    return render(request, "phone/claimed.html", context)


@require_POST
@never_cache
def reveal(request: ViewerRequest, number: str) -> HttpResponse:
    """The same page once with name, phone and address in clear; or why not."""
    viewer, post = request.viewer, request.POST
    context = _context(viewer, number)
    reason = post.get("other", "").strip() or post.get("reason", "")
    try:
        context["clear"] = personal.revealed_customer(viewer, number, fields=FIELDS, reason=reason)
    except RevealRefused as refusal:
        context["refusal"] = str(refusal)
    context["left"] = personal.reveals_left(viewer)
    return render(request, "phone/claimed.html", context)


def _context(viewer: Viewer, number: str) -> dict[str, Any]:
    claim = claim_or_404(viewer, number)
    shown = personal.masked([number])
    if number not in shown:
        raise Http404
    birth = shown[number].birth_year
    follow_ups = pools.follow_ups(number, limit=_FOLLOW_UPS)
    return follow_words(number, follow_ups) | {
        "claim": claim, "number": number, "customer": shown[number], "follow_ups": follow_ups,
        "pool": pools.pools().get(claim.pool), "age": None if birth is None else viewer.today.year - birth,
        "left": personal.reveals_left(viewer),
    }  # fmt: skip
