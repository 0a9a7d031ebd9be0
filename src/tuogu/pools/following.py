"""Follow-ups: a customer was contacted, or somebody tried. What other rooms ask when they judge whether a piece lies idle.

In: a customer, how, with what outcome, when next. Out: a row that stays; the last follow-up. Never: a row changed, words
about a customer in clear in the database.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Max

from tuogu import vault
from tuogu.bulk import in_parts
from tuogu.core.custody import business_date
from tuogu.pools.failures import PoolRefused
from tuogu.pools.models import Contacted
from tuogu.pools.ruling import PoolRules
from tuogu.rules import queries as rules

NOTE_MAX = 200  # characters
CHANNELS = {str(code): str(label) for code, label in Contacted.Channel.choices}
OUTCOMES = {str(code): str(label) for code, label in Contacted.Outcome.choices}
_BATCH = 10_000  # numbers of one query: below the parameter limits of both databases


@dataclass(frozen=True)
class FollowUp:
    """One contact, without its note."""

    id: int
    customer_number: str
    policy_number: str
    person: int
    by: int
    at: datetime
    contacted_date: date
    channel: str
    outcome: str
    next_date: date | None
    has_note: bool

    @property
    def channel_label(self) -> str:
        return CHANNELS[self.channel]

    @property
    def outcome_label(self) -> str:
        return OUTCOMES[self.outcome]


def contacted(
    customer: str,
    *,
    person: int,
    channel: str,
    outcome: str,
    next_date: date | None = None,
    policy: str = "",
    note: str = "",
    by: int,
    at: datetime,
) -> int:
    """Write down a follow-up of today; returns its id. `person` holds the customer's pieces, `by` may stand in for them.

    PoolRefused: unknown words, a next day that is past or missing where one was agreed, too far ahead, too long a note. The
    caller has made sure that the customer is the person's.
    """
    today = business_date(at)
    if channel not in CHANNELS or outcome not in OUTCOMES:
        raise PoolRefused("请选择联系方式和结果；没有写入任何数据")
    if outcome == Contacted.Outcome.APPOINTED and next_date is None:
        raise PoolRefused("已约下次的，请填日期；没有写入任何数据")
    if next_date is not None and next_date < today:
        raise PoolRefused("下次日期不能早于今天；没有写入任何数据")
    latest = today + timedelta(days=PoolRules.of(rules.applicable(today)).idle.appointment_days)
    if next_date is not None and next_date > latest:
        raise PoolRefused(f"下次日期最晚 {latest}；没有写入任何数据")
    if len(note.strip()) > NOTE_MAX:
        raise PoolRefused(f"备注最多 {NOTE_MAX} 个字；没有写入任何数据")
    row = Contacted.objects.create(
        customer_number=customer, policy_number=policy, person_id=person, channel=channel, outcome=outcome,
        contacted_date=today, next_date=next_date, note_sealed=vault.seal_texts([note.strip() or None])[0], by_id=by,
        at=at,
    )  # fmt: skip
    return int(row.pk)


def last_followed(customers: Iterable[str]) -> dict[str, FollowUp]:
    """The newest follow-up of each of some customers; who was never contacted is absent. One query for each 10,000."""
    wanted, found = sorted(set(customers)), dict[str, FollowUp]()
    for part in in_parts(wanted, _BATCH):
        rows = Contacted.objects.filter(customer_number__in=part)
        newest = rows.order_by().values("customer_number").annotate(last=Max("pk")).values("last")
        found |= {row.customer_number: told(row) for row in Contacted.objects.filter(pk__in=newest)}
    return found


def last_days(customers: Iterable[str]) -> dict[str, date]:
    """The day of each customer's last follow-up."""
    return {number: row.contacted_date for number, row in last_followed(customers).items()}


def follow_ups(customer: str, *, limit: int = 8) -> list[FollowUp]:
    """The newest follow-ups of one customer, newest first."""
    return [told(row) for row in Contacted.objects.filter(customer_number=customer).order_by("-pk")[:limit]]


def told(row: Contacted) -> FollowUp:
    """The row as other rooms see it."""
    return FollowUp(
        row.pk, row.customer_number, row.policy_number, row.person_id, row.by_id, row.at, row.contacted_date,
        row.channel, row.outcome, row.next_date, row.note_sealed is not None,
    )  # fmt: skip
