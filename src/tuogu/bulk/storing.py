"""Set-based storing of frames: rows go into a temporary table first, then one statement inserts or updates.

In: frames whose columns are database columns. Out: how many rows were written, how many were older than the stored.
Never: a row-by-row write, an older row over a newer one.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl
from django.db import connection

from tuogu.bulk.staging import Cursor, drop, load

_STAGE = "books_stage"
_MANY = 5_000  # rows after which a table is not what it was when it was last counted


@dataclass(frozen=True)
class Stored:
    """Rows written (new or newer), rows left alone because the stored row is of the same or a later data date, and how many
    of the written ones were there before."""

    written: int
    stale: int
    updated: int


def upsert(table: str, key: str, frame: pl.DataFrame) -> Stored:
    """Insert the rows of `frame` into `table`, or update those with the same `key` and an earlier data_date."""
    if frame.is_empty():
        return Stored(0, 0, 0)
    columns = frame.columns
    names = ", ".join(columns)
    news = ", ".join(f"{c} = excluded.{c}" for c in columns if c != key)
    with connection.cursor() as cursor:
        load(cursor, _STAGE, frame.sort(key))
        cursor.execute(
            f"SELECT COUNT(*), COUNT(CASE WHEN t.data_date >= s.data_date THEN 1 END) FROM {_STAGE} s"
            f" JOIN {table} t ON t.{key} = s.{key}"
        )
        known, stale = cursor.fetchone()
        cursor.execute(
            f"INSERT INTO {table} ({names}) SELECT {names} FROM {_STAGE} WHERE true "
            f"ON CONFLICT ({key}) DO UPDATE SET {news} WHERE {table}.data_date < excluded.data_date"
        )
        drop(cursor, _STAGE)
        counted(cursor, frame.height, table)
    return Stored(frame.height - int(stale), int(stale), int(known) - int(stale))


def insert_rows(table: str, frame: pl.DataFrame) -> None:
    """Append the rows of `frame`."""
    if frame.is_empty():
        return
    names = ", ".join(frame.columns)
    with connection.cursor() as cursor:
        load(cursor, _STAGE, frame)
        cursor.execute(f"INSERT INTO {table} ({names}) SELECT {names} FROM {_STAGE}")
        drop(cursor, _STAGE)
        counted(cursor, frame.height, table)


def counted(cursor: Cursor, rows: int, *tables: str) -> None:
    """After many rows: PostgreSQL plans by what it last counted, and until it counts by itself (a minute, on a busy server
    longer) each page that reads these tables would walk through them whole."""
    if rows >= _MANY and connection.vendor == "postgresql":
        for table in tables:
            cursor.execute(f"ANALYZE {table}")
