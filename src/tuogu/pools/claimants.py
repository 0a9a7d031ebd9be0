"""Who claims: what is known of a person before a piece is handed out, and where the person's own ground is.

In: a person, the day, the rules. Out: a `Claimant`. Never: a person who is away taken for present.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import QuerySet

from tuogu.core.daily_quota import WINDOW_DAYS, room_today
from tuogu.ledger import queries as ledger
from tuogu.ledger.kinds import EntryKind
from tuogu.org import queries as org
from tuogu.org.scope import Scope
from tuogu.pools.models import Claim
from tuogu.pools.ruling import PoolRules
from tuogu.pools.standing import standing_claims

_GIVEN = (EntryKind.RELEASE, EntryKind.TRANSFER)


@dataclass(frozen=True)
class Claimant:
    """A person in post. `room`: pieces that the thirty days still allow today (P-06); `today`, `standing`: claims by kind of
    pool; `ground`: codes of the institutions whose pieces the person may claim; None = everywhere."""

    person: int
    series: str | None
    rank: str | None
    months: int | None  # in post
    away: bool
    room: int
    today: dict[str, int]
    standing: dict[str, int]
    ground: frozenset[str]
    way: frozenset[
        str
    ]  # the institution that the person works in, and those above: whose pools are open to the person

    def may_enter(self, at: str | None) -> bool:
        """Whether a pool that stands at this institution is open to the person; None: it is the house's own."""
        return at is None or at in self.way

    def left(self, rules: PoolRules, kind: str) -> int:
        """How many more pieces of such a pool the person may claim today."""
        if self.away or not rules.claimable(kind) or not rules.may_series(self.series):
            return 0
        of_day = rules.per_day(kind) - self.today.get(kind, 0)
        in_hand = rules.hold_max(kind) - self.standing.get(kind, 0)
        return max(0, min(of_day, in_hand, self.room))


def claimant(person: int, on: date, rules: PoolRules) -> Claimant | None:
    """None for somebody who is not in post."""
    rows = org.people(Scope(custodian_ids=frozenset({person})), on).rows(named=True)
    row = next((row for row in rows if row["custodian_id"] == person), None)
    if row is None:
        return None
    away = person in org.absent(on)
    hired = row["hired_date"]
    place = row["team_code"] or row["institution_code"]
    return Claimant(
        person=person,
        series=row["series"],
        rank=row["rank"],
        months=None
        if hired is None
        else (on.year - hired.year) * 12 + on.month - hired.month - (on.day < hired.day),
        away=away,
        room=0 if away else _room(person, row["series"], on, rules),
        today=_counted(Claim.objects.filter(person_id=person, claimed_date=on)),
        standing=_counted(standing_claims().filter(person_id=person)),
        ground=ground_of(place, rules.territory_level) if place else frozenset(),
        way=frozenset({place, *(code for code, _name in org.above(place))}) if place else frozenset(),
    )


def _room(person: int, series: str | None, on: date, rules: PoolRules) -> int:
    first = on - timedelta(days=WINDOW_DAYS - 1)
    claims = Claim.objects.filter(person_id=person, claimed_date__gte=first, claimed_date__lte=on)
    days = list(claims.values_list("claimed_date", flat=True))
    window, today = len(days), days.count(on)
    if rules.quota_counts_all:
        given, given_today = ledger.received(person, on, days=WINDOW_DAYS, kinds=_GIVEN)
        window, today = window + given, today + given_today
    present = org.present_days(person, on, WINDOW_DAYS)
    return room_today(rules.capacity(series), window, today, present)


def _counted(claims: QuerySet[Claim]) -> dict[str, int]:
    return dict(Counter(claims.values_list("pool_kind", flat=True)))


def ground_of(code: str, level: str) -> frozenset[str]:
    """The institutions whose pieces belong to somebody at `code`: all at and below the institution of that level which the
    person works in, and those above, whose pieces no department of their own has."""
    tree = org.institutions()
    parents = dict(zip(tree["institution_code"], tree["parent_code"], strict=True))
    levels = dict(zip(tree["institution_code"], tree["level"], strict=True))
    way = [code]
    while (above := parents.get(way[-1])) is not None and above not in way:
        way.append(above)
    top = next((one for one in way if levels.get(one) == level), code)
    return frozenset(way) | org.institutions_below(top)
