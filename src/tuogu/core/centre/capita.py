"""How many of each category are handed out this month, and how many that is a head (S1-02, S1-08, A-08, A-09).

In: stock by category, pieces wanted, the headcount, the rulebook's shares. Out: the frame of the sheet PER_CAPITA.
Never: more than the stock of a category, a piece that is neither available nor left in the pool.

The shares are a target: a category first gives the smaller of target and stock. What it lacks is made up from the others'
surplus in the rulebook's order, or stays open; both figures are shown.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

import polars as pl

from tuogu.core.apportion import exact, largest_remainder
from tuogu.core.centre.sheets import PER_CAPITA
from tuogu.core.rulebook import Rulebook
from tuogu.core.strategies import StrategyError

WHOLE = 10_000  # all shares together, in hundredths of a percent


def per_capita(
    stock: Mapping[str, int], wanted: int | None, headcount: int, rulebook: Rulebook, seed: int
) -> pl.DataFrame:
    """PER_CAPITA, categories in the rulebook's order. `wanted` None = all that there is."""
    shares, order = rulebook["centre.shares_bp"], rulebook["centre.category_order"]
    if sum(shares.values()) != WHOLE:
        raise StrategyError(
            f"各类资源占比（centre.shares_bp）合计须为100%，现为{Fraction(sum(shares.values()), 100)}%"
        )
    there = {name: stock.get(name, 0) for name in order}
    total = sum(there.values()) if wanted is None else min(wanted, sum(there.values()))
    targets = largest_remainder(total, shares, seed=seed).counts
    within = {name: min(targets[name], there[name]) for name in order}
    carried = _carried(within, there, total, rulebook)
    rows = []
    for name in order:
        available = within[name] + carried[name]
        rows.append(
            (
                name,
                shares[name],
                there[name],
                targets[name],
                exact(Fraction(total * shares[name], WHOLE * headcount)),  # S1-08
                within[name],
                carried[name],
                available,
                exact(Fraction(available, headcount)),
                there[name] - available,
            )
        )
    return pl.DataFrame(rows, schema=PER_CAPITA.schema, orient="row")


def _carried(
    within: Mapping[str, int], there: Mapping[str, int], total: int, rulebook: Rulebook
) -> dict[str, int]:
    """What each category gives beyond its target to make up what others lack."""
    lacking = total - sum(within.values()) if rulebook["centre.leftover_rule"] == "carried" else 0
    given = dict.fromkeys(within, 0)
    for name in rulebook["centre.leftover_order"]:
        given[name] = min(lacking, there[name] - within[name])
        lacking -= given[name]
    return given
