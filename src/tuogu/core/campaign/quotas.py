"""How many records each department receives, inside its region, in two waves (S2-04, S2-05, S2-06, S2-08).

In: the number of records of each area, departments with their premium, the rulebook. Out: quotas, waves, and what they
are measured against. Never: a record that crosses from one area to the other, a wave that loses one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

import polars as pl

from tuogu.core.apportion import Apportionment, as_printed, exact, largest_remainder, split_waves
from tuogu.core.campaign.regions import AREAS, DEPARTMENT
from tuogu.core.campaign.sheets import SHARES
from tuogu.core.rulebook import Rulebook
from tuogu.core.strategies import StrategyError
from tuogu.core.tables import conform

QUOTA_RULES = {"largest_remainder": largest_remainder, "as_printed": as_printed}
_WAVES = 2  # S2-08
_MILLION, _WHOLE_BP = 1_000_000, 10_000  # units of the certificate and of rates


@dataclass(frozen=True)
class AreaQuota:
    """The split of one area's `total` records. Keys of the mappings are department codes; `left` stays unallotted."""

    area: str
    total: int
    weights: Mapping[str, int]
    apportioned: Apportionment
    waves: Mapping[str, tuple[int, ...]]

    @property
    def counts(self) -> dict[str, int]:
        return self.apportioned.counts

    def exact(self, department: str) -> Fraction:
        """The department's quota before rounding."""
        return Fraction(self.total * self.weights[department], sum(self.weights.values()))


def area_quota(area: str, total: int, weights: Mapping[str, int], rulebook: Rulebook, seed: int) -> AreaQuota:
    """Split `total` by the departments' premium. StrategyError when the printed way would hand out too many."""
    rule, how = rulebook["campaign.quota_rule"], rulebook["campaign.wave_rounding"]
    if rule not in QUOTA_RULES:
        raise StrategyError(f"制度 campaign.quota_rule 只能是 {'、'.join(QUOTA_RULES)}，不能是 {rule}")
    shares = rulebook["campaign.wave_shares"]
    if len(shares) != _WAVES:
        raise StrategyError(f"制度 campaign.wave_shares 应为两批，现有 {len(shares)} 批")
    try:
        found = (
            as_printed(total, weights)
            if rule == "as_printed"
            else largest_remainder(total, weights, seed=seed)
        )
        waves = split_waves(found.counts, shares, how=how, seed=seed)
    except ValueError as error:
        raise StrategyError(f"{AREAS[area]}：{error}") from error
    return AreaQuota(area, total, dict(weights), found, waves)


def deviation(quota: AreaQuota) -> Fraction:
    """Sum of |count - exact| over the departments."""
    return sum((abs(count - quota.exact(code)) for code, count in quota.counts.items()), Fraction(0))


def least_deviation(quota: AreaQuota) -> Fraction:
    """The smallest such sum of any whole counts that hand out as many records as these do.

    Whole counts nearest to the exact ones lie just below or above them; rounding up as many as are needed costs least at
    the largest remainders. Where some are left over (as printed) the sum is free, and each is rounded to the nearer side.
    """
    remainders = sorted((quota.exact(code) % 1 for code in quota.counts), reverse=True)
    if quota.apportioned.left:
        return sum((min(part, 1 - part) for part in remainders), Fraction(0))
    up = int(sum(remainders))
    return sum((1 - part for part in remainders[:up]), Fraction(0)) + sum(remainders[up:], Fraction(0))


def millionths(value: Fraction) -> int:
    """A fraction of a record as the certificate counts it, rounded down."""
    return int(value * _MILLION)


def shares(quotas: list[AreaQuota], departments: pl.DataFrame) -> pl.DataFrame:
    """The frame of SHARES, by area and department."""
    said_by = dict(departments.select("department", "said_by").iter_rows())
    rows = []
    for quota in quotas:
        whole = sum(quota.weights.values())
        for code, count in sorted(quota.counts.items()):
            should = quota.exact(code)
            printed = int(should + Fraction(1, 2))
            share = exact(Fraction(100 * quota.weights[code], whole)) + "%"
            share_bp = _WHOLE_BP * quota.weights[code] // whole
            first, second = quota.waves[code]
            rows.append((
                AREAS[quota.area], f"{DEPARTMENT}{code}", quota.weights[code], share_bp, share, exact(should), count,
                first, second, printed, count - printed, said_by[code],
            ))  # fmt: skip
    return conform(pl.DataFrame(rows, schema=SHARES.schema, orient="row"), SHARES.schema)
