"""Which managers are at home in a community or touch it.

In: the book's communities, who serves pieces where. Out: `reach`: community → managers with ground in it or beside it.
Never: a manager who touches nowhere named as touching; an adjacency that depends on the order of rows.

What touches what is judged among the communities of all live orphans (`core.geometry`): Delaunay neighbours with
coordinates, the same street without, imported pairs always.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from tuogu.core.geometry import METRES, positions, touching_pairs
from tuogu.core.rulebook import Rulebook
from tuogu.core.tables import Book

NOT_JUDGED = "not_judged: 没有坐标，也没有导入相邻社区，相邻按同一街道计"


def near_communities(book: Book, rulebook: Rulebook, populated: pl.Series) -> pl.DataFrame:
    """community_code, near_code: both directions, each community near to itself."""
    at = positions(book.communities)
    index = at.index()
    codes = [code for code in populated.sort() if code in index]
    rows = np.array(sorted(index[code] for code in codes), dtype=np.int64)
    own = pl.DataFrame({"community_code": populated, "near_code": populated})
    if not len(rows):
        return own
    local = touching_pairs(at, rows, book.neighbours, rulebook["territory.longest_edges_pct"])
    pairs = rows[local].reshape(-1, 2)
    names = np.array(at.codes, dtype=object)
    sides = np.concatenate([pairs, pairs[:, ::-1]])
    touching = pl.DataFrame(
        {"community_code": names[sides[:, 0]].tolist(), "near_code": names[sides[:, 1]].tolist()},
        schema=own.schema,
    )
    return pl.concat([own, touching]).unique().sort("community_code", "near_code")


def reach(ground: pl.DataFrame, near: pl.DataFrame) -> pl.DataFrame:
    """community_code, receiver, owns: who has ground (community_code, receiver) in a community or beside it."""
    areas = ground.select(near_code="community_code", receiver="receiver").unique()
    found = near.join(areas, on="near_code").with_columns(
        owns=pl.col("near_code") == pl.col("community_code")
    )
    merged = found.group_by("community_code", "receiver").agg(pl.col("owns").any())
    return merged.sort("community_code", "receiver")


def judged(book: Book) -> bool:
    """True when touching is measured or imported, not only taken from the street."""
    return positions(book.communities).metric == METRES or len(book.neighbours) > 0
