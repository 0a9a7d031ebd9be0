"""From tables to an Instance: units of 50, where they are, who lives where, what a policy costs whom.

In: a Selection, the Book, the rulebook. Out: `Setting`: the Instance and the tables that name its rows.
Never: a manager without a home quietly treated as if he had one (he borrows the team's middle and is listed).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from tuogu.core.coding import allot_units
from tuogu.core.geometry import METRES, Positions, distances_m, positions, touching_pairs
from tuogu.core.rulebook import Rulebook
from tuogu.core.tables import MONTH_COLUMNS, Book
from tuogu.core.territory.instance import Band, Floats, Instance, Ints, Ints32, hashed_keys


@dataclass(frozen=True)
class Setting:
    """`members`: planned policies with unit_code, row (of the instance) and kind (due type), sorted by
    policy number. `units`: unit_code, community_code, by row. `managers`: staff_number, team_code by
    column.
    """

    instance: Instance
    members: pl.DataFrame
    units: pl.DataFrame
    managers: pl.DataFrame
    at: Positions
    places: Ints  # (u,) row of each unit's community in `at`
    community_pairs: Ints  # touching pairs of rows of `at`
    codes_in_use: pl.Series  # unit codes of now and of the earlier plan: none is given to something new
    homes_missing: tuple[str, ...]
    trait_m: Ints32  # (u, a) the part of the metres that is trait mismatch


def build_setting(
    planned: pl.DataFrame,
    managers: pl.DataFrame,
    book: Book,
    rulebook: Rulebook,
    seed: int,
    held_cap: int,
    existing: pl.DataFrame | None = None,
) -> Setting:
    """Build the instance. `existing` (policy_number, unit_code) keeps unit codes of an earlier plan."""
    display = book.communities.select("community_code", "display_code")
    membership = allot_units(planned, display, rulebook["territory.unit_size"], existing)
    members = planned.join(membership, on="policy_number").sort("policy_number")
    units = members.select("unit_code", "community_code").unique().sort("unit_code").with_row_index("row")
    vectors, kinds = _due_types(members)
    members = members.with_columns(kind=kinds).join(units.select("unit_code", "row"), on="unit_code")
    members = members.with_columns(pl.col("row").cast(pl.Int64)).sort("policy_number")
    stock = np.zeros((len(units), len(vectors)), dtype=np.int64)
    np.add.at(stock, (members["row"].to_numpy(), members["kind"].to_numpy()), 1)
    at = positions(book.communities)
    index = at.index()
    places = np.array([index[code] for code in units["community_code"]], dtype=np.int64)
    populated = np.unique(places)
    local = touching_pairs(at, populated, book.neighbours, rulebook["territory.longest_edges_pct"])
    pairs = populated[local].reshape(-1, 2)
    metres, trait, missing = _costs(at, places, managers, book, rulebook)
    teams = managers["team_code"].fill_null("").rank("dense").to_numpy().astype(np.int32) - 1
    judged = at.metric == METRES or len(book.neighbours) > 0
    instance = Instance(
        stock=stock,
        vectors=vectors,
        metres=metres + trait,
        xy_m=at.xy_m[places],
        touching=unit_pairs(places, pairs),
        team=teams.astype(np.int32),
        band=_band(len(planned), len(managers), rulebook, held_cap),
        judged=judged,
        unit_keys=hashed_keys(units["unit_code"].to_list(), seed),
        manager_keys=hashed_keys(managers["staff_number"].to_list(), seed),
        hand_over_m=rulebook["territory.hand_over_cost_m"],
        other_team_m=rulebook["territory.other_team_cost_m"],
        team_detour_m=rulebook["territory.team_detour_m"],
    )
    in_use = (
        units["unit_code"] if existing is None else pl.concat([units["unit_code"], existing["unit_code"]])
    )
    return Setting(
        instance, members, units, managers, at, places, pairs, in_use.unique().sort(), missing, trait
    )


def _due_types(members: pl.DataFrame) -> tuple[Ints, pl.Series]:
    months = members.select(MONTH_COLUMNS).to_numpy().astype(np.int64)
    vectors, kinds = np.unique(months, axis=0, return_inverse=True)
    return vectors.astype(np.int64), pl.Series("kind", kinds.ravel().astype(np.int64))


def unit_pairs(places: Ints, pairs: Ints) -> Ints:
    """Units touch when they share a community or their communities touch."""
    frame = pl.DataFrame({"row": np.arange(len(places)), "place": places})
    own = pl.DataFrame({"place": np.unique(places), "near": np.unique(places)})
    near = pl.DataFrame({"place": pairs[:, 0], "near": pairs[:, 1]})
    found = (
        pl.concat([own, near])
        .join(frame, on="place")
        .join(frame, left_on="near", right_on="place", suffix="_near")
        .select("row", "row_near")
        .to_numpy()
        .reshape(-1, 2)
    )
    ordered = np.sort(found[found[:, 0] != found[:, 1]], axis=1)
    return np.unique(ordered, axis=0).astype(np.int64).reshape(-1, 2)


def _costs(
    at: Positions, places: Ints, managers: pl.DataFrame, book: Book, rulebook: Rulebook
) -> tuple[Ints32, Ints32, tuple[str, ...]]:
    """(metres, trait metres, staff numbers without a coded home)."""
    homes = managers.join(
        book.homes.select("key", "community_code"), left_on="staff_number", right_on="key", how="left"
    )
    index = at.index()
    rows = np.array([index.get(code, -1) for code in homes["community_code"]], dtype=np.int64)
    missing = tuple(homes["staff_number"].to_numpy()[rows < 0].tolist())
    rows, xy = _borrowed_homes(at, rows, managers["team_code"].fill_null("").to_numpy())
    region: Mapping[str, Any] = {
        level: rulebook[f"territory.region_distance_m.{level}"]
        for level in ("same_community", "same_street", "same_district", "same_city", "elsewhere")
    }
    metres = distances_m(at, places, rows, xy, region)
    return metres, _trait_metres(places, at, managers, book, rulebook), missing


def _borrowed_homes(at: Positions, rows: Ints, teams: np.ndarray[Any, Any]) -> tuple[Ints, Floats]:
    """A manager without a coded home gets the middle of the team's homes, else the median of all homes,
    else of all communities. Without coordinates: the community where most of the team (of all) live, ties
    to the lower code.
    """
    xy = np.where(rows[:, None] >= 0, at.xy_m[rows], np.nan)
    filled = rows.copy()
    for manager in np.flatnonzero(rows < 0):  # a handful of people
        mates = np.flatnonzero((teams == teams[manager]) & (rows >= 0))
        known = mates if len(mates) else np.flatnonzero(rows >= 0)
        if len(known):
            xy[manager] = (
                at.xy_m[rows[known]].mean(axis=0) if len(mates) else np.median(at.xy_m[rows[known]], axis=0)
            )
            filled[manager] = np.bincount(rows[known]).argmax()
        elif len(at.codes):
            xy[manager] = np.median(at.xy_m, axis=0)
    return filled, xy


def _trait_metres(
    places: Ints, at: Positions, managers: pl.DataFrame, book: Book, rulebook: Rulebook
) -> Ints32:
    """`territory.trait_mismatch_m` where the manager's trait and the district's differ; unknown never
    differs.
    """
    price, traits = rulebook["territory.trait_mismatch_m"], rulebook["territory.district_traits"]
    districts = dict(book.communities.select("community_code", "district_code").iter_rows())
    of_place = np.array([traits.get(districts[code], "") for code in at.codes], dtype=object)[places]
    of_manager = managers["trait"].fill_null("").to_numpy().astype(object)
    differ = (
        (of_place[:, None] != of_manager[None, :]) & (of_place[:, None] != "") & (of_manager[None, :] != "")
    )
    return np.asarray(differ * price, dtype=np.int32)


def _band(policies: int, managers: int, rulebook: Rulebook, held_cap: int) -> Band:
    """Month band, balance band around the mean book (never above the cap), hard cap."""
    share = rulebook["territory.balance_band_pct"] / 100
    mean = policies / managers
    low, high = int(np.ceil(mean * (1 - share))), int(np.floor(mean * (1 + share)))
    return Band(
        rulebook["territory.month_load_min"],
        rulebook["territory.month_load_max"],
        held_min=min(low, policies // managers),
        held_max=min(max(high, -(-policies // managers)), held_cap),
        held_cap=held_cap,
    )


def metres_to(codes: pl.Series, managers: pl.DataFrame, book: Book, rulebook: Rulebook) -> Ints32:
    """(codes, managers) metres from each community to each manager's home, trait mismatch included."""
    at = positions(book.communities)
    index = at.index()
    places = np.array([index[code] for code in codes], dtype=np.int64)
    metres, trait, _ = _costs(at, places, managers, book, rulebook)
    return np.asarray(metres + trait, dtype=np.int32)


def nearest_m(codes: pl.Series, managers: pl.DataFrame, book: Book, rulebook: Rulebook) -> Ints32:
    """(communities,) metres from each of `codes` to the nearest manager, trait mismatch included."""
    nearest: Ints32 = metres_to(codes, managers, book, rulebook).min(axis=1)
    return nearest
