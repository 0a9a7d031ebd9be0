"""Reasons to visit, and reasons why nobody was visited (S4-21, S4-25, S4-36).

In: SERVED cases, the rulebook, a day. Out: suggested reasons (codes of labels.VISIT_REASONS) with the day they are
about; the default service type; what a reason for no visit opens; its report. Never: a suggestion without the figure
behind it, a moved customer or a changed number that opens no repair of the data.
"""

from __future__ import annotations

from datetime import date

import polars as pl

from tuogu.core.labels import VISIT_REASONS
from tuogu.core.rulebook import Rulebook
from tuogu.core.tables import B, D, I, S, Schema, conform

SERVED: Schema = {  # one row a policy
    "policy_number": S,
    "customer_number": S,
    "next_due_date": D,  # of the first instalment not paid; null = none
    "product_type": S,
    "inception_date": D,
    "end_date": D,
    "info_accurate": B,
    "open_claims": I,
    "first_visit_date": D,
    "check_up_date": D,
    "birth_date": D,
    "last_contact_date": D,
    "news_date": D,  # latest announcement of a new service that the customer has not heard of; null = none
}
SUGGESTED: Schema = {"policy_number": S, "customer_number": S, "reason": S, "place": I, "day": D, "detail": S}
DEFAULT_TYPES = {"due": "收费通知", "birthday": "递送生日卡"}
CHOICES = {
    "newsletter": "递送客服报",
    "protection_review": "保障检视",
}  # what people choose from, where no default holds
NO_VISIT = {
    "died": "客户身故",
    "imprisoned": "客户服刑",
    "absconded": "客户失联外逃",
    "number_changed": "号码已换",
    "moved": "地址已搬",
}
NO_VISITS: Schema = {"customer_number": S, "reason": S, "day": D}
REPORT: Schema = {"reason": S, "customers": I, "share_bp": I}


def suggested(cases: pl.DataFrame, day: date, rulebook: Rulebook) -> pl.DataFrame:
    """SUGGESTED of every case, the most pressing first (place 1..n by the order of the rulebook, then the earlier day)."""
    frame = conform(cases, SERVED).with_columns(
        anniversary=next_anniversary(pl.col("inception_date"), day),
        birthday=next_anniversary(pl.col("birth_date"), day),
    )
    rules = _conditions(day, rulebook)
    order = {code: place for place, code in enumerate(rulebook["visit_reasons.order"])}
    parts = [
        frame.filter(condition.fill_null(False)).select(
            "policy_number", "customer_number", reason=pl.lit(code), day=about, detail=detail
        )
        for code, (condition, about, detail) in rules.items()
    ]
    rows = pl.concat(parts).with_columns(rank=pl.col("reason").replace_strict(order, return_dtype=I))
    rows = rows.sort("policy_number", "rank", "day", nulls_last=True)
    place = pl.int_range(1, pl.len() + 1).over("policy_number").cast(I)
    return conform(rows.with_columns(place=place).select(*SUGGESTED), SUGGESTED)


