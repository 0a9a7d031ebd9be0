"""The one way from a page to a file: a reason is asked for, the export is written down, then the file is handed out.

In: a posted form with `reason` (and `outside`), the kind of file and what narrows it. Out: the file where it is small; else
the page of exports, where it waits for its job or for a second person. Never: a file that did not go through the room of
exports; a download without its row.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _

from tuogu.exports import actions as exports
from tuogu.exports.queries import Limits
from tuogu.jobs import actions as jobs
from tuogu.privacy import actions as privacy
from tuogu.web.paging import fitting
from tuogu.web.sightings import noted
from tuogu.web.unclaimed import for_a_file
from tuogu.web.viewer import ViewerRequest

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_TYPES = {
    "xlsx": XLSX, "csv": "text/csv; charset=utf-8", "txt": "text/plain; charset=utf-8", "pdf": "application/pdf",
    "png": "image/png", "jpg": "image/jpeg",
}  # fmt: skip


def answer(
    request: ViewerRequest,
    *,
    kind: str,
    title: str,
    query: Mapping[str, Any],
    rows: int,
    back: str,
    fields: str = "",
    clear: bool = False,
) -> HttpResponse:
    """Ask for the file and hand it out, or say where it will be; a refusal goes back to the page it came from. `query` is
    plain JSON, and never holds a name, a phone or an ID."""
    viewer = request.viewer
    noted()  # the room of exports logs what is taken out; the page itself shows nobody
    limits = Limits.of(viewer.rulebook)
    outside = request.POST.get("outside", "").strip()
    try:
        if outside:
            privacy.require_party(
                outside, on=viewer.today
            )  # L-06: registered and assessed, or nothing leaves
        asked = exports.ask(
            kind=kind, title=title, query=query, rows=rows, fields=fields, reason=request.POST.get("reason", ""),
            outside=outside, clear=clear, limits=limits, by=viewer.person, at=viewer.now,
        )  # fmt: skip
        if asked.granted and asked.at_once:
            with (
                for_a_file()
            ):  # P-10: what leaves the page shows no contact of unclaimed customers to anybody
                exports.build(asked.export, canary_range=limits.canary_range, at=viewer.now)
            return handed_out(request, asked.export)
    except (exports.ExportRefused, privacy.PrivacyRefused) as refused:
        messages.error(request, str(refused))
        return redirect(fitting(back))
    if asked.granted:
        start_building(asked.export, title, request)
        messages.success(
            request, _("“%(title)s”共 %(rows)s 行，正在后台生成；生成后在本页下载。") % _said(title, rows)
        )
    else:
        said = _("“%(title)s”共 %(rows)s 行，已提交审批；须另一人同意后才会生成，同意前可以撤回。")
        messages.success(request, said % _said(title, rows))
    return redirect("exports:list")


def start_building(export: int, title: str, request: ViewerRequest, *, asker: int | None = None) -> None:
    """Queue the job that builds the file, in the name of who asked for it."""
    viewer = request.viewer
    jobs.ask(
        kind="export", title=title, arguments={"export": export}, by=asker or viewer.person, at=viewer.now
    )


def handed_out(request: ViewerRequest, export: int) -> HttpResponse:
    """The file itself; the fetch is counted. ExportRefused when there is none."""
    fetched = exports.fetch(export, by=request.viewer.person, at=request.viewer.now)
    suffix = fetched.name.rsplit(".", 1)[-1]
    response = HttpResponse(fetched.content, content_type=_TYPES[suffix])
    response.headers["Content-Disposition"] = str(content_disposition_header(True, fetched.name))
    response.headers["X-Export-Code"] = fetched.code
    response.headers["Cache-Control"] = "no-store"
    return response


def _said(title: str, rows: int) -> dict[str, str]:
    return {"title": title, "rows": f"{rows:,}"}
