"""A month is frozen once, and can be counted again from what was known then (N-16).

In: a month that is over, who asks, a moment. Out: FrozenMonth with its rows; the same rows counted anew; what was learnt
since. Never: a frozen row changed, a month frozen before it ended, an event recorded after the moment of knowledge.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import polars as pl
from django.db import transaction
from django.utils.translation import gettext as _

from tuogu.bulk import insert_rows
from tuogu.core.custody import business_date
from tuogu.core.digest import canonical_bytes
from tuogu.core.measures.definitions import Measure, definitions
from tuogu.core.measures.figures import PACK, packs
from tuogu.core.measures.periods import Period
from tuogu.core.measures.tables import Inputs
from tuogu.core.rulebook import Rulebook
from tuogu.reports.failures import ReportsRefused
from tuogu.reports.gathering import inputs
from tuogu.reports.known import (
    Known,
    as_parquet,
    digest_of,
    from_parquet,
    known_now,
    rulebook_from,
    rulebook_table,
)
from tuogu.reports.models import FrozenDefinition, FrozenInput, FrozenMonth, Snapshot
from tuogu.rules import queries as rules

ROWS = {"ten_years": pl.Boolean, **PACK}
_KEYS = ["measure", "ten_years", "dimension", "value"]


@dataclass(frozen=True)
class Frozen:
    """What a freeze came to; `again`: the month had been frozen before, and nothing was written."""

    month: date
    rows: int
    digest: str
    again: bool


@transaction.atomic
def freeze_month(month: date, *, by: int, at: datetime) -> Frozen:
    """Freeze every figure of a month by every dimension. ReportsRefused while the month is not over."""
    period = Period.of(month)
    known_before = FrozenMonth.objects.filter(month=period.first).first()
    if known_before is not None:
        return Frozen(period.first, known_before.rows, known_before.result_digest, again=True)
    book = rules.applicable(period.last)
    known_at = settled(at, book)
    if business_date(known_at) <= period.last:
        raise ReportsRefused(
            _("%(month)s：还没有过完，不能冻结；没有写入任何内容") % {"month": f"{month:%Y-%m}"}
        )
    known, measures = known_now(period, book), definitions(book)
    gathered = inputs(known, period, measures.values(), on=period.last, known_at=known_at)
    rows = packed(gathered, measures, period, book)
    frozen = FrozenMonth.objects.create(
        month=period.first, known_at=known_at, rulebook=book.version, rulebook_digest=book.digest(),
        definitions_digest=_digest_of(measures), inputs_digest=digest_of(gathered.tables()),
        result_digest=result_digest(rows), rows=rows.height, by_id=by, at=at,
    )  # fmt: skip
    _write(frozen, {**known, "rulebook": rulebook_table(book)}, measures, rows)
    return Frozen(period.first, rows.height, frozen.result_digest, again=False)


def settled(at: datetime, book: Rulebook) -> datetime:
    """The moment up to which everything that was begun has been written by `at`."""
    return at - timedelta(minutes=book["measures.settle_minutes"])


def packed(gathered: Inputs, measures: Mapping[str, Measure], period: Period, book: Rulebook) -> pl.DataFrame:
    """ROWS: every figure by every dimension, and once more with the filter where a figure has it (S2-19)."""
    filtered = [one for one in measures.values() if one.filters]
    parts = [
        packs(gathered, chosen, period, book=book, ten_years=ten_years).with_columns(
            ten_years=pl.lit(ten_years)
        )
        for chosen, ten_years in ((list(measures.values()), False), (filtered, True))
    ]
    whole = pl.concat(parts).with_columns(pl.col("value").fill_null(""))
    return whole.select(*ROWS).sort(_KEYS)


def recompute(month: date) -> pl.DataFrame:
    """ROWS counted again from the kept tables and from events recorded up to the freeze. ReportsRefused when the month was
    not frozen, a kept table was changed, or the definitions are no longer those of then."""
    frozen = frozen_month(month)
    period, tables = Period.of(month), kept(frozen)
    book = rulebook_from(tables["rulebook"], frozen.rulebook, period.first)
    measures = definitions(book)
    if book.digest() != frozen.rulebook_digest or _digest_of(measures) != frozen.definitions_digest:
        raise ReportsRefused(
            _("%(month)s：冻结时的制度或指标定义与现行程序中的不同，不能照原样重算；原数字仍在")
            % {"month": f"{month:%Y-%m}"}
        )
    gathered = inputs(tables, period, measures.values(), on=period.last, known_at=frozen.known_at)
    return packed(gathered, measures, period, book)


def counted_now(month: date, *, on: date) -> pl.DataFrame:
    """ROWS of the same month by the same rulebook as everything is known now."""
    frozen = frozen_month(month)
    period = Period.of(month)
    book = rulebook_from(kept(frozen, "rulebook")["rulebook"], frozen.rulebook, period.first)
    measures = definitions(book)
    gathered = inputs(known_now(period, book), period, measures.values(), on=min(on, period.last))
    return packed(gathered, measures, period, book)


def stored_rows(
    month: date,
    measures: Collection[str] = (),
    *,
    dimension: str | None = None,
    ten_years: bool | None = None,
) -> pl.DataFrame:
    """ROWS as they were frozen: all, or of some measures, of one dimension, with or without the filter."""
    rows = Snapshot.objects.filter(frozen=frozen_month(month))
    rows = rows.filter(measure__in=list(measures)) if measures else rows
    rows = rows if dimension is None else rows.filter(dimension=dimension)
    rows = rows if ten_years is None else rows.filter(ten_years=ten_years)
    return pl.DataFrame(list(rows.values_list(*ROWS)), schema=ROWS, orient="row").sort(_KEYS)


def differences(before: pl.DataFrame, after: pl.DataFrame) -> pl.DataFrame:
    """ROWS of `before` with numerator_now and denominator_now, where they are not the same; nothing = 0 on that side."""
    joined = before.join(after, on=_KEYS, how="full", suffix="_now", coalesce=True).with_columns(
        pl.col("numerator", "denominator", "numerator_now", "denominator_now").fill_null(0)
    )
    moved = (pl.col("numerator") != pl.col("numerator_now")) | (
        pl.col("denominator") != pl.col("denominator_now")
    )
    return joined.filter(moved).sort(_KEYS)


def frozen_month(month: date) -> FrozenMonth:
    """The row of a frozen month; ReportsRefused when there is none."""
    found = FrozenMonth.objects.filter(month=month.replace(day=1)).first()
    if found is None:
        raise ReportsRefused(_("%(month)s：没有冻结过") % {"month": f"{month:%Y-%m}"})
    return found


def kept(frozen: FrozenMonth, *names: str) -> Known:
    """The tables that were kept with a frozen month; only those named, where any is."""
    rows = FrozenInput.objects.filter(frozen=frozen)
    rows = rows.filter(name__in=names) if names else rows
    found = rows.values_list("name", "content", "digest")
    return {name: from_parquet(name, bytes(content), digest) for name, content, digest in found}


def result_digest(rows: pl.DataFrame) -> str:
    """SHA-256 of ROWS."""
    return hashlib.sha256(canonical_bytes(rows.select(*ROWS))).hexdigest()


def _digest_of(measures: Mapping[str, Measure]) -> str:
    told = json.dumps({key: one.digest() for key, one in measures.items()}, sort_keys=True)
    return hashlib.sha256(told.encode()).hexdigest()


def _write(frozen: FrozenMonth, known: Known, measures: Mapping[str, Measure], rows: pl.DataFrame) -> None:
    FrozenDefinition.objects.bulk_create(
        FrozenDefinition(
            frozen=frozen, measure=one.key, title=one.title, numerator=one.numerator,
            denominator=one.denominator, unit=one.unit, digest=one.digest(),
        )
        for one in measures.values()
    )  # fmt: skip
    packed_tables = {name: as_parquet(frame) for name, frame in known.items()}
    FrozenInput.objects.bulk_create(
        FrozenInput(frozen=frozen, name=name, digest=hashlib.sha256(content).hexdigest(), content=content)
        for name, content in packed_tables.items()
    )
    insert_rows(Snapshot._meta.db_table, rows.with_columns(frozen_id=pl.lit(frozen.pk, pl.Int64)))
