"""Frames in and out of the database by the set, on SQLite and PostgreSQL alike.

In: polars frames. Out: temporary tables, inserted or updated rows, frames of query results. Never: a row-by-row write, a
lock taken here (that is the ledger's), a table of one room known by name.
"""

from __future__ import annotations

from tuogu.bulk.listing import Source, titled, titled_between
from tuogu.bulk.parts import in_parts
from tuogu.bulk.staging import Cursor, drop, fetch, load, relation_of
from tuogu.bulk.storing import Stored, counted, insert_rows, upsert

__all__ = [
    "Cursor",
    "Source",
    "Stored",
    "counted",
    "drop",
    "fetch",
    "in_parts",
    "insert_rows",
    "load",
    "relation_of",
    "titled",
    "titled_between",
    "upsert",
]
