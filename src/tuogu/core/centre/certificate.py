"""What is proved about a resource centre's plan.

In: grid, exact cells, the plan's tables. Out: Certificate. Never: a bound that is not valid for every table with these
totals.

`objective`: Σ |whole - exact| over planner x category, in millionths of a piece (rounded down). `lower_bound`: the same
for any table with these totals, by prices on the categories: relaxing the column totals leaves each planner to take the
cheapest of his open cells, which is solved exactly; any prices give a valid bound, and those read off the optimal table
close the gap.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import polars as pl

from tuogu.core.centre.dealing import Grid
from tuogu.core.gap import gap_of
from tuogu.core.tables import Certificate

Ints = npt.NDArray[np.int64]
MILLION = 1_000_000  # the unit in which the certificate counts parts of a piece
FAR = np.int64(2**62)


def certificate(
    cells: Grid, tables: Mapping[str, pl.DataFrame], barred: int, month: str, weighed: int
) -> Certificate:
    """Violations are counted by the checker. `barred`: customers whom a reason keeps; `weighed`: planners with a weight."""
    objective, bound = rounding_error(cells)
    capita, quotas, worth = tables["per_capita"], tables["quotas"], tables["worth"]
    stock, given = int(capita["stock"].sum()), int(quotas["pieces"].sum())
    heads = len(quotas)
    facts = [
        ("统计月份", month),
        ("可分配资源", f"{stock:,} 件"),
        ("保险规划师", f"{heads:,} 人，其中 {weighed:,} 人得分大于零且未停发"),
        ("人均可分配件数", f"{capita['available'].sum() / heads:,.2f} 件"),
        *(
            (f"{category}：目标 {target:,} 件，存量 {there:,} 件", f"可分 {available:,} 件")
            for category, target, there, available in capita.select(
                "category", "target", "stock", "available"
            ).iter_rows()
        ),
    ]
    per_point = worth["worth_per_point_fen"].drop_nulls()
    least = int(per_point.to_numpy().min()) if len(per_point) else 0
    most = int(per_point.to_numpy().max()) if len(per_point) else 0
    figures = {
        "planners": heads,
        "planners_weighed": weighed,
        "stock": stock,
        "barred": barred,
        "placed": given,
        "pool": stock - given,
        "quota_mean": given / weighed if weighed else 0.0,
        "worth_spread": most / least - 1 if least else 0.0,
        "wef1_violations": (worth["rounding_margin_fen"] < 0).sum(),
        "wef1_rounding": (worth["category_margin_fen"] < 0).sum(),
        "wef1_overall": (worth["margin_fen"] < 0).sum(),
    }
    return Certificate(
        metric="rounding",
        objective=objective,
        lower_bound=bound,
        gap=gap_of(objective, bound),
        feasibility=tuple(facts),
        contiguity="not_judged: 按得分分配，与地域无关",
        figures=tuple((name, float(value)) for name, value in figures.items()),
    )


def rounding_error(cells: Grid) -> tuple[int, int]:
    """(Σ |whole - exact|, lower bound) of the table, in millionths of a piece, both rounded down."""
    if not cells:
        return 0, 0
    names, categories = sorted({n for n, _ in cells}), sorted({c for _, c in cells})
    whole = np.array([[cells.get((n, c), 0) for c in categories] for n in names], dtype=np.int64)
    total = int(whole.sum())
    exact = whole.sum(axis=1)[:, None] * whole.sum(axis=0)[None, :]  # of a piece: / total
    rest = exact % total
    up = whole - exact // total
    open_cell = rest > 0
    value = int(np.abs(whole * total - exact).sum())
    bound = _bound(np.where(open_cell, total - 2 * rest, FAR), up, open_cell) + int(rest.sum())
    return value * MILLION // total, bound * MILLION // total


def _bound(cost: Ints, up: Ints, open_cell: npt.NDArray[np.bool_]) -> int:
    """Σ b_c y_c + Σ_p (the a_p cheapest open cells at cost - y): no rounding with these totals costs less."""
    prices = _prices(cost, up.astype(bool), open_cell)
    reduced = np.sort(np.where(open_cell, cost - prices[None, :], FAR), axis=1)
    taken = np.arange(cost.shape[1])[None, :] < up.sum(axis=1)[:, None]
    return int((up.sum(axis=0) * prices).sum()) + int(reduced[taken].sum())


def _prices(cost: Ints, up: npt.NDArray[np.bool_], open_cell: npt.NDArray[np.bool_]) -> Ints:
    """Prices at which no planner would swap a piece of one category for another: shortest ways over the categories."""
    count = cost.shape[1]
    way = np.full((count, count), FAR)
    for out in range(count):
        rows = cost[up[:, out]] - cost[up[:, out], out][:, None]
        allowed = open_cell[up[:, out]] & ~up[up[:, out]]
        if len(rows):
            way[out] = np.where(allowed, rows, FAR).min(axis=0)
    prices = np.zeros(count, dtype=np.int64)
    for _ in range(count):  # Bellman-Ford: at most as many rounds as categories
        reach = np.where(way < FAR, prices[:, None] + np.where(way < FAR, way, 0), FAR)
        prices = np.minimum(prices, reach.min(axis=0))
    return prices
