"""What became of records that a phone has sent, or keeps: the outbox page, and records that wait for a supervisor (P-21).

In: a viewer. Out: pages. What lies on the phone is drawn there, by its own script. Never: a record's words in a page;
a conflict of somebody else's record (404).
"""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from tuogu.org import queries as org
from tuogu.org.scope import Scope
from tuogu.web.phone.keeping import masked_page
from tuogu.web.viewer import Viewer, ViewerRequest
from tuogu.work import queries as work
from tuogu.work.kinds import Decision, Kind


@require_safe
def outbox(request: ViewerRequest) -> HttpResponse:
    """The records of this phone with their state; those of the viewer that wait for a decision."""
    context: dict[str, Any] = {"words": _words(), "conflicts": _own(request.viewer, decided=False)}
    return masked_page(render(request, "phone/outbox.html", context))


@require_safe
@never_cache
def conflict(request: ViewerRequest, conflict: int) -> HttpResponse:
    """A record of the viewer whose customer had another custodian by the time it arrived."""
    viewer = request.viewer
    own = [*_own(viewer, decided=False), *_own(viewer, decided=True)]
    found = next((one for one in own if one.id == conflict), None)
    if found is None:
        raise Http404
    names = org.names({person for person in (found.by, found.held_by) if person is not None})
    return render(
        request, "phone/conflict.html", {"conflict": found, "names": names, "decision": _decided(found)}
    )


def _own(viewer: Viewer, *, decided: bool) -> list[work.ConflictRow]:
    """Records that the viewer sent."""
    mine = Scope(custodian_ids=frozenset({viewer.person}))
    return [one for one in work.conflicts(mine, decided=decided) if one.by == viewer.person]


def _decided(found: work.ConflictRow) -> str:
    return _(Decision(found.decision).label) if found.decision else ""


def _words() -> dict[str, str]:
    """What the script of the page says."""
    states = {
        "waiting": _("待发送"), "sent": _("已发送"), "conflict": _("需处理"), "refused": _("需处理"), "record": _("记录"),
        "log": _("工作日志"), "renewal": _("续保联系"),
        "sure": _("再点一次，确认删去"),
    }  # fmt: skip
    return states | {str(kind.value): _(kind.label) for kind in Kind}
