"""Who answers for each pool today, and who holds which post where.

In: a person within scope, a role, a place. Out: posts and duties; their lists. Never: a post in a place that the appointer
does not cover, one's own post.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from tuogu.books import queries as books
from tuogu.org import actions
from tuogu.org import queries as org
from tuogu.org.failures import OrgError
from tuogu.org.roles import Role
from tuogu.web.paging import day_of, id_of
from tuogu.web.staff.filters import role_words
from tuogu.web.viewer import Viewer, ViewerRequest

EVERYWHERE = "*"  # the choice “全公司” among the institutions
NO_PLACE = "—"


@require_http_methods(["GET", "HEAD", "POST"])
def duty(request: ViewerRequest) -> HttpResponse:
    """Who answers for the buffer group and the departments' pools; POST names who answers from a day on."""
    viewer, refusal = request.viewer, ""
    if request.method == "POST":
        refusal = _name_duty(request)
        if not refusal:
            return redirect("staff:duty")
    pools, roster = _pools(viewer), org.roster(org.buffer_group())
    named = [duty for pool in pools for duty in (pool["now"], pool["next"]) if duty]
    people = {duty.person for duty in [*named, *roster]} | {duty.by for duty in roster}
    context = {
        "pools": pools, "roster": roster, "names": org.names(people), "labels": org.labels(people),
        "today": viewer.today, "refusal": refusal, "given": request.POST,
    }  # fmt: skip
    return render(request, "staff/duty.html", context, status=409 if refusal else 200)


def _pools(viewer: Viewer) -> list[dict[str, Any]]:
    """Pools that the viewer may see: those within scope, and always the buffer group."""
    visible = org.custodians_within(viewer.scope)
    shown = [row for row in org.pools() if row[1] == org.BUFFER_KEY or visible is None or row[0] in visible]
    duties = org.duties_from([pool for pool, _, _ in shown], viewer.today)
    found = []
    for pool, key, name in shown:
        now = next((d for d in duties if d.pool == pool and d.from_date <= viewer.today), None)
        later = next((d for d in duties if d.pool == pool and d.from_date > viewer.today), None)
        found.append({"id": pool, "name": name, "buffer": key == org.BUFFER_KEY, "now": now, "next": later})
    return found


def _name_duty(request: ViewerRequest) -> str:
    viewer, day = request.viewer, day_of(request.POST.get("from", ""))
    pool = request.POST.get("pool", "")
    if id_of(pool) not in {row["id"] for row in _pools(viewer)}:
        raise Http404
    person = org.staff_row(viewer.scope, request.POST.get("staff_number", "").strip())
    if person is None or day is None or day < viewer.today:
        return _("请填写本机构在职人员的工号和不早于今天的日期；没有写入任何数据。")
    try:
        actions.set_duty(int(pool), person.person, from_date=day, by=viewer.person, at=viewer.now)
    except OrgError as refused:
        return _("%(why)s；没有写入任何数据。") % {"why": str(refused)}
    said = _("自 %(day)s 起由 %(name)s 值班。要改回来，再指定一次即可。")
    messages.success(request, said % {"day": day, "name": person.name})
    return ""


@require_http_methods(["GET", "HEAD", "POST"])
def posts(request: ViewerRequest) -> HttpResponse:
    """Posts of the people within scope; POST appoints."""
    viewer, refusal = request.viewer, ""
    if request.method == "POST":
        refusal = _appoint(request)
        if not refusal:
            return redirect("staff:posts")
    held = org.posts(viewer.scope, viewer.today)
    context = {
        "posts": held,
        "names": org.names({post.person for post in held} | {post.by for post in held}),
        "places": place_words(held),
        "roles": role_words(),
        "institutions": org.institution_choices(viewer.scope),
        "regions": _regions(viewer),
        "everywhere": viewer.scope.all_rows,
        "today": viewer.today,
        "refusal": refusal,
        "given": request.POST,
    }
    return render(request, "staff/posts.html", context, status=409 if refusal else 200)


def place_words(held: Iterable[org.PostHeld]) -> dict[int, str]:
    """Where each post is held, in words: by id of the post."""
    held = list(held)
    regions = books.place_names(post.region_code for post in held)
    found = {}
    for post in held:
        region = regions.get(post.region_code) or (
            _("区划 %(code)s") % {"code": post.region_code} if post.region_code else ""
        )
        parts = [post.institution_name, region]
        found[post.id] = _("全公司") if post.everywhere else _("、").join(filter(None, parts)) or NO_PLACE
    return found


def _regions(viewer: Viewer) -> list[tuple[str, str]]:
    """(code, name) of districts and streets that the form offers."""
    may = org.regions_within(viewer.scope)
    offered = {**books.district_names(), **dict(books.street_options(viewer.scope))}
    known = sorted(offered.items())
    return [(code, name) for code, name in known if viewer.scope.all_rows or code.startswith(tuple(may))]


def _place(request: ViewerRequest) -> dict[str, Any] | None:
    """Where the post is to be held; None for a place that the viewer does not cover. The whole company is a choice of its
    own, and only of somebody who has it."""
    scope, code = request.viewer.scope, request.POST.get("institution", "")
    region = request.POST.get("region", "").strip()
    if code == EVERYWHERE:
        return {"everywhere": True} if scope.all_rows and not region else None
    if code and code not in org.institutions_within(scope):
        return None
    if region and not (scope.all_rows or region.startswith(tuple(org.regions_within(scope)))):
        return None
    return {"institution_code": code or None, "region_code": region or None}


def _appoint(request: ViewerRequest) -> str:
    viewer, day = request.viewer, day_of(request.POST.get("from", ""))
    person = org.staff_row(viewer.scope, request.POST.get("staff_number", "").strip())
    role, place = request.POST.get("role", ""), _place(request)
    if person is None or day is None or role not in Role.values or place is None:
        return _("请填写本范围内在职人员的工号、岗位、机构或区域和起始日；没有写入任何数据。")
    try:
        actions.appoint(person.person, role, **place, from_date=day, by=viewer.person, at=viewer.now)
    except OrgError as refused:
        return _("%(why)s；没有写入任何数据。") % {"why": str(refused)}
    said = _("已任命 %(name)s 为%(role)s，自 %(day)s 起。要撤回，在下表中结束该岗位。")
    messages.success(request, said % {"name": person.name, "role": _(str(Role(role).label)), "day": day})
    return ""


@require_POST
def end_post(request: ViewerRequest, post_id: int) -> HttpResponse:
    """End one post from today on."""
    viewer, post = request.viewer, org.post(post_id)
    if post is None or org.staff_row(viewer.scope, post.staff_number) is None:
        raise Http404
    try:
        actions.end_post(post_id, until_date=viewer.today, by=viewer.person, at=viewer.now)
    except OrgError as refused:
        messages.error(request, _("%(why)s；没有写入任何数据。") % {"why": str(refused)})
        return redirect("staff:posts")
    said = _("%(number)s 的%(role)s岗位自 %(day)s 起结束。要恢复，重新任命即可。")
    messages.success(
        request, said % {"number": post.staff_number, "role": _(post.label), "day": viewer.today}
    )
    return redirect("staff:posts")
