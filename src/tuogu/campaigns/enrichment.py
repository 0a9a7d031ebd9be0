"""What is known of the campaign's customers when they are released, and after each visit; who was spoken to at all (S2-20).

In: posted waves, records of service. Out: rows of completeness; figures by department. Never: a value of a field (only
whether there is one), a row for the same visit twice.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

import polars as pl
from django.db import transaction
from django.utils.translation import gettext_noop

from tuogu.books import queries as books
from tuogu.campaigns.ground import EVERYTHING, begun_on, ground
from tuogu.campaigns.models import Campaign, Completeness
from tuogu.campaigns.whose import campaigns
from tuogu.core.campaign.regions import DEPARTMENT
from tuogu.core.custody import business_date
from tuogu.plans import queries as plans
from tuogu.rules import queries as rules
from tuogu.work import queries as work

FIELDS = {
    "name": gettext_noop("姓名"), "sex": gettext_noop("性别"), "birth_date": gettext_noop("出生日期"),
    "id_number": gettext_noop("证件号"), "phone": gettext_noop("电话"), "address": gettext_noop("地址"),
    "employer": gettext_noop("工作单位"),
}  # fmt: skip
VISIT = "visit"
_WHOLE_BP = 10_000  # hundredths of a percent in a whole: a unit
_BATCH = 2_000


def take_released(*, by: int, at: datetime) -> int:  # noqa: ARG001 - a round of the machine
    """Write down what is known of the customers of each wave that went out; how many."""
    return sum(_take_waves(row, at) for row in campaigns(EVERYTHING, running=True))


@transaction.atomic
def _take_waves(row: Campaign, at: datetime) -> int:
    posted = {r.instalment: r for r in plans.releases(row.plan_id, EVERYTHING) if r.state == "posted"}
    taken = set(Completeness.objects.filter(campaign=row).values_list("wave", flat=True).distinct())
    lacking = sorted(posted.keys() - taken)
    if not lacking:
        return 0
    placed = plans.table_of(row.plan_id, "placements")
    placed = placed.filter(
        pl.col("receiver").str.starts_with(DEPARTMENT) & pl.col("instalment").is_in(lacking)
    )
    where = {
        number: (receiver.removeprefix(DEPARTMENT), wave)
        for number, receiver, wave in placed.select("number", "receiver", "instalment").iter_rows()
    }
    rows = [
        _row(row, customer, *where[customer["customer_number"]], 1, Completeness.Kind.RELEASE,
             business_date(posted[where[customer["customer_number"]][1]].changed_at), at)
        for customer in books.filled(sorted(where)).to_dicts()
    ]  # fmt: skip
    Completeness.objects.bulk_create(rows, batch_size=_BATCH)
    return len(rows)


def take_visited(*, by: int, at: datetime) -> int:  # noqa: ARG001 - a round of the machine
    """Write down what is known of each customer who was visited since the last row; how many."""
    return sum(_take_visits(row, at) for row in campaigns(EVERYTHING, running=True))


@transaction.atomic
def _take_visits(row: Campaign, at: datetime) -> int:
    last: dict[str, Completeness] = {}
    for one in Completeness.objects.filter(campaign=row).order_by("number"):
        last[one.customer_number] = one
    if not last:
        return 0
    released = min(one.seen_date for one in last.values())
    met = _days(last, released, (VISIT,))
    due = {
        number: day
        for number, day in met.items()
        if day > last[number].seen_date
        or (last[number].kind == Completeness.Kind.RELEASE and day == last[number].seen_date)
    }
    rows = [
        _row(row, customer, last[n].department_code, last[n].wave, last[n].number + 1, Completeness.Kind.VISIT, due[n], at)
        for customer in (books.filled(sorted(due)).to_dicts() if due else [])
        for n in (customer["customer_number"],)
    ]  # fmt: skip
    Completeness.objects.bulk_create(rows, batch_size=_BATCH)
    return len(rows)


def _days(customers: Iterable[str], since: date, kinds: Iterable[str]) -> dict[str, date]:
    """Customer → the last day on which a record of one of these kinds got through."""
    found = work.evidence(customers, since).filter(pl.col("kind").is_in(list(kinds)))
    found = found.group_by("customer_number").agg(pl.col("day").max())
    return dict(found.select("customer_number", "day").iter_rows())


def _row(
    row: Campaign,
    known: dict[str, Any],
    department: str,
    wave: int,
    number: int,
    kind: str,
    seen: date,
    at: datetime,
) -> Completeness:
    missing = [name for name in FIELDS if not known[name]]
    return Completeness(
        campaign=row, department_code=department, customer_number=known["customer_number"], number=number, kind=kind,
        wave=wave, known=len(FIELDS) - len(missing), wanted=len(FIELDS), missing=missing, seen_date=seen, taken_at=at,
    )  # fmt: skip


def measured(row: Campaign, on: date) -> dict[str, dict[str, Any]]:
    """By department: released, used (spoken to since), visited, and what is known of the visited before and now."""
    first = list(
        Completeness.objects.filter(campaign=row, number=1).values_list(
            "customer_number", "department_code", "known", "wanted", "seen_date"
        )
    )
    begun = begun_on(row.plan_id)
    if not first or begun is None:
        return {}
    kinds = rules.applicable(on)["campaign.follow_up.used_kinds"]
    numbers = [number for number, *_ in first]
    evidence = work.evidence(numbers, begun)
    used = _since(evidence, kinds)
    visited = _since(evidence, (VISIT,))
    met = [number for number, _d, _k, _w, seen in first if visited.get(number, date.min) >= seen]
    told = books.filled(met).to_dicts() if met else []
    now = {one["customer_number"]: sum(bool(one[name]) for name in FIELDS) for one in told}
    stand = ground(row, on).stand
    holds = {} if stand is None else dict(stand.records.select("number", "department").iter_rows())
    found: dict[str, dict[str, Any]] = {}
    for number, department, known, wanted, seen in first:
        one = found.setdefault(holds.get(number, department), _nothing())
        one["listed"] += 1
        one["used"] += used.get(number, date.min) >= seen
        if number in now:
            one["visited"] += 1
            one["known_before"] += known
            one["known_after"] += now[number]
            one["wanted"] += wanted
    return found


def _since(evidence: pl.DataFrame, kinds: Iterable[str]) -> dict[str, date]:
    rows = (
        evidence.filter(pl.col("kind").is_in(list(kinds)))
        .group_by("customer_number")
        .agg(pl.col("day").max())
    )
    return dict(rows.select("customer_number", "day").iter_rows())


def _nothing() -> dict[str, int]:
    return dict.fromkeys(("listed", "used", "visited", "known_before", "known_after", "wanted"), 0)


def rate_bp(part: int, whole: int) -> int | None:
    """Hundredths of a percent, cut; None of nothing."""
    return part * _WHOLE_BP // whole if whole else None


def thinnest(row: Campaign, departments: Iterable[str], limit: int) -> list[Completeness]:
    """Customers of whom least is known, by their newest row."""
    newest: dict[str, Completeness] = {}
    rows = Completeness.objects.filter(campaign=row, department_code__in=list(departments)).order_by("number")
    for one in rows:
        newest[one.customer_number] = one
    found = [one for one in newest.values() if one.missing]
    return sorted(found, key=lambda one: (one.known, one.customer_number))[:limit]
