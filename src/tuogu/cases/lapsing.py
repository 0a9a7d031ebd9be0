"""Cases of lapsed policies (S1-30, S4-20): opened by themselves for what people hold, and the last day of grace of what is
still in grace.

In: the books of a day. Out: what is to be opened; a day; a refusal. Never: a case for a policy that lies in a pool or has
not lapsed, a notice called late because the case was opened after the lapse.
"""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl
from django.utils.translation import gettext as _

from tuogu.books import queries as books
from tuogu.cases.failures import refused
from tuogu.core.labels import POLICY_STATES
from tuogu.core.rulebook import Rulebook
from tuogu.core.tables import empty
from tuogu.core.timeline.obligations import obligations_of
from tuogu.core.timeline.occurrences import occurrences
from tuogu.core.timeline.tables import CASES, EVENTS

_GRACE, _LAPSED = "loss_notice", "lapsed"


def lapsed_held() -> list[tuple[int, str, str]]:
    """(subject, policy, customer) of the lapsed orphans that people have received, whole-column."""
    held = books.care_cases().filter(
        pl.col("orphan"), pl.col("state") == _LAPSED, pl.col("received_date").is_not_null()
    )
    return list(held.select("subject_id", "policy_number", "customer_number").iter_rows())


def must_be_lapsed(subject: int | None) -> None:
    """CaseRefused for a policy that the books do not call lapsed: there is nothing to bring back (S1-30)."""
    state = books.care_cases(subjects=[subject] if subject else [])["state"]
    if state.to_list() != [_LAPSED]:
        shown = POLICY_STATES.get(state[0], state[0]) if state.len() else "—"
        raise refused(
            _("失效件：只能为已失效的保单立案，这件保单在册状态是“%(state)s”；状态随导入更新")
            % {"state": _(shown)}
        )


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
