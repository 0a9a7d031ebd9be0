"""Who could take rows of a draft that somebody has picked, the acceptable ones first: judged by the checker
before anybody is offered.

In: a draft, numbers of its rows. Out: every receiver of the plan, with the breach that stands in the way of some.
Never: a judgement of its own (`core.check` gives it, on the plan as it would be); a row written; more checks than
`CHECKED_ROWS` pay for: whoever was not reached is offered as not yet checked.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl

from tuogu.core.adjust import MOVES, adjusted
from tuogu.core.coding import CodeOverflow
from tuogu.core.plan import checked
from tuogu.core.tables import Book, Plan
from tuogu.plans import memory, reading
from tuogu.plans.adjusting import further
from tuogu.plans.models import StoredPlan
from tuogu.rules import queries as rules

CHECKED_ROWS = 600_000  # placements that the checks of one page may read in sum: about two seconds
HAS_THEM, FINE, OPENLY, UNCHECKED, REFUSED = "has_them", "fine", "openly", "unchecked", "refused"
ORDER = (FINE, OPENLY, UNCHECKED, REFUSED, HAS_THEM)


@dataclass(frozen=True)
class Taker:
    """One receiver of the plan. `verdict`: see ORDER; `breaches` of the first kind that matters, `why` in words."""

    receiver: str
    verdict: str
    breaches: int = 0
    why: str = ""

    @property
    def acceptable(self) -> bool:
        """Whether the revision would be stored."""
        return self.verdict in (FINE, OPENLY)


def takers(stored: StoredPlan, numbers: Sequence[str], *, on: date) -> list[Taker]:
    """Everybody to whom the plan gives anything, for these rows of it, on the day `on`."""
    openly = tuple(rules.applicable(on)["plans.adjust_openly"])
    return memory.derived(
        (stored.digest, "takers", tuple(numbers), openly), lambda: _judged(stored, numbers, openly, on)
    )


def _judged(stored: StoredPlan, numbers: Sequence[str], openly: Sequence[str], on: date) -> list[Taker]:
    plan, book = reading.load_plan(stored.pk)
    rulebook, before = reading.rulebook_of(stored), reading.table_of(stored.pk, "violations")
    found: list[Taker] = []
    affordable = max(1, CHECKED_ROWS // max(1, plan.placements.height))
    for n, (receiver, has_all) in enumerate(_likely_first(plan, book, numbers)):
        if has_all:
            found.append(Taker(receiver, HAS_THEM))
        elif n >= affordable:
            found.append(Taker(receiver, UNCHECKED))
        else:
            moves = pl.DataFrame(
                {"number": list(numbers), "receiver": receiver, "reason": "-"}, schema_overrides=MOVES
            )
            try:
                moved = adjusted(plan, book, rulebook, moves, by="-", day=on)
                now = further(checked(moved, book, rulebook)[1], before)
                found.append(_verdict(receiver, now, openly))
            except CodeOverflow as full:
                found.append(Taker(receiver, REFUSED, 1, str(full)))
    places = {taker.receiver: place for place, taker in enumerate(found)}
    return sorted(found, key=lambda t: (ORDER.index(t.verdict), t.breaches, places[t.receiver]))


def _likely_first(plan: Plan, book: Book, numbers: Sequence[str]) -> list[tuple[str, bool]]:
    """(receiver, whether all the rows are theirs): who serves the same communities first, then colleagues of who has them,
    then who has fewest rows."""
    picked = pl.col("number").is_in(list(numbers))
    place = pl.col("unit_code").str.head(-2)
    here = plan.placements.filter(picked).select("receiver", place=place)
    teams = book.books.people.select("staff_number", "team_code")
    own_teams = teams.filter(pl.col("staff_number").is_in(here["receiver"].implode()))[
        "team_code"
    ].drop_nulls()
    places = here["place"].drop_nulls().unique().implode()
    each = plan.placements.group_by("receiver").agg(
        near=(place.is_in(places).fill_null(False) & ~picked).sum(),
        n=pl.len(),
        own=picked.sum() == len(set(numbers)),
    )
    each = each.join(teams, left_on="receiver", right_on="staff_number", how="left")
    each = each.with_columns(team=pl.col("team_code").is_in(own_teams.implode()).fill_null(False))
    each = each.sort("own", "near", "team", "n", "receiver", descending=[False, True, True, False, False])
    return list(each.select("receiver", "own").iter_rows())


def _verdict(receiver: str, breaches: pl.DataFrame, openly: Sequence[str]) -> Taker:
    hard = breaches.filter(~pl.col("rule").is_in(list(openly)))
    told = hard if hard.height else breaches
    why = str(told["detail"][0]) if told.height else ""
    return Taker(receiver, REFUSED if hard.height else OPENLY if told.height else FINE, told.height, why)
