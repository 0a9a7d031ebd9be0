"""The stored proof of how a case ended, as a file (S3-17).

In: a viewer, a case within scope, which end. Out: the file. Never: a proof shown without its row in the access log.
"""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.views.decorators.http import require_safe

from tuogu.renewals import queries as renewals
from tuogu.web import personal
from tuogu.web.renewals.reading import case_or_404
from tuogu.web.viewer import ViewerRequest


@require_safe
def proof(request: ViewerRequest, subject: int, seq: int) -> HttpResponse:
    """The stored proof of an end; the look is in the log under the case."""
    viewer = request.viewer
    case_or_404(viewer, subject)
    content = renewals.proof(subject, seq)
    if content is None:
        raise Http404
    personal.opened(viewer, subject_kind="vehicle_case", subject=str(subject))
    kinds = {
        b"\xff\xd8\xff": "image/jpeg",
        b"\x89PNG": "image/png",
        b"RIFF": "image/webp",
        b"%PDF": "application/pdf",
    }
    media = next(
        (kind for magic, kind in kinds.items() if content.startswith(magic)), "application/octet-stream"
    )
    response = HttpResponse(content, content_type=media)
    response.headers["Content-Disposition"] = f"attachment; filename=proof-{subject}-{seq}"
    response.headers["Cache-Control"] = "no-store"
    return response
