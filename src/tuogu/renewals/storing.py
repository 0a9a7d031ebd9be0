"""Many rows of one table in one statement, with the moment at which they are written.

In: a frame whose columns are those of the table, a moment. Out: rows. Never: a row by row write, a second row of a key that
is there (`fresh`).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import polars as pl
from django.db import connection
from django.db.models import Model

from tuogu.bulk import drop, load

_STAGE = "renewals_stage"


def append(
    model: type[Model], frame: pl.DataFrame, *, at: datetime, moment: str = "at", fresh: Sequence[str] = ()
) -> int:
    """Append the rows of `frame`; `moment`: the column of when ('' = the table has none); `fresh`: leave out those of which
    a row with these columns exists. Returns how many."""
    if frame.is_empty():
        return 0
    table, names = model._meta.db_table, ", ".join(frame.columns)
    known = " AND ".join(f"t.{column} = s.{column}" for column in fresh)
    condition = f"WHERE NOT EXISTS (SELECT 1 FROM {table} t WHERE {known})" if fresh else ""
    with connection.cursor() as cursor:
        load(cursor, _STAGE, frame)
        into, out = (f"{names}, {moment}", f"{names}, %s") if moment else (names, names)
        cursor.execute(
            f"INSERT INTO {table} ({into}) SELECT {out} FROM {_STAGE} s {condition}",
            [_when(at)] if moment else [],
        )
        written = int(cursor.rowcount)
        drop(cursor, _STAGE)
    return written


def upsert(model: type[Model], key: str, frame: pl.DataFrame, *, at: datetime, moment: str) -> None:
    """Insert the rows, or update those with the same key; the caller has left out what is older."""
    if frame.is_empty():
        return
    table, names = model._meta.db_table, ", ".join(frame.columns)
    news = ", ".join(f"{column} = excluded.{column}" for column in (*frame.columns, moment) if column != key)
    with connection.cursor() as cursor:
        load(cursor, _STAGE, frame)
        cursor.execute(
            f"INSERT INTO {table} ({names}, {moment}) SELECT {names}, %s FROM {_STAGE} WHERE true "
            f"ON CONFLICT ({key}) DO UPDATE SET {news}",
            [_when(at)],
        )
        drop(cursor, _STAGE)


def _when(at: datetime) -> Any:
    return connection.ops.adapt_datetimefield_value(at)
