"""The list of cases: views, filters, pages, totals."""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from tuogu.notices import queries as notices
from tuogu.org import queries as org
from tuogu.web import personal
from tuogu.web.notices.reading import wanted_of
from tuogu.web.notices.rooms import shared
from tuogu.web.notices.words import names, options, table
from tuogu.web.paging import filter_chips, pager_of, size_of
from tuogu.web.parts import View
from tuogu.web.viewer import ViewerRequest


@never_cache
@require_safe
def listing(request: ViewerRequest) -> HttpResponse:
    """One page of cases, the nearest day first."""
    viewer, query = request.viewer, request.GET
    wanted = wanted_of(query)
    page = notices.case_page(
        viewer.scope, wanted, viewer.today, viewer.rulebook, size=size_of(query), after=query.get("after", ""),
        before=query.get("before", ""),
    )  # fmt: skip
    institutions = org.institution_choices(viewer.scope)
    context = {
        **shared("cases"),
        "rows": page.rows,
        "holders": personal.masked(row.holder_number for row in page.rows),
        "people": names(row.leaver for row in page.rows),
        "tabs": _tabs(request),
        "view": wanted.view,
        "states": [pair for pair in options("case_state") if pair[0] not in ("proved", "waived")],
        "troubles": [(code, word) for code, word in options("trouble") if code in ("no_contact", "message_failed")],
        "institutions": institutions,
        "chips": filter_chips(
            query,
            {"institution": _("机构"), "state": _("状态"), "trouble": _("原因"), "leaver": _("离职人"), "find": _("查找")},
            {"institution": dict(institutions), "state": table("case_state"), "trouble": table("trouble")},
            kept=("view",),
        ),
        "clear_url": f"?{urlencode({'view': wanted.view})}",
        "page": pager_of(query, shown=len(page.rows), before=page.before, after=page.after),
    }  # fmt: skip
    return render(request, "notices/cases.html", context)


@require_safe
def totals(request: ViewerRequest) -> HttpResponse:
    """How many cases and holders the filter means: asked for after the page stands."""
    viewer = request.viewer
    found = notices.case_totals(viewer.scope, wanted_of(request.GET), viewer.today, viewer.rulebook)
    return render(request, "notices/_totals.html", {"totals": found})


def _tabs(request: ViewerRequest) -> list[View]:
    viewer, base = request.viewer, reverse("notices:cases")
    counts = notices.view_counts(viewer.scope, viewer.today, viewer.rulebook)
    now = wanted_of(request.GET).view
    words = {
        "open": _("待告知"), "warned": _("预警"), "red": _("红名单"), "told": _("已告知"), "all": _("全部"),
    }  # fmt: skip
    return [View(words[view], f"{base}?view={view}", counts[view], view == now) for view in notices.VIEWS]