def _conditions(day: date, rulebook: Rulebook) -> dict[str, tuple[pl.Expr, pl.Expr, pl.Expr]]:
    """Reason → (when it holds, the day it is about, what is said of it)."""

    def within(name: str, key: str) -> pl.Expr:
        return (pl.col(name) - pl.lit(day)).dt.total_days().is_between(0, int(rulebook[key]))

    def told(words: str, name: str) -> pl.Expr:
        return pl.format(words, pl.col(name).dt.to_string("%Y-%m-%d"))

    no_day = pl.lit(None, pl.Date)
    review = pl.lit(day).dt.offset_by(f"-{int(rulebook['visit_reasons.review_months'])}mo")
    silent = pl.lit(day).dt.offset_by(f"-{int(rulebook['visit_reasons.silent_months'])}mo")
    overdue = pl.col("next_due_date") < day
    due = overdue | within("next_due_date", "visit_reasons.due_days")
    never = pl.col("check_up_date").is_null()
    found = {
        "due_reminder": (due, pl.col("next_due_date"),
                         pl.when(overdue).then(told("{}应缴未缴", "next_due_date"))
                         .otherwise(told("{}应缴", "next_due_date"))),
        "claim": (pl.col("open_claims") > 0, no_day, pl.format("{}件理赔未结", "open_claims")),
        "benefit": (within("end_date", "visit_reasons.benefit_days"), pl.col("end_date"), told("{}满期", "end_date")),
        "data_change": (pl.col("info_accurate").not_(), no_day, pl.lit("资料有误，须变更")),
        "explanation": (pl.col("first_visit_date").is_null(), no_day, pl.lit("尚未面访")),
        "review": (never | (pl.col("check_up_date") <= review), pl.col("check_up_date"),
                   pl.when(never).then(pl.lit("保单尚未检查")).otherwise(told("上次检查于{}", "check_up_date"))),
        "bonus": ((pl.col("product_type") == "participating") & within("anniversary", "visit_reasons.bonus_days"),
                  pl.col("anniversary"), told("分红险，{}为保单周年日", "anniversary")),
        "greeting": (within("birthday", "visit_reasons.greeting_days"), pl.col("birthday"), told("{}生日", "birthday")),
        "new_service": (pl.col("news_date") <= day, pl.col("news_date"), told("{}发布的新服务尚未告知", "news_date")),
        "information": (pl.col("last_contact_date") <= silent, pl.col("last_contact_date"),
                        told("上次联系于{}", "last_contact_date")),
    }  # fmt: skip
    return {code: found[code] for code in VISIT_REASONS}


def next_anniversary(of: pl.Expr, day: date) -> pl.Expr:
    """The first anniversary of a day on or after `day` (the month's last day where it does not exist); null stays null."""
    this_year = of.dt.offset_by(pl.format("{}y", pl.lit(day.year) - of.dt.year()))
    following = of.dt.offset_by(pl.format("{}y", pl.lit(day.year + 1) - of.dt.year()))
    return pl.when(this_year >= day).then(this_year).otherwise(following)


def default_type(cases: pl.DataFrame, day: date, rulebook: Rulebook) -> pl.DataFrame:
    """policy_number, service_type: the first of the rulebook's order that holds; null = a person chooses (S4-25)."""
    ahead = pl.duration(days=int(rulebook["visit_reasons.due_days"]))
    holds = {
        "due": pl.col("next_due_date") <= pl.lit(day) + ahead,
        "birthday": pl.col("birth_date").dt.quarter() == pl.lit(day).dt.quarter(),
    }
    types = pl.coalesce(
        pl.when(holds[name].fill_null(False)).then(pl.lit(name)) for name in rulebook["service.default_tasks"]
    )
    return conform(cases, SERVED).select("policy_number", service_type=types)


def repairs(no_visits: pl.DataFrame, rulebook: Rulebook) -> pl.DataFrame:
    """The NO_VISITS that open a task to repair the customer's data, the latest of each customer and reason."""
    opened = conform(no_visits, NO_VISITS).filter(
        pl.col("reason").is_in(rulebook["service.no_visit_repairs"])
    )
    return (
        opened.sort("day")
        .unique(["customer_number", "reason"], keep="last")
        .sort("customer_number", "reason")
    )


def no_visit_report(no_visits: pl.DataFrame, customers: int, rulebook: Rulebook) -> tuple[pl.DataFrame, bool]:
    """REPORT by reason (the latest of each customer), shares of all customers; and whether more than usual are left out."""
    latest = conform(no_visits, NO_VISITS).sort("day").unique("customer_number", keep="last")
    counts = latest.group_by("reason").agg(customers=pl.len().cast(I))
    every = pl.DataFrame({"reason": list(NO_VISIT)}, schema={"reason": S})
    share = pl.col("customers") * 10_000 // max(customers, 1)
    report = every.join(counts, on="reason", how="left", maintain_order="left").with_columns(
        pl.col("customers").fill_null(0)
    )
    above = latest.height * 10_000 > int(rulebook["service.no_visit_usual_bp"]) * customers
    return conform(report.with_columns(share_bp=share), REPORT), above
