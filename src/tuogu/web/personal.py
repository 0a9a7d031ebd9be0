"""The one choke point of personal data on pages: masked unless a reason was given, and every clear look is counted.

In: the viewer, numbers, and for a clear look the reason. Out: what may be shown. Never: a name, phone, ID or address on a
page, in a file or on a phone that did not come through here; a clear look without its row in the access log.
"""

from __future__ import annotations

from collections.abc import Iterable

from tuogu.accesslog import actions as accesslog
from tuogu.accesslog import queries as seen
from tuogu.books import queries as books
from tuogu.books.people import ShownCustomer
from tuogu.core.masking import mask_rule
from tuogu.org import queries as org
from tuogu.web.viewer import Viewer

QUOTA = "masking.reveals_per_day"


def masked(numbers: Iterable[str]) -> dict[str, ShownCustomer]:
    """Customers by number, masked. One query and one pass of decryption, however many."""
    return books.shown_customers(numbers)


def revealed(viewer: Viewer, number: str, *, policy: str, fields: str, reason: str) -> ShownCustomer:
    """One customer in clear, seen from policy `policy`. Raises `accesslog.failures.RevealRefused` beyond the day's
    quota or without a reason; the caller has made sure that the policy is within scope."""
    _count(viewer, subject_kind="policy", subject=policy, fields=fields, reason=reason)
    return books.shown_customers([number], clear=True)[number]


def masked_contact(viewer: Viewer, person: int) -> org.StaffContact:
    """Phone and home of a colleague, masked."""
    return org.staff_contact(person, mask_rule(viewer.rulebook))


def revealed_contact(viewer: Viewer, person: int, *, staff_number: str, reason: str) -> org.StaffContact:
    """Phone and home of a colleague in clear; as `revealed`. The caller has made sure that the person is within scope."""
    _count(viewer, subject_kind="person", subject=staff_number, fields="phone,home", reason=reason)
    return org.staff_contact(person, mask_rule(viewer.rulebook), clear=True)


def reveals_left(viewer: Viewer) -> int:
    """How many clear looks the viewer has left today."""
    return seen.reveals_left(viewer.person, viewer.today, viewer.rulebook[QUOTA])


def _count(viewer: Viewer, *, subject_kind: str, subject: str, fields: str, reason: str) -> None:
    accesslog.reveal(
        by=viewer.person, subject_kind=subject_kind, subject=subject, fields=fields, reason=reason,
        per_day=viewer.rulebook[QUOTA], at=viewer.now,
    )  # fmt: skip
