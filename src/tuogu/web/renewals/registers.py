"""The responsibility registers: lists sent, registers locked with their amendments, filed early, printed, exported (S3-05).

In: a viewer, a branch and month. Out: pages, a locked register, a file. Never: a locked line changed.
"""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from tuogu.renewals import actions
from tuogu.renewals import queries as renewals
from tuogu.web.exports.asking import answer
from tuogu.web.paging import id_of
from tuogu.web.renewals.reading import month_given, names_of, places, rooms, told
from tuogu.web.templatetags.tuogu import num
from tuogu.web.viewer import Viewer, ViewerRequest

_ROWS = 40


@require_safe
def listing(request: ViewerRequest) -> HttpResponse:
    """Monthly lists with their days, and registers within scope, the newest first."""
    viewer = request.viewer
    found = renewals.registers(viewer.scope, before=id_of(request.GET.get("before", "")), size=_ROWS + 1)
    rows = found[:_ROWS]
    context = {
        "rooms": rooms(viewer, "registers"), "rows": rows, "lists": renewals.lists(viewer.scope, size=6),
        "places": places(row.institution_code for row in rows), "names": names_of(row.by for row in rows),
        "older": rows[-1].id if len(found) > _ROWS else None,
    }  # fmt: skip
    return render(request, "renewals/registers.html", context)


@require_safe
def record(request: ViewerRequest, register: int) -> HttpResponse:
    """One register: lines as locked, what was amended since, whether the digest still holds."""
    viewer = request.viewer
    found = _found(viewer, register)
    people = {line.person for line in found.lines} | {one.person for one in found.added} | {found.head.by}
    people |= {who for line in found.lines for one in line.amended for who in (one.person, one.by)}
    people |= {one.by for one in found.added}
    context = {
        "rooms": rooms(viewer, "registers"), "found": found, "names": names_of(people),
        "places": places([found.head.institution_code]),
    }  # fmt: skip
    return render(request, "renewals/register.html", context)


@require_POST
def run(request: ViewerRequest) -> HttpResponse:
    """Make today's list before its day: oftener or earlier, as the city likes (S3-07)."""
    viewer = request.viewer

    def act() -> str:
        made = actions.run_list(viewer.today, by=viewer.person, at=viewer.now)
        if made.already:
            return _("今天的清单已经提取过，共 %(n)s 件。") % {"n": num(made.listed)}
        said = _("已提取清单，%(n)s 件下发到机构；每件只进一次清单，不能撤回。")
        return said % {"n": num(made.listed)}

    told(request, act)
    return redirect("renewals:registers")


@require_POST
def file(request: ViewerRequest) -> HttpResponse:
    """A branch files its register before the lock day."""
    viewer, post = request.viewer, request.POST
    made: list[int] = []

    def act() -> str:
        made.append(
            actions.file_register(
                post.get("institution", ""),
                month_given(post),
                scope=viewer.scope,
                by=viewer.person,
                at=viewer.now,
            )
        )
        return _("责任清单已备案封定；此后的变更作为补充变更记在清单上。")

    if told(request, act):
        return redirect("renewals:register", register=made[0])
    return redirect("renewals:claims")


@require_POST
def export(request: ViewerRequest, register: int) -> HttpResponse:
    """The register as a workbook."""
    viewer = request.viewer
    found = _found(viewer, register)
    if not found.lines:
        messages.warning(request, _("这份清单没有业务，没有可以导出的。"))
        return redirect("renewals:register", register=register)
    title = _("续保业务责任清单 %(where)s %(month)s") % {
        "where": found.head.institution_code, "month": f"{found.head.month:%Y-%m}",
    }  # fmt: skip
    return answer(
        request, kind="renewal_register", title=title, query={"register": register}, rows=len(found.lines),
        back=reverse("renewals:register", args=[register]),
    )  # fmt: skip


def _found(viewer: Viewer, register: int) -> renewals.RegisterRecord:
    try:
        return renewals.register(viewer.scope, register)
    except renewals.RenewalUnknown as unknown:
        raise Http404 from unknown
