"""What a person is today: name, place, posts and the scope that follows from them. And what to call any custodian.

In: custodian ids and a day. Out: values, in as few queries as there are tables: every page asks this first. Never: a right
that outlives the post it came from, a name of somebody who was not asked for.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import FilteredRelation, Q

from tuogu.org.models import Custodian, Post, StaffRecord
from tuogu.org.roles import Role
from tuogu.org.scope import Scope
from tuogu.vault import open_texts

BUFFER_KEY = "buffer"


@dataclass(frozen=True)
class Standing:
    """A person in post. institution: where the widest post is held, '' = everywhere."""

    name: str
    staff_number: str
    institution: str
    roles: frozenset[Role]
    scope: Scope


@dataclass(frozen=True)
class KnownAs:
    """What to call a custodian. staff_number: '' for a pool and the machine."""

    name: str
    staff_number: str


def standing(person: int, on: date) -> Standing | None:
    """What the person is on that day; None for somebody who is not in post."""
    records = StaffRecord.objects.select_related("institution").filter(
        person_id=person, until_date__isnull=True
    )
    record = records.filter(Q(left_date__isnull=True) | Q(left_date__gt=on)).first()
    if record is None:
        return None
    running = Q(from_date__lte=on) & (Q(until_date__isnull=True) | Q(until_date__gt=on))
    posts = list(
        Post.objects.filter(running, person_id=person).values_list(
            "role", "institution__code", "institution__path", "institution__name"
        )
    )
    own = record.institution.name if record.institution else ""
    widest = min(posts, key=lambda post: len(post[2] or "")) if posts else None
    return Standing(
        name=open_texts([record.name_sealed])[0] or "",
        staff_number=record.staff_number,
        institution=(widest[3] or "") if widest else own,
        roles=frozenset(Role(role) for role, *_ in posts),
        scope=_scope(person, [(role, code) for role, code, *_ in posts]),
    )


def roles_of(person: int, on: date) -> frozenset[Role]:
    """The roles that a person holds on that day; none once the person has left."""
    found = standing(person, on)
    return found.roles if found else frozenset()


def scope_of(person: int, on: date) -> Scope:
    """What a person may see on that day: what is held by the person, and what lies below the posts held."""
    found = standing(person, on)
    return found.scope if found else Scope.nothing()


def _scope(person: int, posts: list[tuple[str, str | None]]) -> Scope:
    scope = Scope(custodian_ids=frozenset({person}))
    for role, code in posts:
        if role == Role.ACCOUNT_MANAGER:
            continue
        if role == Role.BUFFER_MEMBER:
            buffer = Custodian.objects.values_list("id", flat=True).get(key=BUFFER_KEY)
            scope |= Scope(custodian_ids=frozenset({int(buffer)}))
            continue
        scope |= Scope(institution_codes=frozenset({code})) if code else Scope.everything()
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
