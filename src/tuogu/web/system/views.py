"""`/system/` and the access log, for administrators and auditors."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from tuogu.accesslog import queries as log
from tuogu.org import queries as org
from tuogu.rules import queries as rules
from tuogu.web.paging import id_of, pager_of, size_of
from tuogu.web.parts import Pager
from tuogu.web.personal import QUOTA
from tuogu.web.system.filters import chips_of, kinds, log_filter, subject_kinds
from tuogu.web.system.state import system_state
from tuogu.web.viewer import ViewerRequest


@require_safe
def home(request: ViewerRequest) -> HttpResponse:
    """Seals, guards, databases, worker and rulebooks: each with whether it is well."""
    return render(request, "system/home.html", {"state": system_state(), "versions": rules.versions()})


@require_safe
def accesslog(request: ViewerRequest) -> HttpResponse:
    """Who looked at personal data, newest first."""
    viewer, wanted = request.viewer, log_filter(request.GET)
    size = size_of(request.GET)
    older, newer = (
        id_of(request.GET.get("after", "")),
        id_of(request.GET.get("before", "")),
    )  # the next page is older
    page = log.log_page(viewer.scope, wanted, before=older, after=newer if older is None else None, size=size)
    context = {
        "rows": page.rows,
        "people": _people(page.rows),
        "kinds": kinds(),
        "subject_kinds": subject_kinds(),
        "chips": chips_of(request.GET),
        "quota": rules.applicable(viewer.today)[QUOTA],
        "page": _pager(request, page),
        "clear_url": reverse("system:accesslog"),
    }
    return render(request, "system/accesslog.html", context)


@require_safe
def accesslog_totals(request: ViewerRequest) -> HttpResponse:
    """The totals row of the access log, asked for after the page stands."""
    totals = log.log_totals(request.viewer.scope, log_filter(request.GET))
    return render(request, "system/_accesslog_totals.html", {"totals": totals})


def _people(rows: list[log.Look]) -> dict[int, dict[str, Any]]:
    ids = {row.person for row in rows}
    names, numbers = org.names(ids), org.labels(ids)
    return {i: {"name": names.get(i) or _("系统"), "staff_number": numbers.get(i, "")} for i in ids}


def _pager(request: ViewerRequest, page: log.LogPage) -> Pager:
    return pager_of(
        request.GET, shown=len(page.rows),
        before=None if page.newer is None else str(page.newer),
        after=None if page.older is None else str(page.older),
    )  # fmt: skip
