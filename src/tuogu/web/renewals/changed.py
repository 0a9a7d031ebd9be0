"""What an import or a renewal changed in a motor policy, in the words of the sheet (S3-20).

In: a policy. Out: lines with the column's title, before and after. Never: a value of a personal field (the room keeps none).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from tuogu.core.intake_titles import TITLES
from tuogu.renewals import queries as renewals
from tuogu.web.templatetags.tuogu import yuan

_MONEY = "premium_fen"


@dataclass(frozen=True)
class Changed:
    """One line. `before` and `after` empty: personal, it was updated."""

    at: datetime
    label: str
    before: str
    after: str


def changed(subject: int) -> list[Changed]:
    """The lines of a policy, oldest first."""
    titles = TITLES["motor"]
    return [
        Changed(one.at, _(titles[one.field]), _shown(one.field, one.before), _shown(one.field, one.after))
        for one in renewals.changes(subject)
    ]


def _shown(field: str, value: str) -> str:
    return yuan(int(value)) if field == _MONEY and value.isdecimal() else value
