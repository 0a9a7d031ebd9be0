"""Rules that every strategy's placements obey: each subject once, known receivers, nothing lost.

In: a plan's placements and unplaced rows, the numbers that the strategy had to speak of, who may receive. Out: frames of
VIOLATIONS rows. Never: an import of a planner.
"""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from tuogu.core.checks.case import rows
from tuogu.core.tables import PLACEMENTS, UNPLACED, Plan, conform


def conservation(plan: Plan, numbers: pl.Series, req: str) -> Iterator[pl.DataFrame]:
    """Every one of `numbers` is placed once or listed once as unplaced, and nothing else is."""
    placed = conform(plan.placements, PLACEMENTS).select("number")
    left = conform(plan.unplaced, UNPLACED).select(number="policy_number")
    count = pl.concat([placed, left]).group_by("number").agg(times=pl.len())
    known = pl.DataFrame({"number": numbers.unique()}).with_columns(known=pl.lit(True))
    every = known.join(count, on="number", how="full", coalesce=True)
    every = every.with_columns(pl.col("times").fill_null(0), pl.col("known").fill_null(False))
    lost, twice = every.filter(pl.col("times") == 0), every.filter(pl.col("times") > 1)
    alien = every.filter(~pl.col("known"))
    yield rows(lost, "conservation", req, "number", "times", "1", pl.lit("既未分配也未列入未分配"))
    yield rows(twice, "conservation", req, "number", "times", "1", pl.lit("出现多次"))
    yield rows(alien, "conservation", req, "number", "times", "0", pl.lit("不在本次可分配范围"))


def receivers(plan: Plan, allowed: pl.Series, req: str) -> Iterator[pl.DataFrame]:
    """Everybody who receives is in `allowed`."""
    stranger = plan.placements.filter(~pl.col("receiver").is_in(allowed.implode()))
    yield rows(stranger, "receiver", req, "number", "receiver", "可接收", pl.lit("接收人不具备接收资格"))


def not_split(plan: Plan, req: str) -> Iterator[pl.DataFrame]:
    """All placed subjects of a customer go to one receiver."""
    holders = plan.placements.group_by("holder_number").agg(receivers=pl.col("receiver").n_unique())
    split = holders.filter(pl.col("receivers") > 1)
    yield rows(split, "split_customer", req, "holder_number", "receivers", "1", pl.lit("同一客户分给了多人"))


def reasons(plan: Plan, req: str) -> Iterator[pl.DataFrame]:
    """What is not placed says why."""
    mute = plan.unplaced.filter(pl.col("reason").is_null() | (pl.col("reason") == ""))
    yield rows(mute, "reason", req, "policy_number", "reason", "非空", pl.lit("未分配没有原因"))


def bound(plan: Plan) -> Iterator[pl.DataFrame]:
    """A lower bound above the value would be a false proof (N-02)."""
    proof = plan.certificate
    if proof.lower_bound > proof.objective:
        frame = pl.DataFrame({"key": ["certificate"], "value": [str(proof.objective)]})
        yield rows(
            frame, "bound", "N-02", "key", "value", f">= {proof.lower_bound}", pl.lit("下界高于目标值")
        )
