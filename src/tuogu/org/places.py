"""Where a person stands in the tree of institutions: by the posts of a day and by the staff record.

In: a person and a day. Out: codes of institutions. Never: a place that outlives the post it came from.
"""

from __future__ import annotations

from datetime import date

from django.db.models import Q, QuerySet

from tuogu.org.models import Post, StaffRecord
from tuogu.org.register import within
from tuogu.org.scope import Scope


def institutions_above(person: int, on: date) -> frozenset[str]:
    """Codes of the institutions at which the person holds a post, and of all above them; of who holds none, those of the
    staff record."""
    paths = set(_posts(person, on).values_list("institution__path", flat=True)) - {None}
    if not paths:
        record = StaffRecord.objects.filter(person_id=person, until_date__isnull=True)
        paths = {path for row in record.values_list("institution__path", "team__path") for path in row}
    return frozenset(code for path in paths if path for code in path.strip("/").split("/"))


def widest_post(person: int, on: date) -> int | None:
    """Id of the institution of the post that lies highest; None for who holds none at an institution."""
    rows = (
        _posts(person, on)
        .exclude(institution__isnull=True)
        .values_list("institution__path", "institution_id")
    )
    return min(rows, key=lambda row: row[0].count("/"), default=("", None))[1]


def _posts(person: int, on: date) -> QuerySet[Post]:
    running = Q(until_date__isnull=True) | Q(until_date__gt=on)
    return Post.objects.filter(running, person_id=person, from_date__lte=on)


def team_members(team: str) -> frozenset[int]:
    """Ids of everybody whose current record names this team or one below it."""
    rows = StaffRecord.objects.filter(team__path__contains=f"/{team}/", until_date__isnull=True)
    return frozenset(rows.values_list("person_id", flat=True))


def team_choices(scope: Scope) -> list[tuple[str, str]]:
    """(code, name) of the teams in which somebody within scope works, by code."""
    records = within(scope, StaffRecord.objects.filter(until_date__isnull=True, team__isnull=False))
    return list(records.order_by("team__code").values_list("team__code", "team__name").distinct())
