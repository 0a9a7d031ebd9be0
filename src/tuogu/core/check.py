"""The second opinion: every hard rule of a plan, recomputed from the book by code that no solver uses.

In: Plan, Book, Rulebook. Out: VIOLATIONS, one row a breach with rule, requirement, key, value and bound. Never: an import
from `core.plan` or a strategy's planner; a breach left out because it could not be avoided.

Every release runs this.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import polars as pl

from tuogu.core.checks import (
    arrivals,
    block,
    campaign,
    centre,
    department,
    match,
    reclaim,
    redistribute,
    supervise,
    territory,
)
from tuogu.core.checks import map as map_check
from tuogu.core.rulebook import Rulebook
from tuogu.core.tables import VIOLATIONS, Book, Plan, conform

CHECKERS: dict[str, Callable[[Plan, Book, Rulebook], Iterable[pl.DataFrame]]] = {
    "territory": territory.check,
    "match": match.check,
    "campaign": campaign.check,
    "department": department.check,
    "reclaim": reclaim.check,
    "redistribute": redistribute.check,
    "centre": centre.check,
    "arrivals": arrivals.check,
    "block": block.check,
    "map": map_check.check,
    "supervise": supervise.check,
}


def check_plan(plan: Plan, book: Book, rulebook: Rulebook) -> pl.DataFrame:
    """VIOLATIONS of `plan`, sorted by rule and key; empty = sound."""
    found = [pl.DataFrame(schema=VIOLATIONS)]
    found += [conform(frame, VIOLATIONS) for frame in CHECKERS[plan.strategy](plan, book, rulebook)]
    return pl.concat(found).sort("rule", "key", "value")
