"""Figures: grounds summed by dimensions. A rate is made at the edge, from the two sums, and nowhere else.

In: Inputs, measures, a period, dimensions, the rulebook. Out: FIGURES with a column for each dimension; the rows behind a
figure; a rate in words. Never: a rate averaged from rates, a rate over nothing (it is null), a float.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

import polars as pl

from tuogu.core.measures.definitions import DIMENSIONS, Measure
from tuogu.core.measures.grounds import ground
from tuogu.core.measures.periods import Period
from tuogu.core.measures.tables import FIGURES, Inputs
from tuogu.core.rulebook import Rulebook

_C = pl.col
_OFFICES: Final = ("sub", "central", "branch")  # levels that count as the branch a row belongs to
_DISTRICT_DIGITS, _STREET_DIGITS = 6, 9  # of the official region code: its form, GB/T 2260 and 10114
_SCALES: Final = {"percent": 10_000, "per_mille": 100_000, "each": 100}  # hundredths of the unit
_SIGNS: Final = {"percent": "%", "per_mille": "‰", "each": ""}
Places = Mapping[str, tuple[str | None, str | None, str | None]]


@dataclass(frozen=True)
class Seen:
    """Whose rows count: those of these custodians, and of these institutions where a row names nobody."""

    persons: frozenset[int]
    institutions: frozenset[str]

    def of(self, rows: pl.DataFrame) -> pl.DataFrame:
        """The rows of GROUND that somebody may see."""
        theirs = _C("person_id").is_in(sorted(self.persons)).fill_null(False)
        nobodys = _C("person_id").is_null() & _C("institution_code").is_in(sorted(self.institutions))
        return rows.filter(theirs | nobodys.fill_null(False))


def term_of(measure: Measure, ten_years: bool, book: Rulebook) -> int:
    """The least payment term that counts: asked for by the filter (S2-19), or the figure's own question."""
    asked = ten_years and "ten_years" in measure.filters
    return int(book["campaign.follow_up.payment_years_min"]) if asked or measure.ground == "ten_years" else 0


def figures(
    inputs: Inputs,
    measures: Iterable[Measure],
    period: Period,
    *,
    book: Rulebook,
    by: Sequence[str] = (),
    ten_years: bool = False,
    seen: Seen | None = None,
) -> pl.DataFrame:
    """FIGURES of these measures by these dimensions, in the order of the measures, then of the dimensions; `seen`: only of
    what somebody may see (None = all)."""
    places = _places(inputs.institutions)
    found = []
    for one in measures:
        rows = ground(inputs, one, period, term_of(one, ten_years, book))
        found.append(_summed(seen.of(rows) if seen else rows, one, period, by, places))
    head = {name: FIGURES[name] for name in ("measure", "period", "first")}
    dims = {name: pl.Int64 if name == "person" else pl.String for name in by}
    sums = {name: FIGURES[name] for name in ("numerator", "denominator")}
    return pl.concat([pl.DataFrame(schema={**head, **dims, **sums}), *found])


def packs(
    inputs: Inputs,
    measures: Iterable[Measure],
    period: Period,
    *,
    book: Rulebook,
    ten_years: bool = False,
) -> pl.DataFrame:
    """measure, dimension ('' = the whole house), value, numerator, denominator: every figure by every single dimension,
    each ground counted once. What a month is frozen as (N-16)."""
    places = _places(inputs.institutions)
    found = []
    for one in measures:
        rows = with_dimensions(ground(inputs, one, period, term_of(one, ten_years, book)), places)
        for name in ("", *DIMENSIONS):
            value = _C(name).cast(pl.String) if name else pl.lit("", pl.String)
            summed = rows.group_by(value.alias("value")).agg(_C("numerator", "denominator").sum())
            told = summed.with_columns(measure=pl.lit(one.key), dimension=pl.lit(name))
            found.append(told.select(*PACK))
    return pl.concat([pl.DataFrame(schema=PACK), *found]).sort("measure", "dimension", "value")


