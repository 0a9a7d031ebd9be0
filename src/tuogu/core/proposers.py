"""Each strategy's planner by its name: the only list of them.

Loaded by who plans, not by who reads plans: the planners bring compilers and solvers, a second and a hundred megabytes that
a page or a list on the command line has no use for.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from tuogu.core.arrivals import planner as arrivals
from tuogu.core.block import planner as block
from tuogu.core.campaign import planner as campaign
from tuogu.core.campaign import reclaim, redistribution, sub_allocation
from tuogu.core.centre import planner as centre
from tuogu.core.map import planner as map_planner
from tuogu.core.match import planner as match
from tuogu.core.proposal import Proposal, Request
from tuogu.core.supervise import planner as supervise
from tuogu.core.territory import planner as territory

PROPOSERS: Mapping[str, Callable[[Request], Proposal]] = MappingProxyType(
    {
        "territory": territory.propose,
        "match": match.propose,
        "centre": centre.propose,
        "campaign": campaign.propose,
        "department": sub_allocation.propose,
        "reclaim": reclaim.propose,
        "redistribute": redistribution.propose,
        "arrivals": arrivals.propose,
        "block": block.propose,
        "map": map_planner.propose,
        "supervise": supervise.propose,
    }
)
