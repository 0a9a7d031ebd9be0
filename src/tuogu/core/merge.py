"""What is stored and what a file brings, as one set of books.

In: two Books. Out: Books in which each number stands once. Never: a stored row lost because a file does not hold it.
"""

from __future__ import annotations

import polars as pl

from tuogu.core.tables import Books

KEYS = {
    "policies": "policy_number",
    "customers": "customer_number",
    "people": "staff_number",
    "institutions": "institution_code",
    "coordinates": "region_code",
}


def merge(stored: Books, file: Books) -> Books:
    """The rows of both; where both hold a number, the row with the later data date (the stored one when equal)."""
    newer, older = (file, stored) if file.data_date > stored.data_date else (stored, file)
    frames = {
        name: pl.concat(
            [getattr(newer, name), getattr(older, name).join(getattr(newer, name), on=key, how="anti")]
        ).sort(key)
        for name, key in KEYS.items()
    }
    return Books(**frames, data_date=newer.data_date)
