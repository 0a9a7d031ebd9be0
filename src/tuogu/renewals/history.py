"""What chances are learned from in motor renewal: lists, policies, corrections, ends and marks, each with its day (P-07).

In: nothing, or cases, or customers. Out: frames of numbers, ids and days. Never: a plate, a frame
number, a name.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import polars as pl
from django.db.models import Q, QuerySet

from tuogu.renewals.models import Ended, ListedCase, MotorChange, MotorPolicy, TruthMark

_MOMENT = pl.Datetime("us", "UTC")
_LISTED: dict[str, Any] = {
    "subject_id": pl.Int64, "listed_date": pl.Date, "band": pl.String, "late": pl.Boolean,
    "institution_code": pl.String, "expiry_date": pl.Date,
}  # fmt: skip
_MOTOR: dict[str, Any] = {
    "subject_id": pl.Int64, "policy_number": pl.String, "holder_number": pl.String, "premium_fen": pl.Int64,
    "channel": pl.String, "fleet_number": pl.String, "important": pl.Boolean, "previous_number": pl.String,
    "start_date": pl.Date,
}  # fmt: skip
_CHANGES: dict[str, Any] = {
    "subject_id": pl.Int64, "field": pl.String, "before": pl.String, "changed_date": _MOMENT,
}  # fmt: skip
_ENDS: dict[str, Any] = {
    "subject_id": pl.Int64, "outcome": pl.String, "ended_date": pl.Date, "withdrawn": pl.Boolean,
}  # fmt: skip
_TRUTHS: dict[str, Any] = {"customer_number": pl.String, "true": pl.Boolean, "marked_date": _MOMENT}


def chance_history(
    subjects: Iterable[int] | None = None, *, holders: Iterable[str] | None = None
) -> dict[str, pl.DataFrame]:
    """`listed`, `motor`, `changes`, `ends`, `truths` as `core.chance.tables` has them. `subjects`: only these cases, with
    every motor policy of their holders; `holders`: only the cases and policies of these customers."""
    listed, motor = ListedCase.objects.order_by("subject_id"), MotorPolicy.objects.order_by("subject_id")
    changes = MotorChange.objects.filter(why="import").order_by("pk")
    ends, truths = Ended.objects.order_by("subject_id", "seq"), TruthMark.objects.order_by("pk")
    if subjects is not None or holders is not None:
        whose = Q(pk__in=sorted(set(subjects or ()))) | Q(holder_number__in=sorted(set(holders or ())))
        cases = MotorPolicy.objects.filter(whose)
        customers = cases.values("holder_number")
        listed, motor = listed.filter(pk__in=cases.values("pk")), motor.filter(holder_number__in=customers)
        changes, ends = (
            changes.filter(policy__in=cases.values("pk")),
            ends.filter(subject__in=cases.values("pk")),
        )
        truths = truths.filter(customer_number__in=customers)
    policies = _frame(
        motor, _MOTOR, "subject_id", "number", "holder_number", "premium_fen", "channel", "fleet_number", "important",
        "previous_number", "start_date",
    )  # fmt: skip
    in_lists = _frame(
        listed,
        _LISTED,
        "subject_id",
        "monthly_list__run_date",
        "band",
        "late",
        "institution_code",
        "expiry_date",
    )
    last = _frame(ends, _ENDS, "subject_id", "outcome", "ended_date", "withdrawn")
    last = last.unique("subject_id", keep="last", maintain_order=True).filter(~pl.col("withdrawn"))
    return {
        "listed": in_lists.join(
            policies.select("subject_id", "holder_number"), on="subject_id", maintain_order="left"
        ),
        "motor": policies,
        "changes": _frame(changes, _CHANGES, "policy_id", "field", "before", "at").with_columns(
            _day("changed_date")
        ),
        "ends": last.drop("withdrawn"),
        "truths": _frame(truths, _TRUTHS, "customer_number", "true", "at").with_columns(_day("marked_date")),
    }


def _frame(rows: QuerySet[Any, Any], schema: dict[str, Any], *fields: str) -> pl.DataFrame:
    return pl.DataFrame(list(rows.values_list(*fields)), schema=schema, orient="row")


def _day(name: str) -> pl.Expr:
    return pl.col(name).dt.convert_time_zone("Asia/Shanghai").dt.date()
