"""The customer's own consent to a place, a photo, a signature, taken in the step of the record (L-11).

In: what was ticked on the form. Out: statements filed through `privacy`. Never: a consent of somebody whom the viewer
does not hold, one filed twice for the same record, one that outranks a later refusal (it counts from the moment of
the record).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext_lazy as _

from tuogu.privacy import actions
from tuogu.privacy import queries as privacy
from tuogu.privacy.kinds import SENSITIVE, Purpose, Said, Source
from tuogu.web.privacy.consents import TEXT_VERSION
from tuogu.web.viewer import Viewer
from tuogu.work.said import Said as Record

WORDS = {  # read out to the customer: what for, how long, that refusing changes nothing
    Purpose.LOCATION: _("客户同意记下本次上门的位置，只用于核实到访"),
    Purpose.PHOTO: _("客户同意拍照，只用于证明本次服务"),
    Purpose.SIGNATURE: _("客户同意在屏幕上签名，只用于本次问卷"),
}


def consents_of(number: str, viewer: Viewer) -> dict[str, dict[str, Any]]:
    """For place, photo and signature: whether the customer has agreed, and the words of the box where not."""
    found = {}
    for purpose in SENSITIVE:
        decision = privacy.may_use(number, purpose, viewer.today) if number else None
        found[str(purpose.value)] = {
            "given": decision is not None and decision.allowed, "why": decision.why if decision else "",
            "words": WORDS[purpose],
        }  # fmt: skip
    return found


def agree(record: Record, ticked: Iterable[str], viewer: Viewer) -> None:
    """File what was ticked and is not known yet. The caller has made sure that the viewer holds the customer."""
    asked = [purpose for purpose in SENSITIVE if purpose.value in set(ticked)]
    if not asked:
        return
    filed = {row.purpose for row in privacy.history(record.customer) if row.source_ref == record.client_key}
    for purpose in asked:
        if purpose.value in filed or privacy.may_use(record.customer, purpose, viewer.today).allowed:
            continue
        actions.record_consent(
            record.customer, purpose=purpose, said=Said.GIVEN, source=Source.DOOR, text_version=TEXT_VERSION,
            source_ref=record.client_key, said_at=min(record.happened_at, viewer.now), by=viewer.person, at=viewer.now,
        )  # fmt: skip
