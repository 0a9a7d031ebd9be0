"""What is proved about a matching: its tier cost against the transport that could split customers.

In: the placed customers, the agents, prices. Out: Certificate. Never: a bound above what whole customers can reach.

Metric `tier_cost`: pieces times the price of their tier (own group 0, near, elsewhere, nobody) plus the price of levels
climbed (P-16). Customers at a named receiver are there by rule, not by choice, and cost nothing in both figures. The bound
is the exact transport of pieces from the state that the named receivers leave: its optimum is the linear one, and whole
customers can only cost more. As printed (A-38) an agent may overshoot by one customer, and the bound's room allows for it.
"""

from __future__ import annotations

import numpy as np

from tuogu.core.gap import gap_of
from tuogu.core.match.dealing import Manner
from tuogu.core.match.field import Agents, Ints
from tuogu.core.match.placing import AWAY, NAMED, NEAR, NOBODY, OWN, Customers, Placed
from tuogu.core.match.transport import Prices, transport
from tuogu.core.tables import Certificate

METRIC = "tier_cost"


def certificate(
    customers: Customers,
    placed: Placed,
    agents: Agents,
    manner: Manner,
    prices: Prices,
    *,
    reach: bool,
    facts: tuple[tuple[str, str], ...],
) -> Certificate:
    """Value, bound and figures of a matching."""
    value = tier_cost(customers, placed, agents, prices)
    free = np.flatnonzero(placed.tier != NAMED)
    stock = customers.stock(free, len(agents.teams), agents.levels)
    room = _room(customers, placed, agents, manner)
    bound = transport(stock, room, agents.near, prices, own=True, reach=reach).cost
    return proof(value, bound, _figures(customers, placed), facts)


def proof(
    value: int, bound: int, figures: tuple[tuple[str, float], ...], facts: tuple[tuple[str, str], ...], metric: str = METRIC
) -> Certificate:  # fmt: skip
    """A Certificate without territories; violations are counted by the checker."""
    return Certificate(
        metric=metric, objective=value, lower_bound=bound, gap=gap_of(value, bound), feasibility=facts,
        contiguity="not_judged: 不划区域", figures=figures,
    )  # fmt: skip


def tier_cost(customers: Customers, placed: Placed, agents: Agents, prices: Prices) -> int:
    """Pieces times prices."""
    price = np.zeros(AWAY + 1, dtype=np.int64)
    price[[NEAR, AWAY, NOBODY]] = prices.near, prices.elsewhere, prices.unplaced
    cost = int((customers.size * price[placed.tier]).sum())
    dealt = np.isin(placed.tier, (OWN, NEAR, AWAY))
    level = agents.frame["level"].to_numpy()
    climbed = level[placed.agent[dealt]] - customers.level[dealt]
    return cost + prices.overflow * int((climbed * customers.size[dealt]).sum())


def _room(customers: Customers, placed: Placed, agents: Agents, manner: Manner) -> Ints:
    if not manner.before or not len(customers.size):
        return agents.room_of(placed.after_named)
    field = placed.after_named
    more = np.where(field.room > 0, int(customers.size.max()) - 1, 0)
    return agents.room_of(field._replace(room=field.room + more))


def _figures(customers: Customers, placed: Placed) -> tuple[tuple[str, float], ...]:
    total = max(int(customers.size.sum()), 1)
    names = {
        NAMED: "named_share",
        OWN: "own_team_share",
        NEAR: "near_share",
        AWAY: "elsewhere_share",
        NOBODY: "unplaced_share",
    }
    return tuple(
        (name, round(int(customers.size[placed.tier == tier].sum()) / total, 6))
        for tier, name in names.items()
    )