PACK: Final = {
    "measure": pl.String,
    "dimension": pl.String,  # '' = everything
    "value": pl.String,  # '' of everything; null = rows that have no value there
    "numerator": pl.Int64,
    "denominator": pl.Int64,
}


def rows_behind(
    inputs: Inputs,
    measure: Measure,
    period: Period,
    *,
    book: Rulebook,
    ten_years: bool = False,
    seen: Seen | None = None,
) -> pl.DataFrame:
    """GROUND with a column for each dimension: what a figure was summed from."""
    rows = ground(inputs, measure, period, term_of(measure, ten_years, book))
    return with_dimensions(seen.of(rows) if seen else rows, _places(inputs.institutions))


def with_dimensions(rows: pl.DataFrame, places: Places) -> pl.DataFrame:
    """GROUND with branch, department, team, person, district, street beside it."""
    frame = pl.DataFrame(
        [(code, *above) for code, above in places.items()],
        schema=dict.fromkeys(("institution_code", "branch", "department", "team"), pl.String), orient="row",
    )  # fmt: skip
    placed = rows.join(frame, on="institution_code", how="left", maintain_order="left")
    return placed.with_columns(
        person="person_id",
        district=_digits(_DISTRICT_DIGITS),
        street=_digits(_STREET_DIGITS),
    )


def placed(rows: pl.DataFrame, institutions: pl.DataFrame) -> pl.DataFrame:
    """Rows with person_id, institution_code and region_code, with the dimensions beside them."""
    return with_dimensions(rows, _places(institutions))


def rate(numerator: int, denominator: int, unit: str) -> int | None:
    """Hundredths of the unit, rounded half up away from zero; null over nothing."""
    if not denominator:
        return None
    scaled = 2 * abs(numerator) * _SCALES[unit]
    rounded = (scaled + denominator) // (2 * denominator)
    return rounded if numerator >= 0 else -rounded


def written(numerator: int, denominator: int, unit: str) -> str:
    """37.50%, 1.25‰, 812.00; '—' over nothing."""
    found = rate(numerator, denominator, unit)
    if found is None:
        return "—"
    whole, part = divmod(abs(found), 100)
    return f"{'-' if found < 0 else ''}{whole:,}.{part:02d}{_SIGNS[unit]}"


def known_until(inputs: Inputs, period: Period) -> date:
    """The last day that counts in a period."""
    return min(period.last, inputs.on)


def _summed(
    rows: pl.DataFrame, measure: Measure, period: Period, by: Sequence[str], places: Places
) -> pl.DataFrame:
    told = with_dimensions(rows, places) if by else rows
    sums = [_C("numerator").sum(), _C("denominator").sum()]
    summed = told.group_by(list(by)).agg(sums).sort(list(by)) if by else told.select(sums)
    return summed.select(
        pl.lit(measure.key).alias("measure"), pl.lit(period.kind).alias("period"),
        pl.lit(period.first).alias("first"), *by, "numerator", "denominator",
    )  # fmt: skip


def _digits(count: int) -> pl.Expr:
    return pl.when(_C("region_code").str.len_chars() >= count).then(_C("region_code").str.slice(0, count))


def _places(institutions: pl.DataFrame) -> Places:
    """Institution → the branch, department and team at or above it, nearest first."""
    above = {code: (level, parent) for code, level, parent in institutions.iter_rows()}
    return {code: _place(code, above) for code in above}


def _place(
    code: str, above: Mapping[str, tuple[str, str | None]]
) -> tuple[str | None, str | None, str | None]:
    found: dict[str, str] = {}
    seen: set[str] = set()
    here: str | None = code
    while here is not None and here in above and here not in seen:  # a tree; `seen` ends what would be a ring
        seen.add(here)
        level, parent = above[here]
        found.setdefault("branch" if level in _OFFICES else level, here)
        here = parent
    return found.get("branch"), found.get("department"), found.get("team")
