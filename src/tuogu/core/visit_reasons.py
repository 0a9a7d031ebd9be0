"""Reasons to visit, and reasons why nobody was visited (S4-21, S4-25, S4-36).

In: SERVED cases, the rulebook, a day. Out: suggested reasons (codes of labels.VISIT_REASONS) with the day they are
about; the default service type; the report of reasons for no visit. Never: a suggestion without the figure behind it.
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
SUGGESTED: Schema = {
    "policy_number": S,
    "customer_number": S,
    "reason": S,
    "place": I,
    "day": D,
    "detail": S,  # Chinese: the figure behind it
    "said": S,  # of DETAILS: what `detail` says
    "figure": S,  # a day or a number of it; null = none
}
DETAILS = {
    "overdue": "%(what)s应缴未缴",
    "due": "%(what)s应缴",
    "claims": "%(what)s件理赔未结",
    "ends": "%(what)s满期",
    "wrong_data": "资料有误，须变更",
    "never_visited": "尚未面访",
    "never_checked": "保单尚未检查",
    "checked": "上次检查于%(what)s",
    "anniversary": "分红险，%(what)s为保单周年日",
    "birthday": "%(what)s生日",
    "news": "%(what)s发布的新服务尚未告知",
    "silent": "上次联系于%(what)s",
}
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
            "policy_number", "customer_number", reason=pl.lit(code), day=about, said=said, figure=figure
        )
        for code, (condition, about, said, figure) in rules.items()
    ]
    rows = pl.concat(parts).with_columns(rank=pl.col("reason").replace_strict(order, return_dtype=I))
    rows = rows.sort("policy_number", "rank", "day", nulls_last=True)
    place = pl.int_range(1, pl.len() + 1).over("policy_number").cast(I)
    words = pl.col("said").replace_strict(DETAILS, return_dtype=S)
    detail = words.str.replace("%(what)s", pl.col("figure").fill_null(""), literal=True)
    return conform(rows.with_columns(place=place, detail=detail).select(*SUGGESTED), SUGGESTED)


def _conditions(day: date, rulebook: Rulebook) -> dict[str, tuple[pl.Expr, pl.Expr, pl.Expr, pl.Expr]]:
    """Reason → (when it holds, the day it is about, what is said of it, the figure in that)."""

    def within(name: str, key: str) -> pl.Expr:
        return (pl.col(name) - pl.lit(day)).dt.total_days().is_between(0, int(rulebook[key]))

    def dated(name: str, said: str) -> tuple[pl.Expr, pl.Expr, pl.Expr]:
        return pl.col(name), pl.lit(said), pl.col(name).dt.to_string("%Y-%m-%d")

    no_day, no_figure = pl.lit(None, pl.Date), pl.lit(None, pl.String)
    review = pl.lit(day).dt.offset_by(f"-{int(rulebook['visit_reasons.review_months'])}mo")
    silent = pl.lit(day).dt.offset_by(f"-{int(rulebook['visit_reasons.silent_months'])}mo")
    overdue = pl.col("next_due_date") < day
    due = overdue | within("next_due_date", "visit_reasons.due_days")
    never = pl.col("check_up_date").is_null()
    due_day, due_said, due_figure = dated("next_due_date", "due")
    checked_day, checked_said, checked_figure = dated("check_up_date", "checked")
    found = {
        "due_reminder": (due, due_day, pl.when(overdue).then(pl.lit("overdue")).otherwise(due_said), due_figure),
        "claim": (pl.col("open_claims") > 0, no_day, pl.lit("claims"), pl.col("open_claims").cast(pl.String)),
        "benefit": (within("end_date", "visit_reasons.benefit_days"), *dated("end_date", "ends")),
        "data_change": (pl.col("info_accurate").not_(), no_day, pl.lit("wrong_data"), no_figure),
        "explanation": (pl.col("first_visit_date").is_null(), no_day, pl.lit("never_visited"), no_figure),
        "review": (never | (pl.col("check_up_date") <= review), checked_day,
                   pl.when(never).then(pl.lit("never_checked")).otherwise(checked_said), checked_figure),
        "bonus": ((pl.col("product_type") == "participating") & within("anniversary", "visit_reasons.bonus_days"),
                  *dated("anniversary", "anniversary")),
        "greeting": (within("birthday", "visit_reasons.greeting_days"), *dated("birthday", "birthday")),
        "new_service": (pl.col("news_date") <= day, *dated("news_date", "news")),
        "information": (pl.col("last_contact_date") <= silent, *dated("last_contact_date", "silent")),
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
