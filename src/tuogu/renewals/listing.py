"""The monthly list: read on the rulebook's day, sent to the branches, each policy in exactly one (S3-02, S3-03).

In: a day. Out: MonthlyList, ListedCase, the step "listed". Never: a policy in two lists, a list changed by a later rulebook
(each keeps the version of its day, S3-07), a run that is done twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

import polars as pl
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from tuogu.core.custody import business_date
from tuogu.core.motor import claims, lists
from tuogu.core.motor.limits import Limits
from tuogu.core.motor.tables import CASES, LISTED
from tuogu.core.tables import conform
from tuogu.org import queries as org
from tuogu.renewals import clocked, firing
from tuogu.renewals.failures import refused
from tuogu.renewals.kinds import Step
from tuogu.renewals.models import ListedCase, MonthlyList, MotorPolicy
from tuogu.renewals.renewed import ended_subjects
from tuogu.renewals.storing import append
from tuogu.rules import queries as rules

_ROW = {
    "subject_id": pl.Int64, "policy_number": pl.String, "holder_number": pl.String, "institution_code": pl.String,
    "premium_fen": pl.Int64, "important": pl.Boolean, "expiry_date": pl.Date, "agent_number": pl.String,
}  # fmt: skip
_BLANKS = {  # what the list does not ask about a case
    "named": False, "ended": False, "opted_out": False, "custodian_in_post": False, "own_contacts": 0,
    "fleet_vehicles": 0,
}  # fmt: skip


@dataclass(frozen=True)
class Run:
    """What a run did. `already`: this day's list stood there."""

    list_id: int
    run_date: date
    listed: int
    late: int
    already: bool


def run_list(run_date: date, *, by: int, at: datetime) -> Run:
    """Make the list of a day that is not ahead; the same day again changes nothing."""
    if run_date > business_date(at):
        raise refused(_("清单的提取日不能晚于今天"))
    before = _of_day(run_date)
    if before is not None:
        return before
    try:
        with transaction.atomic():
            return _make(run_date, by, at)
    except IntegrityError:  # two at once: the first has made it
        found = _of_day(run_date)
        if found is None:
            raise
        return found


def roll_lists(*, by: int, at: datetime) -> int:
    """Once a day: the lists that are due, missed ones included, oldest first. Returns how many policies were listed."""
    today = business_date(at)
    limits = Limits.of(rules.applicable(today))
    if not MotorPolicy.objects.exists():
        return 0
    last = MonthlyList.objects.order_by("-run_date").values_list("run_date", flat=True).first()
    due = lists.runs_due(last, today, limits)
    return sum(run_list(day, by=by, at=at).listed for day in due)


def days_of(monthly_list: MonthlyList) -> claims.Rounds:
    """The days of its rounds, by its own rulebook: counted from the day on which it could be sent."""
    sent = max(monthly_list.run_date, business_date(monthly_list.at))
    limits = clocked.limits([monthly_list.rulebook], monthly_list.run_date)[monthly_list.rulebook]
    return claims.rounds(sent, limits, clocked.holidays(sent, sent))


def _of_day(run_date: date) -> Run | None:
    found = MonthlyList.objects.filter(run_date=run_date).first()
    if found is None:
        return None
    return Run(found.pk, run_date, found.cases.count(), found.cases.filter(late=True).count(), already=True)


def _make(run_date: date, by: int, at: datetime) -> Run:
    book = rules.applicable(run_date)
    limits = Limits.of(book)
    made = MonthlyList.objects.create(run_date=run_date, rulebook=book.version, by_id=by, at=at)
    rows = _candidates(run_date, limits)
    entering = lists.entering(conform(rows.select(*CASES), CASES), run_date, limits).join(
        rows.select("subject_id", "institution_code", "expiry_date", "agent_number"), on="subject_id"
    )
    in_post = org.staff_ids().filter(pl.col("left_date").is_null() | (pl.col("left_date") > run_date))
    cases = entering.select(
        *LISTED, "institution_code", "expiry_date",
        pl.lit(made.pk, pl.Int64).alias("monthly_list_id"),
        pl.lit(days_of(made).claim_due).alias("claim_due_date"),
        pl.col("agent_number").is_in(in_post["staff_number"].implode()).alias("source_known"),
    )  # fmt: skip
    append(ListedCase, cases, at=at, moment="")
    steps = entering.select(
        "subject_id", step=pl.lit(str(Step.LISTED)), round=pl.lit(1, pl.Int64), due_date=pl.lit(run_date),
        reason=pl.lit(""), person_id=pl.lit(None, pl.Int64),
    )  # fmt: skip
    firing.fire(steps, at=at)
    return Run(made.pk, run_date, cases.height, int(cases["late"].sum()), already=False)


def _candidates(run_date: date, limits: Limits) -> pl.DataFrame:
    """CASES, with the seller, of the live policies in no list that end near the run."""
    first = run_date - timedelta(days=limits.list_expired_days)
    last = run_date + timedelta(days=limits.list_from_days)
    near = MotorPolicy.objects.filter(expiry_date__gte=first, expiry_date__lte=last)
    listed = ListedCase.objects.values("subject_id")
    rows = near.exclude(subject_id__in=listed).exclude(subject_id__in=ended_subjects().values("subject_id"))
    fields = rows.order_by("subject_id").values_list(
        "subject_id", "number", "holder_number", "institution_code", "premium_fen", "important", "expiry_date",
        "agent_number",
    )  # fmt: skip
    frame = pl.DataFrame(list(fields), schema=_ROW, orient="row")
    return frame.with_columns(
        pl.lit(_BLANKS.get(name)).cast(kind).alias(name) for name, kind in CASES.items() if name not in _ROW
    )
