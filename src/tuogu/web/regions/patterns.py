"""Many addresses at once: what the queue shares (an estate, a road, a firm), and one community for all of it.

In: a pattern, a community, the count that the clerk confirmed. Out: coded customers in one act. Never: more or fewer than
were confirmed, a house number in an address bar.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from tuogu.books import actions
from tuogu.books import queries as books
from tuogu.regions import queries as regions
from tuogu.web import personal
from tuogu.web.paging import id_of
from tuogu.web.regions.desk import below, item_url, tabs
from tuogu.web.regions.words import evidence_words
from tuogu.web.viewer import ViewerRequest

_SAMPLES = 12


@never_cache
@require_safe
def listing(request: ViewerRequest) -> HttpResponse:
    """What many waiting addresses share, the most frequent first."""
    viewer = request.viewer
    found = books.patterns(
        viewer.scope, below(viewer), least=viewer.rulebook["regions.pattern_min"],
        limit=viewer.rulebook["regions.patterns_shown"],
    )  # fmt: skip
    left = sum(books.queue_counts(viewer.scope, below(viewer)).values())
    names = regions.names_of([p.area_code for p in found if p.area_code], viewer.today)
    context = {
        "tabs": tabs(viewer, "regions:patterns"),
        "lines": [
            {"pattern": p, "area": names.get(p.area_code, ""), "url": _url(p.area_code, p.fragment)}
            for p in found
        ],
        "covered": sum(p.count for p in found),
        "left": left,
    }
    return render(request, "regions/patterns.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def pattern(request: ViewerRequest) -> HttpResponse:
    """One pattern with samples and candidates; POST codes all of it."""
    viewer = request.viewer
    given = request.POST if request.method == "POST" else request.GET
    area, fragment = given.get("area", ""), given.get("fragment", "")
    numbers = books.pattern_numbers(viewer.scope, below(viewer), area, fragment) if fragment else []
    if not numbers:
        raise Http404
    if request.method == "POST":
        return _code(request, area, fragment)
    return render(request, "regions/pattern.html", _context(request, area, fragment, numbers))


def _code(request: ViewerRequest, area: str, fragment: str) -> HttpResponse:
    viewer, community = request.viewer, request.POST.get("community", "")
    expected = id_of(request.POST.get("expected", "")) or 0
    try:
        actions.code_pattern(
            viewer.scope, area, fragment, community, expected=expected, by=viewer.person, at=viewer.now
        )
    except actions.CodingRefused as refused:
        messages.error(request, str(refused))
        return redirect(_url(area, fragment))
    place = regions.names_of([community], viewer.today)[community]
    facts = {"fragment": fragment, "n": expected, "place": place}
    messages.success(request, _("“%(fragment)s” %(n)s 件已编码到 %(place)s；在“刚办完”里可整批撤销") % facts)
    return redirect("regions:patterns")


def _context(request: ViewerRequest, area: str, fragment: str, numbers: list[str]) -> dict[str, Any]:
    viewer, text = request.viewer, request.GET.get("q", "").strip()
    limit = viewer.rulebook["regions.candidates_shown"]
    spots = books.pattern_spots(area, fragment, on=viewer.today, limit=limit)
    if text:
        hits = regions.named(text, books.home_city(), viewer.today, limit=60)
        spots = books.spots_of([d.code for d in hits if d.level == "community"][:limit], viewer.today)
    shown = personal.masked(numbers[:_SAMPLES])
    return {
        "area": area,
        "fragment": fragment,
        "area_name": regions.names_of([area], viewer.today)[area] if area else "",
        "count": len(numbers),
        "samples": [(item_url(n, ""), shown[n]) for n in numbers[:_SAMPLES] if n in shown],
        "candidates": [
            {
                "key": place,
                "spot": spot,
                "why": evidence_words(spot.candidate.evidence) or _("在编码簿中搜得"),
            }
            for place, spot in enumerate(spots, start=1)
        ],
        "q": text,
    }


def _url(area: str, fragment: str) -> str:
    return f"{reverse('regions:pattern')}?{urlencode({'area': area, 'fragment': fragment})}"
