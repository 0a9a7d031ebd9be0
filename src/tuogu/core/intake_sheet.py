"""One raw sheet becomes parsed columns: rows that are no data are set aside, every cell is read by its rule.

In: a RawSheet. Out: `Sheet`: canonical columns, and lines about what was wrong or remarkable.
Never: a row dropped without being counted.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from tuogu.core.intake_columns import RULES, Column, ColumnFacts, SheetRules
from tuogu.core.intake_tables import EXTRA, ROW, SHEETS, RawSheet
from tuogu.core.standardise_text import NO_REASON, broken, normal, printable

EXAMPLE_MARK = "示例"  # how the key of the template's example row starts
_TOTAL = r"^(?:合计|小计|总计|共计|累计|总合计|本页合计|本页小计|汇总)(?:[:：(（\d].*)?$"
_REPEATS_WORTH = 0.5  # parse cells once each when fewer than this share differ
LINE: dict[str, pl.DataType | type[pl.DataType]] = {
    ROW: pl.Int64,
    "column": pl.String,  # canonical; null = whole row
    "reason": pl.String,
    "other": pl.Int64,  # the row it is compared with
    "hint": pl.String,  # what the sentence adds: the nearest known word, the range
}


@dataclass(frozen=True)
class Sheet:
    """A sheet at work. `values` holds every row that is data, also those with problems."""

    raw: RawSheet
    rules: SheetRules
    values: pl.DataFrame  # _row and the canonical columns, typed as in core.tables
    problems: pl.DataFrame  # LINE: rows named here are rejected
    remarks: pl.DataFrame  # LINE
    skipped: dict[str, int]  # skipped_blank, skipped_total, skipped_header

    def with_lines(self, problems: pl.DataFrame | None = None, remarks: pl.DataFrame | None = None) -> Sheet:
        """The same sheet with more lines."""
        return Sheet(
            self.raw,
            self.rules,
            self.values,
            self.problems if problems is None else pl.concat([self.problems, problems]),
            self.remarks if remarks is None else pl.concat([self.remarks, remarks]),
            self.skipped,
        )

    def with_values(self, values: pl.DataFrame) -> Sheet:
        """The same sheet with changed values."""
        return Sheet(self.raw, self.rules, values, self.problems, self.remarks, self.skipped)

    def accepted(self) -> pl.DataFrame:
        """The values of the rows that no problem names."""
        return self.values.join(self.problems, on=ROW, how="anti")


def no_lines() -> pl.DataFrame:
    """An empty LINE frame."""
    return pl.DataFrame(schema=LINE)


def lines(
    frame: pl.DataFrame,
    where: pl.Expr,
    column: str | None,
    reason: str | pl.Expr,
    hint: pl.Expr | None = None,
) -> pl.DataFrame:
    """One LINE for each row of `frame` (with `_row`) where `where` is true."""
    code = pl.lit(reason) if isinstance(reason, str) else reason
    return frame.filter(where).select(
        pl.col(ROW),
        pl.lit(column, dtype=pl.String).alias("column"),
        code.cast(pl.String).alias("reason"),
        pl.lit(None, dtype=pl.Int64).alias("other"),
        (NO_REASON if hint is None else hint).cast(pl.String).alias("hint"),
    )


def read_sheet(raw: RawSheet) -> Sheet:
    """Set aside blank, total and repeated header rows, then parse each column by its rule."""
    rules = RULES[raw.kind]
    source = {canonical: column for column, canonical in raw.mapping.items()}
    text, skipped = _data_rows(raw, source.get(rules.key))
    columns, problems, remarks = [text[ROW]], [no_lines()], [no_lines()]
    if EXTRA in text.columns:
        problems.append(lines(text, pl.col(EXTRA).is_not_null(), EXTRA, "too_many_cells"))
    for column in rules.columns:
        cells = text[source[column.name]] if column.name in source else pl.Series([None], dtype=pl.String)
        header = raw.headers.get(source.get(column.name, ""), "")
        parsed = _parse(column, text[ROW], cells, ColumnFacts(header))
        columns.append(parsed["value"].rename(column.name))
        problems.append(lines(parsed, pl.col("problem").is_not_null(), column.name, pl.col("problem")))
        remarks.append(lines(parsed, pl.col("remark").is_not_null(), column.name, pl.col("remark")))
    values = pl.DataFrame(columns).with_columns(pl.col(c).cast(t) for c, t in SHEETS[raw.kind].items())
    return Sheet(raw, rules, values, pl.concat(problems), pl.concat(remarks), skipped)


def _parse(column: Column, row: pl.Series, cells: pl.Series, facts: ColumnFacts) -> pl.DataFrame:
    """`_row`, value, problem, remark of one column. Each different cell is parsed once."""
    if cells.len() != row.len():
        cells = pl.repeat(None, row.len(), dtype=pl.String, eager=True)
    frame = pl.DataFrame([row, cells.rename("cell")])
    different = frame.select(pl.col("cell").unique())
    if different.height > _REPEATS_WORTH * frame.height:
        return _parse_cells(column, frame, facts).drop("cell")
    parsed = _parse_cells(column, different, facts)
    return frame.join(parsed, on="cell", how="left", nulls_equal=True, maintain_order="left").drop("cell")


def _parse_cells(column: Column, frame: pl.DataFrame, facts: ColumnFacts) -> pl.DataFrame:
    """`frame` (with `cell`) and value, problem, remark."""
    frame = frame.with_columns(written=printable(pl.col("cell")))
    frame = frame.with_columns(text=normal(pl.col("written")), broken=broken(pl.col("written")))
    rule = column.rule(pl.col("written" if column.as_written else "text"), facts)
    # Lazy, because only the lazy engine computes a subexpression that value and problem share once.
    parsed = frame.lazy().with_columns(value=rule.value, problem=rule.problem, remark=rule.remark).collect()
    whole = pl.col("broken").is_null()
    empty = pl.lit("missing_value") if column.required else NO_REASON
    problem = pl.coalesce("broken", "problem")
    return parsed.with_columns(
        value=pl.when(whole).then(pl.col("value")),
        problem=pl.when(whole & pl.col("value").is_null())
        .then(pl.coalesce(problem, empty))
        .otherwise(problem),
    ).drop("written", "text", "broken")


def _data_rows(raw: RawSheet, key: str | None) -> tuple[pl.DataFrame, dict[str, int]]:
    """The rows that are data, and how many rows of each other kind there were. Rows sorted by number."""
    texts = [c for c in raw.frame.columns if c not in (ROW, EXTRA)]
    frame = raw.frame.sort(ROW)
    if not texts or frame.is_empty():
        return frame, {"skipped_blank": frame.height, "skipped_total": 0, "skipped_header": 0}
    blank = _blank_rows(frame, texts, key)
    kept = frame.filter(~blank)
    total = _total_rows(kept, texts, key)
    header = pl.repeat(False, kept.height, dtype=pl.Boolean, eager=True)
    if key is not None and raw.headers.get(key):
        cell = printable(pl.col(key))
        again = (cell == printable(pl.lit(raw.headers[key]))) | cell.str.starts_with(EXAMPLE_MARK)
        header = kept.select(again.fill_null(False)).to_series()
    counts = {
        "skipped_blank": int(blank.sum()),
        "skipped_total": int(total.sum()),
        "skipped_header": int((header & ~total).sum()),
    }
    return kept.filter(~(total | header)), counts


def _blank_rows(frame: pl.DataFrame, texts: list[str], key: str | None) -> pl.Series:
    """True where no cell shows anything. Only rows without a key are searched."""
    found = pl.repeat(True, frame.height, dtype=pl.Boolean, eager=True)
    if key is not None:
        found = frame.select(printable(pl.col(key)).is_null()).to_series()
    where = found.arg_true()
    if where.is_empty():
        return found
    empty = frame[where].select(pl.all_horizontal(printable(pl.col(c)).is_null() for c in texts)).to_series()
    return found.scatter(where, empty)


def _total_rows(frame: pl.DataFrame, texts: list[str], key: str | None) -> pl.Series:
    """True where a row says 合计 and has no number of its own. Only rows without a key are searched."""
    squeezed = {c: pl.col(c).str.replace_all(r"[\s\u{3000}]+", "") for c in texts}
    total_in = {c: e.str.contains(_TOTAL).fill_null(False) for c, e in squeezed.items()}
    if key is None:
        return frame.select(pl.any_horizontal(total_in.values())).to_series()
    own = frame.select((squeezed[key].fill_null("") == "").alias("none"), total_in[key].alias("says"))
    suspect = own["none"] | own["says"]
    found = pl.repeat(False, frame.height, dtype=pl.Boolean, eager=True)
    if not suspect.any():
        return found
    where = suspect.arg_true()
    says = frame[where].select(pl.any_horizontal(total_in.values())).to_series()
    return found.scatter(where.filter(says), True)
