"""Institutions: the tree within scope with what is in it, and the record of one.

In: a scope, a code. Out: counts that include everything below. Never: an institution outside the scope (404), a query for
each line.
"""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from tuogu.books import queries as books
from tuogu.org import queries as org
from tuogu.org.queries import StaffFilter
from tuogu.org.rights import Right
from tuogu.web.staff.posts import place_words
from tuogu.web.viewer import ViewerRequest

SHOWN = 40


@require_safe
def institutions(request: ViewerRequest) -> HttpResponse:
    """The tree: people, pools and live policies of each node with everything below it."""
    viewer = request.viewer
    nodes = org.house(viewer.scope, viewer.today)
    context = {
        "nodes": nodes,
        "regions": books.place_names(node.region_code for node in nodes),
        "policies": books.policies_by_institution(viewer.scope) if viewer.can(Right.READ_BOOKS) else None,
    }
    return render(request, "staff/institutions.html", context)


@require_safe
def institution(request: ViewerRequest, code: str) -> HttpResponse:
    """One institution: what is below it, its people, pools and posts."""
    viewer = request.viewer
    nodes = org.house(viewer.scope, viewer.today)
    here = next((node for node in nodes if node.code == code), None)
    if here is None:
        raise Http404
    people = org.staff_page(
        viewer.scope, StaffFilter(institution_code=code, state="in_post"), viewer.today, size=SHOWN
    )
    posts = org.posts_at(code, viewer.today)
    duties = {duty.pool: duty.person for duty in org.pool_duties(viewer.today)}
    pools = [(name, duties.get(pool)) for pool, name in org.pools_at(code)]
    seen = {node.code for node in nodes}
    context = {
        "here": here,
        "way": [(one, name, one in seen) for one, name in org.above(code)],
        "below": [node for node in nodes if node.parent_code == code],
        "region": books.place_names([here.region_code]).get(here.region_code, here.region_code),
        "people": people.rows,
        "more": people.after is not None,
        "pools": pools,
        "posts": posts if viewer.can(Right.READ_POSTS) else [],
        "shows_posts": viewer.can(Right.READ_POSTS),
        "places": place_words(posts),
        "names": org.names({post.person for post in posts} | {person for _, person in pools if person}),
        "policies": books.policies_by_institution(viewer.scope).get(code, 0)
        if viewer.can(Right.READ_BOOKS)
        else None,
    }
    return render(request, "staff/institution.html", context)
