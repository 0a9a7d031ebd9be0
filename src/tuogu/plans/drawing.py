"""The map of a plan as plain numbers: a cell for each community, who serves it by the plan and today, where people live.

In: a stored plan. Out: a Picture ready for JSON; metres on the plane of the plan. Never: a customer, a home more exact
than its community, a place without coordinates drawn (it is counted).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from tuogu.core.geometry import Floats
from tuogu.core.places import short_name
from tuogu.files.report_geometry import cells, colours, touching
from tuogu.org import queries as org
from tuogu.org.scope import Scope
from tuogu.plans import burdens, memory
from tuogu.plans.heads import seen
from tuogu.plans.models import StoredPlan
from tuogu.plans.standing import version

COLOURS = 8  # fills --tg-c0 … --tg-c7


@dataclass(frozen=True)
class Picture:
    """`places` and `people` refer to each other by position in the lists; -1 = the buffer group. `missing` places have
    no coordinates; `synthetic` coordinates are invented and the page must say so."""

    places: list[dict[str, Any]]
    people: list[dict[str, Any]]
    missing: int
    synthetic: bool


def picture(plan_id: int, scope: Scope) -> Picture:
    """The map of a plan beside today's custody; names are read anew."""
    stored = seen(plan_id, scope)
    ground = _ground(stored)
    held = memory.derived((stored.digest, "holders", version(stored)), lambda: _holders(stored))
    people = _people(stored)
    place_in_list = {person["number"]: index for index, person in enumerate(people)}
    places = [
        place | {
            "who": place_in_list[place["served"][0][0]],
            "served": [[place_in_list[number], count] for number, count in place["served"]],
            "now": place_in_list.get(held.get(place["key"], ""), -1),
        }
        for place in ground["places"]
    ]  # fmt: skip
    coordinates = memory.table(stored, "books.coordinates")
    return Picture(places, people, ground["missing"], bool((coordinates["source"] == "synthetic").any()))


def colours_of(stored: StoredPlan) -> dict[str, int]:
    """A fill below COLOURS for everybody who serves somebody: who touch differ as long as colours are left."""
    return memory.derived((stored.digest, "colours"), lambda: _colours(stored))


def _ground(stored: StoredPlan) -> dict[str, Any]:
    return memory.derived((stored.digest, "ground"), lambda: _drawn(stored))


def _drawn(stored: StoredPlan) -> dict[str, Any]:
    """Communities with coordinates: rings, names, and who serves how many."""
    communities = memory.table(stored, "book.communities")
    served = memory.table(stored, "assignments").group_by("community_code", "staff_number").agg(n=pl.len())
    served = served.sort("community_code", "n", "staff_number", descending=[False, True, False])
    rows = served.group_by("community_code", maintain_order=True).agg("staff_number", "n")
    rows = rows.join(communities, on="community_code", how="left").sort("community_code")
    placed = rows.filter(pl.col("x_m").is_not_null() & pl.col("y_m").is_not_null())
    points = placed.select("x_m", "y_m").to_numpy().astype(np.float64)
    shapes = cells(points)
    places = [
        {
            "code": row["display_code"] or row["community_code"], "key": row["community_code"],
            "street": row["street"], "community": row["community"], "district": row["district"],
            "name": short_name(row["community"]), "n": sum(row["n"]),
            "at": _metres(point), "ring": [_metres(corner) for corner in shape.corners],
            "served": list(zip(row["staff_number"], row["n"], strict=True)),
        }
        for row, point, shape in zip(placed.to_dicts(), points.tolist(), shapes, strict=True)
    ]  # fmt: skip
    return {"places": places, "pairs": touching(shapes), "missing": rows.height - placed.height}


def _colours(stored: StoredPlan) -> dict[str, int]:
    ground = _ground(stored)
    owners = [place["served"][0][0] for place in ground["places"]]
    chosen = colours(owners, ground["pairs"], COLOURS)
    others = memory.table(stored, "loads")["staff_number"].unique().sort().to_list()
    rest = [number for number in others if number not in chosen]  # who serves parts of communities only
    return chosen | {number: index % COLOURS for index, number in enumerate(rest)}


def _holders(stored: StoredPlan) -> dict[str, str]:
    """community_code → staff number of who holds most of it now; absent = the buffer group still holds all of it."""
    assigned = memory.table(stored, "assignments").select("policy_number", "community_code")
    held = assigned.join(burdens.holders_now(stored).drop_nulls(), on="policy_number")
    most = held.group_by("community_code", "staff_number").agg(n=pl.len())
    first = most.sort("n", "staff_number", descending=[True, False])
    first = first.unique("community_code", keep="first", maintain_order=True)
    return dict(first.select("community_code", "staff_number").iter_rows())


def _people(stored: StoredPlan) -> list[dict[str, Any]]:
    """Everybody who may get a territory, by staff number, and the middle of the community they live in."""
    tables = memory.tables(stored, ("loads", "books.people", "book.homes", "book.communities"))
    numbers = tables["loads"].select("staff_number").unique().sort("staff_number")
    points = tables["book.communities"].select("x_m", "y_m", home="community_code")
    homes = (
        tables["book.homes"]
        .select(staff_number="key", home="community_code")
        .join(points, on="home", how="left")
    )
    people = tables["books.people"].select("staff_number", "supervisor")
    rows = numbers.join(homes, on="staff_number", how="left").join(people, on="staff_number", how="left")
    ids = dict(org.staff_ids(numbers["staff_number"]).select("staff_number", "custodian_id").iter_rows())
    names, fills = org.names(ids.values()), colours_of(stored)
    return [
        {
            "number": row["staff_number"], "name": names.get(ids.get(row["staff_number"], 0)) or row["staff_number"],
            "colour": fills.get(row["staff_number"]), "supervisor": bool(row["supervisor"]),
            "home": None if row["x_m"] is None else _metres((row["x_m"], row["y_m"])),
        }
        for row in rows.sort("staff_number").to_dicts()
    ]  # fmt: skip


def _metres(point: tuple[float, float] | Floats | list[float]) -> list[int]:
    return [round(float(point[0])), round(float(point[1]))]
