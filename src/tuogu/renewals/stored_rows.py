"""Motor policies as stored, in clear, for an import to compare with and for finding what a new one renews.

In: numbers and holders. Out: a frame of MOTOR columns with subject_id and data_date; empty text is null. Never: the whole
table read where a few rows are asked for, a plate that leaves this room.
"""

from __future__ import annotations

from datetime import date

import polars as pl
from django.db import connection

from tuogu import vault
from tuogu.bulk import drop, load
from tuogu.core.motor.tables import MOTOR
from tuogu.core.tables import Schema

STORED: Schema = {"subject_id": pl.Int64, **MOTOR, "data_date": pl.Date}
_COLUMNS = {  # frame → table
    "subject_id": "subject_id", "policy_number": "number", "plate_number": "plate_sealed",
    "frame_number": "frame_sealed", **{c: c for c in MOTOR if c not in ("policy_number", "plate_number", "frame_number")},
    "data_date": "data_date",
}  # fmt: skip
_SQL = """
SELECT {columns} FROM renewals_motorpolicy m
WHERE m.number IN (SELECT a.word FROM renewals_asked a WHERE a.kind = 'number')
   OR m.holder_number IN (SELECT a.word FROM renewals_asked a WHERE a.kind = 'holder')
ORDER BY m.subject_id
"""


def beside(numbers: pl.Series, holders: pl.Series) -> pl.DataFrame:
    """STORED of the policies with these numbers, and of all policies of these holders."""
    asked = pl.concat(
        pl.DataFrame({"word": words.drop_nulls().unique(), "kind": kind}, schema={"word": pl.String, "kind": pl.String})
        for words, kind in ((numbers, "number"), (holders, "holder"))
    )  # fmt: skip
    with connection.cursor() as cursor:
        load(cursor, "renewals_asked", asked)
        cursor.execute(_SQL.format(columns=", ".join(f"m.{name}" for name in _COLUMNS.values())))
        rows = cursor.fetchall()
        drop(cursor, "renewals_asked")
    columns = (
        dict(zip(_COLUMNS, zip(*rows, strict=True), strict=True)) if rows else dict.fromkeys(_COLUMNS, ())
    )
    series = [pl.Series(name, _plain(name, columns[name]), dtype=kind) for name, kind in STORED.items()]
    empty_is_null = [
        pl.when(pl.col(c) != "").then(pl.col(c)).alias(c) for c, kind in STORED.items() if kind == pl.String
    ]
    return pl.DataFrame(series).with_columns(empty_is_null)


def _plain(name: str, values: tuple[object, ...]) -> list[object]:
    if name in ("plate_number", "frame_number"):
        return list(vault.open_texts(values))  # type: ignore[arg-type]  # what a binary column holds
    if name == "important":
        return [bool(value) for value in values]
    if STORED[name] == pl.Date:
        return [_day(value) for value in values]
    return list(values)


def _day(value: object) -> object:
    return date.fromisoformat(value) if isinstance(value, str) else value
