"""The working calendar: days on which somebody in post is away, and therefore receives nothing new (P-06).

In: a person, a period, a kind. Out: rows that stay; who is away on a day. Never: two periods of one person that overlap,
custody that moves because somebody is away, a day taken off the calendar without a trace of who did it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import polars as pl
from django.db import transaction
from django.db.models import QuerySet

from tuogu.core.custody import business_date
from tuogu.core.tables import AWAY
from tuogu.org.failures import OrgError
from tuogu.org.models import Absence, StaffRecord
from tuogu.org.standing import in_post, is_in_post, lock_people

KINDS: dict[str, str] = {str(code): str(label) for code, label in Absence.Kind.choices}
DAYS_MAX = (
    366  # of one entry: whoever is away longer is written down again, by somebody who has thought about it
)


@dataclass(frozen=True)
class AbsenceRow:
    """A period in which a person is away: from the first day until (not on) the first day back."""

    id: int
    person: int
    from_date: date
    until_date: date
    kind: str
    label: str
    by: int
    recorded_at: datetime


@transaction.atomic
def record_absence(
    person: int, kind: str, *, from_date: date, until_date: date, by: int, at: datetime
) -> int:
    """Write down that a person is away; the same again changes nothing. Returns the entry's id.

    OrgError for somebody not in post, an unknown kind, an empty or overlong period, one that overlaps another.
    """
    lock_people(person)
    if kind not in KINDS:
        raise OrgError(f"没有缺勤类别 {kind}；可选：{'、'.join(KINDS)}")
    if not is_in_post(person, from_date):
        raise OrgError("只能为在职人员登记")
    if not from_date < until_date:
        raise OrgError("截止日不得早于起始日")
    if (until_date - from_date).days > DAYS_MAX:
        raise OrgError(f"一次最多登记 {DAYS_MAX} 天")
    same = {"person_id": person, "kind": kind, "from_date": from_date, "until_date": until_date}
    found = Absence.objects.filter(**same, ended_at__isnull=True).first()
    if found is None:
        if Absence.objects.filter(
            person_id=person, from_date__lt=until_date, until_date__gt=from_date
        ).exists():
            raise OrgError("与已登记的缺勤重叠；请先撤销或改短前一段")
        found = Absence.objects.create(**same, by_id=by, recorded_at=at)
    return int(found.pk)


@transaction.atomic
def end_absence(absence_id: int, *, by: int, at: datetime) -> bool:
    """The person is back today: days from today on no longer count. False when the period was over already."""
    today = business_date(at)
    row = Absence.objects.filter(pk=absence_id, until_date__gt=today).first()
    if row is None:
        return False
    row.until_date, row.ended_by_id, row.ended_at = max(row.from_date, today), by, at
    row.save(update_fields=["until_date", "ended_by", "ended_at"])
    return True


def absent(on: date) -> frozenset[int]:
    """Everybody who is away on that day: they receive nothing (`may_receive` asks only whether somebody is in post)."""
    return frozenset(_within(on, None).values_list("person_id", flat=True))


def present_days(person: int, on: date, days: int) -> int:
    """On how many of the last `days` days, `on` included, the person was in post and not away."""
    first = on - timedelta(days=days - 1)
    hired = (
        StaffRecord.objects.filter(in_post(on), person_id=person).values_list("hired_date", flat=True).first()
    )
    start = max(first, hired) if hired else first
    periods = _within(start, on + timedelta(days=1)).filter(person_id=person)
    away = sum(
        (min(until, on + timedelta(days=1)) - max(begin, start)).days
        for begin, until in periods.values_list("from_date", "until_date")
    )
    return max(0, (on - start).days + 1 - away)


def absences(people: Iterable[int], first: date, until: date) -> list[AbsenceRow]:
    """What is written down of these people for days in [first, until), by day."""
    rows = _within(first, until).filter(person_id__in=set(people)).order_by("from_date", "id")
    return [_row(row) for row in rows]


def absence(absence_id: int) -> AbsenceRow | None:
    """One entry; None for an unknown one."""
    row = Absence.objects.filter(pk=absence_id).first()
    return _row(row) if row else None


def away_from(on: date, staff_numbers: Collection[str] | None = None) -> pl.DataFrame:
    """AWAY: who is or will be away from that day on, by staff number: what a plan reads."""
    rows = Absence.objects.filter(until_date__gt=on).order_by("person_id", "from_date")
    periods = list(rows.values_list("person_id", "from_date", "until_date"))
    numbers = dict(
        StaffRecord.objects.filter(in_post(on), person_id__in={row[0] for row in periods}).values_list(
            "person_id", "staff_number"
        )
    )
    known = [
        (numbers[person], first, until)
        for person, first, until in periods
        if person in numbers and until > first and (staff_numbers is None or numbers[person] in staff_numbers)
    ]
    return pl.DataFrame(known, schema=AWAY, orient="row").sort("staff_number", "from_date")


def _within(first: date, until: date | None) -> QuerySet[Absence]:
    """Periods with a day in [first, until); of one day when `until` is None."""
    rows = Absence.objects.filter(until_date__gt=first)
    return rows.filter(from_date__lte=first) if until is None else rows.filter(from_date__lt=until)


def _row(row: Absence) -> AbsenceRow:
    return AbsenceRow(
        int(row.pk), row.person_id, row.from_date, row.until_date, row.kind, KINDS[row.kind], row.by_id, row.recorded_at
    )  # fmt: skip
