"""What a person is today: name, place, posts and the scope that follows from them. And what to call any custodian.

In: custodian ids and a day. Out: values, in as few queries as there are tables: every page asks this first. Never: a right
that outlives the post it came from, rows for a post that has no place, a name of somebody who was not asked for.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import FilteredRelation, Q

from tuogu.moment import once
from tuogu.org.models import Custodian, Post, StaffRecord, Substitute
from tuogu.org.roles import Role
from tuogu.org.scope import Scope
from tuogu.vault import open_texts

BUFFER_KEY = "buffer"


@dataclass(frozen=True)
class Standing:
    """A person in post. institution: where the widest post is held, '' = everywhere; region: code of the widest region
    where no post has an institution; acting_for: colleagues whose prompts this person receives (P-05);
    stood_in_by: who receives this person's.
    """

    name: str
    staff_number: str
    institution: str
    roles: frozenset[Role]
    scope: Scope
    region: str = ""
    acting_for: tuple[int, ...] = ()
    stood_in_by: int | None = None


@dataclass(frozen=True)
class KnownAs:
    """What to call a custodian. staff_number: '' for a pool and the machine."""

    name: str
    staff_number: str


def in_post(on: date) -> Q:
    """The current record of somebody who has not left by that day."""
    return Q(until_date__isnull=True) & (Q(left_date__isnull=True) | Q(left_date__gt=on))


def is_in_post(person: int, on: date) -> bool:
    """Whether a person (no pool, no machine) is in post on that day."""
    return StaffRecord.objects.filter(in_post(on), person_id=person).exists()


def lock_people(*people: int) -> None:
    """Hold these people's rows until the transaction ends, always in the same order (SQLite has one writer anyway)."""
    list(
        Custodian.objects.select_for_update(no_key=True)
        .filter(id__in=people)
        .order_by("id")
        .values_list("id")
    )


@once
def standing(person: int, on: date) -> Standing | None:
    """What the person is on that day; None for somebody who is not in post."""
    record = StaffRecord.objects.select_related("institution").filter(in_post(on), person_id=person).first()
    if record is None:
        return None
    running = Q(from_date__lte=on) & (Q(until_date__isnull=True) | Q(until_date__gt=on))
    held = Post.objects.filter(running, person_id=person).order_by("id").values_list(
        "role", "everywhere", "institution__code", "institution__path", "institution__name", "region_code"
    )  # fmt: skip
    posts = [_Held(*row) for row in held]
    either = Q(substitute_id=person) | Q(person_id=person)
    running_now = Substitute.objects.filter(either, from_date__lte=on, until_date__gt=on)
    pairs = list(running_now.values_list("person_id", "substitute_id"))
    acting_for = tuple(sorted(one for one, other in pairs if other == person))
    institution, region = _widest(posts, record.institution.name if record.institution else "")
    return Standing(
        name=open_texts([record.name_sealed])[0] or "",
        staff_number=record.staff_number,
        institution=institution,
        roles=frozenset(Role(post.role) for post in posts),
        scope=_scope(person, posts) | Scope(custodian_ids=frozenset(acting_for)),
        region=region,
        acting_for=acting_for,
        stood_in_by=next((other for one, other in pairs if one == person), None),
    )


def roles_of(person: int, on: date) -> frozenset[Role]:
    """The roles that a person holds on that day; none once the person has left."""
    found = standing(person, on)
    return found.roles if found else frozenset()


def scope_of(person: int, on: date) -> Scope:
    """What a person may see on that day: what is held by the person, and what lies below the posts held."""
    found = standing(person, on)
    return found.scope if found else Scope.nothing()


@dataclass(frozen=True)
class _Held:
    """A post as it is read."""

    role: str
    everywhere: bool
    code: str | None
    path: str | None
    name: str | None
    region: str | None


def _widest(posts: list[_Held], own: str) -> tuple[str, str]:
    """Name of the institution ('' = everywhere) and region of the post that shows most; without posts the own place."""
    if any(post.everywhere for post in posts):
        return "", ""
    placed = [post for post in posts if post.path]
    if placed:
        return min(placed, key=lambda post: len(post.path or "")).name or "", ""
    regions = [post.region for post in posts if post.region]
    return own, min(regions, key=len) if regions else ""


def _scope(person: int, posts: list[_Held]) -> Scope:
    """What is held by the person, and what lies below the posts. A post without a place adds nothing."""
    scope = Scope(custodian_ids=frozenset({person}))
    for post in posts:
        if post.role == Role.ACCOUNT_MANAGER:
            continue
        if post.role == Role.BUFFER_MEMBER:
            buffer = Custodian.objects.values_list("id", flat=True).get(key=BUFFER_KEY)
            scope |= Scope(custodian_ids=frozenset({int(buffer)}))
            continue
        scope |= Scope(
            institution_codes=frozenset({post.code} if post.code else ()),
            region_prefixes=frozenset({post.region} if post.region else ()),
            all_rows=post.everywhere,
        )
    return scope


def known_as(custodian_ids: Iterable[int | None]) -> dict[int, KnownAs]:
    """Names (decrypted) and staff numbers of custodians: one query. Who calls this shows names of staff."""
    ids = {i for i in custodian_ids if i is not None}
    current = FilteredRelation("records", condition=Q(records__until_date__isnull=True))
    rows = list(
        Custodian.objects.filter(id__in=ids)
        .annotate(current=current)
        .values_list("id", "kind", "name", "current__staff_number", "current__name_sealed")
    )
    opened = open_texts([sealed for *_, sealed in rows])
    return {
        i: KnownAs((plain if kind != "person" else name) or "", number or "")
        for (i, kind, plain, number, _), name in zip(rows, opened, strict=True)
    }
