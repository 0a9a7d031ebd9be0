"""The penalty ledger: every penalty that the facts give, computed the same for ever (N-14).

In: InspectionFacts, the day on which it is judged, the rulebook. Out: PENALTIES; those that stand after reversals; the
difference between a filed ledger and the facts; what of it plans read as facts of a month. Never: a penalty in the
ledger that the facts do not give and nobody has reversed, a score below 0.
"""

from __future__ import annotations

from datetime import date

import polars as pl

from tuogu.core.inspection.found import found_penalties
from tuogu.core.inspection.handling import falsified_penalties, receipt_penalties
from tuogu.core.inspection.logs import full_points
from tuogu.core.inspection.marking import marking_penalties
from tuogu.core.inspection.missing import missing_penalties
from tuogu.core.inspection.tables import CHECKS, FALSIFIED, NO_RESOURCES, PENALTIES, RECEIPTS, InspectionFacts
from tuogu.core.rulebook import Rulebook
from tuogu.core.tables import FACTS, S, Schema, conform

DIFFERENCES: Schema = {"penalty": S, "kind": S}  # missing | void | changed


def penalties(facts: InspectionFacts, rulebook: Rulebook, as_of: date) -> pl.DataFrame:
    """PENALTIES of all facts, reversed ones included, by fact date and key."""
    checks = conform(facts.checks, CHECKS)
    parts = [
        marking_penalties(checks, rulebook),
        missing_penalties(checks, facts.reversals["penalty"], as_of, rulebook),
        receipt_penalties(conform(facts.receipts, RECEIPTS), as_of, rulebook),
        falsified_penalties(conform(facts.falsified, FALSIFIED), rulebook),
        found_penalties(facts.found, rulebook),
    ]
    return pl.concat(parts).sort("fact_date", "penalty")


def standing(found: pl.DataFrame, reversals: pl.DataFrame) -> pl.DataFrame:
    """The penalties that nobody has reversed."""
    return found.join(reversals, on="penalty", how="anti", maintain_order="left")


def differences(filed: pl.DataFrame, computed: pl.DataFrame, reversals: pl.DataFrame) -> pl.DataFrame:
    """DIFFERENCES between a filed ledger (PENALTIES) and the facts: empty when recompute = ledger.

    missing: the facts give it, nobody filed it. void: filed, standing, but the facts no longer give it. changed: filed with
    other figures.
    """
    lacking = computed.join(filed, on="penalty", how="anti").select("penalty", kind=pl.lit("missing"))
    alive = standing(filed, reversals)
    void = alive.join(computed, on="penalty", how="anti").select("penalty", kind=pl.lit("void"))
    told = [name for name in PENALTIES if name not in {"penalty", "detail"}]
    both = alive.join(computed, on="penalty", suffix="_now")
    other = pl.any_horizontal(pl.col(name).ne_missing(pl.col(f"{name}_now")) for name in told)
    changed = both.filter(other).select("penalty", kind=pl.lit("changed"))
    return conform(pl.concat([lacking, void, changed]).sort("kind", "penalty"), DIFFERENCES)


def deductions(found: pl.DataFrame, month: date, rulebook: Rulebook) -> pl.DataFrame:
    """staff_number, deducted: points taken in a month by standing penalties, several checks added up, the full at most."""
    of_month = found.filter((pl.col("from_date") == month) & (pl.col("points") > 0))
    summed = of_month.group_by("staff_number").agg(deducted=pl.col("points").sum())
    return summed.with_columns(pl.col("deducted").clip(upper_bound=full_points(rulebook))).sort(
        "staff_number"
    )


def without_resources(found: pl.DataFrame, month: date) -> pl.DataFrame:
    """staff_number, penalty: whom standing penalties exclude from the resources of a month, with the first that does.

    Somebody barred or disqualified within a month is excluded from the next one on; a withheld quarter holds its own months.
    """
    within = pl.col("until_date").is_null() | (pl.col("until_date") > month)
    out = found.filter(pl.col("effect").is_in(NO_RESOURCES) & (pl.col("from_date") <= month) & within)
    return out.group_by("staff_number").agg(pl.col("penalty").min()).sort("staff_number")


def month_facts(rates: pl.DataFrame, found: pl.DataFrame, month: date, rulebook: Rulebook) -> pl.DataFrame:
    """FACTS of a month that plans read: the log pass rate (S1-15), points deducted from it (S1-19), resources withheld
    (S1-35).

    `found`: the penalties that stand.
    """
    kept = rates.filter(pl.col("month") == month).select(
        subject="staff_number",
        key=pl.lit("log_pass_rate"),
        value="rate_bp",
        source_ref=pl.format("工作日志：{}篇应填，{}篇合格", "owed", "passed"),
    )
    taken = deductions(found, month, rulebook).select(
        subject="staff_number",
        key=pl.lit("log_deduction"),
        value="deducted",
        source_ref=pl.lit("日志抽查扣分"),
    )
    out = without_resources(found, month).select(
        subject="staff_number", key=pl.lit("withheld"), value=pl.lit(1, pl.Int64), source_ref="penalty"
    )
    rows = pl.concat([kept, taken, out]).with_columns(
        month=pl.lit(month), text=pl.lit(None, pl.String), author=pl.lit(None, pl.String)
    )
    return conform(rows, FACTS).sort("key", "subject")
