"""The figures of a report: frozen where their month is frozen, else as the rooms know them now; never a mixture unsaid.

In: what is asked, keys of measures, a dimension. Out: rows of value, numerator, denominator; the totals of months before.
Never: a figure recomputed where a frozen one stands (N-16); a total of others' rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

import polars as pl

from tuogu.core.measures.definitions import Measure
from tuogu.core.measures.figures import rate
from tuogu.core.measures.periods import month_after
from tuogu.files.bulletin import Definition, Kind
from tuogu.reports import frozen as frozen_rows
from tuogu.reports import live
from tuogu.reports.bulletins import phrases
from tuogu.reports.bulletins.asked import Asked, levels
from tuogu.reports.models import FrozenMonth, Snapshot

NUMBERS = {"measure": pl.String, "value": pl.String, "numerator": pl.Int64, "denominator": pl.Int64}
KINDS: Final[dict[str, Kind]] = {"percent": "percent", "per_mille": "per_mille", "each": "each"}
_KEPT_BY_PLACE: Final = (
    "branch",
    "department",
    "team",
    "person",
)  # dimensions that a frozen month has within a place
_OFFICES: Final = ("sub", "central", "branch")
_MONTHS_BACK: Final = 12  # one year of a curve


@dataclass(frozen=True)
class Basis:
    """What the figures of a month are made from: a frozen month with its digest, or today's records."""

    digest: str
    words: str


def basis(asked: Asked) -> Basis:
    """The frozen month, else today."""
    found = FrozenMonth.objects.filter(month=asked.first).first() if asked.cadence == "month" else None
    if found is None:
        return Basis("", phrases.AS_OF % {"n_day": asked.known.isoformat()})
    said = {
        "period": asked.period, "n_day": found.known_at.date().isoformat(), "rules": found.rulebook,
        "digest": found.result_digest[:12],
    }  # fmt: skip
    return Basis(found.result_digest, phrases.FROZEN % said)


def totals(asked: Asked, keys: Sequence[str], month: date | None = None) -> dict[str, tuple[int, int]]:
    """Both sides of each figure over the whole place."""
    first = month or asked.first
    if FrozenMonth.objects.filter(month=first).exists():
        rows = _frozen_total(asked, keys, first)
    else:
        rows = live.figures(asked.scope, first, keys, on=asked.on)
    return {key: (n, d) for key, n, d in rows.select("measure", "numerator", "denominator").rows()}


def by_dimension(asked: Asked, keys: Sequence[str], dimension: str) -> tuple[pl.DataFrame, bool]:
    """NUMBERS by the values of a dimension, and whether they are frozen ones."""
    held = FrozenMonth.objects.filter(month=asked.first).exists()
    if held and (asked.scope.all_rows or dimension in _KEPT_BY_PLACE):
        rows = frozen_rows.frozen(asked.scope, asked.first, measure=keys, dimension=dimension)
        return rows.select(*NUMBERS), True
    found = live.figures(asked.scope, asked.first, keys, [dimension], on=asked.on)
    value = pl.col(dimension).cast(pl.String).fill_null("").alias("value")
    return found.select("measure", value, "numerator", "denominator"), not held


def people_by(asked: Asked, key: str, dimension: str) -> pl.DataFrame:
    """place, numerator, denominator of every person, by the branch, department or team: frozen where the month is."""
    sides = ("numerator", "denominator")
    if FrozenMonth.objects.filter(month=asked.first).exists():
        rows = frozen_rows.frozen(asked.scope, asked.first, measure=key, dimension="person")
        then = frozen_rows.placed_then(asked.first, dimension)
        place = pl.col("value").replace_strict(then, default=None, return_dtype=pl.String)
        return rows.select(place.alias("place"), *sides)
    return live.figures(asked.scope, asked.first, key, [dimension, "person"], on=asked.on).select(
        pl.col(dimension).alias("place"), *sides
    )


def history(asked: Asked, keys: Sequence[str]) -> list[tuple[date, dict[str, tuple[int, int]]]]:
    """The totals of the frozen months of the year before, then of the month itself."""
    first = month_after(asked.first, -_MONTHS_BACK)
    months = FrozenMonth.objects.filter(month__gte=first, month__lt=asked.first).order_by("month")
    found = [(month, totals(asked, keys, month)) for month in months.values_list("month", flat=True)]
    return [*found, (asked.first, totals(asked, keys))]


def shown(measure: Measure, sides: tuple[int, int] | None) -> int | None:
    """The rate in hundredths of its unit."""
    return None if sides is None else rate(*sides, measure.unit)


def definition(measure: Measure) -> Definition:
    """What is printed beside the number (S4-40)."""
    return Definition(
        measure.title,
        measure.numerator,
        measure.denominator,
        f"{measure.req} {measure.source}",
        measure.note,
    )


def _frozen_total(asked: Asked, keys: Sequence[str], month: date) -> pl.DataFrame:
    rows = Snapshot.objects.filter(frozen__month=month, ten_years=False, measure__in=list(keys))
    if not asked.institution:
        found = rows.filter(dimension="")
        if not asked.scope.all_rows:
            found = rows.none()
    else:
        level = levels().get(asked.institution, "")
        name = "branch" if level in _OFFICES else level
        if name in _KEPT_BY_PLACE:
            found = rows.filter(dimension=name, value=asked.institution)
        else:  # a place above the branches is the sum of its branches
            below = frozen_rows.frozen(asked.scope, month, measure=keys, dimension="branch")
            return below.group_by("measure").agg(pl.col("numerator", "denominator").sum())
    fields = ("measure", "numerator", "denominator")
    schema = {name: NUMBERS[name] for name in fields}
    told = pl.DataFrame(list(found.values_list(*fields)), schema=schema, orient="row")
    return told.group_by("measure").agg(pl.col("numerator", "denominator").sum())
