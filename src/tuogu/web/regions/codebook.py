"""The code book: a tree to walk down with counts, any code old or new, and what changed between two versions.

In: codes, names, versions. Out: pages. Never: a change (that is `changes`), a retired code that leads nowhere unsaid.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from tuogu.books import queries as books
from tuogu.data.codebook import compare
from tuogu.regions import queries as regions
from tuogu.web.regions.desk import tabs
from tuogu.web.regions.words import LEVELS, SOURCES, kind_word
from tuogu.web.viewer import Viewer, ViewerRequest

_FOUND_MAX = 60
_CHANGES_SHOWN = 500
_DISPLAY = re.compile(r"\d{8}(\d{2})?")  # a community's display code, or that of a unit in it


@require_safe
def tree(request: ViewerRequest) -> HttpResponse:
    """The path to the branch's city open, everything else closed; a search lists what it finds."""
    viewer, text = request.viewer, request.GET.get("q", "").strip()
    code = _code_of(text, viewer) if text else ""
    if code:
        return redirect("regions:code", code)
    city = books.home_city()
    context = {
        "tabs": tabs(viewer, "regions:codebook"),
        "version": regions.version_name(regions.version_on(viewer.today)),
        "q": text,
        "found": _lines(regions.named(text, city, viewer.today, limit=_FOUND_MAX), viewer) if text else [],
        "open": [] if text else _opened(city, viewer),
        "provinces": [] if text else _lines(regions.children("", viewer.today), viewer),
        "city": city,
    }
    return render(request, "regions/codebook.html", context)


@require_safe
def below(request: ViewerRequest) -> HttpResponse:
    """The divisions right below one (a fragment, fetched when its line is opened)."""
    code = request.GET.get("code", "")
    if regions.division(code, request.viewer.today) is None:
        raise Http404
    lines = _lines(regions.children(code, request.viewer.today), request.viewer)
    return render(request, "regions/_below.html", {"lines": lines})


@require_safe
def record(request: ViewerRequest, code: str) -> HttpResponse:
    """One code of any version: what it is, or what became of it."""
    viewer = request.viewer
    found = regions.find(code, viewer.today)
    if not found.today and not found.events:
        raise Http404
    here = regions.division(code, viewer.today) if found.in_force else None
    display = dict(books.display_codes().iter_rows())
    context = {
        "code": code,
        "found": found,
        "here": here,
        "path": regions.path_of(code, viewer.today) if here else [],
        "heirs": [(heir, regions.path_of(heir, viewer.today)) for heir in found.today] if not here else [],
        "lines": _lines(regions.children(code, viewer.today), viewer) if here else [],
        "source": SOURCES.get(here.source, here.source) if here else "",
        "events": [
            event
            | {"word": kind_word(event["kind"]), "source": SOURCES.get(event["source"], event["source"])}
            for event in found.events
        ],
        "display": display.get(code, ""),
        "level": LEVELS.get(here.level, "") if here else "",
        "counts": _counts(viewer, [code])[code] if here else None,
        "version": regions.version_name(regions.version_on(viewer.today)),
    }
    return render(request, "regions/code.html", context)


@require_safe
def versions(request: ViewerRequest) -> HttpResponse:
    """The versions there were, and what changed between two of them."""
    viewer = request.viewer
    known = regions.versions()
    numbers = {version.number: version for version in known}
    new = numbers.get(_number(request, "new"), known[-1])
    old = numbers.get(_number(request, "old"), numbers[max(0, new.number - 1)])
    city = books.home_city()
    cities = [city] if city else ["1101"]
    changes = compare(regions.codebook_of(cities, old.number), regions.codebook_of(cities, new.number))
    context = {
        "tabs": tabs(viewer, "regions:changes"),
        "versions": [(str(v.number), f"{v.name}{_since(v)}") for v in known],
        "old": old,
        "new": new,
        "rows": [
            row | {"word": _change_word(row["change"]), "level_word": LEVELS.get(row["level"], row["level"])}
            for row in changes.head(_CHANGES_SHOWN).iter_rows(named=True)
        ],
        "total": changes.height,
        "city": regions.names_of([city], viewer.today).get(city, city) if city else "",
    }
    return render(request, "regions/versions.html", context)


def _since(version: regions.Version) -> str:
    return (
        _("（%(day)s 起）") % {"day": version.effective_date} if version.effective_date else _("（随产品）")
    )


def _change_word(change: str) -> str:
    return {"added": _("新增"), "retired": _("停用"), "renamed": _("改名"), "moved": _("改隶")}[change]


def _number(request: ViewerRequest, name: str) -> int:
    text = request.GET.get(name, "")
    return int(text) if text.isdecimal() and len(text) < 8 else -1


def _opened(city: str, viewer: Viewer) -> list[dict[str, Any]]:
    """The branch's city with its districts, so that nobody has to open three lines first."""
    if not city or regions.division(city, viewer.today) is None:
        return []
    path = regions.path_of(city, viewer.today)
    return [{"path": path, "lines": _lines(regions.children(city, viewer.today), viewer)}]


def _lines(divisions: list[regions.Division], viewer: Viewer) -> list[dict[str, Any]]:
    counts = _counts(viewer, [division.code for division in divisions])
    display = dict(books.display_codes().iter_rows())
    return [
        {
            "division": division, "level": LEVELS.get(division.level, division.level),
            "display": display.get(division.code, ""), "counts": counts[division.code],
        }
        for division in divisions
    ]  # fmt: skip


def _counts(viewer: Viewer, codes: list[str]) -> Mapping[str, tuple[int, int]]:
    """code → customers and live policies within scope, at or below it."""
    policies, customers = books.counts_by_community(viewer.scope)
    return {code: (_sum(customers, code), _sum(policies, code)) for code in codes}


def _sum(counts: Mapping[str, int], code: str) -> int:
    return sum(count for community, count in counts.items() if community.startswith(code))


def _code_of(text: str, viewer: Viewer) -> str:
    """The official code that was typed, official or display; '' for a name."""
    if not text.isdecimal():
        return ""
    found = regions.find(text, viewer.today)
    if found.today or found.events:
        return text
    return books.community_of_display(text[:8]) if _DISPLAY.fullmatch(text) else ""
