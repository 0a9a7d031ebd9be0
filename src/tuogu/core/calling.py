"""Whom to call, in which order, with which script, and what five answers say of the customer (S1-24, S4-22).

In: CALLABLE cases, ANSWERS, visits to be put in order; the rulebook; a day. Out: CALL_LIST by due date; the class of a
customer's attitude; the order of visits; appointments not yet confirmed. Never: a minor on a list, a class guessed where
an answer is missing.

The holder is called where he can be reached, else the insured, if adult on the day; an insured whose birth date nobody knows
is not proven adult.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

import polars as pl

from tuogu.core.rulebook import Rulebook
from tuogu.core.tables import B, D, I, S, Schema, conform

CALLABLE: Schema = {
    "policy_number": S,
    "due_date": D,  # null = none ahead
    "transfer": S,  # orphan | stripped
    "holder_number": S,
    "holder_birth": D,
    "holder_reachable": B,
    "insured_number": S,
    "insured_birth": D,
    "insured_reachable": B,
}
CALL_LIST: Schema = {
    "place": I,
    "policy_number": S,
    "due_date": D,
    "customer_number": S,
    "called_as": S,  # holder | insured
    "script": S,
}
TRANSFERS = {"orphan": "孤儿保单", "stripped": "剥离保单"}
ANSWERS: Mapping[str, tuple[str, Mapping[str, str]]] = {  # the five of S4-22: question, its answers
    "address_changed": ("客户的地址是否变更？", {"no": "未变", "yes": "已变"}),
    "when": ("客户什么时间可以接受拜访？", {"agreed": "已约定", "later": "以后再说", "never": "不接受拜访"}),
    "complaints": ("客户对售后服务有无意见？", {"none": "没有", "some": "有"}),
    "views": ("客户对保险是否认同，是否有新需求？", {"need": "认同，有新需求", "agrees": "认同", "doubts": "不认同"}),
    "easy": ("客户是否容易沟通？", {"yes": "容易", "no": "不容易"}),
}  # fmt: skip
ANSWERED: Schema = {"customer_number": S, **dict.fromkeys(ANSWERS, S)}
ATTITUDES = {"warm": "热情", "cold": "冷淡"}
TO_VISIT: Schema = {"key": S, "due_date": D, "attitude": S, "distance_m": I}
APPOINTMENTS: Schema = {
    "appointment": S,
    "customer_number": S,
    "at": pl.Datetime("us"),
    "made_at": pl.Datetime("us"),
}
_WEEK = "1w"  # plans are made by the week (S4-26); truncation begins weeks on Monday


def call_list(cases: pl.DataFrame, day: date, rulebook: Rulebook) -> pl.DataFrame:
    """CALL_LIST of the cases that have an adult to call, earliest due first; cases with nothing due come last."""
    frame = _with_contact(conform(cases, CALLABLE), day, rulebook).filter(pl.col("called_as").is_not_null())
    scripts = rulebook["calling.scripts"]
    listed = frame.sort("due_date", "policy_number", nulls_last=True).with_row_index("place", 1)
    return conform(
        listed.select(
            "policy_number",
            "due_date",
            "customer_number",
            "called_as",
            place=pl.col("place").cast(I),
            script=pl.col("transfer").replace_strict(scripts, default=None, return_dtype=S),
        ).select(*CALL_LIST),
        CALL_LIST,
    )


def nobody_to_call(cases: pl.DataFrame, day: date, rulebook: Rulebook) -> pl.DataFrame:
    """policy_number, reason (Chinese) of the cases that `call_list` leaves out."""
    frame = _with_contact(conform(cases, CALLABLE), day, rulebook).filter(pl.col("called_as").is_null())
    minor = pl.col("insured_reachable").fill_null(False)
    reason = (
        pl.when(minor)
        .then(pl.lit("投保人联系不上，被保险人未成年或生日不明"))
        .otherwise(pl.lit("投保人和被保险人都联系不上"))
    )
    return frame.select("policy_number", reason=reason).sort("policy_number")


def _with_contact(cases: pl.DataFrame, day: date, rulebook: Rulebook) -> pl.DataFrame:
    years = int(rulebook["calling.adult_years"])
    adult = {who: pl.col(f"{who}_birth").dt.offset_by(f"{years}y") <= day for who in ("holder", "insured")}
    holder = pl.col("holder_reachable").fill_null(False) & adult["holder"].fill_null(True)
    insured = pl.col("insured_reachable").fill_null(False) & adult["insured"].fill_null(False)
    called = pl.when(holder).then(pl.lit("holder")).when(insured).then(pl.lit("insured"))
    return cases.with_columns(called_as=called).with_columns(
        customer_number=pl.when(pl.col("called_as") == "holder")
        .then("holder_number")
        .otherwise("insured_number")
    )


def attitudes(answered: pl.DataFrame, rulebook: Rulebook) -> pl.DataFrame:
    """customer_number, points, attitude (warm | cold; null where one of the five answers is missing), in the order given."""
    frame = conform(answered, ANSWERED)
    parts = [
        pl.col(name).replace_strict(rulebook[f"calling.answers.{name}"], default=None, return_dtype=I)
        for name in ANSWERS
    ]
    points = pl.sum_horizontal(parts, ignore_nulls=False)
    line = int(rulebook["calling.warm_points"])
    attitude = pl.when(points >= line).then(pl.lit("warm")).when(points < line).then(pl.lit("cold"))
    return frame.select("customer_number", points=points, attitude=attitude)


def visit_order(visits: pl.DataFrame, day: date, rulebook: Rulebook) -> pl.DataFrame:
    """TO_VISIT in the order of going: by week of the due date (late ones belong to this week), then by attitude, then the
    nearer first. Nobody's attitude known = between the classes.
    """
    ranks = {word: place for place, word in enumerate(rulebook["calling.visit_order"])}
    week = pl.max_horizontal("due_date", pl.lit(day)).dt.truncate(_WEEK)
    week = pl.when(pl.col("due_date").is_not_null()).then(week)
    rank = pl.col("attitude").fill_null("unknown").replace_strict(ranks, return_dtype=I)
    frame = conform(visits, TO_VISIT).with_columns(week=week, rank=rank)
    ordered = frame.sort("week", "rank", "distance_m", "due_date", "key", nulls_last=True)
    return ordered.select(*TO_VISIT)


def unconfirmed(
    appointments: pl.DataFrame, calls: pl.DataFrame, now: datetime, rulebook: Rulebook
) -> pl.DataFrame:
    """APPOINTMENTS ahead within `reconfirm_hours` that nobody has confirmed by a call in those hours (S1-24).

    `calls`: customer_number, at: calls in which the customer was reached.
    """
    hours = pl.duration(hours=int(rulebook["calling.reconfirm_hours"]))
    near = conform(appointments, APPOINTMENTS).filter(
        (pl.col("at") >= now) & (pl.col("at") <= pl.lit(now) + hours)
    )
    reached = calls.select("customer_number", called_at="at")
    confirmed = near.join(reached, on="customer_number").filter(
        (pl.col("called_at") > pl.col("made_at")) & (pl.col("called_at") >= pl.col("at") - hours)
    )
    return near.join(confirmed.select("appointment").unique(), on="appointment", how="anti").sort(
        "at", "appointment"
    )
