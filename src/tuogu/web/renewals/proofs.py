"""The proof of how a case ended, as a file that comes in and as one to look at (S3-17).

In: an upload; a viewer, a case within scope, which end. Out: bytes, the file. Never: a proof shown without its row in the
access log, a file that is neither picture nor PDF.
"""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from tuogu.renewals import queries as renewals
from tuogu.web import personal
from tuogu.web.phone.reading import PICTURES
from tuogu.web.renewals.reading import case_or_404
from tuogu.web.viewer import ViewerRequest

_KINDS = {**PICTURES, b"%PDF-": "application/pdf"}
_KB = 1024


def uploaded(request: ViewerRequest) -> bytes | None:
    """The uploaded proof: a picture or a PDF; RenewalRefused for anything else or too much."""
    file = request.FILES.get("paper")
    if file is None:
        return None
    limit = int(request.viewer.rulebook["work.paper_kb_max"]) * _KB
    content = bytes(file.read(limit + 1))
    if len(content) > limit:
        raise renewals.RenewalRefused(_("凭证：每个最大 %(n)s KB；没有写入任何数据") % {"n": limit // _KB})
    if not content.startswith(tuple(_KINDS)):
        raise renewals.RenewalRefused(_("凭证：只收 JPEG、PNG、WebP 图片或 PDF；没有写入任何数据"))
    return content


@require_safe
def proof(request: ViewerRequest, subject: int, seq: int) -> HttpResponse:
    """The stored proof of an end; the look is in the log under the case."""
    viewer = request.viewer
    case_or_404(viewer, subject)
    content = renewals.proof(subject, seq)
    if content is None:
        raise Http404
    personal.opened(viewer, subject_kind="vehicle_case", subject=str(subject))
    media = next(
        (kind for magic, kind in _KINDS.items() if content.startswith(magic)), "application/octet-stream"
    )
    response = HttpResponse(content, content_type=media)
    response.headers["Content-Disposition"] = f"attachment; filename=proof-{subject}-{seq}"
    response.headers["Cache-Control"] = "no-store"
    return response
