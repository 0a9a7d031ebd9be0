"""Cases of lapsed policies (S1-30, S4-20): opened by themselves for what people hold, and the last day of grace of what is
still in grace.

In: the books of a day. Out: what is to be opened; a day. Never: a case for a policy that lies in a pool, a notice called
late because the case was opened after the lapse.
"""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl

from tuogu.books import queries as books
from tuogu.core.rulebook import Rulebook
from tuogu.core.tables import empty
from tuogu.core.timeline.obligations import obligations_of
from tuogu.core.timeline.occurrences import occurrences
from tuogu.core.timeline.tables import CASES, EVENTS

_GRACE = "loss_notice"


def lapsed_held() -> list[tuple[int, str, str]]:
    """(subject, policy, customer) of the lapsed orphans that people have received, whole-column."""
    held = books.care_cases().filter(
        pl.col("orphan"), pl.col("state") == "lapsed", pl.col("received_date").is_not_null()
    )
    return list(held.select("subject_id", "policy_number", "customer_number").iter_rows())


def grace_end(subject: int, rulebook: Rulebook, today: date) -> date | None:
    """The last day of grace of a policy with an unpaid instalment, where it is still to come."""
    duties = [duty for duty in obligations_of(rulebook) if duty.key == _GRACE]
    if not duties:
        return None
    cases = books.care_cases(subjects=[subject]).select(*CASES)
    grace = timedelta(days=duties[0].grace_days)
    found = occurrences(cases, empty(EVENTS), duties, today - 2 * grace, today + grace)
    ends = found.filter(pl.col("anchor_date").is_between(today, today + grace))["anchor_date"].sort()
    first: date | None = ends[0] if ends.len() else None
    return first
