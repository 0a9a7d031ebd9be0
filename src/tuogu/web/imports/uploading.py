"""One upload on its way to become an import: received, tried, committed or thrown away."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tuogu.jobs import actions as work
from tuogu.jobs import queries as jobs
from tuogu.org import queries as org
from tuogu.web.imports.coming import coming_of
from tuogu.web.imports.giving_back import fetch_rejects
from tuogu.web.imports.shown import (
    REJECTED_PAGE,
    effects_of,
    intake_of,
    kept_days,
    stretch,
    updated_of,
    upload_or_404,
)
from tuogu.web.viewer import ViewerRequest

COVERAGES = (("partial", gettext_lazy("增量：只有一部分行")), ("full", gettext_lazy("全量：全部在管保单")))


class NewUpload(forms.Form):
    """What the clerk says about a file; the file itself is not a field, there may be several."""

    data_date = forms.DateField()
    coverage = forms.ChoiceField(choices=COVERAGES)
    city = forms.CharField(required=False, max_length=6, strip=True)


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: ViewerRequest) -> HttpResponse:
    """GET shows the form; POST keeps the file and asks for its dry run. A refused file is not kept."""
    viewer, refusal = request.viewer, ""
    form = NewUpload(request.POST or None, initial={"data_date": viewer.today, "coverage": "partial"})
    if request.method == "POST":
        if form.is_valid():
            try:
                key = work.receive(
                    [_sent(file) for file in request.FILES.getlist("files")], **form.cleaned_data,
                    by=viewer.person, at=viewer.now, today=viewer.today,
                )  # fmt: skip
                return redirect("imports:upload", key)
            except work.JobRefused as refused:
                refusal = str(refused)
        else:
            refusal = _("请填写数据日期，并选择全量或增量。")
    context = {
        "form": form,
        "coverages": COVERAGES,
        "refusal": refusal,
        "mine": _mine(viewer.person),
        "kept_days": kept_days(viewer.today),
    }
    return render(request, "imports/new.html", context, status=400 if refusal else 200)


def _sent(file: UploadedFile[bytes]) -> work.SentFile:
    return work.SentFile(file.name or "", file.size or 0, file.chunks())


def _mine(person: int) -> int:
    return sum(upload.asked_by == person for upload in jobs.open_uploads())


@never_cache
@require_safe
def upload(request: ViewerRequest, key: str) -> HttpResponse:
    """Where an upload stands: being tried, refused, tried with its result, being imported. Imported ones have a page of
    their own."""
    found = upload_or_404(key)
    if found.import_run is not None:
        return redirect("imports:run", found.import_run)
    trial, storing = (jobs.job(i) if i else None for i in (found.preview_job, found.import_job))
    now = storing if storing is not None and storing.state != "cancelled" else trial
    context = {
        "upload": found,
        "job": now,
        "storing": storing,
        "seconds": now.seconds(request.viewer.now) if now else 0,
        "mine": found.asked_by == request.viewer.person,
        "names": org.names([found.asked_by]),
        "sketches": jobs.sketches(key),
        "remembered": jobs.mapping_remembered(key),
    }
    if trial is not None and trial.state == "done":
        context |= _trial(request, found, trial)
    return render(request, "imports/upload.html", context)


def _trial(request: ViewerRequest, found: jobs.UploadRecord, trial: jobs.Job) -> dict[str, Any]:
    """The result of the dry run."""
    total = jobs.rejected_cells(found.key, start=0, size=1)[1]
    start, where = stretch(request.GET, total)
    return {
        "trial": trial.result,
        "intake": intake_of(trial.result["sheets"]),
        "effects": effects_of(trial.result["counts"], trial.result["sheets"]),
        "coming": None if trial.result["already"] else coming_of(found.key, trial.result),
        "updated": updated_of(trial.result["counts"]),
        "lines": jobs.rejected_cells(found.key, start=start, size=REJECTED_PAGE)[0],
        "stretch": where,
        "files": jobs.reject_files(found.key),
    }


@require_POST
def check(request: ViewerRequest, key: str) -> HttpResponse:
    """Try again."""
    return _act(request, key, lambda: work.check(key, by=request.viewer.person, at=request.viewer.now), "")


@require_POST
def commit(request: ViewerRequest, key: str) -> HttpResponse:
    """Import it."""
    said = _("已开始入库，可离开本页；入库后可撤回（须另一人复核）。")
    return _act(request, key, lambda: work.commit(key, by=request.viewer.person, at=request.viewer.now), said)


@require_POST
def discard(request: ViewerRequest, key: str) -> HttpResponse:
    """Throw it away."""
    found = upload_or_404(key)
    try:
        work.discard(key, by=request.viewer.person, at=request.viewer.now)
    except work.JobRefused as refused:
        messages.error(request, str(refused))
        return redirect("imports:upload", key)
    said = _("已放弃“%(file)s”，上传的文件已删除；没有写入任何数据，需要时重新上传。")
    messages.success(request, said % {"file": found.file_name})
    return redirect("imports:list")


@require_POST
def rejects(request: ViewerRequest, key: str) -> HttpResponse:
    """The rows that would be rejected, as the same sheets with a reason column."""
    return fetch_rejects(request, upload_or_404(key), back=reverse("imports:upload", args=[key]))


def _act(request: ViewerRequest, key: str, act: Any, said: str) -> HttpResponse:
    upload_or_404(key)
    try:
        act()
        if said:
            messages.success(request, said)
    except work.JobRefused as refused:
        messages.error(request, str(refused))
    return redirect("imports:upload", key)
