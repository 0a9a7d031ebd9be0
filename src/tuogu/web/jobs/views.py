"""One's own jobs, the progress row that other pages show, and cancelling."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from tuogu.jobs import actions as work
from tuogu.jobs import queries as jobs
from tuogu.web.viewer import ViewerRequest


@never_cache
@require_safe
def listing(request: ViewerRequest) -> HttpResponse:
    """The viewer's newest jobs and where each leads."""
    found = jobs.jobs(request.viewer.person)
    now = request.viewer.now
    rows = [{"job": job, "seconds": job.seconds(now), "url": _leads_to(job)} for job in found]
    return render(request, "jobs/list.html", {"rows": rows, "open": any(job.open for job in found)})


@never_cache
@require_safe
def progress(request: ViewerRequest, job_id: int) -> HttpResponse:
    """The progress row of one's own job; when it has ended, the whole page is loaded anew."""
    job = _own(request, job_id)
    if not job.open:
        return HttpResponse(headers={"HX-Refresh": "true"})
    return render(
        request, "jobs/_progress.html", {"job": job, "seconds": job.seconds(request.viewer.now), "mine": True}
    )


@require_POST
def cancel(request: ViewerRequest, job_id: int) -> HttpResponse:
    """Cancel one's own job; `next` = the page to return to."""
    job = _own(request, job_id)
    try:
        work.cancel(job_id, by=request.viewer.person, at=request.viewer.now)
        said = _("“%(title)s”正在停下；还没有开始写入的不会写入，已经开始写入的会写完，不会只写一半。")
        messages.success(request, said % {"title": job.title})
    except work.JobRefused as refused:
        messages.error(request, str(refused))
    target = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(target, {request.get_host()}, request.is_secure())
    return redirect(target if safe else reverse("jobs:list"))


def _own(request: ViewerRequest, job_id: int) -> jobs.Job:
    job = jobs.job(job_id, by=request.viewer.person)
    if job is None:
        raise Http404
    return job


def _leads_to(job: jobs.Job) -> str:
    """The page that shows what came of it."""
    if job.result.get("import_run"):
        return reverse("imports:run", args=[job.result["import_run"]])
    if job.result.get("plan"):
        return reverse("plans:plan", args=[job.result["plan"]])
    if job.result.get("model"):
        return reverse("chances:record", args=[job.result["model"]])
    if job.result.get("audit_pack"):
        return reverse("audit:packs")
    if "key" in job.arguments:
        found = jobs.upload(job.arguments["key"])
        return reverse("imports:upload", args=[found.key]) if found and not found.purged_at else ""
    return ""
