"""Homes of the staff that no import could locate, on a desk of their own: the list, one home, a person's decision.

In: colleagues in post within scope. Out: pages; a stored decision with a message that says how to undo it. Never: a home
address for who may not see those of colleagues (only that it waits, and why); one in clear (the staff page shows it, for a
reason), a building or room.
"""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from tuogu.books import actions
from tuogu.books import queries as books
from tuogu.org import queries as org
from tuogu.org.rights import Right
from tuogu.regions import queries as regions
from tuogu.regions.failures import RegionsRefused
from tuogu.web import personal
from tuogu.web.regions.desk import communities, tabs
from tuogu.web.regions.words import HOW, LEVELS, advice, evidence_words, reason_word
from tuogu.web.viewer import Viewer, ViewerRequest


@never_cache
@require_safe
def listing(request: ViewerRequest) -> HttpResponse:
    """Everybody whose home waits."""
    viewer = request.viewer
    waiting = books.waiting_homes(viewer.scope, viewer.today)
    context = {
        "tabs": tabs(viewer, "regions:homes"),
        "rows": [{"home": home, "why": reason_word(home.reason)} for home in waiting],
    }
    return render(request, "regions/homes.html", context)


@never_cache
@require_safe
def item(request: ViewerRequest, staff_number: str) -> HttpResponse:
    """One home: what was recognised of it, and where it may lie; a search offers other communities."""
    viewer, asked = request.viewer, request.GET.get("q", "").strip()
    found = _item_or_404(viewer, staff_number)
    person = int(org.staff_ids([staff_number])["custodian_id"][0])
    decided = regions.decided_homes([person]).get(person)
    code = found.waiting.community_code
    context: dict[str, Any] = {
        "tabs": tabs(viewer, "regions:homes"),
        "person": org.known_as([person])[person],
        "staff_number": staff_number,
        "why": reason_word(found.waiting.reason) if not code else "",
        "advice": advice(found.waiting.reason) if not code else "",
        "coded_to": regions.names_of([code], viewer.today)[code] if code else "",
        "decided": decided,
        "own": decided is not None and decided.by == viewer.person,
        "q": asked,
        "spots": books.spots_of(communities(asked, viewer), viewer.today) if asked else [],
        "shows": viewer.can(Right.REVEAL_STAFF),
        "staff_page": viewer.may("staff:record") and org.staff_row(viewer.scope, staff_number) is not None,
    }
    if context["shows"]:
        context |= _shown(viewer, person, found)
    return render(request, "regions/home.html", context)


@require_POST
def decide(request: ViewerRequest, staff_number: str) -> HttpResponse:
    """This community, none, or take the own decision back."""
    viewer, said = request.viewer, request.POST
    _item_or_404(viewer, staff_number)
    signed: dict[str, Any] = {"by": viewer.person, "at": viewer.now}
    try:
        if said.get("undo"):
            actions.undo_home(viewer.scope, staff_number, **signed)
            told = _("已撤销，%(number)s 的住址回到判定以前")
        elif "why" in said:
            actions.home_not_codable(viewer.scope, staff_number, said["why"], **signed)
            told = _("%(number)s 的住址已判为无法编码，住址变更后再进入这里；可在本人页上撤销")
        else:
            actions.code_home(viewer.scope, staff_number, said.get("community", ""), **signed)
            told = _("%(number)s 的住址已编码，此后的方案按这个社区计算；可在本人页上撤销")
    except (actions.CodingRefused, RegionsRefused) as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, told % {"number": staff_number})
    return redirect("regions:home_item", staff_number)


def _item_or_404(viewer: Viewer, staff_number: str) -> books.DeskItem:
    limit = viewer.rulebook["regions.candidates_shown"]
    found = books.home_item(viewer.scope, staff_number, on=viewer.today, limit=limit)
    if found is None:
        raise Http404
    return found


def _shown(viewer: Viewer, person: int, found: books.DeskItem) -> dict[str, Any]:
    """What of the address itself is shown, to who may see those of colleagues."""
    return {
        "masked": personal.masked_contact(viewer, person).home,
        "parts": [
            {"part": part, "word": LEVELS[part.level], "how": HOW.get(part.how, HOW["implied"])}
            for part in found.parts
        ],
        "candidates": [
            {"spot": spot, "why": evidence_words(spot.candidate.evidence)} for spot in found.spots
        ],
    }
