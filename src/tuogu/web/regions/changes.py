"""Local changes to the code book: by form or by file, tried out, decided by a second person, a version with its day.

In: rows with their source and document. Out: a dry run with counts and the problem of each row; a proposal; a version.
Never: a change without source and document, one that its proposer approves.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import polars as pl
from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tuogu.books import actions as books
from tuogu.core.codebook_changes import CHANGES, KINDS, summed
from tuogu.files.codebook_changes import read_changes, write_changes_template
from tuogu.files.refusal import FileRefused
from tuogu.org import queries as org
from tuogu.regions import actions
from tuogu.regions import queries as regions
from tuogu.regions.failures import RegionsRefused
from tuogu.web.paging import day_of
from tuogu.web.regions.desk import tabs
from tuogu.web.regions.words import kind_word
from tuogu.web.viewer import ViewerRequest

_FIELDS = ("kind", "old_code", "old_name", "new_code", "new_name", "parent_code")
_TYPED_ROWS = 4  # rows that the form offers
_SHOWN = 200  # problems of a dry run on the page
_TYPED_MAX = 120  # rows that a form carries; a longer file is chosen once more to propose it
_BYTES_MAX = 5_000_000


@require_safe
def listing(request: ViewerRequest) -> HttpResponse:
    """Every proposal, the newest first."""
    viewer, found = request.viewer, regions.proposals()
    called = org.known_as([i for p in found for i in (p.by, p.decided_by)])
    context = {
        "tabs": tabs(viewer, "regions:changes"),
        "rows": [
            {"proposal": p, "counts": _counted(regions.changes_of(p.id)), "by": called.get(p.by),
             "decided_by": called.get(p.decided_by or 0), "version": regions.version_name(p.number or 0)}
            for p in found
        ],
        "version": regions.version_name(regions.version_on(viewer.today)),
    }  # fmt: skip
    return render(request, "regions/changes.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: ViewerRequest) -> HttpResponse:
    """A form with a few rows, or a file; POST tries it out, and with `propose` stores it."""
    refusal, dry = "", None
    rows = _typed(request) if request.method == "POST" else _begun(request)
    if request.method == "POST":
        try:
            changes = _from_file(request) if request.FILES.get("file") else _frame(rows)
            rows = changes.select(_FIELDS).to_dicts()
            dry = regions.try_out(changes)
            if request.POST.get("propose"):
                return _propose(request, changes)
        except (FileRefused, RegionsRefused) as refused:
            refusal = str(refused)
    context = {
        "rows": [*rows, *({} for _row in range(max(0, _TYPED_ROWS - len(rows))))]
        if len(rows) <= _TYPED_MAX
        else [],
        "long": len(rows) if len(rows) > _TYPED_MAX else 0,
        "kinds": [(kind, kind_word(kind)) for kind in KINDS],
        "refusal": refusal,
        "dry": dry,
        "counts": _words(dry.counts) if dry else [],
        "problems": list(dry.problems.head(_SHOWN).iter_rows()) if dry else [],
        "given": {name: request.POST.get(name, "") for name in ("source", "document", "note")},
        "day": request.POST.get("effective_date", "") or request.viewer.today.isoformat(),
        "last": regions.versions()[-1],
    }
    return render(request, "regions/new_change.html", context, status=400 if refusal else 200)


@require_safe
def template(request: ViewerRequest) -> FileResponse:
    """The headings with an example of each kind."""
    file = write_changes_template(request.viewer.now)
    return FileResponse(file, as_attachment=True, filename=_("编码簿变更模板") + ".xlsx")


@require_safe
def change(request: ViewerRequest, proposal: int) -> HttpResponse:
    """One proposal with its rows, and what still speaks against it."""
    found = _proposal_or_404(proposal)
    changes = regions.changes_of(proposal)
    dry = regions.try_out(changes) if found.approved is None else None
    called = org.known_as([found.by, found.decided_by])
    context = {
        "proposal": found,
        "rows": [row | {"word": kind_word(row["kind"])} for row in changes.iter_rows(named=True)],
        "counts": _counted(changes),
        "problems": list(dry.problems.iter_rows()) if dry else [],
        "by": called.get(found.by),
        "decided_by": called.get(found.decided_by or 0),
        "version": regions.version_name(found.number or 0),
        "own": found.by == request.viewer.person,
    }
    return render(request, "regions/change.html", context)


@require_POST
def decide(request: ViewerRequest, proposal: int) -> HttpResponse:
    """A second person approves or declines."""
    viewer = request.viewer
    found = _proposal_or_404(proposal)
    approve = request.POST.get("verdict") == "approve"
    try:
        number = actions.decide_codebook(
            proposal, approve=approve, note=request.POST.get("note", ""), by=viewer.person, at=viewer.now
        )
    except RegionsRefused as refused:
        messages.error(request, str(refused))
        return redirect("regions:change", proposal)
    if number is None:
        messages.success(request, _("已退回，编码簿没有变化；提出人可改正后另行提出"))
        return redirect("regions:change", proposal)
    facts = {"version": regions.version_name(number), "day": found.effective_date}
    if found.effective_date > viewer.today:
        messages.success(
            request, _("已批准，成为版本 %(version)s，%(day)s 生效；要改回须另提一项变更") % facts
        )
        return redirect("regions:change", proposal)
    done = books.follow_codebook(at=viewer.now)
    text = _(
        "已批准，版本 %(version)s 已生效：%(moved)s 位客户随合并改码，%(queued)s 位回到地址台；要改回须另提一项变更"
    )
    messages.success(request, text % (facts | done))
    return redirect("regions:change", proposal)


def _propose(request: ViewerRequest, changes: pl.DataFrame) -> HttpResponse:
    viewer, given = request.viewer, request.POST
    day = day_of(given.get("effective_date", ""))
    if day is None:
        raise RegionsRefused(_("请填写生效日，没有写入任何内容"))
    proposal = actions.propose_codebook(
        changes, source=given.get("source", ""), document=given.get("document", ""), effective_date=day,
        note=given.get("note", ""), by=viewer.person, at=viewer.now,
    )  # fmt: skip
    messages.success(request, _("已提交，待另一人复核；复核前编码簿没有变化"))
    return redirect("regions:change", proposal)


def _typed(request: ViewerRequest) -> list[dict[str, Any]]:
    """The rows of the form that hold anything."""
    lists = {name: [text.strip() for text in request.POST.getlist(name)] for name in _FIELDS}
    height = min(len(values) for values in lists.values())
    rows = [{name: values[place] or None for name, values in lists.items()} for place in range(height)]
    return [row for row in rows if any(row[name] for name in _FIELDS if name != "kind")]


def _begun(request: ViewerRequest) -> list[dict[str, Any]]:
    """A row that begins with the code of the page one came from."""
    code, kind = request.GET.get("code", ""), request.GET.get("kind", "")
    if not code or kind not in KINDS:
        return []
    here = regions.division(code, request.viewer.today)
    if here is None:
        return []
    row = {"kind": kind, "old_code": code, "old_name": here.name, "parent_code": here.parent_code}
    return [dict(row) for _ in range(2 if kind == "split" else 1)]


def _frame(rows: list[dict[str, Any]]) -> pl.DataFrame:
    numbered = [
        row
        | {
            "row": place,
            "new_code": row["new_code"] or (row["old_code"] if row["kind"] == "rename" else None),
        }
        for place, row in enumerate(rows, start=1)
    ]
    return pl.DataFrame(numbered, schema=CHANGES)


def _from_file(request: ViewerRequest) -> pl.DataFrame:
    """CHANGES of the uploaded file, kept only while it is read."""
    sent: UploadedFile[bytes] = request.FILES["file"]  # type: ignore[assignment]  # one field, one file
    if (sent.size or 0) > _BYTES_MAX:
        raise FileRefused(_("文件超过 5 MB"), "too_large")
    suffix = Path(sent.name or "").suffix.lower() or ".xlsx"
    with tempfile.TemporaryDirectory(prefix="tuogu-codebook-") as folder:
        path = Path(folder) / f"changes{suffix}"
        path.write_bytes(sent.read())
        return read_changes(path)


def _proposal_or_404(proposal: int) -> regions.Proposal:
    found = regions.proposal_of(proposal)
    if found is None:
        raise Http404
    return found


def _counted(changes: pl.DataFrame) -> list[str]:
    return _words(summed(changes))


def _words(counts: dict[str, int]) -> list[str]:
    return [f"{kind_word(kind)} {count}" for kind, count in counts.items()]
