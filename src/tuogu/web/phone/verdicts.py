"""May this customer be contacted now: what the customer's page says before anybody dials (N-17).

In: a viewer, a customer. Out: one line for service, one for everything that is not a duty. Never: a rule of its own.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from tuogu.privacy.kinds import Channel, Purpose
from tuogu.web.viewer import Viewer
from tuogu.work import queries as work


@dataclass(frozen=True)
class Line:
    """One answer."""

    title: str
    allowed: bool
    why: str


def verdicts_of(number: str, viewer: Viewer) -> list[Line]:
    """Service, and offers, by telephone and now."""
    asked = ((_("服务：提醒、核实、办理"), Purpose.SERVICE), (_("推介、邀约"), Purpose.MARKETING))
    purposes = [purpose for _title, purpose in asked]
    found = work.may_contact_for(number, purposes, Channel.PHONE, viewer.now)
    return [Line(title, found[purpose].allowed, found[purpose].why) for title, purpose in asked]
