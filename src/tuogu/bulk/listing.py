"""A query as a frame with headings of its own: what auditors and papers read.

In: a QuerySet, heading → field. Out: a frame with these headings in this order. Never: a type guessed from the first rows
only, a heading that depends on whether there are rows.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl
from django.db.models import QuerySet


def titled(rows: QuerySet[Any], fields: Mapping[str, str]) -> pl.DataFrame:
    """One column a heading; of no rows, text columns. JSON values are written as text."""
    found = list(rows.values_list(*fields.values()))
    columns = list(zip(*found, strict=True)) or [() for _ in fields]
    return pl.DataFrame(
        [
            pl.Series(title, [_plain(value) for value in column], dtype=None if found else pl.String)
            for title, column in zip(fields, columns, strict=True)
        ]
    )


def _plain(value: Any) -> Any:
    return value if not isinstance(value, (dict, list)) else str(value)
