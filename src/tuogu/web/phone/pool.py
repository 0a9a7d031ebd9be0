"""The phone's pages of the public pools: what may be claimed on the own ground, and what one has claimed.

In: a viewer. Out: pages. Never: a contact before the claim (P-10), a page beyond the day's looks.
"""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from tuogu.books import queries as books
from tuogu.pools import queries as pools
from tuogu.web import personal
from tuogu.web.pools.reading import asked, relation_words
from tuogu.web.viewer import ViewerRequest

PAGE = 20


@require_safe
def pool(request: ViewerRequest) -> HttpResponse:
    """What lies in the pools, the nearest due day first, with what may still be claimed today."""
    found = asked(request.viewer, request.GET, size=PAGE)
    who = found.reach.who
    left = (
        max((who.left(found.rules, one.kind) for one in found.reach.pools.values()), default=0) if who else 0
    )
    context = {
        "found": found, "lines": found.lines, "left": left, "who": who, "words": relation_words(),
        "count": books.piece_count(found.wanted), "levels": list(found.rules.bands()),
        "streets": books.piece_streets(found.reach.wanted(found.relation)),
    }  # fmt: skip
    return render(request, "phone/pool.html", context)


@require_safe
def claims(request: ViewerRequest) -> HttpResponse:
    """What the viewer has claimed, what goes back first at the top."""
    viewer = request.viewer
    rows = pools.claims_of(viewer.person, pools.PoolRules.of(viewer.rulebook), viewer.today)
    context = {
        "rows": rows,
        "shown": personal.masked(row.customer_number for row in rows),
        "pools": pools.pools(),
    }
    return render(request, "phone/claims.html", context)
