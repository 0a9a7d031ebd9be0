"""What would change in stored rows if the rows of a file took their place.

In: two frames of one canonical table, its key. Out: which keys change, and for each column how often. Never: a value.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl


@dataclass(frozen=True)
class FieldChange:
    """One column: in how many rows it changes. `filled` of these were empty before, `emptied` are empty afterwards."""

    column: str
    changed: int
    filled: int
    emptied: int


def row_changes(given: pl.DataFrame, stored: pl.DataFrame, key: str) -> tuple[int, list[FieldChange]]:
    """How many rows of `given` differ from the stored row of the same key, and in which columns, most often first.

    Rows that are not stored do not count. Both frames have the same columns.
    """
    columns = [name for name in given.columns if name != key]
    both = given.join(stored.select(given.columns), on=key, how="inner", suffix="_stored")
    if both.is_empty() or not columns:
        return 0, []
    differs = {name: pl.col(name).ne_missing(pl.col(f"{name}_stored")) for name in columns}
    sums = both.select(
        pl.any_horizontal(differs.values()).sum().alias("any"),
        *(expr.sum().alias(f"changed:{name}") for name, expr in differs.items()),
        *(
            (expr & pl.col(f"{name}_stored").is_null()).sum().alias(f"filled:{name}")
            for name, expr in differs.items()
        ),
        *((expr & pl.col(name).is_null()).sum().alias(f"emptied:{name}") for name, expr in differs.items()),
    ).row(0, named=True)
    found = [
        FieldChange(name, sums[f"changed:{name}"], sums[f"filled:{name}"], sums[f"emptied:{name}"])
        for name in columns
        if sums[f"changed:{name}"]
    ]
    return int(sums["any"]), sorted(found, key=lambda change: (-change.changed, columns.index(change.column)))
