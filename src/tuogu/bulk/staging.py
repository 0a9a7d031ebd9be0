"""Temporary tables from frames, and frames from queries.

PostgreSQL: COPY. SQLite: executemany into a temporary table, which lives in a file of its own.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import polars as pl
from django.db import connection

Cursor = Any  # Django's CursorWrapper; its stubs know neither COPY nor fetchall's row types
Schema = Mapping[str, pl.DataType | type[pl.DataType]]
_SQL_TYPES: dict[pl.DataType | type[pl.DataType], str] = {
    pl.Int64: "bigint",
    pl.String: "text",
    pl.Date: "date",
    pl.Float64: "double precision",
    pl.Boolean: "boolean",
}


_AT_ONCE = 50_000  # rows read as Python objects at a time
_FEW = 500  # values that stand in a statement itself: a page asks for a handful, a table for them costs more than the answer


def load(cursor: Cursor, name: str, frame: pl.DataFrame) -> None:
    """Create the temporary table `name` with the columns and rows of `frame` (Int64, String, Date, Float64,
    Boolean, Binary).
    """
    types = _SQL_TYPES | {pl.Binary: "bytea" if connection.vendor == "postgresql" else "blob"}
    columns = ", ".join(f"{column} {types[dtype]}" for column, dtype in frame.schema.items())
    drop(cursor, name)
    cursor.execute(f"CREATE TEMPORARY TABLE {name} ({columns})")
    if frame.is_empty():
        return
    text = frame.with_columns(pl.col(pl.Date).dt.to_string("%Y-%m-%d"))
    if connection.vendor == "postgresql":
        binary = [name for name, dtype in frame.schema.items() if dtype == pl.Binary]
        text = text.with_columns((pl.lit("\\x") + pl.col(b).bin.encode("hex")).alias(b) for b in binary)
        with cursor.copy(f"COPY {name} FROM STDIN (FORMAT csv)") as copy:
            copy.write(text.write_csv(include_header=False).encode())
        cursor.execute(f"ANALYZE {name}")
    else:
        marks = ", ".join(["%s"] * frame.width)
        cursor.executemany(f"INSERT INTO {name} VALUES ({marks})", text.rows())


def drop(cursor: Cursor, *names: str) -> None:
    """Drop temporary tables, whether they exist or not."""
    for name in names:
        if connection.vendor == "sqlite":
            cursor.execute(f"DROP TABLE IF EXISTS temp.{name}")
        else:
            cursor.execute(f"DROP TABLE IF EXISTS pg_temp.{name}")


@contextmanager
def relation_of(
    cursor: Cursor, name: str, column: str, kind: type[pl.DataType], values: Iterable[Any]
) -> Iterator[tuple[str, list[Any]]]:
    """These values as a relation with one column, for statements inside: (its SQL, its parameters). Few stand in the
    statement, many lie in the temporary table `name` meanwhile."""
    wanted = sorted(set(values))
    if len(wanted) > _FEW:
        load(cursor, name, pl.DataFrame({column: wanted}, schema={column: kind}))
        yield name, []
        drop(cursor, name)
    elif connection.vendor == "postgresql":
        yield f"(SELECT unnest(%s::{_SQL_TYPES[kind]}[]) AS {column})", [wanted]
    else:
        yield f"(SELECT value AS {column} FROM json_each(%s))", [json.dumps(wanted)]


def fetch(cursor: Cursor, schema: Schema, sql: str, params: Any = None) -> pl.DataFrame:
    """The rows of a query as a frame of `schema`. SQLite hands computed days out as text: they are parsed. Some rows at a
    time: a million of them as Python objects would cost more than the query."""
    cursor.execute(sql, params)
    parts = [pl.DataFrame(schema=schema)]
    while rows := cursor.fetchmany(_AT_ONCE):
        columns = zip(schema.items(), zip(*rows, strict=True), strict=True)
        parts.append(pl.DataFrame([_series(name, dtype, values) for (name, dtype), values in columns]))
    return pl.concat(parts, rechunk=True)


def _series(name: str, dtype: pl.DataType | type[pl.DataType], values: tuple[Any, ...]) -> pl.Series:
    if dtype == pl.Date and any(isinstance(value, str) for value in values):
        return pl.Series(name, values, dtype=pl.String).str.to_date("%Y-%m-%d")
    return pl.Series(name, values, dtype=dtype)
