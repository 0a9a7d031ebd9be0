"""The pools as pages: the board, the pieces of a pool, claims with their clock, what was handed out and what went back.

In: a viewer, the query string. Out: pages. Never: a contact of a customer whom nobody has claimed (`web.personal` sees to
it), a claim of somebody out of scope.
"""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from tuogu.books import queries as books
from tuogu.org import queries as org
from tuogu.org.rights import Right
from tuogu.pools import queries as pools
from tuogu.web import personal
from tuogu.web.paging import filter_chips, id_of, pager_of, size_of
from tuogu.web.parts import View
from tuogu.web.pools.reading import DUE, asked, reach_of, relation_words, rooms
from tuogu.web.viewer import ViewerRequest

STEPS = ("", "returned", "warned")


@require_safe
def board(request: ViewerRequest) -> HttpResponse:
    """Every pool in reach: how many, how old, claimed today, what the viewer may still claim."""
    viewer = request.viewer
    reach, rules = reach_of(viewer)
    lines = pools.board(reach, rules, viewer.today)
    claims = viewer.can(Right.CLAIM)
    held = pools.claims_of(viewer.person, rules, viewer.today) if claims else []
    duties = {duty.pool: duty.person for duty in org.pool_duties(viewer.today)}
    context = {
        "rooms": rooms(viewer, "board"), "lines": lines, "who": reach.who, "claims": claims, "relations": relation_words(),
        "duties": duties, "people": org.known_as(duties.values()),
        "held": len(held), "warned": sum(row.warns for row in held), "rules": rules,
    }  # fmt: skip
    return render(request, "pools/board.html", context)


@require_safe
def pieces(request: ViewerRequest) -> HttpResponse:
    """The pieces that lie in the pools, the nearest due day first."""
    viewer, query = request.viewer, request.GET
    found = asked(viewer, query, size=size_of(query))
    words = relation_words()
    keep = ["relation", *(["pool"] if found.pool else [])]
    context: dict[str, Any] = {
        "rooms": rooms(viewer, "pieces"), "found": found, "lines": found.lines, "words": words,
        "claims": viewer.can(Right.CLAIM),
        "count": books.piece_count(found.wanted),
        "views": [View(words[name], f"?relation={name}", None, name == found.relation) for name in words],
        "pool_options": [(pool.id, pool.name) for pool in found.reach.pools.values()],
        "streets": books.piece_streets(found.reach.wanted(found.relation)),
        "levels": [(name, _("%(name)s级") % {"name": name}) for name in found.rules.bands()],
        "dues": [(key, _("%(n)s 天内") % {"n": days}) for key, days in DUE.items()],
        "chips": filter_chips(
            query,
            {"street": _("街道"), "product": _("险种"), "level": _("客户级别"), "due": _("应收")},
            {
                "street": dict(books.piece_streets(found.reach.wanted(found.relation))),
                "level": {name: _("%(name)s级") % {"name": name} for name in found.rules.bands()},
                "due": {key: _("%(n)s 天内") % {"n": days} for key, days in DUE.items()},
            },
            keep,
        ) if any(query.get(name) for name in ("street", "product", "level", "due")) else [],
        "page": pager_of(query, shown=len(found.page.rows), before=None, after=found.page.after),
    }  # fmt: skip
    return render(request, "pools/pieces.html", context)


@require_safe
def claims(request: ViewerRequest) -> HttpResponse:
    """The viewer's own claims with their clock; for supervisors, what is about to go back in their scope."""
    viewer = request.viewer
    rules = pools.PoolRules.of(viewer.rulebook)
    own = viewer.can(Right.CLAIM)
    rows = (
        pools.claims_of(viewer.person, rules, viewer.today)
        if own
        else pools.warned(viewer.scope, rules, viewer.today)
    )
    context = {
        "rooms": rooms(viewer, "claims"), "rows": rows, "own": own,
        "shown": personal.masked(row.customer_number for row in rows),
        "pools": pools.pools(), "people": org.known_as(row.person for row in rows),
        "contacts": pools.last_followed(row.customer_number for row in rows), "words": relation_words(),
    }  # fmt: skip
    return render(request, "pools/claims.html", context)


@require_safe
def log(request: ViewerRequest) -> HttpResponse:
    """What was handed out, what went back and why, what was warned about; within scope, newest first."""
    viewer, query = request.viewer, request.GET
    step = query.get("step", "")
    step = step if step in STEPS else ""
    size, before = size_of(query), id_of(query.get("before", ""))
    found = pools.log(viewer.scope, steps=step, before=before, size=size + 1)
    rows = found[:size]
    titles = {"": _("领取"), "returned": _("退回"), "warned": _("预警")}
    context = {
        "rooms": rooms(viewer, "log"), "rows": rows, "step": step, "pools": pools.pools(), "words": relation_words(),
        "people": org.known_as(i for row in rows for i in (row.person, row.by)),
        "views": [View(title, f"?step={name}", None, name == step) for name, title in titles.items()],
        "older": f"?step={step}&before={rows[-1].id}" if len(found) > size else "",
    }  # fmt: skip
    return render(request, "pools/log.html", context)
