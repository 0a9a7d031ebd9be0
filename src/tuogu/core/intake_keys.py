"""What one row cannot tell: whose it is, duplicates within a sheet and references between sheets.

In: Sheets whose rows have been checked by themselves. Out: the Sheets with lines added.
Never: a decision that depends on the order of the frame's rows.

Of several rows with one key, one stays: a row without problems before one with; then a row equal to what is
already stored (so that a shuffled file changes nothing); then the smallest row number. The others are
duplicate_row when their cells are identical to it, duplicate_key otherwise.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import polars as pl

from tuogu.core.intake_sheet import LINE, Sheet, lines
from tuogu.core.intake_tables import ROW
from tuogu.core.standardise_text import NO_REASON, printable

_C = pl.col
Outside = Callable[[Mapping[str, pl.DataFrame]], Mapping[str, Mapping[int, str]]]
"""Values by kind of sheet → by kind, the rows (number, column that says so) that whoever imports may not write."""


def bar(sheets: Mapping[str, Sheet], outside: Outside) -> dict[str, Sheet]:
    """The sheets with a line about each row out of scope (P-12)."""
    out = dict(sheets)
    for kind, rows in outside({kind: sheet.values for kind, sheet in sheets.items()}).items():
        for column in sorted(set(rows.values())):
            where = _C(ROW).is_in([row for row, at in rows.items() if at == column])
            out[kind] = out[kind].with_lines(lines(out[kind].values, where, column, "out_of_scope"))
    return out


def reject_duplicates(sheet: Sheet, stored: pl.DataFrame | None) -> Sheet:
    """Keep one row a key. `stored`: rows of the same schema that an earlier import accepted."""
    key, several = sheet.rules.key, len(sheet.rules.unique) > 1
    whole = pl.all_horizontal(_C(c).is_not_null() for c in sheet.rules.unique)
    again = sheet.values.filter(whole & pl.struct(sheet.rules.unique).is_duplicated())
    if again.is_empty():
        return sheet
    same_key = pl.concat_str(sheet.rules.unique, separator="\x1f") if several else _C(key)
    cells = sheet.raw.frame.select(ROW, _cells(sheet).alias("cells"))
    ranked = (
        again.select(ROW, same_key.alias("key"))
        .with_columns(bad=_C(ROW).is_in(sheet.problems[ROW].implode()), new=~_is_stored(again, key, stored))
        .join(cells, on=ROW)
        .sort("key", "bad", "new", ROW)
    )
    first = ranked.group_by("key", maintain_order=True).first()
    others = ranked.join(first.select("key", other=ROW, first_cells="cells"), on="key").filter(
        _C(ROW) != _C("other")
    )
    same = _C("cells") == _C("first_cells")
    told = others.filter(same | ~_C("bad")).select(
        ROW,
        column=pl.when(~same).then(pl.lit(key)),
        reason=pl.when(same)
        .then(pl.lit("duplicate_row"))
        .otherwise(pl.lit("duplicate_fact" if several else "duplicate_key")),
        other="other",
        hint=NO_REASON,
    )
    return sheet.with_lines(told.cast(LINE))  # type: ignore[arg-type]  # polars' stubs want a narrower mapping


def _cells(sheet: Sheet) -> pl.Expr:
    """Every mapped cell of a row as one text."""
    return pl.concat_str(
        [printable(_C(c)).fill_null("") for c in sorted(sheet.raw.mapping)] or [pl.lit("")], separator="\x1f"
    )


def _is_stored(rows: pl.DataFrame, key: str, stored: pl.DataFrame | None) -> pl.Series:
    """True where a row equals the stored row of its key in every canonical column."""
    if stored is None or stored.is_empty():
        return pl.repeat(False, rows.height, dtype=pl.Boolean, eager=True)
    columns = [c for c in rows.columns if c != ROW]
    near = stored.join(rows.select(key).unique(), on=key, how="semi").select(columns).unique()
    known = rows.join(
        near.with_columns(hit=pl.lit(True)), on=columns, how="left", nulls_equal=True, maintain_order="left"
    )
    return known["hit"].fill_null(False)


def refer(
    sheet: Sheet,
    column: str,
    targets: pl.Series,
    unknown: str,
    *,
    rejected_targets: pl.Series | None = None,
    rejected: str | None = None,
    remark: bool = False,
    where: pl.Expr | None = None,
) -> Sheet:
    """Lines for the rows whose `column` names nothing in `targets` (accepted keys).

    A name found in `rejected_targets` gets the reason `rejected` instead of `unknown`.
    """
    lost = _C(column).is_not_null() & ~_C(column).is_in(targets.implode())
    if where is not None:
        lost = lost & where
    reason: pl.Expr = pl.lit(unknown)
    if rejected is not None and rejected_targets is not None:
        turned_back = _C(column).is_in(rejected_targets.drop_nulls().implode())
        reason = pl.when(turned_back).then(pl.lit(rejected)).otherwise(reason)
    told = lines(sheet.values, lost, column, reason)
    return sheet.with_lines(remarks=told) if remark else sheet.with_lines(told)


def remark_shared_ids(customers: Sheet) -> Sheet:
    """Different customer numbers with one ID number: a suggested merge, never done by itself."""
    accepted = customers.accepted().filter(_C("id_number").is_not_null())
    shared = accepted.filter(_C("id_number").is_duplicated()).sort(ROW)
    told = shared.with_columns(other=_C(ROW).first().over("id_number")).filter(_C(ROW) != _C("other"))
    lines_ = told.select(ROW, column=pl.lit("id_number"), reason=pl.lit("shared_id_number"), other="other",
                          hint=NO_REASON)  # fmt: skip
    return customers.with_lines(remarks=lines_)
