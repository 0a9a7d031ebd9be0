"""From scores to pieces (S1-17, A-10).

In: score cards, who is withheld, how many pieces are available, the rulebook's switch. Out: the frame of the sheet QUOTAS.
Never: a piece for a score of zero or for somebody withheld, more pieces for a lower score, a piece made up.

`share`: all pieces by score over the sum of scores, largest remainder. `per_capita`: pieces a head times score over 100,
rounded down; what is left stays in the pool.
"""

from __future__ import annotations

from fractions import Fraction

import polars as pl

from tuogu.core.apportion import exact, largest_remainder
from tuogu.core.centre.sheets import QUOTAS
from tuogu.core.rulebook import Rulebook
from tuogu.core.tables import conform

FULL_SCORE = 10_000  # 100 points in hundredths: what a score is a part of


def quotas(
    cards: pl.DataFrame, withheld: pl.Series, total: int, rulebook: Rulebook, seed: int
) -> pl.DataFrame:
    """QUOTAS of every planner, by staff number. `withheld`: staff numbers that get nothing (S1-35)."""
    held_back = pl.col("staff_number").is_in(withheld.implode())
    base = cards.select("staff_number", "score", withheld=held_back).sort("staff_number")
    base = base.with_columns(weight=pl.when("withheld").then(0).otherwise("score"))
    weights = dict(base.select("staff_number", "weight").iter_rows())
    if sum(weights.values()) == 0:
        frame = _nothing(weights)
    elif rulebook["centre.quota_by"] == "share":
        frame = largest_remainder(total, weights, seed=seed).certificate.rename(
            {"key": "staff_number", "count": "pieces"}
        )
    else:
        frame = _by_head(weights, total)
    frame = base.join(frame, on="staff_number", maintain_order="left")
    note = (
        pl.when("withheld").then(pl.lit("停发客户资源"))
        .when(pl.col("weight") == 0).then(pl.lit("得分为零"))
        .otherwise("note")
    )  # fmt: skip
    return conform(frame.with_columns(note=note).select(*QUOTAS.schema), QUOTAS.schema)


def _by_head(weights: dict[str, int], total: int) -> pl.DataFrame:
    """Pieces a head x score / 100, rounded down."""
    rows = []
    for number, weight in weights.items():
        share = Fraction(weight, FULL_SCORE * len(weights))
        quota = total * share
        pieces = quota.numerator // quota.denominator
        rows.append((number, exact(100 * share) + "%", exact(quota), pieces, exact(quota - pieces), pieces))
    return _frame(rows)


def _nothing(weights: dict[str, int]) -> pl.DataFrame:
    return _frame([(number, "0%", "0", 0, "0", 0) for number in weights])


def _frame(rows: list[tuple[str, str, str, int, str, int]]) -> pl.DataFrame:
    names = ("staff_number", "share", "quota", "floor", "remainder", "pieces")
    schema = {name: QUOTAS.schema[name] for name in names}
    frame = pl.DataFrame(rows, schema=schema, orient="row")
    return frame.with_columns(extra=pl.lit(False), tie=pl.lit(False), note=pl.lit(""))
