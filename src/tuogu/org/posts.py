"""Posts and duty as pages show them: who holds which role where, who answers for which pool.

In: people, a scope, a day. Out: plain rows. Never: a right decided here (that is `queries.roles_of` and `scope_of`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import OuterRef, Q, QuerySet, Subquery

from tuogu.org.models import Custodian, DutyRoster, Post, StaffRecord
from tuogu.org.register import within
from tuogu.org.roles import Role
from tuogu.org.scope import Scope


@dataclass(frozen=True)
class PostHeld:
    """A role of a person, from the first day until (not on) the last: at an institution, in a region, at both, everywhere
    (said outright), or without a place, which shows no rows."""

    id: int
    person: int
    staff_number: str
    role: str
    label: str
    institution_code: str
    institution_name: str
    region_code: str
    everywhere: bool
    from_date: date
    until_date: date | None
    by: int
    ended_by: int | None


@dataclass(frozen=True)
class Duty:
    """Who answered for a pool in a period."""

    pool: int
    person: int
    from_date: date
    until_date: date | None
    by: int


def posts_of(people: Iterable[int], on: date) -> list[PostHeld]:
    """The posts that these people hold on that day, in the order of the roles."""
    running = Q(from_date__lte=on) & (Q(until_date__isnull=True) | Q(until_date__gt=on))
    return placed_posts(Post.objects.filter(running, person_id__in=set(people)))


def post_history(person: int) -> list[PostHeld]:
    """Every post that a person holds or held."""
    return placed_posts(Post.objects.filter(person_id=person))


def posts(scope: Scope, on: date) -> list[PostHeld]:
    """Posts of people within scope that run on that day or are still to begin, in the order of the roles."""
    people = within(scope, StaffRecord.objects.filter(until_date__isnull=True)).values("person_id")
    return placed_posts(
        Post.objects.filter(Q(until_date__isnull=True) | Q(until_date__gt=on), person_id__in=people)
    )


def holders_of_posts(roles: Iterable[Role], on: date, limit: int) -> dict[int, str]:
    """A few people in post who hold one of these roles on that day: person → staff number."""
    running = Q(from_date__lte=on) & (Q(until_date__isnull=True) | Q(until_date__gt=on))
    people = Post.objects.filter(running, role__in=[str(role) for role in roles]).values("person_id")
    in_post = Q(until_date__isnull=True) & (Q(left_date__isnull=True) | Q(left_date__gt=on))
    rows = StaffRecord.objects.filter(in_post, person_id__in=people).order_by("staff_number")
    return dict(rows.values_list("person_id", "staff_number")[:limit])


def post(post_id: int) -> PostHeld | None:
    """One post; None for an unknown one."""
    return next(iter(placed_posts(Post.objects.filter(pk=post_id))), None)


def pools() -> list[tuple[int, str, str]]:
    """(id, key, name) of every pool, the buffer group first."""
    rows = Custodian.objects.filter(kind="pool").values_list("id", "key", "name")
    return sorted(
        ((i, key or "", name) for i, key, name in rows), key=lambda row: (row[1] != "buffer", row[1])
    )


def roster(pool: int, limit: int = 24) -> list[Duty]:
    """Who answers and answered for a pool, newest first."""
    rows = DutyRoster.objects.filter(pool_id=pool).order_by("-from_date", "-id")[:limit]
    return [Duty(r.pool_id, r.person_id, r.from_date, r.until_date, r.by_id) for r in rows]


def duties_from(pools: Iterable[int], on: date) -> list[Duty]:
    """Who answers for these pools on that day and later, the earliest first."""
    rows = DutyRoster.objects.filter(
        Q(until_date__isnull=True) | Q(until_date__gt=on), pool_id__in=set(pools)
    )
    return [
        Duty(r.pool_id, r.person_id, r.from_date, r.until_date, r.by_id)
        for r in rows.order_by("from_date", "id")
        if r.until_date is None or r.until_date > r.from_date
    ]


def duties_of(person: int) -> list[Duty]:
    """The pools that a person answers or answered for, newest first."""
    rows = DutyRoster.objects.filter(person_id=person).order_by("-from_date", "-id")
    return [Duty(r.pool_id, r.person_id, r.from_date, r.until_date, r.by_id) for r in rows]


def placed_posts(found: QuerySet[Post]) -> list[PostHeld]:
    """Posts as pages show them, in the order of the roles."""
    order = {role.value: place for place, role in enumerate(Role)}
    current = StaffRecord.objects.filter(until_date__isnull=True, person_id=OuterRef("person_id"))
    number = Subquery(current.values("staff_number")[:1])
    held = found.select_related("institution").annotate(number=number).order_by("from_date", "id")
    rows = [
        PostHeld(
            int(p.pk), p.person_id, p.number or "", p.role, str(Role(p.role).label),
            p.institution.code if p.institution else "", p.institution.name if p.institution else "",
            p.region_code or "", p.everywhere, p.from_date, p.until_date, p.by_id, p.ended_by_id,
        )
        for p in held
    ]  # fmt: skip
    return sorted(rows, key=lambda row: (order[row.role], row.staff_number, row.from_date))
