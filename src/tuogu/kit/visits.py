"""Whom somebody goes to on a day or in a week, and why (S4-21): from the plan of the week, the tasks due and the data.

In: a person, a day. Out: customers with the day of the visit and the reasons for each of their policies, in Chinese.
Never: a customer whom nobody planned and to whom nothing is owed; a reason without the figure behind it, unless the plan
itself names it.
"""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl

from tuogu.core.labels import VISIT_REASONS
from tuogu.work import queries as work

_WEEK_DAYS = 7
_VISITS = {"holder_number": pl.String, "visit_date": pl.Date, "planned": pl.String}


def visits_of(person: int, first_date: date, *, week: bool) -> pl.DataFrame:
    """holder_number, visit_date, policy_number (null = no reason is known from data), reasons; from `first_date` on."""
    last = first_date + timedelta(days=_WEEK_DAYS - 1 if week else 0)
    days = _days(person, first_date, last)
    said = _suggested(person, first_date, days["holder_number"].to_list())
    return (
        days.join(said, on="holder_number", how="left")
        .with_columns(reasons=_with_planned())
        .select("holder_number", "visit_date", "policy_number", "reasons")
    )


def _days(person: int, first: date, last: date) -> pl.DataFrame:
    """Each customer once, on the planned day, else the day on which something falls due; what is late stands elsewhere."""
    plan = work.week_plan(person, first - timedelta(days=first.weekday()))
    rows = [
        (line.customer, line.day, VISIT_REASONS.get(line.reason))
        for line in (plan.lines if plan else ())
        if first <= line.day <= last
    ]
    due = work.tasks_of(person, last, view="today")
    rows += [(task.customer_number, task.due_date, None) for task in due if task.due_date >= first]
    frame = pl.DataFrame(rows, schema=_VISITS, orient="row")
    return frame.unique("holder_number", keep="first", maintain_order=True)  # what was planned comes first


def _suggested(person: int, day: date, customers: list[str]) -> pl.DataFrame:
    """holder_number, policy_number, told: the reasons of each policy, the most pressing first."""
    found = work.suggestions(person, day, customers).sort("policy_number", "place")
    label = pl.col("reason").replace_strict(VISIT_REASONS, return_dtype=pl.String)
    said = found.with_columns(said=pl.format("{}（{}）", label, "detail"))
    told = said.group_by("customer_number", "policy_number", maintain_order=True).agg(
        told=pl.col("said").str.join("；")
    )
    return told.rename({"customer_number": "holder_number"})


def _with_planned() -> pl.Expr:
    """The reasons from data, after the planned one where the data do not give it."""
    told, planned = pl.col("told").fill_null(""), pl.col("planned")
    named = planned.is_null() | told.str.contains(planned, literal=True)
    return (
        pl.when(named).then(told).when(told == "").then(planned).otherwise(pl.format("{}；{}", planned, told))
    )
