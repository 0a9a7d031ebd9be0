"""The main path of the planner: bound → whole areas → search → exact month repair → descent → ranking.

In: an Instance, whether the month band is possible at all, seed and effort (search moves). Out: `Solution`.
Never: a clock, a random source besides the seed, a violation hidden: what stays outside is in the loads.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import polars as pl

from tuogu.core.territory.areas import first_labels, grown
from tuogu.core.territory.flow import Bounded, bound_m, bounded_transport
from tuogu.core.territory.hand_over import HandOver, Hold, hand_over
from tuogu.core.territory.instance import Flags, Instance, Ints
from tuogu.core.territory.search import Prices, search
from tuogu.core.territory.settle import rank, settle
from tuogu.core.territory.solution import Solution

Progress = Callable[[str, float], None]

# The shape of the search. Measured on three synthetic cities (benchmarks/territory.py prints them): dearer
# pieces mean fewer hand-overs and longer ways, cheaper ones the reverse.
HELD_MARGIN_M = 1_200.0  # above the flow's own price of a policy outside the balance band
MONTH_PIECE_M = 50.0
WARM_M, COLD_M = 150_000.0, 500.0  # policy-metres


def solve(
    instance: Instance, *, band_possible: bool, seed: int, effort: int, shown: int, progress: Progress
) -> Solution:
    """Plan one instance from nothing. `effort` is the number of moves the search may try; `shown`
    candidates.
    """
    progress("bound", 0.0)
    band = instance.band
    bounded = bounded_transport(instance.metres, instance.policies, band.held_min, band.held_max)
    progress("areas", 0.15)
    labels = first_labels(instance, bounded.arcs)
    progress("search", 0.25)
    labels = search(instance, labels, effort, seed, _prices(bounded))
    nobody = np.zeros(instance.units, dtype=np.bool_)
    return _finished(
        instance, labels, nobody, bounded, band_possible=band_possible, shown=shown, progress=progress
    )


def solve_around(
    instance: Instance,
    earlier: Ints,
    *,
    band_possible: bool,
    shown: int,
    progress: Progress,
    hold: Hold | None = None,
) -> Solution:
    """Plan around an earlier plan: a unit whose `earlier` manager (u,) still serves keeps him, those with
    -1 go to the managers who touch them. Single policies move only where a limit demands it (S0-16). The
    balance band gives way: only the hard cap holds. `hold` prices and caps the policies that change hands
    (S0-28).
    """
    progress("bound", 0.0)
    open_band = replace(instance.band, held_min=0, held_max=instance.band.held_cap)
    instance = replace(instance, band=open_band)
    bounded = bounded_transport(instance.metres, instance.policies, open_band.held_min, open_band.held_max)
    progress("areas", 0.3)
    kept = earlier >= 0
    labels = grown(instance, earlier, np.where(kept, earlier, instance.metres.argmin(axis=1)))
    return _finished(
        instance,
        labels,
        kept,
        bounded,
        band_possible=band_possible,
        shown=shown,
        progress=progress,
        hold=hold,
    )


def _finished(
    instance: Instance,
    labels: Ints,
    kept: Flags,
    bounded: Bounded,
    *,
    band_possible: bool,
    shown: int,
    progress: Progress,
    hold: Hold | None = None,
) -> Solution:
    """Month repair, descent, ranking, and the bound for the band that the plan really keeps."""
    progress("hand_over", 0.7)
    moved = hand_over(instance, labels, band_possible=band_possible, hold=hold)
    progress("settle", 0.85)
    final, labels, atoms, stopped = _settled(instance, labels, kept, moved)
    free = np.zeros(len(atoms[0]), dtype=np.bool_)
    ranking = rank(final, labels, np.concatenate([kept, free]), shown)
    held, band = final.held(labels), instance.band
    low, high = min(band.held_min, int(held.min())), max(band.held_max, int(held.max()))
    limits = moved.limits_hit + (("descent_passes",) if stopped else ())
    proven = bound_m(instance.metres, instance.policies, bounded.prices, low, high)
    return Solution(
        final, labels, atoms, ranking, max(proven, 0), final.objective(labels), moved.rung, limits
    )


def _prices(bounded: Bounded) -> Prices:
    prices = bounded.prices.astype(np.float64)
    over, under = np.maximum(prices, 0) + HELD_MARGIN_M, np.maximum(-prices, 0) + HELD_MARGIN_M
    return Prices(over, under, MONTH_PIECE_M, WARM_M, COLD_M)


def _settled(
    instance: Instance, labels: Ints, kept: Flags, moved: HandOver
) -> tuple[Instance, Ints, tuple[Ints, Ints, Ints], bool]:
    """Descend with every handed-over policy as a row of its own; those that come home join their unit
    again.
    """
    site = np.repeat(moved.unit, moved.count)
    kind = np.repeat(moved.kind, moved.count)
    own = np.repeat(moved.receiver, moved.count)
    labels = _emptied(instance, labels, site, own)
    away = own != labels[site]
    site, kind, own = site[away], kind[away], own[away]
    while True:
        split = with_atoms(instance, site, kind)
        free = np.zeros(len(site), dtype=np.bool_)
        settled, stopped = settle(split, np.concatenate([labels, own]), np.concatenate([kept, free]))
        labels, own = settled[: instance.units], settled[instance.units :]
        away = own != labels[site]
        if away.all():
            return split, settled, (site, kind, own), stopped
        site, kind, own = site[away], kind[away], own[away]


def _emptied(instance: Instance, labels: Ints, site: Ints, own: Ints) -> Ints:
    """A unit all of whose policies leave goes as a whole to whoever receives most of them (rung `anew`
    only).
    """
    out = labels.copy()
    for unit in np.flatnonzero(np.bincount(site, minlength=instance.units) == instance.policies):
        out[unit] = np.bincount(own[site == unit]).argmax()
    return out


def with_atoms(instance: Instance, site: Ints, kind: Ints) -> Instance:
    """`instance` with one more row for each policy of type `kind` taken out of unit `site` (never its
    last).
    """
    stock = instance.stock.copy()
    np.subtract.at(stock, (site, kind), 1)
    single = np.zeros((len(site), stock.shape[1]), dtype=np.int64)
    single[np.arange(len(site)), kind] = 1
    ground = np.concatenate([np.arange(instance.units), site])
    order = np.arange(len(site), dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    return replace(
        instance,
        stock=np.concatenate([stock, single]),
        metres=instance.metres[ground],
        xy_m=instance.xy_m[ground],
        touching=_touching(instance.touching, ground, instance.units),
        unit_keys=np.concatenate([instance.unit_keys, instance.unit_keys[site] ^ order]),
    )


def _touching(touching: Ints, ground: Ints, units: int) -> Ints:
    """Pairs of rows: those on one ground touch each other, those on touching grounds too."""
    row = np.arange(len(ground))
    atoms = pl.DataFrame({"row": row[units:], "ground": ground[units:]})
    every = pl.DataFrame({"other": row, "near": ground})
    sides = np.concatenate([touching, touching[:, ::-1], np.column_stack([np.arange(units)] * 2)])
    near = pl.DataFrame({"ground": sides[:, 0], "near": sides[:, 1]}).unique()
    found = atoms.join(near, on="ground").join(every, on="near").filter(pl.col("row") != pl.col("other"))
    pairs = np.sort(found.select("row", "other").to_numpy().astype(np.int64).reshape(-1, 2), axis=1)
    return np.unique(np.concatenate([touching, pairs]), axis=0)
