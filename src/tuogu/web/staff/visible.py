"""A person within the viewer's scope, or a page that does not say whether there is one."""

from __future__ import annotations

from django.http import Http404

from tuogu.org import queries as org
from tuogu.web.viewer import Viewer


def person_or_404(viewer: Viewer, staff_number: str) -> org.StaffRow:
    """The current record of a staff number; 404 when unknown or out of scope."""
    found = org.staff_row(viewer.scope, staff_number)
    if found is None:
        raise Http404
    return found
