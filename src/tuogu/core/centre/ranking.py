"""In which order the customers of a category are handed out: points for each listed key, shown key by key (S1-03…S1-05).

In: resources with circulation counts, customers' records, located addresses, the rulebook's weights. Out: RANKINGS.
Never: an order that the shown contributions do not explain, a missing date or amount that counts for something.

A key gives its weight times a degree between 0 and 1: amounts and dates by the share of the category that is not above
them (so one giant does not flatten the rest), completeness and yes/no keys by what is there. Each earlier release takes
points off (已分配流转次数). Equal points: the larger amount, then the keyed hash.
"""

from __future__ import annotations

import polars as pl

from tuogu.core.centre.categories import CATEGORIES
from tuogu.core.centre.sheets import KEYS, RANKINGS
from tuogu.core.rulebook import Rulebook
from tuogu.core.tables import Book, conform
from tuogu.core.ties import tie_rank

FULL = 10_000  # degree 1, in hundredths of a percent: the scale of the rulebook's own rates


def ranked(stock: pl.DataFrame, book: Book, rulebook: Rulebook, seed: int) -> pl.DataFrame:
    """RANKINGS of `stock` (RESOURCES with times): by category and rank, rank 1 the most important."""
    frame = stock.join(_reach(book, rulebook), on="number", how="left").with_columns(_degrees(rulebook))
    weights = {category: rulebook[f"centre.rank_points.{category}"] for category in CATEGORIES}
    shares = [
        (
            pl.col("category").replace_strict(
                {category: points.get(key, 0) for category, points in weights.items()}, return_dtype=pl.Int64
            )
            * pl.col(f"_{key}")
            // FULL
        ).alias(f"{key}_points")
        for key in KEYS
    ]
    per_release = pl.col("category").replace_strict(
        rulebook["centre.circulation_points"], return_dtype=pl.Int64
    )
    taken = (-per_release * pl.col("times")).alias("circulation_points")  # S1-05
    frame = frame.with_columns(*shares, taken).with_columns(
        points=pl.sum_horizontal(*(f"{key}_points" for key in KEYS), "circulation_points"),
        _tie=tie_rank(seed, "centre.rank", stock["number"]),
    )
    frame = frame.sort(
        pl.col("category").replace_strict(
            {name: place for place, name in enumerate(rulebook["centre.category_order"])},
            return_dtype=pl.Int64,
        ),
        "points", "amount_fen", "_tie", descending=[False, True, True, False],
    )  # fmt: skip
    placed = frame.with_columns(rank=pl.int_range(1, pl.len() + 1, dtype=pl.Int64).over("category"))
    return conform(placed.select(*RANKINGS.schema), RANKINGS.schema)


def _reach(book: Book, rulebook: Rulebook) -> pl.DataFrame:
    """number, _address, _phone: degrees of completeness. The address counts in full once it is coded."""
    half = rulebook["centre.address_partial_bp"]
    known = book.located.select(
        "key",
        _address=pl.when(pl.col("community_code").is_not_null())
        .then(FULL)
        .when(pl.col("reason").fill_null("") == "no_address")
        .then(0)
        .otherwise(half)
        .cast(pl.Int64),
    )
    phones = pl.when(pl.col("phone").is_not_null()).then(FULL).otherwise(0).cast(pl.Int64)
    customers = book.books.customers.select(number="customer_number", _phone=phones)
    return customers.join(known, left_on="number", right_on="key", how="left")


def _degrees(rulebook: Rulebook) -> list[pl.Expr]:
    """One degree a key, 0..FULL, within the category."""
    late = pl.col("category").is_in(rulebook["centre.late_first"])
    day = pl.col("date").cast(pl.Int32).cast(pl.Int64)
    return [
        _standing(pl.col("amount_fen")).alias("_amount"),
        _standing(pl.when(late).then(day).otherwise(-day)).alias("_date"),
        _standing(-pl.col("inception").cast(pl.Int32).cast(pl.Int64)).alias("_inception"),
        _standing(pl.col("payment_time")).alias("_payment_time"),
        pl.col("_address").fill_null(0),
        pl.col("_phone").fill_null(0),
        (pl.col("favoured").cast(pl.Int64) * FULL).alias("_institution"),
        (pl.col("bought_again").cast(pl.Int64) * FULL).alias("_bought_again"),
    ]


def _standing(value: pl.Expr) -> pl.Expr:
    """Share of the category's known values that are not above this one; 0 where it is not known."""
    share = value.rank("max").over("category").cast(pl.Int64) * FULL // value.count().over("category")
    return share.fill_null(0)
