"""Which rows of a file differ from what is stored, and in which columns."""

from __future__ import annotations

import polars as pl

from tuogu.core.row_changes import FieldChange, row_changes

SCHEMA = {"key": pl.String, "name": pl.String, "count": pl.Int64}


def table(*rows: tuple[str, str | None, int | None]) -> pl.DataFrame:
    return pl.DataFrame(list(rows), schema=SCHEMA, orient="row")


def test_changes_are_counted_by_column_with_what_is_filled_and_emptied() -> None:
    stored = table(("a", "x", 1), ("b", None, 2), ("c", "z", 3), ("d", "w", None))
    given = table(("d", "w", None), ("c", None, 4), ("b", "y", 2), ("a", "x", 1), ("new", "n", 9))
    changed, fields = row_changes(given, stored, "key")
    assert changed == 2, "a row that differs twice counts once, a new row not at all"
    assert fields == [FieldChange("name", 2, 1, 1), FieldChange("count", 1, 0, 0)]


def test_nothing_in_common_changes_nothing() -> None:
    assert row_changes(table(("a", "x", 1)), table(("b", "x", 1)), "key") == (0, [])
    assert row_changes(table(), table(("b", "x", 1)), "key") == (0, [])


def test_nothing_against_nothing_is_the_same() -> None:
    same = table(("a", None, None))
    assert row_changes(same, same, "key") == (0, [])
