"""Where a customer or a member of staff lives: a community code, or a place in the manual queue with the
reason.

In: `key`, `address`, a gazetteer, a rulebook, the branch's city. Out: LOCATED, one row a key. Never: a row
lost, a row both coded and manual, a code below the rulebook's confidence.
"""

from __future__ import annotations

import polars as pl

from tuogu.core.address.gazetteer import Gazetteer
from tuogu.core.address.parse import parse_with_candidates
from tuogu.core.rulebook import Rulebook
from tuogu.core.tables import LOCATED, conform


def locate(
    frame: pl.DataFrame, gazetteer: Gazetteer, rulebook: Rulebook, home_city: str | None = None
) -> pl.DataFrame:
    """Code every row of `frame` (key, address) or send it to the manual queue. Rows come back sorted by key.

    Reasons: no_address (empty), no_region (nothing recognised), no_community (none written),
    unknown_community (written, not in the code book), ambiguous (several fit; candidates given),
    outside_city, low_confidence.
    """
    least = float(rulebook["address.confidence_min"])
    parsed = parse_with_candidates(frame.select(id="key", text="address"), gazetteer, home_city)
    blank = frame["address"].cast(pl.String).fill_null("").str.strip_chars() == ""
    parsed = parsed.with_columns(blank.alias("blank"), pl.Series("key", frame["key"]))
    reason = _reason(least, home_city)
    judged = parsed.with_columns(reason=reason).with_columns(coded=pl.col("reason").is_null())
    code = pl.col("community_code")
    options = pl.when(code.is_not_null()).then(pl.concat_list(code)).otherwise("candidates")
    located = judged.select(
        pl.col("key").cast(pl.String),
        community_code=pl.when("coded").then(code),
        status=pl.when("coded").then(pl.lit("coded")).otherwise(pl.lit("manual")),
        reason="reason",
        confidence="confidence",
        candidates=options.list.join(","),
    )
    return conform(located.sort("key"), LOCATED)


def _reason(least: float, home_city: str | None) -> pl.Expr:
    """The first reason that keeps a row from being coded; null when none does."""
    resolved = pl.col("community_code").is_not_null()
    outside = pl.lit(False)
    if home_city is not None:
        outside = pl.col("code").str.len_chars().ge(4) & ~pl.col("code").str.starts_with(home_city[:4])
    return (
        pl.when("blank")
        .then(pl.lit("no_address"))
        .when(outside.fill_null(False))
        .then(pl.lit("outside_city"))
        .when(pl.col("tie") != "")
        .then(pl.lit("ambiguous"))
        .when(pl.col("code").is_null() & pl.col("community_surface").is_null())
        .then(pl.lit("no_region"))
        .when(~resolved & pl.col("community_surface").is_not_null())
        .then(pl.lit("unknown_community"))
        .when(~resolved)
        .then(pl.lit("no_community"))
        .when(pl.col("confidence") < least)
        .then(pl.lit("low_confidence"))
        .otherwise(pl.lit(None, pl.String))
    )
