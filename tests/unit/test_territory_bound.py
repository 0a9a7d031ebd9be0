"""The certificate's proof (N-02): the bound never exceeds an optimum found by trying everything, and the
solver finds it.
"""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from scipy.optimize import linprog

from tuogu.core.geometry import pieces
from tuogu.core.territory.flow import bound_m, bounded_transport
from tuogu.core.territory.instance import Band, Instance, hashed_keys
from tuogu.core.territory.solution import Solution
from tuogu.core.territory.solve import solve


def tiny(seed: int, units: int = 8, managers: int = 3) -> Instance:
    """Random units of 5..14 policies on a plane; the months are open, the band of held policies is tight."""
    draw = np.random.default_rng(seed)
    xy = draw.integers(0, 5_000, (units, 2)).astype(np.float64)
    home = draw.integers(0, 5_000, (managers, 2)).astype(np.float64)
    metres = np.rint(np.hypot(*(xy[:, None] - home[None]).transpose(2, 0, 1))).astype(np.int32)
    stock = draw.integers(5, 15, (units, 1))
    order = np.argsort(xy[:, 0])
    chain = np.column_stack([order[:-1], order[1:]])
    skip = np.column_stack([order[:-2], order[2:]])
    mean = stock.sum() / managers
    band = Band(0, 10_000, int(mean * 0.7), int(mean * 1.3), 10_000)
    return Instance(
        stock=stock.astype(np.int64),
        vectors=np.eye(1, 12, dtype=np.int64),
        metres=metres,
        xy_m=xy,
        touching=np.unique(np.sort(np.concatenate([chain, skip]), axis=1), axis=0),
        team=np.zeros(managers, dtype=np.int32),
        band=band,
        judged=True,
        unit_keys=hashed_keys([f"u{i}" for i in range(units)], seed),
        manager_keys=hashed_keys([f"m{i}" for i in range(managers)], seed),
        hand_over_m=500,
        other_team_m=1_500,
        team_detour_m=10_000,
    )


def best_by_trying(instance: Instance) -> int | None:
    """The cheapest whole-unit labelling inside the band with every manager's area in one piece."""
    best = None
    places = np.arange(instance.units)
    for labels in product(range(instance.managers), repeat=instance.units):
        held = np.bincount(labels, instance.policies, instance.managers)
        if held.min() < instance.band.held_min or held.max() > instance.band.held_max:
            continue
        value = instance.objective(np.array(labels))
        if best is not None and value >= best:
            continue
        if pieces(places, np.array(labels), instance.touching, instance.managers).max() <= 1:
            best = value
    return best


def solved(instance: Instance) -> Solution:
    return solve(instance, band_possible=True, seed=1, effort=300_000, shown=3, progress=lambda *_: None)


@pytest.mark.req("N-02")
@pytest.mark.parametrize("seed", [0, 1, 2, 5, 6, 10])
def test_the_solver_equals_brute_force_and_the_bound_is_below(seed: int) -> None:
    instance = tiny(seed)
    best, found = best_by_trying(instance), solved(instance)
    assert best is not None
    assert found.rung == ""  # no policy had to change hands singly
    assert found.objective == best
    assert 0 < found.bound_m <= best


@pytest.mark.req("N-02")
@pytest.mark.parametrize("seed", [3, 4, 7, 8])
def test_where_single_policies_change_hands_the_plan_beats_whole_units_but_not_the_bound(seed: int) -> None:
    instance = tiny(seed)
    best, found = best_by_trying(instance), solved(instance)
    assert best is not None
    assert found.rung == "border"
    assert found.bound_m <= found.objective <= best


@pytest.mark.req("N-02")
@pytest.mark.parametrize("seed", range(5))
def test_any_prices_prove_a_bound_and_the_flows_prices_prove_the_linear_optimum(seed: int) -> None:
    instance = tiny(seed, units=30, managers=6)
    supply, low, high = instance.policies, instance.band.held_min, instance.band.held_max
    found = bounded_transport(instance.metres, supply, low, high)
    units, managers = instance.metres.shape
    whole = np.kron(np.eye(units), np.ones(managers))
    loads = np.kron(supply, np.eye(managers))
    exact = linprog(
        (instance.metres * supply[:, None]).ravel(),
        A_ub=np.concatenate([loads, -loads]),
        b_ub=np.concatenate([np.full(managers, high), np.full(managers, -low)]),
        A_eq=whole,
        b_eq=np.ones(units),
    ).fun
    assert found.transport.slack == 0
    assert found.bound_m <= exact + 1e-3
    assert found.bound_m >= exact * (1 - 3e-4)
    for prices in np.random.default_rng(seed).integers(-3_000, 3_000, (50, managers)):
        assert bound_m(instance.metres, supply, prices, low, high) <= exact + 1e-3


@pytest.mark.req("N-02")
def test_a_band_that_cannot_be_kept_shows_as_slack() -> None:
    instance = tiny(0)
    total = int(instance.policies.sum())
    assert bounded_transport(instance.metres, instance.policies, 0, total // 4).transport.slack > 0
