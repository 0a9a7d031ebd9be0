"""Rows moved by hand are all named, and nothing else is called moved by hand (N-04).

In: Plan. Out: rows of VIOLATIONS. Never: an opinion about the receiver (the strategy's own checker has that).
"""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from tuogu.core.checks.case import rows
from tuogu.core.tables import Plan

_LEVER = "hand"


def check(plan: Plan) -> Iterator[pl.DataFrame]:
    """Every row with the lever of hands stands in `adjusted` with its receiver, who and why; and the other way round."""
    labelled = plan.placements.filter(pl.col("lever") == _LEVER).select("number", "receiver")
    named = plan.adjusted.select("number", "receiver")
    for frame, other, word in (
        (labelled, named, "人工调整的行没有记录"),
        (named, labelled, "记录的人工调整与名单不符"),
    ):
        odd = frame.join(other, on=["number", "receiver"], how="anti")
        yield rows(odd, "by_hand", "N-04", "number", "receiver", "逐行有记录", pl.lit(word))
    mute = plan.adjusted.filter(
        pl.any_horizontal(pl.col(name).is_null() | (pl.col(name) == "") for name in ("by", "reason"))
    )
    yield rows(mute, "by_hand", "N-04", "number", "by", "何人何故", pl.lit("人工调整没有写明何人何故"))
    twice = plan.adjusted.filter(pl.col("number").is_duplicated())
    yield rows(twice, "by_hand", "N-04", "number", "receiver", "1", pl.lit("同一行记录了两次人工调整"))
