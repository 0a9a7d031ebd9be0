"""Claims of listed policies: until when a branch claims, when the city may, when the register is locked; and who is dealt
what nobody claimed (S3-04…S3-06, A-25).

In: the day of a list, limits, holidays; policies that remain, people who may receive. Out: days; DEALT. Never: chance (turns
go by a keyed rank that anybody can repeat), a policy that nobody gets while anybody may receive.
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

from tuogu.core.motor.holidays import chosen, cut
from tuogu.core.motor.limits import Limits
from tuogu.core.tables import I, S, Schema, conform
from tuogu.core.ties import tie_rank

REMAINING: Schema = {"subject_id": I, "policy_number": S, "institution_code": S}
TAKERS: Schema = {  # one row a person and branch whose policies the person may receive
    "institution_code": S,
    "custodian_id": I,
    "staff_number": S,
    "held": I,  # motor policies that the person is responsible for now
}
DEALT: Schema = {
    "subject_id": I,
    "custodian_id": I,
    "within": S,  # branch | city: among whom it was dealt
    "among": I,  # how many might have received it
    "held": I,  # of whoever got it, before
}
_ONE = timedelta(days=1)
_SALT_CASES, _SALT_PEOPLE = "renewals.dealt.cases", "renewals.dealt.people"


@dataclass(frozen=True)
class Rounds:
    """Days of one list. `claim_due`: the last day of the branch; `city_from`: the first on which the city may claim;
    `dealt_on`: whoever remains is dealt; `locked_on`: the register is locked."""

    claim_due: date
    city_from: date
    dealt_on: date
    locked_on: date


def rounds(run_date: date, limits: Limits, holidays: pl.DataFrame) -> Rounds:
    """The days of the list of `run_date`. A claim period that would end inside a long holiday is cut to the last working day
    before it (A-49), but never before the list itself; what follows it then follows at once."""
    early = chosen(holidays, limits.early_holidays)
    claim_due = _not_before(run_date, run_date + timedelta(days=limits.claim_days), early)
    city_from = claim_due + _ONE
    city_last = _not_before(claim_due, claim_due + timedelta(days=limits.city_claim_days), early)
    return Rounds(claim_due, city_from, city_last + _ONE, lock_day(run_date, limits))


def lock_day(run_date: date, limits: Limits) -> date:
    """The 15th; where the list went out later than the claim period before it, the end of that period (A-25)."""
    filed = run_date.replace(day=limits.register_month_day)
    return max(filed, run_date + timedelta(days=limits.claim_days))


def deal(remaining: pl.DataFrame, takers: pl.DataFrame, city: pl.DataFrame, *, seed: int) -> pl.DataFrame:
    """DEALT: each remaining policy to whoever holds the fewest of its branch, ties by the keyed turn of the list; where the
    branch has nobody, of the city. Policies come in their own keyed order, so that no branch sorts its best ones first.

    seed: what the turns are keyed with (the day of the list). Policies for which nobody may receive are absent.
    """
    branches = {code: _Turns(part, seed) for (code,), part in takers.group_by("institution_code")}
    whole, held = _Turns(city, seed), _held(takers, city)
    ordered = conform(remaining, REMAINING)
    ordered = ordered.with_columns(turn=tie_rank(seed, _SALT_CASES, ordered["policy_number"])).sort("turn")
    rows = []
    for subject, code in ordered.select("subject_id", "institution_code").iter_rows():
        own = branches.get(code)
        turns, within = (own, "branch") if own is not None else (whole, "city")
        if not turns.count:
            continue
        person = turns.next(held)
        rows.append((subject, person, within, turns.count, held[person]))
        held[person] += 1
    return pl.DataFrame(rows, schema=DEALT, orient="row").sort("subject_id")


class _Turns:
    """The people of one branch in turn: fewest held first, then the keyed rank. Counts are shared between branches, so a
    person's place is looked at again when it comes up."""

    def __init__(self, people: pl.DataFrame, seed: int) -> None:
        people = people.unique("custodian_id")
        ranked = people.with_columns(turn=tie_rank(seed, _SALT_PEOPLE, people["staff_number"]))
        self._queue: list[tuple[int, int, int]] = [
            (held, turn, person)
            for held, turn, person in ranked.select("held", "turn", "custodian_id").iter_rows()
        ]
        heapq.heapify(self._queue)
        self.count = len(self._queue)

    def next(self, held: dict[int, int]) -> int:
        """Who gets the next one."""
        while True:
            seen, turn, person = self._queue[0]
            if seen == held[person]:
                heapq.heapreplace(self._queue, (seen + 1, turn, person))
                return person
            heapq.heapreplace(self._queue, (held[person], turn, person))


def _held(*frames: pl.DataFrame) -> dict[int, int]:
    found: dict[int, int] = defaultdict(int)
    for frame in frames:
        found.update(frame.select("custodian_id", "held").iter_rows())
    return found


def _not_before(first: date, last: date, early: pl.DataFrame) -> date:
    moved: date = cut(pl.Series([last], dtype=pl.Date), early)[0]
    return max(first, moved)
