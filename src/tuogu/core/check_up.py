"""The policy check-up sheet (保单体检表, S4-31): what stands in a customer's policies, and what somebody should see to.

In: CHECKED policies, a day, the rulebook. Out: SHEET, a row a policy with its findings. Never: a finding without its date or
figure, a policy left out because nothing is wrong with it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import polars as pl

from tuogu.core.rulebook import Rulebook
from tuogu.core.tables import B, D, I, S, Schema, conform

CHECKED: Schema = {
    "policy_number": S,
    "main_policy_number": S,  # null on a main policy
    "product_name": S,
    "state": S,
    "lapse_date": D,
    "inception_date": D,
    "end_date": D,
    "sum_insured_fen": I,
    "premium_fen": I,
    "payments_per_year": I,
    "next_due_date": D,
    "missing": S,  # what the customer's record lacks, Chinese words joined by '、'; "" = complete
    "beneficiary_named": B,  # null = not known
    "checked_date": D,  # of the last check-up
}
SHEET: Schema = {**CHECKED, "findings": S, "found": I}


def check_up(policies: pl.DataFrame, day: date, rulebook: Rulebook) -> pl.DataFrame:
    """SHEET in the order of main policies and their riders; `findings` joined by '；', "" = all in order."""
    frame = conform(policies, CHECKED).with_columns(
        revival_ends=pl.col("lapse_date").dt.offset_by(f"{int(rulebook['household.revival_years'])}y")
    )
    findings = list(_findings(day, rulebook))
    listed = frame.with_columns(
        findings=pl.concat_str(findings, separator="；", ignore_nulls=True),
        found=pl.sum_horizontal(finding.is_not_null().cast(I) for finding in findings).cast(I),
        main=pl.coalesce("main_policy_number", "policy_number"),
        rider=pl.col("main_policy_number").is_not_null(),
    )
    return conform(listed.sort("main", "rider", "policy_number").select(*SHEET), SHEET)


def _findings(day: date, rulebook: Rulebook) -> Iterator[pl.Expr]:
    """One expression a finding: its sentence, or null."""

    def dated(words: str, name: str) -> pl.Expr:
        return pl.format(words, pl.col(name).dt.to_string("%Y-%m-%d"))

    def ahead(name: str, key: str) -> pl.Expr:
        return (pl.col(name) - pl.lit(day)).dt.total_days().is_between(0, int(rulebook[key]))

    lapsed = pl.col("state") == "lapsed"
    in_force = pl.col("state") == "in_force"
    revivable = lapsed & (pl.col("revival_ends") >= day).fill_null(True)
    yield pl.when(revivable).then(
        pl.coalesce(dated("失效，{}前可申请复效", "revival_ends"), pl.lit("失效，可申请复效"))
    )
    yield pl.when(lapsed & ~revivable).then(dated("失效，复效期已于{}届满", "revival_ends"))
    yield pl.when(in_force & (pl.col("next_due_date") < day)).then(dated("{}应缴未缴", "next_due_date"))
    yield pl.when(in_force & ahead("next_due_date", "visit_reasons.due_days")).then(
        dated("{}应缴", "next_due_date")
    )
    yield pl.when(in_force & ahead("end_date", "visit_reasons.benefit_days")).then(
        dated("{}满期，可备领取资料", "end_date")
    )
    yield pl.when(in_force & (pl.col("end_date") < day)).then(dated("已于{}满期", "end_date"))
    yield pl.when(pl.col("missing") != "").then(pl.lit("资料缺") + pl.col("missing"))
    yield pl.when(pl.col("beneficiary_named").not_()).then(pl.lit("未指定身故受益人"))
    yield pl.when(pl.col("checked_date").is_null()).then(pl.lit("尚未检查整理"))
