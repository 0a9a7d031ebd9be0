"""A record about a customer whose piece was claimed is the pool's follow-up, too: nobody writes twice.

In: a stored record. Out: the pool's follow-up where a claim of the holder stands. Never: a follow-up for a piece that
was not claimed, a day further ahead than the pool allows.
"""

from __future__ import annotations

from datetime import datetime

from tuogu.core.custody import business_date
from tuogu.pools import actions as pools
from tuogu.pools import queries as pool_reads
from tuogu.rules import queries as rules
from tuogu.work.kinds import Kind, Outcome
from tuogu.work.models import Record

_CHANNELS = {Kind.CALL: "phone", Kind.VISIT: "visit", Kind.WECHAT: "wechat", Kind.SMS: "sms"}
_OUTCOMES = {
    Outcome.MET: "reached", Outcome.REACHED: "reached", Outcome.SENT: "reached", Outcome.NOT_HOME: "no_answer",
    Outcome.NO_SHOW: "no_answer", Outcome.NO_ANSWER: "no_answer", Outcome.REFUSED: "refused",
    Outcome.WRONG_CONTACT: "wrong_contact",
}  # fmt: skip


def tell_pools(row: Record, person: int, *, at: datetime) -> None:
    """Write the follow-up down where the customer's holder has claimed a piece."""
    if not pool_reads.claimed_of(row.customer_number, person):
        return
    today = business_date(at)
    ahead = pool_reads.PoolRules.of(rules.applicable(today)).idle.appointment_days
    following = business_date(row.next_at) if row.next_at else None
    if following is not None and not 0 <= (following - today).days <= ahead:
        following = None
    outcome = _OUTCOMES[Outcome(row.outcome)]
    pools.contacted(
        row.customer_number, person=person, channel=_CHANNELS.get(Kind(row.kind), "other"),
        outcome="appointed" if following and outcome == "reached" else outcome, next_date=following, by=row.by_id, at=at,
    )  # fmt: skip
