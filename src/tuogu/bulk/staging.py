"""Temporary tables from frames, and frames from queries.

PostgreSQL: COPY. SQLite: executemany into a temporary table, which lives in a file of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
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


def fetch(cursor: Cursor, schema: Schema, sql: str, params: Any = None) -> pl.DataFrame:
    """The rows of a query as a frame of `schema`. SQLite hands computed days out as text: they are parsed."""
    cursor.execute(sql, params)
    columns = list(zip(*cursor.fetchall(), strict=True)) or [()] * len(schema)
    series = []
    for (name, dtype), values in zip(schema.items(), columns, strict=True):
        plain = [_day(v) for v in values] if dtype == pl.Date else values
        series.append(pl.Series(name, plain, dtype=dtype))
    return pl.DataFrame(series)


def _day(value: Any) -> Any:
    return date.fromisoformat(value) if isinstance(value, str) else value
