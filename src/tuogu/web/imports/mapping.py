"""What the sheets and headers of an upload mean: chosen by the clerk where the synonyms do not know or are wrong."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from tuogu.core.intake_titles import SHEET_TITLES, TITLES
from tuogu.files import FileRefused, HeaderMapping, SheetSketch
from tuogu.files.headers import REQUIRED
from tuogu.jobs import actions as work
from tuogu.jobs import queries as jobs
from tuogu.web.imports.shown import upload_or_404
from tuogu.web.viewer import ViewerRequest


@dataclass(frozen=True)
class ShownColumn:
    """One header with its choice."""

    field: str
    header: str
    column: str
    samples: tuple[str, ...]


@dataclass(frozen=True)
class ShownSheet:
    """One sheet with its choices. `missing`: titles of required columns that no header means."""

    field: str
    name: str
    kind: str
    rows: int
    columns: tuple[ShownColumn, ...]
    options: tuple[tuple[str, str, bool], ...]  # column, title, required
    missing: tuple[str, ...]


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def mapping(request: ViewerRequest, key: str) -> HttpResponse:
    """GET shows each sheet's headers with masked samples; POST keeps the choices and tries the file again."""
    upload = upload_or_404(key)
    sketches = jobs.sketches(key)
    if upload.import_run is not None or not sketches:
        raise Http404
    if request.method == "POST":
        try:
            chosen = _chosen(request.POST, sketches, upload.mapping)
            work.choose_mapping(key, chosen, by=request.viewer.person, at=request.viewer.now)
        except (work.JobRefused, FileRefused) as refused:
            messages.error(request, str(refused))
            return redirect("imports:mapping", key)
        messages.success(request, _("已按新的对应重新试读；相同表头的文件以后自动沿用。"))
        return redirect("imports:upload", key)
    context = {
        "upload": upload,
        "sheets": [_shown(i, sheet) for i, sheet in enumerate(sketches)],
        "kinds": list(SHEET_TITLES.items()),
        "remembered": jobs.mapping_remembered(key),
        "strange": sum(_strange(sheet) for sheet in sketches),
    }
    return render(request, "imports/mapping.html", context)


def _strange(sheet: SheetSketch) -> bool:
    """Its name sounds like one of ours, yet no header is: somebody's working sheet."""
    return bool(sheet.kind) and sheet.unknown == len(sheet.columns)


def _shown(i: int, sheet: SheetSketch) -> ShownSheet:
    titles: dict[str, str] = TITLES.get(sheet.kind, {})
    required = REQUIRED.get(sheet.kind, ())
    columns = tuple(
        ShownColumn(f"c{i}-{j}", c.header, c.column, c.samples) for j, c in enumerate(sheet.columns)
    )
    options = tuple((column, title, column in required) for column, title in titles.items())
    return ShownSheet(
        f"k{i}", sheet.name, sheet.kind, sheet.rows, columns, options, tuple(titles[c] for c in sheet.missing)
    )


def _chosen(posted: QueryDict, sketches: list[SheetSketch], before: HeaderMapping) -> HeaderMapping:
    """What was chosen before, with what differs now. Columns of a sheet whose kind changes are asked for afterwards."""
    kinds: dict[str, Any] = dict(before.kinds)
    mapping = before
    for i, sheet in enumerate(sketches):
        kind = posted.get(f"k{i}", sheet.kind)
        if "skip_strange" in posted and _strange(sheet):
            kind = ""
        if kind not in ("", *SHEET_TITLES):
            raise FileRefused(_("没有这种表"), "bad_mapping")
        if kind != sheet.kind:
            kinds[sheet.name] = kind
            continue
        changed = {
            c.header: posted.get(f"c{i}-{j}", c.column)
            for j, c in enumerate(sheet.columns)
            if kind and posted.get(f"c{i}-{j}", c.column) != c.column
        }
        if any(column not in ("", *TITLES[kind]) for column in changed.values()):
            raise FileRefused(_("没有这一列"), "bad_mapping")
        if changed:
            mapping = mapping.with_columns(kind, changed)
    return HeaderMapping(kinds, mapping.columns)
