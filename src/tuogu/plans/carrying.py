"""What each receiver would carry by one side of a comparison: pieces, premium, pieces due by month, distance (N-04).

In: a stored plan and number → receiver of one side. Out: CARRIED, one row a receiver. Never: a policy that the plan's book
does not know; a distance where no home is coded (null).
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from tuogu.core.basis import policy_communities
from tuogu.core.dues import due_months
from tuogu.core.tables import LIVE_STATES, MONTH_COLUMNS
from tuogu.plans import burdens, memory, reading
from tuogu.plans.models import StoredPlan

CARRIED = {
    "receiver": pl.String,
    "pieces": pl.Int64,  # subjects of the plan
    "premium_fen": pl.Int64,  # due in a year by contract; single premiums count nothing
    "metres": pl.Float64,  # mean by policy, home to community
    "near": pl.Int64,  # policies of which the distance is known
    **dict.fromkeys(MONTH_COLUMNS, pl.Int64),
}
_BUCKET = 5  # pieces of one bar, as territories show them
_CONTRACT = (
    "policy_number", "kind", "state", "premium_mode", "payments_per_year", "premium_fen", "inception_date",
    "payment_term_years", "holder_number", "insured_number",
)  # fmt: skip


@dataclass(frozen=True)
class Side:
    """Figures of one side: spread of pieces and premium over receivers (coefficient of variation), mean distance."""

    receivers: int
    pieces_cv: float
    premium_cv: float
    mean_distance_m: float | None


def carried(stored: StoredPlan, rows: pl.DataFrame) -> pl.DataFrame:
    """CARRIED of rows[number, receiver], by the plan's stored book."""
    policies = _policies(stored, rows)
    contracts = memory.table(stored, "books.policies", _CONTRACT)
    contracts = contracts.join(policies.select("policy_number"), on="policy_number", how="semi")
    yearly = pl.when(pl.col("premium_mode") == "regular").then(
        pl.col("premium_fen") * pl.col("payments_per_year")
    )
    each = (
        policies.join(contracts.select("policy_number", premium_fen=yearly.fill_null(0)), on="policy_number")
        .join(due_months(contracts, stored.as_of), on="policy_number", how="left")
        .join(_metres(stored, policies, contracts), on=["policy_number", "receiver"], how="left")
    )
    sums = each.group_by("receiver").agg(
        pl.col("premium_fen").sum(),
        pl.col("metres").mean(),
        near=pl.col("metres").count().cast(pl.Int64),
        **{name: pl.col(name).sum() for name in MONTH_COLUMNS},
    )
    pieces = rows.group_by("receiver").agg(pieces=pl.len().cast(pl.Int64))
    frame = pieces.join(sums, on="receiver", how="left")
    filled = pl.col("premium_fen", "near", *MONTH_COLUMNS).fill_null(0)
    return frame.with_columns(filled).select(*CARRIED).sort("receiver")


def side(frame: pl.DataFrame) -> Side:
    """Figures of CARRIED."""
    near = frame.filter(pl.col("near") > 0)
    known = int(near["near"].sum())
    far = float((near["metres"] * near["near"]).sum()) / known if known else None
    return Side(frame.height, _spread(frame["pieces"]), _spread(frame["premium_fen"]), far)


def bars(before: pl.DataFrame, after: pl.DataFrame) -> list[tuple[int, int, int]]:
    """(pieces due from, receiver-months before, after) in buckets of five."""
    counted = []
    for name, frame in (("before", before), ("after", after)):
        cells = frame.unpivot(MONTH_COLUMNS, value_name="due").select(low=pl.col("due") // _BUCKET * _BUCKET)
        counted.append(cells.group_by("low").agg(pl.len().cast(pl.Int64).alias(name)))
    joined = counted[0].join(counted[1], on="low", how="full", coalesce=True)
    return (
        joined.with_columns(pl.col("before", "after").fill_null(0))
        .sort("low")
        .select("low", "before", "after")
        .rows()
    )


def months(
    before: pl.DataFrame, after: pl.DataFrame, low: int, high: int
) -> list[tuple[int, int, int, int, int]]:
    """(month, due before, after, people outside the band before, after)."""

    def outside(frame: pl.DataFrame, name: str) -> int:
        people = frame.filter(~pl.col("receiver").str.contains(":") & (pl.col("receiver") != "buffer"))
        return int((~people[name].is_between(low, high)).sum())

    return [
        (n, int(before[name].sum()), int(after[name].sum()), outside(before, name), outside(after, name))
        for n, name in enumerate(MONTH_COLUMNS, start=1)
    ]


def _policies(stored: StoredPlan, rows: pl.DataFrame) -> pl.DataFrame:
    """policy_number, receiver: of a customer, every live main policy that the customer holds."""
    if stored.subject_kind == "policy":
        return rows.select("receiver", policy_number="number")
    held = memory.table(stored, "books.policies", _CONTRACT).filter(
        (pl.col("kind") == "main") & pl.col("state").is_in(LIVE_STATES)
    )
    return held.join(rows, left_on="holder_number", right_on="number").select("policy_number", "receiver")


def _metres(stored: StoredPlan, policies: pl.DataFrame, contracts: pl.DataFrame) -> pl.DataFrame:
    located = memory.table(stored, "book.located", ("key", "community_code"))
    basis = reading.rulebook_of(stored)["territory.address_basis"]
    places = (
        policy_communities(contracts, located, basis).select("policy_number", "community_code").drop_nulls()
    )
    rows = policies.join(places, on="policy_number").rename({"receiver": "staff_number"})
    near = burdens.distances(stored, rows.select("community_code", "staff_number").unique())
    found = rows.join(near, on=["community_code", "staff_number"], how="left")
    return found.select("policy_number", "metres", receiver="staff_number")


def _spread(values: pl.Series) -> float:
    """Standard deviation over mean; 0 of nothing."""
    numbers = values.to_numpy()
    return round(float(numbers.std() / numbers.mean()), 4) if len(numbers) and numbers.mean() else 0.0
