"""Matching benchmark: whole customers to named receivers, own groups and other groups' surplus, beside a greedy rival.

    python -m benchmarks.match [POLICIES ...]      default 10000 100000 1000000

Each line: seconds of the whole proposal (book in, all tables out), the same of all cores together, of the stages alone, peak
memory, share that stays in the own group, tier cost above its linear bound; then the greedy rival on the same arrays
(customer by customer in the same order: own group, else near, else anywhere, at once) as its own share, our cost by its cost
and our time by its time. The last column is how time grew against the size before.

The draw: 50 policies an agent, groups of 13 agents in districts, unequal groups and stock (some have too little room), 3 %
of the groups dissolved, about 60 % of the agents qualified, a quarter of the holders served by somebody else, and a cap of
CAP in place of 200 less what agents hold already: the room is then a few percent above the stock.
"""

from __future__ import annotations

import argparse
import resource
import sys
import time
from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl
from numba import njit

from tuogu.core.match import dealing, planner
from tuogu.core.match.certificate import tier_cost
from tuogu.core.match.dealing import Manner
from tuogu.core.match.field import Field, Ints
from tuogu.core.match.placing import AWAY, NAMED, NEAR, NOBODY, OWN, Customers, Placed
from tuogu.core.proposal import Proposal, Request
from tuogu.core.rulebook import Rulebook, parse_rulebook
from tuogu.core.strategies import strategy
from tuogu.core.tables import (
    CLASSIFIED,
    COMMUNITIES,
    CUSTOMERS,
    FACTS,
    HELD,
    INSTITUTIONS,
    LOCATED,
    PEOPLE,
    POLICIES,
    Book,
    Books,
    Schema,
    empty,
)
from tuogu.data.rulebooks import read_shipped

AS_OF = date(2025, 12, 2)
CAP = 95
MONTHS = (date(2025, 9, 1), date(2025, 10, 1), date(2025, 11, 1))
Values = pl.Series | np.ndarray | list[str]


def complete(columns: dict[str, object], schema: Schema) -> pl.DataFrame:
    """A frame of `schema` from its known columns; the others are null."""
    frame = pl.DataFrame({name: values for name, values in columns.items() if not isinstance(values, str)})
    fixed = [pl.lit(v).alias(k) for k, v in columns.items() if isinstance(v, str)]
    frame = frame.with_columns(*fixed)
    missing = [pl.lit(None, schema[name]).alias(name) for name in schema if name not in frame.columns]
    return frame.with_columns(*missing).select(pl.col(name).cast(kind) for name, kind in schema.items())


def named(letter: str, numbers: Ints, width: int = 7) -> pl.Series:
    return pl.select(
        pl.concat_str(pl.lit(letter), pl.Series(numbers).cast(pl.String).str.zfill(width))
    ).to_series()


