"""Quotas cut into instalments: every quota whole again when the waves are added up (S2-08).

In: a quota for each key and the share of each wave. Out: one tuple a key, one count a wave. Never: a piece lost between
waves, a negative wave.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import accumulate, pairwise

from tuogu.core.apportion.quotas import half_up
from tuogu.core.apportion.rounding import exact
from tuogu.core.apportion.tables import NoTable, controlled_rounding

WHOLES = (1, 100, 10_000)  # what wave shares add up to: parts of one, percents, hundredths of a percent
WAYS = ("half_up", "table")


def split_waves(
    quotas: Mapping[str, int], shares: Sequence[Fraction | int], how: str = "half_up", *, seed: int = 0
) -> dict[str, tuple[int, ...]]:
    """'half_up' (A-19): what is out after each wave is rounded half up, so the last wave is the quota minus the others.

    'table': every cell rounded down or up so that the waves' totals are right too, nearest in sum to the exact table.
    """
    parts = _checked(quotas, shares)
    if how == "half_up":
        return {key: _rounded(quotas[key], parts) for key in sorted(quotas)}
    if how == "table":
        return _as_table(quotas, parts, seed)
    raise ValueError(f"批次取整方式只能是 {'、'.join(WAYS)}，不能是 {how}")


def _checked(quotas: Mapping[str, int], shares: Sequence[Fraction | int]) -> list[Fraction]:
    """Each wave's part of one."""
    for key, quota in quotas.items():
        if quota < 0:
            raise ValueError(f"{key} 的配额不能为负：{quota}")
    for share in shares:
        if isinstance(share, bool) or not isinstance(share, (int, Fraction)):
            raise ValueError(f"批次比例应为整数或分数，不能是 {share!r}")
        if share < 0:
            raise ValueError(f"批次比例不能为负：{exact(Fraction(share))}")
    whole = Fraction(sum(shares))
    if whole not in WHOLES:
        raise ValueError(f"各批次比例合计应为 100%，现为 {exact(whole)}")
    return [share / whole for share in shares]


def _rounded(quota: int, parts: Sequence[Fraction]) -> tuple[int, ...]:
    out_by_then = [0, *(half_up(quota * part) for part in accumulate(parts))]  # S2-08, A-19
    return tuple(after - before for before, after in pairwise(out_by_then))


def _as_table(quotas: Mapping[str, int], parts: Sequence[Fraction], seed: int) -> dict[str, tuple[int, ...]]:
    waves = [f"{number:06d}" for number in range(len(parts))]
    cells = {
        (key, wave): quotas[key] * part for key in quotas for wave, part in zip(waves, parts, strict=True)
    }
    totals = dict(zip(waves, _rounded(sum(quotas.values()), parts), strict=True))
    try:
        table = controlled_rounding(cells, quotas, totals, seed=seed)
    except (
        NoTable
    ):  # rare (five waves of 1/6 and 1/4): then the table chooses its totals, each rounded down or up
        table = controlled_rounding(cells, quotas, None, seed=seed)
    return {key: tuple(table[key, wave] for wave in waves) for key in sorted(quotas)}
