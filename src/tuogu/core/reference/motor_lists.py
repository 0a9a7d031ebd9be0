"""Monthly lists, claim days and turns of motor renewal, one policy at a time, straight from the sentences (S3-02…S3-06).

In and out: plain values. Never: fast.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

import polars as pl

from tuogu.core.motor.limits import Limits
from tuogu.core.ties import tie_rank


def band(days_left: int, limits: Limits) -> str | None:
    """30 days and fewer, 31 to 60, 61 to 90; nothing above."""
    near, middle, far = limits.band_days
    if days_left <= near:
        return "d0_30"
    if days_left <= middle:
        return "d31_60"
    return "d61_90" if days_left <= far else None


def list_of(expiry: date, stored: date, runs: Sequence[date], limits: Limits) -> date | None:
    """The first run from the day on which the policy was stored at which 90 days or fewer are left."""
    for run in runs:
        left = (expiry - run).days
        if run >= stored and -limits.list_expired_days <= left <= limits.list_from_days:
            return run
    return None


def deal(
    numbers: Mapping[str, str], people: Mapping[str, Sequence[str]], held: Mapping[str, int], seed: int
) -> dict[str, str]:
    """Policy number → staff number. `numbers`: policy → branch; `people`: branch → its people; whoever holds the fewest,
    ties by the keyed rank among those asked; the whole city where a branch has nobody."""
    ranks = _ranks(seed, "renewals.dealt.cases", sorted(numbers))
    now, city = dict(held), sorted({who for some in people.values() for who in some})
    out: dict[str, str] = {}
    for number in sorted(numbers, key=lambda one: ranks[one]):
        among = sorted(people.get(numbers[number], ())) or city
        if among:
            turns = _ranks(seed, "renewals.dealt.people", among)
            best = min(among, key=lambda who: (now[who], turns[who]))
            out[number] = best
            now[best] += 1
    return out


def rounds(run: date, limits: Limits, holiday: tuple[date, date, date] | None) -> tuple[date, date, date]:
    """Last day of the branch, last day of the city, day of the lock. `holiday`: first, last, working day before."""
    claim = _cut(run, run + timedelta(days=limits.claim_days), holiday)
    city = _cut(claim, claim + timedelta(days=limits.city_claim_days), holiday)
    fifteenth = date(run.year, run.month, limits.register_month_day)
    return claim, city, max(fifteenth, run + timedelta(days=limits.claim_days))


def _cut(first: date, last: date, holiday: tuple[date, date, date] | None) -> date:
    if holiday and holiday[0] <= last <= holiday[1]:
        return max(first, holiday[2])
    return last


def _ranks(seed: int, salt: str, names: Sequence[str]) -> dict[str, int]:
    return dict(zip(names, tie_rank(seed, salt, pl.Series(names, dtype=pl.String)), strict=True))
