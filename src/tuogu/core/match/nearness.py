"""What it costs that a collector serves a community: metres from home, more outside the service area (S4-11).

In: communities, collectors with coded homes, the rulebook. Out: `Ground`. Never: a person outside the area preferred to one
inside while the one inside has room (the surcharge is larger than any distance).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tuogu.core.geometry import distances_m, positions
from tuogu.core.match.field import Ints
from tuogu.core.rulebook import Rulebook
from tuogu.core.tables import Book

_LEVELS = ("same_community", "same_street", "same_district", "same_city", "elsewhere")
_REGION = {"community": "community_code", "street": "street_code", "district": "district_code"}


@dataclass(frozen=True)
class Ground:
    """(communities, collectors): metres, whether it is the collector's own area, cost; `order` sorts each row by cost."""

    codes: tuple[str, ...]
    metres: Ints
    own_area: NDArray[np.bool_]
    cost: Ints
    order: Ints


def ground(communities: list[str], collectors: pl.DataFrame, book: Book, rulebook: Rulebook) -> Ground:
    """`communities`: codes that hold customers; `collectors`: rows with home_code, ties go to the earlier."""
    at = positions(book.communities)
    index = at.index()
    rows = np.array([index[code] for code in communities], dtype=np.int64)
    homes = np.array([index[code] for code in collectors["home_code"]], dtype=np.int64)
    apart = {level: rulebook[f"territory.region_distance_m.{level}"] for level in _LEVELS}
    metres = distances_m(at, rows, homes, at.xy_m[homes], apart).astype(np.int64)
    column = _REGION[rulebook["match.collector_area"]]
    regions = dict(book.communities.select("community_code", region=column).iter_rows())
    area = np.array([regions[code] for code in communities], dtype=object)
    home_area = np.array([regions[code] for code in collectors["home_code"]], dtype=object)
    own = (area[:, None] == home_area[None, :]).astype(bool)
    cost = metres + np.where(own, 0, int(rulebook["match.outside_area_m"]))
    return Ground(
        tuple(communities), metres, own, cost, np.argsort(cost, axis=1, kind="stable").astype(np.int64)
    )
