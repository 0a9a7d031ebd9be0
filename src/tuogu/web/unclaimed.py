"""What is not shown at all: phone, ID and address of customers that lie in a public pool until somebody claims them (P-10).

In: customers as `web.personal` is about to hand them out, who looks. Out: the same with a word in place of what is hidden; a
refusal of the clear look. Never: a page, file or search that asks for itself.

In a file nobody is exempt, whoever asked for it; on a page, whom the rulebook lets look sees the masked contact.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import replace

from django.utils.translation import gettext as _

from tuogu import clock
from tuogu.accesslog.failures import RevealRefused
from tuogu.books.people import ShownCustomer
from tuogu.pools import queries as pools
from tuogu.web import sightings

_IN_A_FILE: ContextVar[bool] = ContextVar("in_a_file", default=False)


@contextmanager
def for_a_file() -> Iterator[None]:
    """Inside, what is handed out leaves the page: no post is exempt."""
    token = _IN_A_FILE.set(True)
    try:
        yield
    finally:
        _IN_A_FILE.reset(token)


def hidden(numbers: Collection[str]) -> set[str]:
    """Those of the numbers whose contact this request, file or job may not show."""
    if not numbers:
        return set()
    viewer = getattr(sightings.request_now(), "viewer", None)
    if viewer is None or _IN_A_FILE.get():
        return pools.hidden(numbers, on=clock.business_today())
    return pools.hidden(numbers, on=viewer.today, person=viewer.person, roles=viewer.roles)


def word() -> str:
    """What stands in place of a hidden contact."""
    return _("领取后可见")


def covered(found: dict[str, ShownCustomer]) -> dict[str, ShownCustomer]:
    """Customers with the contact of the unclaimed ones covered; their names stay masked."""
    unseen = hidden(found)
    return {number: _cover(one) if number in unseen else one for number, one in found.items()}


def _cover(one: ShownCustomer) -> ShownCustomer:
    return replace(one, phone=word(), id_number=word(), address=word())


def require_claimed(number: str) -> None:
    """RevealRefused for a customer that nobody has claimed: the look is neither made nor counted."""
    if hidden([number]):
        raise RevealRefused(_("这位客户在公共池，领取后才能查看联系方式；未显示任何信息"))


def require_desk(number: str, *, allowed: bool) -> None:
    """The address desk and the return visits work for the house: by rule they may look for a stated reason all the same."""
    if not allowed:
        require_claimed(number)


def switchboard_only(one: ShownCustomer) -> ShownCustomer:
    """A customer in clear, without the phone where the pool he was claimed from never tells it."""
    return replace(one, phone=None) if pools.without_phone([one.number], on=clock.business_today()) else one
