"""Who gets which customers: the table planner x category in whole pieces, and the picking inside each category (S1-17).

In: quotas, pieces available by category, the rankings. Out: the grid, and each handed-out customer with its receiver.
Never: a row or column that misses its total, a planner who picks before somebody whose turn comes first.

Inside a category planners pick in the weighted sequence of `core.picking`, always the most valuable customer left; where
turns coincide, who holds least per point so far goes first. So people of equal score get equal worth.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

import polars as pl

from tuogu.core.apportion import controlled_rounding, largest_remainder
from tuogu.core.centre.sheets import GRID
from tuogu.core.picking import picks
from tuogu.core.tables import Schema, conform

Grid = dict[tuple[str, str], int]
PER_POINT = 100  # weights are hundredths of a point
DEALT: Schema = {
    "number": pl.String,
    "receiver": pl.String,
    "category": pl.String,
    "rank": pl.Int64,
    "points": pl.Int64,
    "amount_fen": pl.Int64,
}


def grid(pieces: Mapping[str, int], available: Mapping[str, int], seed: int) -> Grid:
    """(planner, category) → pieces: rows are the quotas, columns the categories' parts of all quotas together."""
    total = sum(pieces.values())
    if not total:
        return {}
    columns = largest_remainder(total, available, seed=seed).counts
    rows = {name: count for name, count in pieces.items() if count}
    cells = {
        (name, category): Fraction(count * column, total)
        for name, count in rows.items()
        for category, column in columns.items()
    }
    return controlled_rounding(cells, rows, columns, seed=seed)


def grid_frame(cells: Grid, planners: pl.Series, categories: list[str]) -> pl.DataFrame:
    """GRID of every planner."""
    rows = [[name, *(cells.get((name, c), 0) for c in categories)] for name in planners]
    frame = pl.DataFrame(
        rows, schema={"staff_number": pl.String, **dict.fromkeys(categories, pl.Int64)}, orient="row"
    )
    return conform(frame.with_columns(pieces=pl.sum_horizontal(categories)), GRID.schema)


def dealt(rankings: pl.DataFrame, cells: Grid, weights: Mapping[str, int], seed: int) -> pl.DataFrame:
    """DEALT: what is handed out, the first of each category's ranking; the category that is worth most is dealt first."""
    counts: dict[str, dict[str, int]] = {}
    for (name, category), count in cells.items():
        counts.setdefault(category, {})[name] = count
    given = {
        category: rankings.filter(pl.col("category") == category)
        .head(sum(row.values()))
        .sort("amount_fen", "rank", descending=[True, False])
        for category, row in counts.items()
    }
    worth = dict.fromkeys(weights, 0)
    parts = [pl.DataFrame(schema=DEALT)]
    for category in sorted(given, key=lambda name: (-given[name]["amount_fen"].sum(), name)):
        least_first = {name: worth[name] * PER_POINT // weights[name] for name in counts[category]}
        order = pl.Series("receiver", picks(counts[category], weights, seed, least_first), dtype=pl.String)
        part = given[category].with_columns(order).select(*DEALT)
        for name, sum_fen in part.group_by("receiver").agg(pl.col("amount_fen").sum()).iter_rows():
            worth[name] += sum_fen
        parts.append(part)
    return pl.concat(parts)
