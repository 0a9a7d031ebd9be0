"""Communities in which nobody lived so far get their display code and their names.

In: official codes, a code book. Out: stored DisplayCode and ListedCommunity rows. Never: a display code changed or given
out twice (S0-08).
"""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from tuogu.books import listing, queries
from tuogu.books.models import DisplayCode
from tuogu.core.places import place_communities
from tuogu.data.codebook import Codebook


def place(codes: Iterable[str], codebook: Codebook) -> None:
    """Name these communities as `codebook` does. Raises core.coding.CodeOverflow."""
    wanted = pl.Series(sorted(set(codes)), dtype=pl.String)
    if wanted.is_empty():
        return
    known = queries.display_codes()
    every = pl.concat([wanted, known["community_code"]]).unique()
    places = place_communities(every, codebook.regions, known, queries.stored_coordinates())
    new = places.filter(pl.col("community_code").is_in(wanted.implode()))
    DisplayCode.objects.bulk_create(
        [
            DisplayCode(community_code=code, display_code=display, code_book_version=codebook.version)
            for code, display in new.select("community_code", "display_code").drop_nulls().iter_rows()
        ],
        ignore_conflicts=True,
    )
    listing.name_communities(new)
