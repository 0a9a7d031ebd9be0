"""The search box of the list: posted, so that what was typed about a person stands in no address and no log."""

from __future__ import annotations

from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from tuogu.books import queries as books
from tuogu.web.policies import marks
from tuogu.web.viewer import ViewerRequest


@require_POST
def find(request: ViewerRequest) -> HttpResponse:
    """To the record of a whole policy number within scope; else to the list, narrowed to what was typed."""
    text, view = request.POST.get("q", "").strip(), request.POST.get("view", "all")
    search = books.read_search(text)
    if search.kind is books.SearchKind.UNKNOWN:
        messages.warning(
            request, _("没有看懂要找什么：请输入整个保单号、末四位、识别码，或完整的姓名、手机、证件号。")
        )
        return redirect(_list({"view": view}))
    whole = search.kind is books.SearchKind.POLICY
    if whole and books.visible_subject(request.viewer.scope, search.value):
        return redirect("policies:record", number=search.value)
    if search.personal:
        return redirect(_list({"view": view, "found": marks.keep(request.session, search)}))
    return redirect(_list({"view": view, "q": text}))


def _list(query: dict[str, str]) -> str:
    return f"{reverse('policies:list')}?{urlencode(query)}"
