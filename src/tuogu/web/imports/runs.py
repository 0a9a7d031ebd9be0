"""The list of imports, one import, its rejected rows, the template."""

from __future__ import annotations

import tempfile
from pathlib import Path

from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from tuogu.books import queries as books
from tuogu.books.failures import ImportRefused
from tuogu.books.queries import ImportRecord
from tuogu.files import write_template
from tuogu.jobs import queries as jobs
from tuogu.org import queries as org
from tuogu.web.imports import history
from tuogu.web.imports.giving_back import fetch_rejects
from tuogu.web.imports.shown import REJECTED_PAGE, effects_of, intake_of, kept_days, stretch
from tuogu.web.paging import id_of, pager_of, size_of
from tuogu.web.parts import Moment
from tuogu.web.templatetags.tuogu import moment, num
from tuogu.web.viewer import ViewerRequest

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@require_safe
def listing(request: ViewerRequest) -> HttpResponse:
    """Accepted files, newest first; above them what is under way and what asks for a second person."""
    size, wanted = size_of(request.GET), history.wanted_of(request.GET)
    rows = books.import_page(before=id_of(request.GET.get("after", "")), size=size + 1, wanted=wanted)
    more, rows = len(rows) > size, rows[:size]
    waiting = _under_way(request)
    reverts = books.open_reverts()
    people = {row.by for row in rows} | {upload.asked_by for upload, _job in waiting}
    context = {
        "rows": rows,
        "waiting": waiting,
        "reverts": reverts,
        "kept_days": kept_days(request.viewer.today),
        "names": org.names(people | {r.revert.asked_by for r in reverts if r.revert}),
        "filters": history.choices(),
        "chips": history.chips_of(request.GET),
        "filtered": wanted != books.ImportFilter(),
        "page": pager_of(request.GET, shown=len(rows), before=None, after=str(rows[-1].id) if more else None),
    }  # fmt: skip
    return render(request, "imports/list.html", context)


def _under_way(request: ViewerRequest) -> list[tuple[jobs.UploadRecord, jobs.Job | None]]:
    """Uploads that are not imports yet, each with its newest job; only for posts that import."""
    if not request.viewer.may("imports:upload"):
        return []
    uploads = jobs.open_uploads()
    found = jobs.jobs_by_id(i for u in uploads for i in (u.preview_job, u.import_job))
    return [(u, found.get(u.import_job or 0) or found.get(u.preview_job or 0)) for u in uploads]


@require_safe
def template(request: ViewerRequest) -> FileResponse:
    """The empty workbook that a branch fills in."""
    with tempfile.TemporaryDirectory() as folder:
        written = write_template(Path(folder) / "template.xlsx")
        file = written.open("rb")
    return FileResponse(file, as_attachment=True, filename=_("导入模板.xlsx"), content_type=XLSX)


@never_cache
@require_safe
def record(request: ViewerRequest, run_id: int) -> HttpResponse:
    """One import: counts, what storing did, rejected rows, who did what."""
    run = _run_or_404(run_id)
    kept = jobs.upload_of_run(run.id)
    lines, start = _rejected(request, run, kept)
    names = org.names(_people(run))
    context = {
        "run": run,
        "intake": intake_of(run.sheets),
        "effects": effects_of(run.counts, run.sheets),
        "lines": lines,
        "stretch": start,
        "kept": kept,
        "ever_kept": kept is not None or jobs.was_kept(run.id),
        "files": jobs.reject_files(kept.key) if kept else [],
        "names": names,
        "history": _history(run, names),
    }
    return render(request, "imports/run.html", context)


@require_POST
def rejects(request: ViewerRequest, run_id: int) -> HttpResponse:
    """The rejected rows as the same sheets with a reason column, while they are kept."""
    kept = jobs.upload_of_run(_run_or_404(run_id).id)
    if kept is None:
        raise Http404
    return fetch_rejects(request, kept, back=reverse("imports:run", args=[run_id]))


def _run_or_404(run_id: int) -> ImportRecord:
    try:
        return books.import_run(run_id)
    except ImportRefused as unknown:
        raise Http404 from unknown


def _rejected(
    request: ViewerRequest, run: ImportRecord, kept: jobs.UploadRecord | None
) -> tuple[object, object]:
    """A page of rejected rows: with their masked cells while the upload is kept, later only with their reasons."""
    if kept is not None:
        total = jobs.rejected_cells(kept.key, start=0, size=1)[1]
        start, where = stretch(request.GET, total)
        return jobs.rejected_cells(kept.key, start=start, size=REJECTED_PAGE)[0], where
    start, where = stretch(request.GET, books.import_reject_count(run.id))
    return books.import_rejects(run.id, start=start, size=REJECTED_PAGE), where


def _people(run: ImportRecord) -> set[int]:
    asked = {run.revert.asked_by, run.revert.decided_by} if run.revert else set()
    return {person for person in (run.by, *asked) if person is not None}


def _history(run: ImportRecord, names: dict[int, str | None]) -> list[Moment]:
    """Newest first."""
    lines = [
        Moment(
            _("入库"), "", f"{moment(run.recorded_at)} · {names.get(run.by) or ''}",
            _("接收 %(accepted)s 行，拒收 %(rejected)s 行；写入与建立责任在同一事务中完成。")
            % {"accepted": num(run.accepted), "rejected": num(run.rejected)},
            current=run.reverted_at is None,
        )
    ]  # fmt: skip
    revert = run.revert
    if revert is None:
        return lines
    lines.insert(
        0,
        Moment(
            _("申请撤回"),
            "",
            f"{moment(revert.asked_at)} · {names.get(revert.asked_by) or ''}",
            revert.reason,
        ),
    )
    if revert.decided_at and revert.decided_by:
        when = f"{moment(revert.decided_at)} · {names.get(revert.decided_by) or ''}"
        if revert.state == "done":
            text = _(
                "移出 %(policies)s 件保单，终止责任 %(closed)s 件；%(conflicts)s 件之后有变动，保留不动。"
            )
            shown = {name: num(revert.outcome.get(name, 0)) for name in ("policies", "closed", "conflicts")}
            lines.insert(0, Moment(_("已撤回"), "", when, text % shown, current=True, tone="bad"))
        else:
            lines.insert(0, Moment(_("未撤回"), "", when, _("申请被退回或收回，数据没有改动。")))
    return lines
