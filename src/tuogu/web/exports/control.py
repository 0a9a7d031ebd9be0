"""Exports of everybody within scope, one of them with its history, and whose copy a leaked file is: for whoever controls."""

from __future__ import annotations

import tempfile
from pathlib import Path

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from tuogu.exports import queries
from tuogu.exports.queries import ExportFilter, ExportRow
from tuogu.files.watermark import codes_in
from tuogu.org import queries as org
from tuogu.web.paging import day_of, filter_chips, id_of, pager_of, size_of
from tuogu.web.parts import Moment
from tuogu.web.system.filters import NOBODY
from tuogu.web.templatetags.tuogu import moment
from tuogu.web.viewer import ViewerRequest

_FILE_BYTES_MAX = 50_000_000  # of a file to trace; what we hand out is far smaller


@never_cache
@require_safe
def listing(request: ViewerRequest) -> HttpResponse:
    """Newest first; narrowed by who, kind, days, and to what went outside."""
    viewer, size = request.viewer, size_of(request.GET)
    wanted = _wanted(request)
    rows = queries.export_page(
        viewer.scope, wanted, now=viewer.now, before=id_of(request.GET.get("after", "")), size=size + 1
    )
    more, rows = len(rows) > size, rows[:size]
    kinds = [(kind.name, _(kind.label)) for kind in queries.all_kinds()]
    names = {
        "who": _("工号"),
        "kind": _("种类"),
        "code": _("导出号"),
        "outside": _("对外提供"),
        "from": _("自"),
        "to": _("至"),
    }
    context = {
        "rows": rows,
        "called": org.known_as({row.by for row in rows}),
        "kinds": kinds,
        "chips": filter_chips(request.GET, names, {"kind": dict(kinds), "outside": {"1": _("只看对外")}}),
        "clear_url": reverse("exports:all"),
        "page": pager_of(request.GET, shown=len(rows), before=None, after=str(rows[-1].id) if more else None),
    }
    return render(request, "exports/all.html", context)


@never_cache
@require_safe
def record(request: ViewerRequest, export: int) -> HttpResponse:
    """One export and everything that became of it; for who asked, who may decide, and who controls."""
    viewer = request.viewer
    found = queries.export(export, viewer.scope, now=viewer.now)
    if found is None:
        raise Http404
    acts = queries.history(export)
    called = org.known_as({found.by, *(act.by for act in acts)})
    context = {"export": found, "who": called.get(found.by), "moments": _moments(found, acts, called)}
    return render(request, "exports/record.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def trace(request: ViewerRequest) -> HttpResponse:
    """Upload a copy, or type the code in its watermark: which export, who, when, why. The upload is not kept."""
    found, asked, refusal = None, request.method == "POST", ""
    code, file = request.POST.get("code", "").strip(), request.FILES.get("file")
    if asked and file is not None:
        if (file.size or 0) > _FILE_BYTES_MAX:
            refusal = _("文件超过 50 MB；请截取其中一部分再试。没有保留任何内容。")
        else:
            with tempfile.TemporaryDirectory(prefix="tuogu-trace-") as folder:
                path = Path(folder) / ("copy" + Path(file.name or "").suffix[:8].lower())
                path.write_bytes(b"".join(file.chunks()))
                found = queries.trace_file(path, now=request.viewer.now)
    elif asked and codes_in([code]):
        found = queries.trace([code], now=request.viewer.now)
    elif asked:
        refusal = _("请选择一份文件，或填写水印中的导出号（如 E20261122-ABCDEFGH）。")
    people = (
        {t.export.by for t in found.exports} | {look.person for look in found.printed} if found else set()
    )
    context = {"found": found, "called": org.known_as(people), "refusal": refusal, "code": code}
    return render(request, "exports/trace.html", context, status=400 if refusal else 200)


def _wanted(request: ViewerRequest) -> ExportFilter:
    query = request.GET
    person, number = None, query.get("who", "").strip()
    if number:
        found = org.staff_ids([number])
        person = int(found["custodian_id"][0]) if found.height else NOBODY
    return ExportFilter(
        person, query.get("kind", ""), query.get("code", "").strip(), query.get("outside") == "1",
        day_of(query.get("from", "")), day_of(query.get("to", "")),
    )  # fmt: skip


def _moments(found: ExportRow, acts: list[queries.Moment], called: dict[int, org.KnownAs]) -> list[Moment]:
    """Newest first; the wish itself last."""
    lines = [
        Moment(_(act.label), "", f"{moment(act.at)} · {_who(called, act.by)}", act.note, tone=_tone(act.kind))
        for act in acts
    ]
    return [
        *lines,
        Moment(_("申请导出"), "", f"{moment(found.asked_at)} · {_who(called, found.by)}", found.reason),
    ]


def _who(called: dict[int, org.KnownAs], person: int) -> str:
    known = called.get(person)
    return f"{known.name} {known.staff_number}".strip() if known and known.name else _("系统")


def _tone(kind: str) -> str:
    return "bad" if kind in ("declined", "failed") else ""
