"""Packs of a period: asked for (a job makes them), fetched, and checked when somebody brings one back."""

from __future__ import annotations

import tempfile
from pathlib import Path

from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tuogu.accesslog import actions as accesslog
from tuogu.audit import queries as audit
from tuogu.audit import verify_pack
from tuogu.jobs import actions as work
from tuogu.jobs import queries as jobs
from tuogu.jobs.auditing import pack_file
from tuogu.org import queries as org
from tuogu.web.audit.views import period_of
from tuogu.web.paging import day_of
from tuogu.web.viewer import ViewerRequest


@require_safe
def listing(request: ViewerRequest) -> HttpResponse:
    """Packs that were made, with their digests, and the own one that is being made."""
    viewer, found = request.viewer, audit.packs()
    people = {pack.by for pack in found}
    making = [job for job in jobs.jobs(viewer.person, kind="audit_pack", limit=1) if job.open]
    first, last = period_of(request)
    context = {
        "packs": [(pack, pack_file(pack.digest).exists()) for pack in found], "names": org.names(people),
        "labels": org.labels(people), "making": making, "first": first, "last": last, "now": viewer.now,
    }  # fmt: skip
    return render(request, "audit/packs.html", context)


@require_POST
def ask(request: ViewerRequest) -> HttpResponse:
    """Ask for the pack of a period."""
    viewer = request.viewer
    first, last = day_of(request.POST.get("from", "")), day_of(request.POST.get("to", ""))
    if first is None or last is None or first > last or last > viewer.today:
        messages.error(request, _("请填写期间：第一天不晚于最后一天，最后一天不晚于今天；没有生成检查包。"))
        return redirect("audit:packs")
    title = _("检查包 %(first)s 至 %(last)s") % {"first": first, "last": last}
    wish = {"first": first.isoformat(), "last": last.isoformat()}
    work.ask(kind="audit_pack", title=title, arguments=wish, by=viewer.person, at=viewer.now)
    messages.success(request, _("正在生成检查包；完成后在下表中下载，并把摘要抄送给不掌握本系统的人。"))
    return redirect("audit:packs")


@require_safe
def download(request: ViewerRequest, pack_id: int) -> HttpResponse:
    """The pack as a file; counted in the access log."""
    pack = audit.pack(pack_id)
    if pack is None or not pack_file(pack.digest).exists():
        raise Http404
    viewer = request.viewer
    accesslog.record_export(
        by=viewer.person, subject="audit_pack", rows=pack.files, fields="numbers", at=viewer.now
    )
    name = f"{_('检查包')}-{pack.first_date:%Y%m%d}-{pack.last_date:%Y%m%d}.zip"
    return FileResponse(pack_file(pack.digest).open("rb"), as_attachment=True, filename=name)


@require_http_methods(["GET", "HEAD", "POST"])
def check(request: ViewerRequest) -> HttpResponse:
    """Check a pack that somebody brings: against its digest, or the digests kept here."""
    file, digest = request.FILES.get("pack"), request.POST.get("digest", "").strip().lower()
    context: dict[str, object] = {"asked": request.method == "POST", "digest": digest}
    if file is not None:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "pack.zip"
            with path.open("wb") as copy:
                copy.writelines(file.chunks())
            found = verify_pack.faults(path, digest)
            whole = verify_pack.sha(path.read_bytes())
        known = next((pack for pack in audit.packs() if pack.digest == whole), None)
        context |= {"faults": found, "whole": whole, "known": known, "name": file.name}
    return render(
        request, "audit/check.html", context, status=200 if file or request.method != "POST" else 400
    )
