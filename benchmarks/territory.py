"""Territory benchmark: fixed cities, seeds and efforts; one line a city.

    python benchmarks/territory.py            demo, branch and city
    python benchmarks/territory.py metropolis ten thousand units, a thousand managers

Prints seconds of the second run (the first compiles), the gap to the proven bound, policies handed over,
areas in pieces, and pieces outside the month band. Cities are drawn with fixed seeds: crowded sub-centres,
homes where people live, teams that live together, a mild season, one instalment a policy.
"""

from __future__ import annotations

import argparse
import resource
import sys
import time
from dataclasses import dataclass

import numpy as np
from scipy.spatial import Delaunay

from tuogu.core.geometry import pieces
from tuogu.core.territory.instance import Band, Floats, Instance, Ints, hashed_keys
from tuogu.core.territory.solve import Solution, solve

SEASON = np.array([1.2, 0.95, 1.12, 0.95, 0.95, 1.05, 0.95, 0.93, 0.98, 0.95, 0.97, 1.0])
UNIT = 50  # policies of a unit on average


@dataclass(frozen=True)
class City:
    units: int
    managers: int
    teams: int
    policies_each: int
    effort: int


CITIES = {
    "demo": City(200, 18, 3, 420, 2_000_000),
    "branch": City(1_200, 100, 10, 500, 10_000_000),
    "city": City(3_000, 300, 20, 480, 30_000_000),
    "metropolis": City(10_000, 1_000, 50, 500, 60_000_000),
}


def draw_city(city: City, seed: int) -> Instance:
    """An instance with Delaunay adjacency and homes near the units."""
    draw = np.random.default_rng(seed)
    side_m = 12_000 * (city.units / 1_000) ** 0.5
    centres = draw.uniform(-side_m, side_m, (max(3, city.units // 250), 2))
    near = centres[draw.integers(0, len(centres), city.units)] + draw.normal(0, 0.1 * side_m, (city.units, 2))
    spread = draw.normal(0, 0.4 * side_m, (city.units, 2))
    xy = np.where(draw.random((city.units, 1)) < 0.45, near, spread).round(1)
    size = np.maximum(
        5, np.rint(draw.lognormal(0, 0.35, city.units) * city.managers * city.policies_each / city.units)
    )
    chance = np.array([draw.dirichlet(SEASON / SEASON.sum() * 200) for _ in range(city.units)])
    stock = draw.multinomial(size.astype(np.int64), chance)
    homes = xy[draw.choice(city.units, city.managers, p=size / size.sum())] + draw.normal(
        0, 150, (city.managers, 2)
    )
    metres = np.rint(np.hypot(*(xy[:, None] - homes[None]).transpose(2, 0, 1))).astype(np.int32)
    corners = Delaunay(xy).simplices.astype(np.int64)
    sides = np.concatenate([corners[:, [0, 1]], corners[:, [1, 2]], corners[:, [0, 2]]])
    mean = stock.sum() / city.managers
    return Instance(
        stock=stock.astype(np.int64),
        vectors=np.eye(12, dtype=np.int64),
        metres=metres,
        xy_m=xy,
        touching=np.unique(np.sort(sides, axis=1), axis=0),
        team=teams_of(homes, city.teams).astype(np.int32),
        band=Band(25, 60, int(np.ceil(0.9 * mean)), int(1.1 * mean), 720),
        judged=True,
        unit_keys=hashed_keys([f"u{i}" for i in range(city.units)], seed),
        manager_keys=hashed_keys([f"m{i}" for i in range(city.managers)], seed),
        hand_over_m=500,
        other_team_m=1_500,
        team_detour_m=10_000,
    )


def teams_of(homes: Floats, teams: int) -> Ints:
    """Team numbers by halving the homes across their longer side."""
    if teams == 1:
        return np.zeros(len(homes), dtype=np.int64)
    half = teams // 2
    order = np.argsort(homes[:, np.ptp(homes, axis=0).argmax()], kind="stable")
    cut = len(order) * half // teams
    out = np.empty(len(homes), dtype=np.int64)
    out[order[:cut]] = teams_of(homes[order[:cut]], half)
    out[order[cut:]] = half + teams_of(homes[order[cut:]], teams - half)
    return out


def report(name: str, found: Solution, seconds: float) -> str:
    final, labels = found.instance, found.labels
    rows, team = np.arange(final.units), final.team[labels].astype(np.int64)
    torn = int((pieces(rows, labels, final.touching, final.managers) - 1).clip(0).sum())
    torn_teams = int((pieces(rows, team, final.touching, int(team.max()) + 1) - 1).clip(0).sum())
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    handed = len(found.atoms[0]) / int(final.policies.sum())
    return (
        f"{name:<11}{seconds:>7.1f}{memory:>9.0f}{found.objective / found.bound_m - 1:>9.2%}{handed:>9.2%}"
        f"{torn:>7}/{torn_teams}{final.month_excess(labels):>9}  {found.rung} {' '.join(found.limits_hit)}"
    )


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("names", nargs="*", default=["demo", "branch", "city"], metavar="CITY")
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args(arguments)
    print(f"{'city':<11}{'s':>7}{'MB':>9}{'gap':>9}{'handed':>9}{'pieces':>9}{'outside':>9}")
    solve(
        draw_city(CITIES["demo"], 0), band_possible=True, seed=0, effort=1, shown=6, progress=lambda *_: None
    )
    for name in chosen.names:
        instance = draw_city(CITIES[name], chosen.seed)
        start = time.perf_counter()
        effort = CITIES[name].effort
        found = solve(instance, band_possible=True, seed=1, effort=effort, shown=6, progress=lambda *_: None)
        print(report(name, found, time.perf_counter() - start), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
