"""What a customer's page shows of this room: notices under way, and the WeCom contact beside the custodian.

In: a viewer and a customer within the viewer's scope. Out: the context of `notices/_panel.html`. Never: WeCom's own id.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from tuogu.notices import queries as notices
from tuogu.web.notices.words import names, table
from tuogu.web.viewer import Viewer

TEMPLATE = "notices/_panel.html"


def customer_panel(viewer: Viewer, number: str) -> dict[str, Any]:
    """The context of the panel (web/customers/panels.py asks the right first)."""
    found = notices.of_customer(viewer.scope, number, viewer.today)
    shown = found.open or found.told or found.contact
    if not shown:
        return {"title": _("离职告知与企微联系人")}
    return {
        "title": _("离职告知与企微联系人"),
        "notice": found,
        "contact": names([found.contact]).get(found.contact) if found.contact else None,
        "contact_state": table("link_state").get(found.contact_state, ""),
        "cases_url": f"{reverse('notices:cases')}?{urlencode({'view': 'all', 'find': number})}",
    }
