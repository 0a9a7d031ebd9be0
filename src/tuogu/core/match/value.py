"""The tier cost of a matching that a person revised: the same prices on other receivers.

In: the revised Plan, its Book and Rulebook. Out: the cost in the metric `tier_cost`; None for service collectors, whose
way is priced while it is found, and where somebody receives who is no qualified agent. Never: such a one priced as one.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from tuogu.core.match.certificate import tier_cost
from tuogu.core.match.placing import AWAY, NAMED, NEAR, NOBODY, OWN, Placed
from tuogu.core.match.planner import Setting, setting
from tuogu.core.proposal import Request
from tuogu.core.rulebook import Rulebook
from tuogu.core.tables import Book, Plan


def tier_value(changed: Plan, _before: Plan, book: Book, rulebook: Rulebook) -> int | None:
    """Pieces times the price of the tier that each customer is in now."""
    options = dict(changed.options)
    if options["to"] == "collection":
        return None
    ground = setting(Request(book, rulebook, changed.as_of, changed.seed, changed.effort, options))
    placed = _placed(changed, ground)
    return None if placed is None else tier_cost(ground.customers, placed, ground.agents, ground.prices)


def _placed(plan: Plan, ground: Setting) -> Placed | None:
    """Each customer's agent and tier; None when somebody receives who is no agent."""
    agents = ground.agents
    who = agents.frame.select("agent", receiver="staff_number")
    rows = ground.subjects.policies.select("row", number="policy_number")
    given = (
        plan.placements.select("number", "receiver")
        .join(rows, on="number")
        .join(who, on="receiver", how="left")
    )
    if given["agent"].null_count():
        return None
    count = len(ground.customers.size)
    agent = np.full(count, -1, dtype=np.int64)
    agent[given["row"].to_numpy()] = given["agent"].to_numpy()
    tier = _tiers(agent, ground)
    return Placed(agent, tier, np.full(count, -1, dtype=np.int64), agents.field, agents.field)


def _tiers(
    agent: np.ndarray[tuple[int], np.dtype[np.int64]], ground: Setting
) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    agents, customers = ground.agents, ground.customers
    team = np.where(agent >= 0, agents.frame["team"].to_numpy()[agent], -1)
    near_of = np.append(agents.near, -1)  # team -1 has no neighbourhood
    here, there = near_of[customers.team], near_of[team]
    tier = np.where((here == there) & (here >= 0), NEAR, AWAY)
    tier = np.where(team == customers.team, OWN, tier)
    named = ground.named.filter(pl.col("agent") >= 0).select("row", "agent")
    pairs = set(named.iter_rows())
    by_name = np.array([(row, who) in pairs for row, who in enumerate(agent.tolist())], dtype=bool)
    tier = np.where(by_name, NAMED, tier)
    return np.where(agent < 0, NOBODY, tier).astype(np.int64)
