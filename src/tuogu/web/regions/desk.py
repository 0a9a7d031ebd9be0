"""The address desk: one address at a time, masked, with what was recognised and where it may lie.

In: the queue within scope, a filter. Out: pages; nothing is decided here (`deciding` does). Never: an address in clear
without a reason and a row in the access log, a building or room by any other way.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from tuogu import clock
from tuogu.accesslog.failures import RevealRefused
from tuogu.books import queries as books
from tuogu.books.people import ShownCustomer
from tuogu.regions import queries as regions
from tuogu.web import personal
from tuogu.web.parts import View
from tuogu.web.regions.words import HOW, LEVELS, advice, evidence_words, known_reason, reason_word
from tuogu.web.viewer import Viewer, ViewerRequest

_ROWS = 14  # of the queue beside the address
_ACTS = 5
_FOUND = 9  # communities that a search offers: one key each
SKIPPED = "regions_skipped"  # of the session: customers to be asked again later


@require_safe
def home(request: ViewerRequest) -> HttpResponse:
    """Where the room begins: the desk for those who work at it, the code book for the others."""
    return redirect("regions:desk" if request.viewer.may("regions:desk") else "regions:codebook")


@never_cache
@require_safe
def queue(request: ViewerRequest) -> HttpResponse:
    """The first address that waits, or that there is none."""
    viewer, reason = request.viewer, known_reason(request.GET.get("reason", ""))
    first = books.queue_page(viewer.scope, below(viewer), reason=reason, skipped=skipped(request), size=1)
    if first:
        return redirect(item_url(first[0].number, reason))
    context = _around(request, reason, "") | {"item": None, "left_over": len(skipped(request))}
    return render(request, "regions/desk.html", context)


@never_cache
@require_safe
def item(request: ViewerRequest, number: str) -> HttpResponse:
    """One address. Opening it is noted."""
    viewer, reason = request.viewer, known_reason(request.GET.get("reason", ""))
    found = item_or_404(viewer, number)
    personal.opened(viewer, subject_kind="customer", subject=number)
    context = _around(request, reason, number)
    context |= _shown(viewer, found, context["people"])
    return render(request, "regions/desk.html", context)


@never_cache
@require_safe
def search(request: ViewerRequest, number: str) -> HttpResponse:
    """Communities of the code book by name or code, to choose one of them (a fragment)."""
    viewer, text = request.viewer, request.GET.get("q", "").strip()
    item_or_404(viewer, number)
    spots = books.spots_of(communities(text, viewer), viewer.today) if text else []
    context = {
        "spots": spots,
        "q": text,
        "number": number,
        "reason": known_reason(request.GET.get("reason", "")),
    }
    return render(request, "regions/_found.html", context)


@never_cache
@require_POST
def reveal(request: ViewerRequest, number: str) -> HttpResponse:
    """The address in clear, for this answer only: the reason is written down and the look is counted."""
    viewer = request.viewer
    item_or_404(viewer, number)
    refusal, clear = "", None
    try:
        clear = personal.revealed_address(viewer, number, reason=request.POST.get("reason", ""))
    except RevealRefused as refused:
        refusal = str(refused)
    context: dict[str, Any] = {"clear": clear, "refusal": refusal, "number": number}
    context["original"] = _original(number, personal.masked([number]))
    return render(request, "regions/_original.html", context)


def below(viewer: Viewer) -> float:
    """The line below which a coded address is doubtful."""
    return float(viewer.rulebook["regions.doubtful_below"])


def skipped(request: ViewerRequest) -> list[str]:
    """Customers that the viewer put aside in this session."""
    return list(request.session.get(SKIPPED, []))


def item_url(number: str, reason: str) -> str:
    """The desk with this customer, the filter kept."""
    return reverse("regions:item", args=[number]) + (f"?{urlencode({'reason': reason})}" if reason else "")


def item_or_404(viewer: Viewer, number: str) -> books.DeskItem:
    """The item within scope."""
    limit = viewer.rulebook["regions.candidates_shown"]
    found = books.desk_item(viewer.scope, number, on=viewer.today, limit=limit)
    if found is None:
        raise Http404
    return found


def tabs(viewer: Viewer, current: str) -> list[View]:
    """The rooms of addresses and places that the viewer may open."""
    rooms = (
        ("regions:desk", _("逐件")), ("regions:patterns", _("成批")), ("regions:homes", _("员工住址")),
        ("regions:codebook", _("编码簿")),
        ("regions:changes", _("编码簿变更")), ("regions:zones", _("地图区域")),
    )  # fmt: skip
    return [View(word, reverse(name), None, name == current) for name, word in rooms if viewer.may(name)]


def _around(request: ViewerRequest, reason: str, number: str) -> dict[str, Any]:
    """The queue, the counts, what was done today."""
    viewer, aside = request.viewer, skipped(request)
    counts = books.queue_counts(viewer.scope, below(viewer))
    rows = books.queue_page(
        viewer.scope, below(viewer), reason=reason, from_number=number, skipped=aside, size=_ROWS
    )
    if number and rows and rows[0].number != number:  # decided already, or of another filter: looked at again
        rows = rows[: _ROWS - 1]
    shown = personal.masked({number, *(row.number for row in rows)} - {""})
    following = next((row.number for row in rows if row.number != number), "")
    since = clock.day_end(viewer.today - timedelta(days=1))
    left = counts.get(reason, 0) if reason else sum(counts.values())
    return {
        "people": shown,
        "tabs": tabs(viewer, "regions:desk"),
        "reason": reason,
        "reasons": [(code, f"{reason_word(code)} {n}") for code, n in sorted(counts.items(), key=lambda c: -c[1])],
        "left": left,
        "done": regions.decided_since(viewer.person, since),
        "aside": len(aside),
        "queue": [
            {"row": row, "address": _address_of(shown, row.number), "why": reason_word(row.reason),
             "url": item_url(row.number, reason), "current": row.number == number}
            for row in rows
        ],
        "next_url": item_url(following, reason) if following else "",
        "previous_url": _previous(request, reason, number),
        "acts": _acts(viewer, since),
    }  # fmt: skip


def _previous(request: ViewerRequest, reason: str, number: str) -> str:
    viewer = request.viewer
    before = number and books.queue_before(
        viewer.scope, below(viewer), number, reason=reason, skipped=skipped(request)
    )
    return item_url(before, reason) if before else ""


def _acts(viewer: Viewer, since: datetime) -> list[dict[str, Any]]:
    """What the viewer decided today, the newest first; the first that stands can be taken back by a key."""
    acts = regions.acts_of(viewer.person, since=since, limit=_ACTS)
    names = regions.names_of([act.community_code for act in acts if act.community_code], viewer.today)
    newest = next((act.id for act in acts if not act.undone), None)
    return [
        {"act": act, "name": names.get(act.community_code) or _("无法编码"), "newest": act.id == newest}
        for act in acts
    ]


def _shown(viewer: Viewer, found: books.DeskItem, people: Mapping[str, ShownCustomer]) -> dict[str, Any]:
    """What the middle of the desk shows."""
    waiting = found.waiting
    known = regions.names_of([waiting.community_code], viewer.today) if waiting.community_code else {}
    return {
        "item": found,
        "number": waiting.number,
        "original": _original(waiting.number, people, found),
        "why": reason_word(waiting.reason),
        "advice": advice(waiting.reason),
        "coded_to": known.get(waiting.community_code or "", ""),
        "parts": [
            {"part": part, "word": LEVELS[part.level], "how": HOW.get(part.how, HOW["implied"])}
            for part in found.parts
        ],
        "candidates": [
            {"key": place, "spot": spot, "why": evidence_words(spot.candidate.evidence)}
            for place, spot in enumerate(found.spots, start=1)
        ],
        "best": found.spots[0] if found.spots else None,
        "pattern": _pattern(viewer, found),
        "customer": people.get(waiting.number),
        "why_not": [_("已拆迁，地址不复存在"), _("外地地址"), _("原文不完整，无法判断"), _("没有地址")],
    }


def _pattern(viewer: Viewer, found: books.DeskItem) -> dict[str, Any] | None:
    """The pattern that this address belongs to, where others share it."""
    if not found.fragment:
        return None
    count = len(books.pattern_numbers(viewer.scope, below(viewer), found.area_code, found.fragment))
    if count < viewer.rulebook["regions.pattern_min"]:
        return None
    query = urlencode({"area": found.area_code, "fragment": found.fragment})
    area = regions.names_of([found.area_code], viewer.today)[found.area_code] if found.area_code else ""
    return {
        "count": count,
        "fragment": found.fragment,
        "area": area,
        "url": f"{reverse('regions:pattern')}?{query}",
    }


def _original(
    number: str, people: Mapping[str, ShownCustomer], found: books.DeskItem | None = None
) -> list[tuple[str, str]]:
    """The masked address as pieces with the tone of each: what was recognised, repaired, or is not known."""
    shown = people.get(number)
    text = shown.address if shown else None
    if not text:
        return []
    pieces: list[tuple[str, str]] = []
    at = 0
    for part in found.parts if found else ():
        start = text.find(part.written, at) if part.written else -1
        if start < 0 or not part.written:
            continue
        if start > at:
            pieces.append((text[at:start], "extra"))
        at = start + len(part.written)
        pieces.append((part.written, str(HOW.get(part.how, HOW["implied"])[1])))
    return [*pieces, (text[at:], "")] if text[at:] else pieces


def _address_of(shown: Mapping[str, ShownCustomer], number: str) -> str:
    customer = shown.get(number)
    return (customer.address if customer else None) or _("（没有地址）")


def communities(text: str, viewer: Viewer) -> list[str]:
    """Official codes of communities that a name, an official or a display code leads to, old or new."""
    if re.fullmatch(r"\d{8}(\d{2})?", text):
        code = books.community_of_display(text[:8])
        return [heir for heir in regions.resolved(code, viewer.today) if len(heir) == 12] if code else []
    if text.isdecimal():
        return [heir for heir in regions.resolved(text, viewer.today) if len(heir) == 12]
    city = books.home_city()
    found = regions.named(text, city, viewer.today, limit=60)
    own = [division.code for division in found if division.level == "community"]
    return own[:_FOUND]
