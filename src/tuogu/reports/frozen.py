"""Frozen months as they are read: heads, figures with their definitions of then, what a recount says.

In: months, measures, dimensions, a scope. Out: rows, frames. Never: a figure without its definition; a figure of the whole
house, or of somebody else's people, to who sees only a part.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

import polars as pl

from tuogu.core.measures.figures import placed, rate, written
from tuogu.org import queries as org
from tuogu.org.scope import Scope
from tuogu.reports import freezing
from tuogu.reports.models import FrozenDefinition, FrozenMonth

FROZEN = {
    **freezing.ROWS, "title": pl.String, "numerator_words": pl.String, "denominator_words": pl.String, "unit": pl.String,
    "shown": pl.String,
}  # fmt: skip


@dataclass(frozen=True)
class FrozenHead:
    """A frozen month in a list."""

    month: date
    known_at: datetime
    at: datetime
    by: int
    rulebook: str
    rows: int
    digest: str


@dataclass(frozen=True)
class Recount:
    """What a recount says: `same` as frozen or not; `wrong`: rows that differ although they must not; `later`: what has
    become known since."""

    month: date
    same: bool
    wrong: pl.DataFrame
    later: pl.DataFrame


def frozen_months() -> list[FrozenHead]:
    """Every frozen month, the newest first."""
    rows = FrozenMonth.objects.order_by("-month").values_list(
        "month", "known_at", "at", "by_id", "rulebook", "rows", "result_digest"
    )
    return [FrozenHead(*row) for row in rows]


def frozen(
    scope: Scope,
    month: date,
    *,
    measure: str | Collection[str] = "",
    dimension: str | None = None,
    ten_years: bool = False,
) -> pl.DataFrame:
    """FROZEN rows within scope of a measure, of some, '' = of all; `dimension` '' = the whole house, None = every one. Who
    does not see everything sees the people and institutions of the scope, and no total that holds others."""
    measures = ([measure] if measure else []) if isinstance(measure, str) else measure
    rows = freezing.stored_rows(month, measures, dimension=dimension, ten_years=ten_years)
    if not scope.all_rows:
        rows = rows.filter(_visible(scope))
    fields = ("measure", "title", "numerator", "denominator", "unit")
    told = FrozenDefinition.objects.filter(frozen__month=month.replace(day=1)).values_list(*fields)
    words = pl.DataFrame(
        list(told), schema=dict.fromkeys(("measure", "title", "numerator_words", "denominator_words", "unit"), pl.String),
        orient="row",
    )  # fmt: skip
    joined = rows.join(words, on="measure", how="left", maintain_order="left")
    shown = [written(n, d, unit) for n, d, unit in joined.select("numerator", "denominator", "unit").rows()]
    return joined.with_columns(shown=pl.Series(shown, dtype=pl.String)).select(*FROZEN)


def placed_then(month: date, dimension: str) -> dict[str, str]:
    """Custodian (as frozen rows name them) → the branch, department or team of then, as it was kept with a frozen month."""
    tables = freezing.kept(freezing.frozen_month(month), "staff", "institutions")
    staff = tables["staff"].with_columns(pl.lit(None, pl.String).alias("region_code"))
    found = placed(staff, tables["institutions"]).drop_nulls(dimension)
    return dict(found.select(pl.col("person_id").cast(pl.String), dimension).iter_rows())


def frozen_renewal_rate(scope: Scope, institution: str, month: date) -> int | None:
    """The frozen renewal rate by count of one institution, in hundredths of a percent; None: the month is not frozen,
    nothing ended there, or it is out of scope (S3-23)."""
    if not FrozenMonth.objects.filter(month=month.replace(day=1)).exists():
        return None
    rows = frozen(scope, month, measure="renewal").filter(
        pl.col("dimension").is_in(["branch", "department", "team"]) & (pl.col("value") == institution)
    )
    sides = next(iter(rows.select("numerator", "denominator").rows()), (0, 0))
    return rate(sides[0], sides[1], "percent")


def recount(scope: Scope, month: date, *, on: date) -> Recount:
    """Count a frozen month again, from what was known then and from what is known now; rows within scope are listed."""
    stored = freezing.stored_rows(month)
    wrong = freezing.differences(stored, freezing.recompute(month))
    intact = freezing.result_digest(stored) == freezing.frozen_month(month).result_digest
    later = freezing.differences(stored, freezing.counted_now(month, on=on))
    seen = pl.lit(True) if scope.all_rows else _visible(scope)
    same = intact and wrong.is_empty()
    return Recount(month.replace(day=1), same, wrong.filter(seen), later.filter(seen))


def _visible(scope: Scope) -> pl.Expr:
    persons = sorted(map(str, org.custodians_within(scope) or ()))
    institutions = sorted(org.institutions_within(scope))
    place = pl.col("dimension").is_in(["branch", "department", "team"]) & pl.col("value").is_in(institutions)
    return place | ((pl.col("dimension") == "person") & pl.col("value").is_in(persons))