def draw_book(policies: int, seed: int) -> Book:
    """A branch with `policies` orphans."""
    draw = np.random.default_rng(seed)
    agents = max(20, policies // 50)
    teams = max(4, agents // 13)
    districts = max(2, teams // 25)
    size = draw.choice([1, 2, 3, 4, 5, 8], policies, p=[0.62, 0.24, 0.08, 0.035, 0.02, 0.005])
    holder = np.repeat(np.arange(policies), size)[:policies]
    stock = draw.lognormal(0, 0.6, teams)
    seats = stock**0.6 * draw.lognormal(0, 0.3, teams)
    seats[draw.random(teams) < 0.03] = 0
    of_agent = draw.choice(teams, agents, p=seats / seats.sum())
    leavers = max(10, policies // 70)
    of_leaver = draw.choice(teams, leavers, p=stock / stock.sum())
    seller = draw.integers(leavers, size=holder[-1] + 1)[holder]
    served = draw.random(holder[-1] + 1) < 0.25
    people = _people(draw, of_agent, of_leaver)
    orphans = _orphans(draw, holder, seller)
    sold = _sold(draw, np.flatnonzero(served), agents)
    return Book(
        books=Books(
            policies=pl.concat([orphans, sold]),
            customers=empty(CUSTOMERS),
            people=people,
            institutions=_institutions(teams, districts),
            data_date=AS_OF,
        ),
        located=empty(LOCATED),
        homes=empty(LOCATED),
        classified=_classes(draw, orphans, sold, served[holder]),
        communities=empty(COMMUNITIES),
        neighbours=pl.DataFrame(schema={"community_a": pl.String, "community_b": pl.String}),
        facts=_facts(draw, agents),
        held=empty(HELD),
    )


def _institutions(teams: int, districts: int) -> pl.DataFrame:
    district = np.arange(teams) * districts // teams
    groups = complete(
        {
            "institution_code": named("T", np.arange(teams)),
            "parent_code": named("D", district),
            "level": "team",
        },
        INSTITUTIONS,
    )
    return pl.concat(
        [
            groups,
            complete({"institution_code": named("D", np.arange(districts)), "level": "sub"}, INSTITUTIONS),
        ]
    )


def _people(draw: np.random.Generator, of_agent: Ints, of_leaver: Ints) -> pl.DataFrame:
    count = len(of_agent)
    serving = complete(
        {
            "staff_number": named("A", np.arange(count)),
            "series": "marketing",
            "supervisor": draw.random(count) < 0.07,
            "team_code": named("T", of_agent),
            "hired_date": np.datetime64("2015-01-01") + draw.integers(0, 3_800, count),
        },
        PEOPLE,
    )
    known = draw.random(len(of_leaver)) < 0.7
    gone = complete(
        {
            "staff_number": named("X", np.arange(len(of_leaver))),
            "series": "marketing",
            "supervisor": draw.random(len(of_leaver)) < 0.05,
            "team_code": named("T", of_leaver),
            "left_date": np.full(len(of_leaver), np.datetime64("2025-06-01")),
            "recruiter_number": pl.select(
                pl.when(pl.Series(known)).then(named("A", draw.integers(count, size=len(of_leaver))))
            ).to_series(),
        },
        PEOPLE,
    )
    return pl.concat([serving, gone])


def _orphans(draw: np.random.Generator, holder: Ints, seller: Ints) -> pl.DataFrame:
    count = len(holder)
    return complete(
        {
            "policy_number": named("P", np.arange(count)),
            "kind": "main",
            "premium_mode": "regular",
            "payments_per_year": np.ones(count, dtype=np.int64),
            "premium_fen": np.rint(draw.lognormal(8, 1, count) * 100).astype(np.int64),
            "inception_date": np.datetime64("2012-01-01") + draw.integers(0, 4_000, count),
            "state": "in_force",
            "holder_number": named("C", holder),
            "insured_number": named("C", holder),
            "agent_number": named("X", seller),
            "components": "single",
        },
        POLICIES,
    )


def _sold(draw: np.random.Generator, holders: Ints, agents: int) -> pl.DataFrame:
    count = len(holders)
    return complete(
        {
            "policy_number": named("S", np.arange(count)),
            "kind": "main",
            "premium_mode": "regular",
            "payments_per_year": np.ones(count, dtype=np.int64),
            "premium_fen": np.full(count, 100_000),
            "inception_date": np.datetime64("2022-01-01") + draw.integers(0, 1_400, count),
            "state": "in_force",
            "holder_number": named("C", holders),
            "insured_number": named("C", holders),
            "agent_number": named("A", draw.integers(agents, size=count)),
            "components": "single",
        },
        POLICIES,
    )


def _classes(
    draw: np.random.Generator, orphans: pl.DataFrame, sold: pl.DataFrame, served: Ints
) -> pl.DataFrame:
    combined = draw.random(len(orphans)) < 0.15
    kind = np.where(combined, "combination", np.where(served, "non_pure", "pure"))
    first = complete(
        {
            "policy_number": orphans["policy_number"],
            "orphan": np.ones(len(orphans), dtype=bool),
            "orphan_type": pl.Series(kind),
            "combination": combined,
            "non_pure": served,
            "nature": "normal",
            "service_class": "normal",
            "route": "buffer",
        },
        CLASSIFIED,
    )
    second = complete(
        {
            "policy_number": sold["policy_number"],
            "orphan": np.zeros(len(sold), dtype=bool),
            "route": "agent_in_post",
        },
        CLASSIFIED,
    )
    return pl.concat([first, second])


def _facts(draw: np.random.Generator, agents: int) -> pl.DataFrame:
    number = named("A", np.arange(agents))
    parts = []
    for month in MONTHS:
        recruits = (draw.random(agents) < 0.27).astype(np.int64)
        parts.append(_fact(number, "effective_recruits", month, recruits))
        blamed = draw.random(agents) < 0.013
        parts.append(
            _fact(
                number.filter(pl.Series(blamed)),
                "valid_complaints",
                month,
                np.ones(blamed.sum(), dtype=np.int64),
            )
        )
    made = np.rint(draw.lognormal(9, 0.8, agents) * 100).astype(np.int64)
    return pl.concat([*parts, _fact(number, "productivity", MONTHS[-1], made)])


def _fact(subject: pl.Series, key: str, month: date, value: Ints) -> pl.DataFrame:
    return complete({"subject": subject, "key": key, "value": value}, FACTS).with_columns(month=pl.lit(month))


# --- the rival ------------------------------------------------------------------------------------------------------


@njit(cache=True)
def _greedy(
    field: Field,
    team: Ints,
    level: Ints,
    size: Ints,
    near: Ints,
    start: Ints,
    teams: Ints,
    manner: Manner,
    agent: Ints,
    tier: Ints,
) -> None:
    """Each customer at once to the own group, else to a near one, else to any."""
    for row in range(len(size)):
        if agent[row] >= 0:
            continue
        agent[row] = dealing.in_team(field, team[row], level[row], size[row], manner)
        tier[row] = OWN
        if agent[row] < 0 and near[team[row]] >= 0:
            tier[row] = NEAR
            for k in range(start[near[team[row]]], start[near[team[row]] + 1]):
                agent[row] = dealing.in_team(field, teams[k], level[row], size[row], manner)
                if agent[row] >= 0:
                    break
        if agent[row] < 0:
            tier[row] = AWAY
            for other in range(len(near)):
                agent[row] = dealing.in_team(field, other, level[row], size[row], manner)
                if agent[row] >= 0:
                    break
        if agent[row] < 0:
            tier[row] = NOBODY


def greedy(ground: planner.Setting, ours: Placed, manner: Manner) -> Placed:
    """The rival from the same named receivers."""
    by_name = ours.tier == NAMED
    agent, tier = np.where(by_name, ours.agent, -1), np.where(by_name, NAMED, NOBODY)
    field, near = ours.after_named.copy(), ground.agents.near
    order = np.argsort(near, kind="stable")
    teams = order[near[order] >= 0]
    start = np.searchsorted(near[teams], np.arange(near.max() + 2))
    c = ground.customers
    _greedy(field, c.team, c.level, c.size, near, start, teams, manner, agent, tier)
    return Placed(agent, tier, ours.named, field, ours.after_named)


# --- one size -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Figures:
    """What one size took and gave; the rival's share and cost in the same unit."""

    policies: int
    agents: int
    seconds: float
    cpu_seconds: float
    stage_seconds: float
    gap: float
    own: float
    unplaced: int
    greedy_own: float
    greedy_cost: float  # ours / its
    greedy_seconds: float


def measure(policies: int, seed: int, rulebook: Rulebook) -> Figures:
    book = draw_book(policies, seed)
    request = Request(book, rulebook, AS_OF, seed, 1, strategy("match").settled({}))
    begin, cpu = time.perf_counter(), time.process_time()
    proposal: Proposal = planner.propose(request)
    seconds, cpu_seconds = time.perf_counter() - begin, time.process_time() - cpu
    ground = planner.setting(request)
    manner = planner.manner_of("block", request, ground.agents)
    begin = time.perf_counter()
    ours = ground.placed(manner)
    stage_seconds = time.perf_counter() - begin
    begin = time.perf_counter()
    rival = greedy(ground, ours, manner)
    rival_seconds = time.perf_counter() - begin
    costs = [tier_cost(ground.customers, found, ground.agents, ground.prices) for found in (ours, rival)]
    return Figures(
        len(proposal.placements) + len(proposal.unplaced),
        len(proposal.tables["eligibility"]),
        seconds,
        cpu_seconds,
        stage_seconds,
        proposal.certificate.gap,
        _own_share(ground.customers, ours),
        len(proposal.unplaced),
        _own_share(ground.customers, rival),
        costs[0] / max(costs[1], 1),
        rival_seconds,
    )


def _own_share(customers: Customers, found: Placed) -> float:
    """Share of the pieces that nobody is named for and that stay in the own group."""
    dealt = found.tier != NAMED
    return float(customers.size[found.tier == OWN].sum() / max(customers.size[dealt].sum(), 1))


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "sizes", nargs="*", type=int, default=[10_000, 100_000, 1_000_000], metavar="POLICIES"
    )
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args(arguments)
    rulebook = parse_rulebook(read_shipped()).replace(holding__marketing_orphans_max=CAP)
    measure(1_000, 0, rulebook)  # compiles
    heads = (
        "policies",
        "agents",
        "whole s",
        "cpu s",
        "stages s",
        "MB",
        "own",
        "above LP",
        "nobody",
        "greedy own",
        "cost ratio",
        "time ratio",
        "growth",
    )
    print("".join(f"{head:>12}" for head in heads))
    before = None
    for size in chosen.sizes:
        got = measure(size, chosen.seed, rulebook)
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        growth = f"{got.seconds / before.seconds:.1f}x" if before else ""
        print(
            f"{got.policies:>12,}{got.agents:>12,}{got.seconds:>12.2f}{got.cpu_seconds:>12.2f}{got.stage_seconds:>12.2f}{memory:>12,}{got.own:>12.2%}"
            f"{got.gap:>12.3%}{got.unplaced:>12,}{got.greedy_own:>12.2%}{got.greedy_cost:>12.3f}"
            f"{got.stage_seconds / max(got.greedy_seconds, 1e-9):>12.1f}{growth:>12}",
            flush=True,
        )
        before = got


if __name__ == "__main__":
    main(sys.argv[1:])
