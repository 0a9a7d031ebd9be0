"""What people must write down for an act that concerns others.

In: a text. Out: the text, stripped. Never: an act without a reason, a reason too long to be read.
"""

from __future__ import annotations

from django.utils.translation import gettext as _

from tuogu.review.failures import ReviewRefused

REASON_CHARS_MIN, REASON_CHARS_MAX = 4, 500


def said(text: str, missing: str) -> str:
    """The reason; ReviewRefused (`missing`) when there is none to speak of."""
    stripped = text.strip()
    if len(stripped) < REASON_CHARS_MIN:
        raise ReviewRefused(missing)
    if len(stripped) > REASON_CHARS_MAX:
        raise ReviewRefused(_("超过 %(n)s 字") % {"n": REASON_CHARS_MAX})
    return stripped
