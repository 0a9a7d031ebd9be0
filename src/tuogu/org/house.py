"""The tree of institutions as pages show it: who works where, which pools stand there, which posts are held there.

In: a scope. Out: nodes from the top down with counts that include everything below. Never: a node outside the scope, a query
for each node.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, F, Q, QuerySet
from django.db.models.functions import Coalesce

from tuogu.moment import once
from tuogu.org.grounds import institutions_within
from tuogu.org.models import Custodian, Institution, Post, StaffRecord
from tuogu.org.posts import PostHeld, placed_posts
from tuogu.org.scope import Scope
from tuogu.org.standing import in_post

LEVELS = {
    "head": "总公司",
    "branch": "分公司",
    "central": "中心支公司",
    "sub": "支公司",
    "department": "部",
    "team": "组",
}


@dataclass(frozen=True)
class Node:
    """An institution. people, pools: at it and below it; depth: 0 at the top of what is shown."""

    code: str
    name: str
    level: str
    region_code: str
    parent_code: str
    depth: int
    people: int
    pools: int


def house(scope: Scope, on: date) -> list[Node]:
    """The institutions within scope, from the top of the tree down."""
    rows = list(
        _within(scope)
        .order_by("path")
        .values_list("code", "name", "level", "region_code", "parent__code", "path")
    )
    people, pools = _people(on), _pools()
    top = min((path.count("/") for *_, path in rows), default=0)
    return [
        Node(
            code, name, LEVELS.get(level, level), region or "", parent or "", path.count("/") - top,
            people[path], pools[path],
        )
        for code, name, level, region, parent, path in rows
    ]  # fmt: skip


def node(scope: Scope, code: str, on: date) -> Node | None:
    """One institution within scope; None when there is none to see."""
    return next((found for found in house(scope, on) if found.code == code), None)


def above(code: str) -> list[tuple[str, str]]:
    """(code, name) of everything above an institution, from the top down: the way to it."""
    path = Institution.objects.filter(code=code).values_list("path", flat=True).first() or "/"
    codes = path.strip("/").split("/")[:-1]
    names = dict(Institution.objects.filter(code__in=codes).values_list("code", "name"))
    return [(one, names[one]) for one in codes if one in names]


@once
def parents() -> dict[str, str | None]:
    """Code of the institution above each, None at the top."""
    return dict(Institution.objects.values_list("code", "parent__code"))


def pools_at(code: str) -> list[tuple[int, str]]:
    """(id, name) of the pools that stand at an institution or below it."""
    rows = Custodian.objects.filter(kind="pool", institution__path__contains=f"/{code}/").order_by("id")
    return list(rows.values_list("id", "name"))


def placed_pools() -> list[tuple[int, str]]:
    """(id, code of the institution) of every pool that stands at an institution; the house's own pools are absent."""
    rows = Custodian.objects.filter(kind="pool", institution__isnull=False).order_by("id")
    return list(rows.values_list("id", "institution__code"))


def posts_at(code: str, on: date) -> list[PostHeld]:
    """The posts held at exactly this institution on that day."""
    running = Q(from_date__lte=on) & (Q(until_date__isnull=True) | Q(until_date__gt=on))
    return placed_posts(Post.objects.filter(running, institution__code=code))


def regions_within(scope: Scope) -> frozenset[str]:
    """Official codes of the regions that the scope names or that its institutions serve: where one may appoint."""
    served = _within(scope).exclude(region_code=None).values_list("region_code", flat=True)
    return frozenset(code for code in served if code) | scope.region_prefixes


def _within(scope: Scope) -> QuerySet[Institution]:
    if scope.all_rows:
        return Institution.objects.all()
    return Institution.objects.filter(code__in=institutions_within(scope))


def _people(on: date) -> Counter[str]:
    """People in post by path of every institution above them: team first, else institution."""
    place = Coalesce(F("team__path"), F("institution__path"))
    rows = StaffRecord.objects.filter(in_post(on)).annotate(place=place).exclude(place=None)
    return _summed(dict(rows.values_list("place").annotate(n=Count("id"))))


def _pools() -> Counter[str]:
    rows = Custodian.objects.filter(kind="pool").exclude(institution=None)
    return _summed(dict(rows.values_list("institution__path").annotate(n=Count("id"))))


def _summed(counted: dict[str, int]) -> Counter[str]:
    """Counts by path, added to every path above."""
    total: Counter[str] = Counter()
    for path, n in counted.items():
        parts = path.strip("/").split("/")
        for depth in range(1, len(parts) + 1):
            total[f"/{'/'.join(parts[:depth])}/"] += n
    return total
