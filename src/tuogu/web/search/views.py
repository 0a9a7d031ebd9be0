"""`/search/`: the text is posted, so that a name, phone or ID stands in no address and no log."""

from __future__ import annotations

from itertools import groupby

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from tuogu.web.search.hits import Hit, hits
from tuogu.web.viewer import ViewerRequest

GROUPS = {"person": _("人员"), "batch": _("批次"), "policy": _("保单"), "list": _("清单")}


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def search(request: ViewerRequest) -> HttpResponse:
    """Straight to the only hit; else what there is, by kind. A GET shows the empty box."""
    text = request.POST.get("q", "")
    found = hits(request.viewer, text, request.session) if text else []
    if len(found) == 1:
        return redirect(found[0].url)
    kinds = [(GROUPS[kind], list(group)) for kind, group in groupby(found, key=_kind)]
    context = {"groups": kinds, "asked": bool(text.strip()), "count": len(found)}
    return render(request, "search/found.html", context)


def _kind(hit: Hit) -> str:
    return hit.kind
