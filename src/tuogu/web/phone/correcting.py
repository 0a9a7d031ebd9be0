"""An own record told anew: a further record that names the first; the first stays and counts no more.

In: a viewer, an own record of a customer whom the viewer or a colleague holds. Out: what the record says, as the form wants
it; the answer of `work`. Never: a record of somebody else, one that is corrected already (404), a page kept on the phone (it
holds what was written in clear).
"""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from tuogu.web import personal
from tuogu.web.paging import id_of
from tuogu.web.viewer import Viewer
from tuogu.work import actions
from tuogu.work import queries as work
from tuogu.work.kinds import AFTER_SERVICES, BETWEEN_SERVICES, Service
from tuogu.work.recording import Filed
from tuogu.work.said import Said

RECORD, WHY = "corrects", "why_corrected"  # fields of the form


def own_record(viewer: Viewer, number: str, record: object) -> work.RecordRow | None:
    """The viewer's own record of this customer, as long as no other corrects it."""
    found = id_of(str(record or ""))
    row = work.record(found) if found is not None else None
    if (
        row is None
        or row.customer_number != number
        or row.by != viewer.person
        or row.corrected_by is not None
    ):
        return None
    return row


def given(viewer: Viewer, row: work.RecordRow) -> dict[str, Any]:
    """What the record says, field by field of the form. Papers are not among it: they stay with the record."""
    told = personal.own_words(viewer, row)
    return {
        "kind": row.kind, "outcome": row.outcome, "services": list(row.services), "attitude": row.attitude,
        "card_content": _typed(told.card.get("content", ""), row.services), "card_questions": told.card.get("questions", ""),
        "collection_method": row.collection_method, "no_visit": row.no_visit, "next_at": _local(row.next_at),
        "next_kind": row.next_kind, "policies": list(row.policies), "answers": dict(told.answers),
        "checked": [number for number, checked in row.policies.items() if checked], "conduct": list(told.conduct),
        "reason": row.reason, "note": told.note, "happened_local": _local(row.happened_at),
    }  # fmt: skip


def correct(viewer: Viewer, record: int, said: Said, why: str) -> Filed:
    """File what should have been said. WorkRefused as `work` refuses."""
    return actions.correct(record, said, reason=why, by=viewer.person, at=viewer.now)


def _typed(content: str, services: tuple[str, ...]) -> str:
    """What was typed beside the services that were tapped."""
    labels = [str(Service(code).label) for code in services if code in Service.values]
    for comma, semicolon in ((BETWEEN_SERVICES, AFTER_SERVICES), (_("、"), _("；"))):
        tapped = comma.join(labels)
        if tapped and content == tapped:
            return ""
        if tapped and content.startswith(tapped + semicolon):
            return content.removeprefix(tapped + semicolon)
    return content


def _local(moment: Any) -> str:
    return timezone.localtime(moment).strftime("%Y-%m-%dT%H:%M") if moment else ""
