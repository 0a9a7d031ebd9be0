"""From accepted books to the input of a plan: locate addresses, give display codes, place communities, classify.

In: Books, the code book's regions, a gazetteer, a rulebook, the as-of date. Out: Book. Never: a policy dropped
(whatever cannot be coded waits in the manual queue, and says so), a book with two address bases (S0-02).
"""

from __future__ import annotations

from datetime import date

import polars as pl

from tuogu.core.address import Gazetteer, locate
from tuogu.core.classify import classify
from tuogu.core.places import place_communities
from tuogu.core.rulebook import Rulebook
from tuogu.core.tables import LOCATED, Book, Books

_NEIGHBOURS = {"community_a": pl.String, "community_b": pl.String}


def prepare(
    books: Books,
    regions: pl.DataFrame,
    gazetteer: Gazetteer,
    rulebook: Rulebook,
    as_of: date,
    *,
    home_city: str,
    display: pl.DataFrame | None = None,
    neighbours: pl.DataFrame | None = None,
    decided: pl.DataFrame | None = None,
    decided_homes: pl.DataFrame | None = None,
) -> Book:
    """Code and classify `books`.

    `home_city` is the branch's 4- or 6-digit city code; `display` the display codes already in use
    (community_code, display_code), never changed or reused; `neighbours` imported pairs of communities; `decided`
    LOCATED rows of customers whose address a person has judged: what the parser says of them does not count;
    `decided_homes` the same of the staff.
    """
    located = _as_judged(
        locate(_keyed(books.customers, "customer_number"), gazetteer, rulebook, home_city), decided
    )
    in_post = books.people.filter(pl.col("left_date").is_null() | (pl.col("left_date") > as_of))
    homes = _as_judged(locate(_keyed(in_post, "staff_number"), gazetteer, rulebook, home_city), decided_homes)
    codes = pl.concat([located["community_code"], homes["community_code"]])
    return Book(
        books=books,
        located=located,
        homes=homes,
        classified=classify(books, located, rulebook, as_of),
        communities=place_communities(codes, regions, display, books.coordinates),
        neighbours=neighbours if neighbours is not None else pl.DataFrame(schema=_NEIGHBOURS),
    )


def _as_judged(located: pl.DataFrame, decided: pl.DataFrame | None) -> pl.DataFrame:
    """LOCATED rows with those of `decided` in the place of the parser's."""
    if decided is None or decided.is_empty():
        return located
    judged = decided.join(located, on="key", how="semi")
    return pl.concat([located.join(judged, on="key", how="anti"), judged.select(*LOCATED)]).sort("key")


def _keyed(frame: pl.DataFrame, key: str) -> pl.DataFrame:
    return frame.select(pl.col(key).alias("key"), "address")
