"""Renewals that a person typed in before the new policy was seen: said, urged no more, counted by no figure (S3-17).

In: a case that ended so, policies of an import. Out: the pairs that people typed; what the books prove at once; the list of
what nobody has seen yet. Never: a renewal counted because somebody said so (unless the rulebook does), a statement lost.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import polars as pl
from django.db import transaction
from django.db.models import QuerySet

from tuogu.bulk import in_parts
from tuogu.core.custody import business_date
from tuogu.core.motor.limits import Limits
from tuogu.core.motor.tables import MOTOR
from tuogu.org.scope import Scope
from tuogu.renewals import renewed, reowning, successors, within
from tuogu.renewals.kinds import Outcome
from tuogu.renewals.models import Ended, MotorPolicy
from tuogu.renewals.renewed import ended_subjects
from tuogu.renewals.stored_rows import beside
from tuogu.rules import queries as rules

_AT_ONCE = 5000  # numbers of one query


@dataclass(frozen=True)
class TypedRow:
    """A case that somebody called renewed while its new policy has not come. `late`: it has been waited for too long;
    `stored`: a policy of that number is in the books and does not fit (another holder, another car)."""

    subject_id: int
    policy_number: str
    holder_number: str
    institution_code: str
    expiry_date: date
    successor_number: str
    by: int
    at: datetime
    days: int
    late: bool
    stored: bool


def as_typed(outcome: str, on: date) -> Outcome:
    """What a person's word about the end of a case is kept as."""
    counts = bool(rules.applicable(on)["renewal.typed_counts"])
    return Outcome.SAID if outcome == Outcome.RENEWED and not counts else Outcome(outcome)


def typed_pairs(numbers: Iterable[str]) -> pl.DataFrame:
    """successors.PAIRS: which policies people said these numbers renew."""
    wanted, found = sorted(set(numbers)), list[tuple[str, str | None]]()
    for part in in_parts(wanted, _AT_ONCE):
        rows = ended_subjects().filter(outcome=Outcome.SAID, successor_number__in=part)
        found += rows.order_by("pk").values_list("successor_number", "subject__number")
    return pl.DataFrame(found, schema=successors.PAIRS, orient="row")


def roll_typed(*, by: int, at: datetime) -> int:
    """Once a day: what an import and a person's word, said at the same moment, have missed of each other. How many."""
    said = ended_subjects().filter(outcome=Outcome.SAID).order_by("pk")
    waiting = list(said.values_list("subject_id", "successor_number"))
    there = _stored(number for _subject, number in waiting)
    return sum(prove(subject, by=by, at=at) for subject, number in waiting if number in there)


@transaction.atomic
def prove(subject: int, *, by: int, at: datetime) -> bool:
    """Whether the new policy is in the books already: then the case is renewed now, as an import would have found."""
    end = ended_subjects().filter(subject=subject, outcome=Outcome.SAID).first()
    if end is None or not MotorPolicy.objects.filter(number=end.successor_number).exists():
        return False
    old = MotorPolicy.objects.get(pk=subject)
    limits = Limits.of(rules.applicable(business_date(at)))
    near = beside(pl.Series([end.successor_number]), pl.Series([old.holder_number]))
    fresh = near.filter(policy_number=end.successor_number)
    links = successors.pairs(
        fresh.select(*MOTOR), near.select(*MOTOR), days=limits.successor_days,
        typed=typed_pairs([end.successor_number]),
    ).filter(predecessor=old.number)  # fmt: skip
    pairs = links.select("predecessor", policy_number="policy_number").join(fresh, on="policy_number").select(
        pl.lit(subject, pl.Int64).alias("subject_id"), "predecessor", successor_id="subject_id",
        successor_number="policy_number", start_date="start_date",
    )  # fmt: skip
    if pairs.is_empty():
        return False
    done, _batch = renewed.end(pairs, data_date=fresh["data_date"][0], by=by, at=at)
    reowning.inherit(done, limits, by=by, at=at)
    return not done.is_empty()


def typed_waiting(scope: Scope, on: date) -> list[TypedRow]:
    """Cases within scope that were called renewed and whose new policy has not come, the longest waiting first."""
    rows = list(_waiting(scope).order_by("at", "pk"))
    policies = within.policies(scope).in_bulk([row.subject_id for row in rows])
    there = _stored(row.successor_number for row in rows)
    wait = timedelta(days=int(rules.applicable(on)["renewal.typed_wait_days"]))
    return [_row(row, policies[row.subject_id], there, wait, on) for row in rows]


def typed_count(scope: Scope) -> int:
    """How many `typed_waiting` lists."""
    return _waiting(scope).count()


def _waiting(scope: Scope) -> QuerySet[Ended]:
    return ended_subjects().filter(outcome=Outcome.SAID, subject__in=within.policies(scope).values("pk"))


def _stored(numbers: Iterable[str]) -> set[str]:
    wanted, found = sorted(set(numbers)), set[str]()
    for part in in_parts(wanted, _AT_ONCE):
        rows = MotorPolicy.objects.filter(number__in=part)
        found |= set(rows.values_list("number", flat=True))
    return found


def _row(end: Ended, policy: MotorPolicy, there: set[str], wait: timedelta, on: date) -> TypedRow:
    waited = on - business_date(end.at)
    return TypedRow(
        policy.pk, policy.number, policy.holder_number, policy.institution_code, policy.expiry_date,
        end.successor_number, end.by_id, end.at, waited.days, waited > wait, end.successor_number in there,
    )  # fmt: skip
