"""Substitutes: who receives a colleague's prompts until a day that is named from the start (P-05).

In: a person, a substitute, a period, a reason. Out: rows that stay; who stands in for whom on a day. Never: custody moved, a
substitution without an end, a substitute from elsewhere, a chain (who is stood in for stands in for nobody, and no one
stands in for somebody who stands in).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.db.models import Q, QuerySet

from tuogu.core.custody import business_date
from tuogu.org.absences import absences
from tuogu.org.failures import OrgError
from tuogu.org.models import StaffRecord, Substitute
from tuogu.org.standing import is_in_post, lock_people

DAYS_MAX = 366


@dataclass(frozen=True)
class SubstituteRow:
    """`substitute` receives the prompts of `person` from the first day until (not on) the last."""

    id: int
    person: int
    substitute: int
    from_date: date
    until_date: date
    reason: str
    by: int
    recorded_at: datetime
    ended_by: int | None


@transaction.atomic
def set_substitute(
    person: int,
    substitute: int,
    *,
    from_date: date,
    until_date: date,
    reason: str,
    by: int,
    at: datetime,
    same_street: bool = False,
) -> int:
    """Let `substitute` receive the prompts of `person` in [from_date, until_date); returns the entry's id.

    Both must be in post and share a place: institution, team, the region that either serves, or (`same_street`, which the
    caller has looked up among the homes) the street they live in. OrgError otherwise, and for a substitute who is away in
    that time, a day gone by, a missing reason, a period without an end, a second substitute, a chain or a loop.
    """
    lock_people(person, substitute)
    _judge_period(from_date, until_date, reason, at)
    if person == substitute:
        raise OrgError("不能由本人代管自己")
    if not (is_in_post(person, from_date) and is_in_post(substitute, from_date)):
        raise OrgError("双方都须是在职人员")
    if not (same_street or _share_a_place(person, substitute)):
        raise OrgError("代管人须与本人同一机构、同一服务区域或同一街道")
    if absences([substitute], from_date, until_date):
        raise OrgError("代管人在这段时间内也不在岗")
    both = Q(from_date__lt=until_date, until_date__gt=from_date)
    if Substitute.objects.filter(both, person_id=person).exists():
        raise OrgError("这段时间已有代管人；请先结束前一段")
    if Substitute.objects.filter(both, Q(person_id=substitute) | Q(substitute_id=person)).exists():
        raise OrgError("不能连环代管：代管人正由别人代管，或本人正代管别人")
    made = Substitute.objects.create(
        person_id=person, substitute_id=substitute, from_date=from_date, until_date=until_date, reason=reason.strip(),
        by_id=by, recorded_at=at,
    )  # fmt: skip
    return int(made.pk)


@transaction.atomic
def end_substitute(substitute_id: int, *, by: int, at: datetime) -> bool:
    """End one substitution today; False when it was over already."""
    today = business_date(at)
    row = Substitute.objects.filter(pk=substitute_id, until_date__gt=today).first()
    if row is None:
        return False
    row.until_date, row.ended_by_id, row.ended_at = max(row.from_date, today), by, at
    row.save(update_fields=["until_date", "ended_by", "ended_at"])
    return True


def end_of_leaver(person: int, left_date: date, *, by: int, at: datetime) -> None:
    """Nobody stands in for a leaver, and a leaver for nobody, from the leave date on. For `record_leaving` only."""
    rows = Substitute.objects.filter(Q(person_id=person) | Q(substitute_id=person), until_date__gt=left_date)
    for row in rows:  # a handful
        row.until_date, row.ended_by_id, row.ended_at = max(row.from_date, left_date), by, at
        row.save(update_fields=["until_date", "ended_by", "ended_at"])


def acting_for(person: int, on: date) -> list[int]:
    """The colleagues whose prompts this person receives on that day, ascending."""
    rows = _running(on).filter(substitute_id=person)
    return sorted(rows.values_list("person_id", flat=True))


def substitute_of(person: int, on: date) -> SubstituteRow | None:
    """Who receives this person's prompts on that day; None = the person."""
    row = _running(on).filter(person_id=person).first()
    return _row(row) if row else None


def substitutes_from(on: date) -> list[SubstituteRow]:
    """What runs on that day or is still to begin, by day."""
    rows = Substitute.objects.filter(until_date__gt=on).order_by("from_date", "id")
    return [_row(row) for row in rows if row.until_date > row.from_date]


def substitution(substitute_id: int) -> SubstituteRow | None:
    """One substitution; None for an unknown one."""
    row = Substitute.objects.filter(pk=substitute_id).first()
    return _row(row) if row else None


def _running(on: date) -> QuerySet[Substitute]:
    return Substitute.objects.filter(from_date__lte=on, until_date__gt=on)


def _judge_period(from_date: date, until_date: date, reason: str, at: datetime) -> None:
    if from_date < business_date(at):
        raise OrgError("代管不能倒签：起始日不得早于今天")
    if not from_date < until_date:
        raise OrgError("须写明截止日，且不得早于起始日")
    if (until_date - from_date).days > DAYS_MAX:
        raise OrgError(f"代管一次最长 {DAYS_MAX} 天")
    if not reason.strip():
        raise OrgError("请写明原因")


def _share_a_place(person: int, substitute: int) -> bool:
    """The same institution or team, or a region that both serve."""
    rows = StaffRecord.objects.filter(person_id__in=(person, substitute), until_date__isnull=True)
    places: dict[int, tuple[set[int], set[str]]] = {}
    for who, team, institution, served, by_team in rows.values_list(
        "person_id", "team_id", "institution_id", "institution__region_code", "team__region_code"
    ):
        places[who] = ({i for i in (team, institution) if i}, {code for code in (served, by_team) if code})
    if len(places) < len({person, substitute}):
        return False
    (here, regions), (there, others) = places[person], places[substitute]
    return bool(here & there) or bool(regions & others)


def _row(row: Substitute) -> SubstituteRow:
    return SubstituteRow(
        int(row.pk), row.person_id, row.substitute_id, row.from_date, row.until_date, row.reason, row.by_id,
        row.recorded_at, row.ended_by_id,
    )  # fmt: skip
