"""Signed pages come back: a scan and the codes that stand on it (N-18); the scan as a file.

In: a file, codes typed or read by the browser's camera. Out: the register that they belong to, and how far it is signed.
Never: a scan shown on a page: it is personal data in clear, and leaves as a file that a second person agrees to.
"""

from __future__ import annotations

import re

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from tuogu.kit import actions
from tuogu.kit import queries as kit
from tuogu.web.exports.asking import answer
from tuogu.web.kit.papers import SCAN, SUFFIXES
from tuogu.web.kit.reading import framed, names_of, period_of, title_of
from tuogu.web.viewer import ViewerRequest

_SHOWN = 20
_CODES_MAX = 200  # pages of one scan


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def returns(request: ViewerRequest) -> HttpResponse:
    """The form; below, what is still out."""
    viewer, refusal = request.viewer, ""
    if request.method == "POST":
        try:
            done = _take(request)
        except actions.KitRefused as refused:
            refusal = str(refused)
        else:
            messages.success(request, _said(done))
            return redirect("kit:register", register=done.register)
    out = kit.registers(viewer.scope, state="out", size=_SHOWN) + kit.registers(
        viewer.scope, state="partly", size=_SHOWN
    )
    rows = sorted(out, key=lambda row: row.id, reverse=True)
    context = {
        **framed(viewer, "kit:returns"), "refusal": refusal, "codes": request.POST.get("codes", request.GET.get("code", "")),
        "rows": [(row, period_of(row)) for row in rows], "names": names_of(row.person for row in rows),
        "most_mb": viewer.rulebook["kit.scan_mb_max"],
    }  # fmt: skip
    return render(request, "kit/returns.html", context, status=400 if refusal else 200)


def _take(request: ViewerRequest) -> actions.Returned:
    viewer, scan = request.viewer, request.FILES.get("scan")
    if scan is None or (scan.size or 0) > viewer.rulebook["kit.scan_mb_max"] * 1024 * 1024:
        said = _("请选择扫描件，不超过 %(n)s MB；没有登记")
        raise actions.KitRefused(said % {"n": viewer.rulebook["kit.scan_mb_max"]})
    codes = [
        code for code in re.split(r"[,;\uff0c\uff1b\n\r]+", request.POST.get("codes", "")) if code.strip()
    ]
    if len(codes) > _CODES_MAX:
        raise actions.KitRefused(_("一次最多 %(n)s 页；没有登记") % {"n": _CODES_MAX})
    return actions.take_scan(viewer.scope, scan.read(), codes, by=viewer.person, at=viewer.now)


def _said(done: actions.Returned) -> str:
    if done.missing:
        said = _("已登记 %(pages)s 页到登记表 %(id)s，还差 %(missing)s 页；登记不能撤回，签错了就另印一份。")
    else:
        said = _("已登记 %(pages)s 页，登记表 %(id)s 全部签收；登记不能撤回，签错了就另印一份。")
    return said % {"pages": done.pages, "id": done.register, "missing": done.missing}


@require_POST
def scan_file(request: ViewerRequest, scan: int) -> HttpResponse:
    """The scan as it was filed, once a second person agrees."""
    viewer = request.viewer
    found = kit.scan(viewer.scope, scan)
    if found is None:
        raise Http404
    register, media_type, _content = found
    row = kit.register(viewer.scope, register)
    if row is None:
        raise Http404
    return answer(
        request, kind=SCAN.name, title=f"{_(SCAN.label)}-{title_of(row, names_of([row.person]))}",
        query={"scan": scan, "suffix": SUFFIXES[media_type]}, rows=row.rows, fields="name,phone,address", clear=True,
        back=reverse("kit:register", args=[register]),
    )  # fmt: skip
