"""What rooms above found about somebody's work (samples, untrue entries) becomes penalties and rewards (S3-01, S3-22).

In: FOUND, the rulebook. Out: PENALTIES, one for each finding, with the amount of the rulebook. Never: an amount that the
rulebook leaves open: the finding stands in the ledger without one.
"""

from __future__ import annotations

import polars as pl

from tuogu.core.inspection.tables import FOUND, FOUND_KINDS, PENALTIES
from tuogu.core.rulebook import Rulebook
from tuogu.core.tables import conform


def found_penalties(found: pl.DataFrame, rulebook: Rulebook) -> pl.DataFrame:
    """PENALTIES of FOUND: fines and rewards of the month of the finding."""
    rows = conform(found, FOUND)
    amounts = {kind: _fen(rulebook[how.amount]) for kind, how in FOUND_KINDS.items()}
    effects = {kind: how.effect for kind, how in FOUND_KINDS.items()}
    reqs = {kind: how.req for kind, how in FOUND_KINDS.items()}
    kind, month = pl.col("kind"), pl.col("found_date").dt.month_start()
    read = rows.with_columns(
        req=kind.replace_strict(reqs, return_dtype=pl.String),
        effect=kind.replace_strict(effects, return_dtype=pl.String),
    )
    frame = read.select(
        penalty=pl.concat_str("req", "effect", pl.lit("finding"), "finding", "staff_number", separator=":"),
        staff_number="staff_number",
        req="req",
        effect="effect",
        role=pl.lit("owner"),
        points=pl.lit(0, pl.Int64),
        amount_fen=kind.replace_strict(amounts, return_dtype=pl.Int64),
        from_date=month,
        until_date=month.dt.offset_by("1mo"),
        source_kind=pl.lit("finding"),
        source_ref="finding",
        fact_date="found_date",
        detail="detail",
    )
    return conform(frame, PENALTIES)


def _fen(value: object) -> int:
    return 0 if value == "" else int(str(value))
