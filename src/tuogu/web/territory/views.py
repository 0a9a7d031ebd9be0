"""The distribution of policies by region code, and the register of homes: each as a table and as a map.

In: a region to walk down to, which policies. Out: pages whose table and map show the same numbers. Never: an address, a
home more exact than its community.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from tuogu.books import queries as books
from tuogu.core.labels import MANUAL_REASONS
from tuogu.rules import queries as rules
from tuogu.web.parts import View
from tuogu.web.viewer import ViewerRequest

_ALL_LIVE = "live"


@require_safe
def distribution(request: ViewerRequest) -> HttpResponse:
    """The regions right below the chosen one, with their policies; each leads further down, or to its policies."""
    region, orphans = request.GET.get("region", ""), request.GET.get("of") != _ALL_LIVE
    found = books.distribution(request.viewer.scope, region, orphans=orphans)
    context = {
        "found": found,
        "rows": [_row(row, found, orphans, listed=request.viewer.may("policies:list")) for row in found.rows],
        "trail": [(_url(code, orphans), name) for code, name in found.trail],
        "top_url": _url("", orphans),
        "tabs": _tabs(region, orphans),
        "orphans": orphans,
        "zones_url": reverse("regions:zones") if request.viewer.may("regions:zones") else "",
        "head": {"district": _("区县"), "street": _("街道（乡镇）"), "community": _("社区（村）")}[
            found.level
        ],
        "map_url": f"{reverse('territory:map')}?{urlencode({'of': '' if orphans else _ALL_LIVE, 'region': region})}",
    }
    return render(request, "territory/distribution.html", context)


@require_safe
def ground(request: ViewerRequest) -> JsonResponse:
    """The map's numbers: every community with its ring; those of the chosen region are marked."""
    region, orphans = request.GET.get("region", ""), request.GET.get("of") != _ALL_LIVE
    found = books.ground(request.viewer.scope, region, orphans=orphans)
    places = _places(found, orphans, listed=request.viewer.may("policies:list"))
    return JsonResponse(_picture(places, [], found.elsewhere, synthetic=found.synthetic))


@require_safe
def homes(request: ViewerRequest) -> HttpResponse:
    """Everybody in post whose home matters to plans, by team; who has no coded home stands first, apart."""
    rows = books.homes(request.viewer.scope, request.viewer.today, _series(request))
    context = {
        "rows": rows,
        "missing": [{"home": row, "why": _why(row)} for row in rows if not row.community_code],
        "coded": sum(row.community_code is not None for row in rows),
        "teams": _teams(rows),
        "every": request.GET.get("of") == _ALL_LIVE,
        "tabs": _home_tabs(request.GET.get("of") == _ALL_LIVE),
    }
    return render(request, "territory/homes.html", context)


@require_safe
def homes_map(request: ViewerRequest) -> JsonResponse:
    """Homes at the middle of their community, over the communities that hold policies."""
    rows = books.homes(request.viewer.scope, request.viewer.today, _series(request))
    found = books.ground(request.viewer.scope)
    points, synthetic = books.positions()
    places = _places(found, orphans=True, listed=request.viewer.may("policies:list"))
    people = [
        {
            "number": row.staff_number, "name": row.name, "colour": None, "supervisor": row.supervisor,
            "home": points[row.community_code],
        }
        for row in rows
        if row.community_code in points
    ]  # fmt: skip
    return JsonResponse(_picture(places, people, found.elsewhere, synthetic=synthetic))


def _places(found: books.Ground, orphans: bool, *, listed: bool) -> list[dict[str, Any]]:
    """Communities as the map draws them: coloured by how many policies lie there, nobody's territory. `listed`: the viewer
    may open the list of policies; a system administrator sees counts only (L-10)."""
    return [
        {
            "code": place.row.display_code or place.row.code, "name": place.name, "title": place.title,
            "n": place.row.policies, "at": place.at, "ring": place.ring, "who": -1, "now": -1, "served": [],
            "url": _policies_url(place.row.code, orphans) if listed else "",
        }
        for place in found.places
    ]  # fmt: skip


def _picture(
    places: list[dict[str, Any]], people: list[dict[str, Any]], missing: int, *, synthetic: bool
) -> dict[str, Any]:
    words = {
        "pieces": _("件"), "pool": _("保全组"), "home": _("住址所在社区"), "chief": _("主管"), "now": _("现行"),
    }  # fmt: skip
    return {"places": places, "people": people, "missing": missing, "synthetic": synthetic, "words": words}


def _row(row: books.RegionRow, found: books.Distribution, orphans: bool, *, listed: bool) -> dict[str, Any]:
    share = row.policies / found.total.policies if found.total.policies else 0.0
    url = _policies_url(row.code, orphans) if row.code else _uncoded_url()
    url = url if listed else ""
    down = _url(row.code, orphans) if row.code and found.level != "community" else ""
    return {"row": row, "share": share, "url": url, "down": down}


def _url(region: str, orphans: bool) -> str:
    kept = {
        name: value for name, value in (("region", region), ("of", "" if orphans else _ALL_LIVE)) if value
    }
    return reverse("territory:distribution") + (f"?{urlencode(kept)}" if kept else "")


def _policies_url(region: str, orphans: bool) -> str:
    kept = {"region": region} | ({"view": "orphans"} if orphans else {})
    return f"{reverse('policies:list')}?{urlencode(kept)}"


def _uncoded_url() -> str:
    return f"{reverse('policies:list')}?view=manual"


def _tabs(region: str, orphans: bool) -> list[View]:
    return [
        View(_("孤儿保单"), _url(region, True), None, orphans),
        View(_("全部有效与失效保单"), _url(region, False), None, not orphans),
    ]


def _home_tabs(every: bool) -> list[View]:
    url = reverse("territory:homes")
    return [
        View(_("有片区的人员"), url, None, not every),
        View(_("全部在职人员"), f"{url}?of={_ALL_LIVE}", None, every),
    ]


def _why(home: books.Home) -> str:
    word = MANUAL_REASONS.get(home.reason)
    return _(word) if word else _("最近一次导入没有这个人的住址")


def _series(request: ViewerRequest) -> tuple[str, ...]:
    if request.GET.get("of") == _ALL_LIVE:
        return ()
    return tuple(rules.applicable(request.viewer.today)["territory.planned_series"])


def _teams(rows: list[books.Home]) -> list[dict[str, Any]]:
    found: dict[str, list[books.Home]] = {}
    for row in rows:
        found.setdefault(row.team, []).append(row)
    return [{"name": name, "rows": part} for name, part in found.items()]
