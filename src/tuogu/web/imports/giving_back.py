"""Rejected rows go back to the clerk as the same sheets with a reason column, through the room of exports.

In: an upload whose rejected rows are kept, a reason. Out: an export of kind "rejects". Never: an invented row (the file is
corrected and imported again); a file that outlives the upload.
"""

from __future__ import annotations

from pathlib import Path

from django.http import Http404, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from tuogu.exports.kinds import BuildRefused, Kind, Order, Paper
from tuogu.files.watermark import mark_in_force, marked_copy
from tuogu.jobs import queries as jobs
from tuogu.org.rights import Right
from tuogu.web.exports.asking import answer
from tuogu.web.viewer import ViewerRequest


def fetch_rejects(request: ViewerRequest, upload: jobs.UploadRecord, *, back: str) -> HttpResponse:
    """A workbook of rejected rows; `part` = 2 the second one. It holds what the file held, or it could not be corrected: so
    whoever sent the file in has it at once, and for anybody else it is a file in clear, which a second person grants."""
    files, part = jobs.reject_files(upload.key), request.POST.get("part", "1")
    if not part.isdecimal() or not 1 <= int(part) <= len(files):
        raise Http404
    rows = jobs.rejected_cells(upload.key, start=0, size=1)[1]
    return answer(
        request, kind=KIND.name, title=_("拒收行-%(file)s") % {"file": Path(upload.file_name).stem},
        query={"key": upload.key, "part": int(part)}, rows=rows, fields="as_sent", back=back,
        clear=upload.asked_by != request.viewer.person,
    )  # fmt: skip


def _build(order: Order) -> Paper:
    key, part = order.query["key"], order.query["part"]
    files, rows = jobs.reject_files(key), jobs.rejected_cells(key, start=0, size=1)[1]
    if len(files) < part:
        raise BuildRefused(_("拒收行已按期删除，请重新上传文件"))

    def write(path: Path) -> None:
        mark = mark_in_force()
        assert mark is not None, "the room of exports marks what it builds"
        marked_copy(files[part - 1], path, mark)

    return Paper(rows, write)


KIND = Kind("rejects", gettext_noop("拒收行"), Right.IMPORT, _build)
