"""A plan or a release within the viewer's scope, or a page that does not say whether there is one."""

from __future__ import annotations

from django.http import Http404

from tuogu.plans import queries as plans
from tuogu.web.viewer import Viewer


def head_or_404(viewer: Viewer, plan: int) -> plans.PlanHead:
    """The plan; 404 when unknown or out of scope."""
    try:
        return plans.plan_head(plan, viewer.scope)
    except plans.PlanUnknown as unknown:
        raise Http404 from unknown


def release_or_404(viewer: Viewer, release: int) -> plans.ReleaseRow:
    """The release; 404 when unknown or of a plan out of scope."""
    try:
        return plans.release_row(release, viewer.scope)
    except plans.PlanUnknown as unknown:
        raise Http404 from unknown
