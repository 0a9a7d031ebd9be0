"""The month's list of lapsed cars (S3-17): what every branch follows until the car is insured anywhere.

In: a scope, a month. Out: rows. Never: a car that has been insured since, left out of the month in which it was owed.
"""

from __future__ import annotations

from datetime import date

import polars as pl

from tuogu.org.scope import Scope
from tuogu.renewals import clocked, within
from tuogu.renewals.kinds import Step
from tuogu.renewals.models import FiredStep
from tuogu.renewals.truth import REGISTER

LAPSED = {**REGISTER, "round": pl.Int64}


def lapsed_list(scope: Scope, month: date) -> pl.DataFrame:
    """LAPSED: those whose rescue came up in the month, with its round; `outcome` says what has become of it since."""
    first = month.replace(day=1)
    steps = FiredStep.objects.filter(
        step=Step.LAPSED, fired_date__gte=first, fired_date__lt=_next_month(first),
        subject_id__in=within.policies(scope).values("pk"),
    )  # fmt: skip
    rounds = dict(steps.order_by("round").values_list("subject_id", "round"))
    turn = pl.col("subject_id").replace_strict(rounds, default=None, return_dtype=pl.Int64)
    cases = clocked.cases(first, subjects=rounds).select(*REGISTER, round=turn)
    return cases.sort("institution_code", "expiry_date", "subject_id")


def _next_month(first: date) -> date:
    return date(first.year + first.month // 12, first.month % 12 + 1, 1)
