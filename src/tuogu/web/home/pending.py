"""Which rooms have anything that may wait for somebody: one question for all of them, before each is asked what waits for
the viewer.

In: a day. Out: names of sets that have a row. Never: for whom (the room says that, with the viewer's scope).
"""

from __future__ import annotations

from datetime import date

from tuogu.books import queries as books
from tuogu.campaigns import queries as campaigns
from tuogu.cases import queries as cases
from tuogu.corrections import queries as corrections
from tuogu.exports import queries as exports
from tuogu.moment import once
from tuogu.notices import queries as notices
from tuogu.org import queries as org
from tuogu.plans import queries as plans
from tuogu.pools import queries as pools
from tuogu.regions import queries as regions
from tuogu.renewals import queries as renewals
from tuogu.review import queries as review
from tuogu.transfers import queries as transfers
from tuogu.work import queries as work

Pending = frozenset[str]


@once
def pending_on(today: date) -> Pending:
    """The names of what any room has open today."""
    rooms = (
        books,
        campaigns,
        cases,
        corrections,
        exports,
        notices,
        pools,
        regions,
        renewals,
        transfers,
        work,
    )
    dated = (plans, review)
    sets = {name: rows for room in rooms for name, rows in room.pending().items()}
    sets |= {name: rows for room in dated for name, rows in room.pending(today).items()}
    return org.nonempty(sets)
