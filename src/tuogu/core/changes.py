"""Who would hand over to whom if a plan were released (P-03): a preview that writes nothing.

In: a plan and who holds each policy today. Out: one row a policy that changes hands, and the counts of each
pair. Never: a policy that stays where it is, a policy that the plan does not speak of.
"""

from __future__ import annotations

import polars as pl

from tuogu.core.tables import Plan, Schema, conform

BUFFER = "buffer"  # the buffer group (保全组): custodian of every orphan until somebody else is
CHANGES: Schema = {"policy_number": pl.String, "old_custodian": pl.String, "new_custodian": pl.String}


def change_table(plan: Plan, holdings: pl.DataFrame | None = None) -> pl.DataFrame:
    """CHANGES of `plan`, sorted by policy number.

    `holdings` has policy_number and custodian (a staff number or 'buffer'); what it does not name, or
    without it everything, is held by the buffer group.
    """
    proposed = pl.concat(
        [
            plan.assignments.select("policy_number", new_custodian="staff_number"),
            plan.unplaced.select("policy_number", new_custodian=pl.col("custodian").fill_null(BUFFER)),
        ]
    )
    if holdings is None:
        frame = proposed.with_columns(old_custodian=pl.lit(BUFFER))
    else:
        held = holdings.select("policy_number", old_custodian="custodian")
        frame = proposed.join(held, on="policy_number", how="left", validate="1:1")
        frame = frame.with_columns(pl.col("old_custodian").fill_null(BUFFER))
    moved = frame.filter(pl.col("old_custodian") != pl.col("new_custodian"))
    return conform(moved.select(*CHANGES).sort("policy_number"), CHANGES)


def change_counts(changes: pl.DataFrame) -> pl.DataFrame:
    """old_custodian, new_custodian, policies: the pairs of CHANGES, largest first."""
    pairs = changes.group_by("old_custodian", "new_custodian").agg(policies=pl.len().cast(pl.Int64))
    return pairs.sort("policies", "old_custodian", "new_custodian", descending=[True, False, False])
