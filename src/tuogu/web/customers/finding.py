"""The search box of the customers: posted, so that what was typed about a person stands in no address and no log."""

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
    """To the page of a whole customer number within scope; else to the list, narrowed to what was typed."""
    text, view = request.POST.get("q", "").strip(), request.POST.get("view", "all")
    if text and books.visible_customer(request.viewer.scope, text):
        return redirect("customers:record", number=text)
    search = books.read_search(text)
    if search.kind is books.SearchKind.UNKNOWN:
        messages.warning(
            request, _("没有看懂要找什么：请输入整个客户号或保单号、保单末四位，或完整的姓名、手机、证件号。")
        )
        return redirect(_list({"view": view}))
    if search.personal:
        return redirect(_list({"view": view, "found": marks.keep(request.session, search)}))
    return redirect(_list({"view": view, "q": text}))


def _list(query: dict[str, str]) -> str:
    return f"{reverse('customers:list')}?{urlencode(query)}"
