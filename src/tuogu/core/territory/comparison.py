"""Two plans side by side before anything is released (N-04): who gains, who loses, what moves, which months
fail.

In: two plans. Out: `PlanComparison`, tables only. Never: a write, a judgement which plan is better.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from tuogu.core.tables import MONTH_COLUMNS, Plan

BUFFER = "buffer"
_BUCKET = 5  # pieces of one bar of the load histogram


@dataclass(frozen=True)
class PlanComparison:
    """`moved`: policy_number, before, after (staff number or 'buffer'; null = not in that plan).
    `people`: staff_number, held_before, held_after, gained, lost, due_before, due_after (pieces a year).
    `histogram`: due_from (pieces a month, buckets of five), cells_before, cells_after.
    `months`: month, infeasible_before, infeasible_after: managers outside the band of that plan's rulebook.
    `figures`: name, before, after of both certificates."""

    moved: pl.DataFrame
    moved_share: float
    people: pl.DataFrame
    histogram: pl.DataFrame
    months: pl.DataFrame
    figures: pl.DataFrame


def compare(before: Plan, after: Plan) -> PlanComparison:
    """Compare two plans of the same or of different books, rulebooks or seeds."""
    pairs = _custodians(before, "before").join(
        _custodians(after, "after"), on="policy_number", how="full", coalesce=True
    )
    moved = pairs.filter(pl.col("before").ne_missing(pl.col("after"))).sort("policy_number")
    share = round(len(moved) / len(pairs), 6) if len(pairs) else 0.0
    loads = before.loads.join(
        after.loads, on=["staff_number", "month"], how="full", coalesce=True, suffix="_after"
    )
    loads = loads.rename({"due": "due_before"})
    return PlanComparison(
        moved=moved,
        moved_share=share,
        people=_people(before, after, moved),
        histogram=_histogram(loads),
        months=_months(loads, before, after),
        figures=_figures(before, after),
    )


def _custodians(plan: Plan, name: str) -> pl.DataFrame:
    return pl.concat(
        [
            plan.assignments.select("policy_number", pl.col("staff_number").alias(name)),
            plan.unplaced.select("policy_number", pl.col("custodian").alias(name)),
        ]
    )


def _people(before: Plan, after: Plan, moved: pl.DataFrame) -> pl.DataFrame:
    staff = pl.concat([p.loads.select("staff_number") for p in (before, after)]).unique()
    parts = [staff]
    for name, plan in (("before", before), ("after", after)):
        parts.append(
            plan.assignments.group_by("staff_number").agg(
                pl.len().cast(pl.Int64).alias(f"held_{name}"),
                pl.sum_horizontal(pl.col(MONTH_COLUMNS).sum()).alias(f"due_{name}"),
            )
        )
    parts.append(moved.group_by(staff_number="after").agg(gained=pl.len().cast(pl.Int64)))
    parts.append(moved.group_by(staff_number="before").agg(lost=pl.len().cast(pl.Int64)))
    frame = parts[0]
    for part in parts[1:]:
        frame = frame.join(part, on="staff_number", how="left")
    columns = ("staff_number", "held_before", "held_after", "gained", "lost", "due_before", "due_after")
    return frame.with_columns(pl.exclude("staff_number").fill_null(0)).sort("staff_number").select(columns)


def _histogram(loads: pl.DataFrame) -> pl.DataFrame:
    bars = []
    for name in ("before", "after"):
        bucket = (pl.col(f"due_{name}") // _BUCKET * _BUCKET).alias("due_from")
        cells = loads.filter(pl.col(f"due_{name}").is_not_null()).group_by(bucket)
        bars.append(cells.agg(pl.len().cast(pl.Int64).alias(f"cells_{name}")))
    joined = bars[0].join(bars[1], on="due_from", how="full", coalesce=True)
    return joined.with_columns(pl.exclude("due_from").fill_null(0)).sort("due_from")


def _months(loads: pl.DataFrame, before: Plan, after: Plan) -> pl.DataFrame:
    outside = []
    for name, plan in (("before", before), ("after", after)):
        band = dict(plan.certificate.figures)
        inside = pl.col(f"due_{name}").is_between(band["month_load_min"], band["month_load_max"])
        outside.append((~inside).sum().cast(pl.Int64).alias(f"infeasible_{name}"))
    return loads.group_by("month").agg(outside).sort("month")


def _figures(before: Plan, after: Plan) -> pl.DataFrame:
    frames = []
    for name, plan in (("before", before), ("after", after)):
        certificate = plan.certificate
        rows = [
            ("objective", float(certificate.objective)),
            ("lower_bound", float(certificate.lower_bound)),
            ("gap", certificate.gap),
            ("violations", float(certificate.violations)),
            ("moved_adjacent", float(certificate.moved_adjacent)),
            ("assigned", float(len(plan.assignments))),
            ("unplaced", float(len(plan.unplaced))),
            *certificate.figures,
        ]
        frames.append(pl.DataFrame(rows, schema={"name": pl.String, name: pl.Float64}, orient="row"))
    return frames[0].join(frames[1], on="name", how="full", coalesce=True, maintain_order="left")
