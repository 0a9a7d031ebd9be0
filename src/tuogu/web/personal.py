"""The one choke point of personal data on pages: masked unless a reason was given, and every clear look is counted.

In: the viewer, numbers, and for a clear look the reason. Out: what may be shown. Never: a name, phone, ID or address on a
page, in a file or on a phone that did not come through here; a clear look without its row in the access log.
"""

from __future__ import annotations

from collections.abc import Iterable

from tuogu.accesslog import actions as accesslog
from tuogu.books import queries as books
from tuogu.books.people import ShownCustomer
from tuogu.web.viewer import Viewer


def masked(numbers: Iterable[str]) -> dict[str, ShownCustomer]:
    """Customers by number, masked. One query and one pass of decryption, however many."""
    return books.shown_customers(numbers)


def revealed(viewer: Viewer, number: str, *, policy: str, fields: str, reason: str) -> ShownCustomer:
    """One customer in clear, seen from policy `policy`. Raises `accesslog.failures.RevealRefused` beyond the day's
    quota or without a reason; the caller has made sure that the policy is within scope."""
    accesslog.reveal(
        person=viewer.person,
        at=viewer.now,
        subject_kind="policy",
        subject=policy,
        fields=fields,
        reason=reason,
    )
    return books.shown_customers([number], clear=True)[number]
