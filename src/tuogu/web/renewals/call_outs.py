"""Head office's call list: what waits, lists made, one list with its results; out as a workbook, results back by form or
file (S3-15).

In: a viewer, a list, a result, a file. Out: pages, rows, a file through the room of exports. Never: a row of results dropped
in silence, a list of somebody else's scope.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import polars as pl
from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from tuogu.core.motor.words import CALL_RESULTS
from tuogu.files.refusal import FileRefused
from tuogu.renewals import actions
from tuogu.renewals import queries as renewals
from tuogu.web.exports.asking import answer
from tuogu.web.paging import id_of
from tuogu.web.renewals.case import reason_words
from tuogu.web.renewals.reading import names_of, places, rooms, told, words
from tuogu.web.templatetags.tuogu import num
from tuogu.web.viewer import Viewer, ViewerRequest

_WAITING = 100  # rows shown of what waits
_SHOWN = 20  # rejected rows named on the page


@require_safe
def listing(request: ViewerRequest) -> HttpResponse:
    """What waits for head office with its reason, and the lists made, the newest first."""
    viewer = request.viewer
    waiting = renewals.to_call_out(viewer.scope)
    rows = renewals.call_outs(viewer.scope).to_dicts()
    context = {
        "rooms": rooms(viewer, "call_outs"), "waiting": told_reasons(waiting.head(_WAITING)), "total": waiting.height,
        "rows": rows, "names": names_of(row["by"] for row in rows), **words(),
    }  # fmt: skip
    return render(request, "renewals/call_outs.html", context)


@require_POST
def make(request: ViewerRequest) -> HttpResponse:
    """Close the list of what waits."""
    viewer, made = request.viewer, []

    def act() -> str:
        made.append(actions.make_call_out(viewer.scope, by=viewer.person, at=viewer.now))
        return _("清单已封定，可以导出提交总公司；每件只提交一次，不能撤回。")

    if told(request, act):
        return redirect("renewals:call_out", call_out=made[0])
    return redirect("renewals:call_outs")


@require_safe
def record(request: ViewerRequest, call_out: int) -> HttpResponse:
    """One list: each line with reason and result."""
    viewer = request.viewer
    lines = _lines(viewer, call_out)
    rows = told_reasons(lines)
    head = next(row for row in renewals.call_outs(viewer.scope).to_dicts() if row["call_out"] == call_out)
    context: dict[str, Any] = {
        "rooms": rooms(viewer, "call_outs"), "head": head, "rows": rows, "names": names_of([head["by"]]),
        "places": places(row["institution_code"] for row in rows), "total": lines.height, **words(),
    }  # fmt: skip
    return render(request, "renewals/call_out.html", context)


@require_POST
def export(request: ViewerRequest, call_out: int) -> HttpResponse:
    """The list for the call centre, in clear: a second person agrees."""
    viewer = request.viewer
    lines = _lines(viewer, call_out)
    return answer(
        request, kind="renewal_call_out", title=_("总公司统一呼出清单 %(n)s") % {"n": call_out},
        query={"call_out": call_out}, rows=lines.height, fields="name,phone", clear=True,
        back=reverse("renewals:call_out", args=[call_out]),
    )  # fmt: skip


@require_POST
def result(request: ViewerRequest, call_out: int) -> HttpResponse:
    """One result."""
    viewer, post = request.viewer, request.POST
    lines = _lines(viewer, call_out)
    line = id_of(post.get("line", ""))
    if line is None or line not in lines["line"].to_list():
        raise Http404

    def act() -> str:
        actions.file_result(
            line,
            post.get("result", ""),
            note=post.get("note", ""),
            by=viewer.person,
            at=viewer.now,
        )
        return _("已登记呼出结果；愿意续保和尚未决定的，已给责任人开列待办。")

    told(request, act)
    return redirect("renewals:call_out", call_out=call_out)


@require_POST
def upload(request: ViewerRequest, call_out: int) -> HttpResponse:
    """Results as a returned file: the exported workbook with its column filled in."""
    viewer, file = request.viewer, request.FILES.get("file")
    _lines(viewer, call_out)
    try:
        if file is None:
            raise FileRefused(_("请选择文件"), "no_file")
        taken, rejected = actions.file_results(call_out, _read(file), by=viewer.person, at=viewer.now)
    except FileRefused as refused:
        messages.error(request, _("%(why)s；没有写入任何数据。") % {"why": refused})
        return redirect("renewals:call_out", call_out=call_out)
    messages.success(request, _("已登记 %(n)s 行呼出结果。") % {"n": num(taken)})
    for row in rejected.head(_SHOWN).to_dicts():
        said = _("%(number)s 没有登记：%(why)s") % {"number": row["policy_number"], "why": row["why"]}
        messages.warning(request, said)
    if rejected.height > _SHOWN:
        messages.warning(request, _("另有 %(n)s 行没有登记。") % {"n": num(rejected.height - _SHOWN)})
    return redirect("renewals:call_out", call_out=call_out)


def _read(file: UploadedFile[bytes]) -> pl.DataFrame:
    """policy_number, result (code), note of a returned file; rows whose result is empty are not answered yet."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"results{Path(str(file.name)).suffix.lower()}"
        path.write_bytes(file.read())
        found = renewals.read_results(path)
    shipped = {
        word: code for code, word in CALL_RESULTS.items()
    }  # of the file, whatever the language of the page
    codes = {word: code for code, word in words()["results"].items()} | shipped
    return found.with_columns(pl.col("result").replace(codes))


def told_reasons(rows: pl.DataFrame) -> list[dict[str, Any]]:
    """Rows with why they are there in words."""
    return [row | {"reason_word": reason_words(row["reason"])} for row in rows.to_dicts()]


def _lines(viewer: Viewer, call_out: int) -> pl.DataFrame:
    found = renewals.call_out_lines(call_out, viewer.scope)
    if found.is_empty():
        raise Http404
    return found
