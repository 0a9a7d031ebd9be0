"""The customer's own consent to a place, a photo, a signature, taken in the step of the record (L-11).

In: a customer; what was ticked on the form. Out: the boxes of the form; what `work` files with the record. Never: a consent
asked for that was given already.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext_lazy as _

from tuogu.privacy import queries as privacy
from tuogu.privacy.kinds import SENSITIVE, Purpose
from tuogu.web.privacy.consents import TEXT_VERSION
from tuogu.web.viewer import Viewer
from tuogu.work import actions

WORDS = {  # read out to the customer: what for, how long, that refusing changes nothing
    Purpose.LOCATION: _("客户同意记下本次上门的位置，只用于核实到访"),
    Purpose.PHOTO: _("客户同意拍照，只用于证明本次服务"),
    Purpose.SIGNATURE: _("客户同意在屏幕上签名，只用于本次问卷"),
}


def consents_of(number: str, viewer: Viewer) -> dict[str, dict[str, Any]]:
    """For place, photo and signature: whether the customer has agreed, and the words of the box where not."""
    found = {}
    decided = privacy.may_use_each(SENSITIVE, number, viewer.today) if number else {}
    for purpose in SENSITIVE:
        decision = decided.get(purpose)
        found[str(purpose.value)] = {
            "given": decision is not None and decision.allowed, "why": decision.why if decision else "",
            "words": WORDS[purpose],
        }  # fmt: skip
    return found


def agreed(ticked: Iterable[str]) -> actions.Agreed:
    """What was ticked, under the words that stood beside it."""
    return actions.Agreed(frozenset(ticked), TEXT_VERSION)
