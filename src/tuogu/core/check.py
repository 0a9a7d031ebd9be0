"""The second opinion: every hard rule of a plan, recomputed from the book by code that no solver uses.

In: Plan, Book, Rulebook. Out: VIOLATIONS, one row a breach with rule, requirement, key, value and bound. Never: an import
from `core.plan` or a strategy's planner; a breach left out because it could not be avoided.

Every release runs this.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

import polars as pl

from tuogu.core.by_hand import program_levers
from tuogu.core.checks import (
    arrivals,
    away,
    block,
    by_hand,
    campaign,
    centre,
    department,
    match,
    reclaim,
    redistribute,
    refusals,
    supervise,
    territory,
    unproven,
)
from tuogu.core.checks import map as map_check
from tuogu.core.presence import for_receivers
from tuogu.core.rulebook import Rulebook
from tuogu.core.strategies import STRATEGIES
from tuogu.core.tables import VIOLATIONS, Book, Plan, conform
from tuogu.core.unproven import for_allotting

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
    """VIOLATIONS of `plan`, sorted by rule and key; empty = sound.

    What a person moved is judged like everything else, under the lever that the program gave it.
    """
    found = [pl.DataFrame(schema=VIOLATIONS)]
    read = for_receivers(for_allotting(book, plan.strategy), plan.as_of, plan.strategy)
    ruled, waits = unproven.split(plan)
    judged = CHECKERS[plan.strategy](
        program_levers(replace(plan, unplaced=ruled) if waits.height else plan), read, rulebook
    )
    found += [
        conform(frame, VIOLATIONS) for frame in (*judged, *by_hand.check(plan), *away.check(plan, book))
    ]
    kind = STRATEGIES[plan.strategy]
    if kind.relation != "supervision" and (book.unproven.height or waits.height):
        listed = unproven.check(plan, book, customers=kind.subject == "customer")
        found += [conform(frame, VIOLATIONS) for frame in listed]
    if kind.marketing:
        found += [conform(frame, VIOLATIONS) for frame in refusals.check(replace(plan, unplaced=ruled), book)]
    return pl.concat(found).sort("rule", "key", "value")
