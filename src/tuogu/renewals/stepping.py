"""The steps of cases to look at: what happened to one, what is to come and when, what waits for a leader or a taker.

In: a scope, a case, days. Out: plain values. Never: a case out of scope.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

import polars as pl

from tuogu.core.custody import SHANGHAI
from tuogu.core.motor import clock
from tuogu.org.scope import Scope
from tuogu.renewals import clocked, second_round, within
from tuogu.renewals.kinds import Round, Step
from tuogu.renewals.models import FiredStep
from tuogu.renewals.renewed import ended_subjects


@dataclass(frozen=True)
class StepRow:
    """A step that happened. `answers`: (what, who, when), the first one first."""

    id: int
    step: str
    round: int
    due_date: date
    fired_date: date
    person: int | None
    reason: str
    answers: tuple[tuple[str, int, datetime], ...]


@dataclass(frozen=True)
class FinalRow:
    """A case that waits for the leader's final word."""

    fired_id: int
    subject_id: int
    policy_number: str
    institution_code: str
    expiry_date: date
    person: int | None


@dataclass(frozen=True)
class SecondRow:
    """A case that waits for a new person, and until when."""

    subject_id: int
    policy_number: str
    institution_code: str
    round: str
    until_at: datetime
    expiry_date: date


def steps_of(subject: int, scope: Scope) -> list[StepRow]:
    """What happened to a case, the first step first; nothing out of scope."""
    if not within.policies(scope).filter(pk=subject).exists():
        return []
    rows = FiredStep.objects.filter(subject_id=subject).prefetch_related("answers").order_by("pk")
    return [
        StepRow(
            row.pk, row.step, row.round, row.due_date, row.fired_date, row.person_id, row.reason,
            tuple((one.what, one.by_id, one.at) for one in sorted(row.answers.all(), key=lambda one: one.pk)),
        )
        for row in rows
    ]  # fmt: skip


def calendar(scope: Scope, first: date, until: date) -> pl.DataFrame:
    """What is to come within [first, until) for running cases: subject_id, step, due_date, policy_number, institution_code,
    custodian_id; by day."""
    cases = clocked.cases(first, subjects=within.policies(scope).values_list("pk", flat=True))
    running = cases.filter(~pl.col("ended"))
    days = clock.step_days(running, clocked.limits_of(running, first), clocked.holidays(first, until))
    told = running.select("subject_id", "policy_number", "institution_code", "custodian_id")
    found = days.filter((pl.col("due_date") >= first) & (pl.col("due_date") < until)).join(
        told, on="subject_id"
    )
    return found.drop("round", "reason").sort("due_date", "subject_id", "step")


def finals_waiting(scope: Scope, on: date) -> list[FinalRow]:
    """Cases past their final day without the leader's word, the first to expire first."""
    known = {row.pk: row for row in within.policies(scope).filter(expiry_date__gte=on)}
    rows = FiredStep.objects.filter(step=Step.FINAL, answers__isnull=True, subject_id__in=known).exclude(
        subject_id__in=ended_subjects().values("subject_id")
    )
    found = [
        FinalRow(
            row.pk, row.subject_id, known[row.subject_id].number, known[row.subject_id].institution_code,
            known[row.subject_id].expiry_date, row.person_id,
        )
        for row in rows
    ]  # fmt: skip
    return sorted(found, key=lambda one: (one.expiry_date, one.subject_id))


def second_waiting(scope: Scope, at: datetime) -> list[SecondRow]:
    """Open second rounds that this scope may claim in: its own branch's, and its city's."""
    on = at.astimezone(SHANGHAI).date()
    open_now = {row.subject_id: row for row in second_round.waiting(on)}
    if not open_now:
        return []
    states = {
        row["subject_id"]: row for row in second_round.states(list(open_now.values()), on, at).to_dicts()
    }
    cases = clocked.cases(on, subjects=open_now)
    own = set(within.policies(scope).filter(pk__in=open_now).values_list("pk", flat=True))
    cities = within.cities(scope)
    found = [
        SecondRow(
            row["subject_id"], row["policy_number"], row["institution_code"], states[row["subject_id"]]["round"],
            states[row["subject_id"]]["until_at"].replace(tzinfo=SHANGHAI), row["expiry_date"],
        )
        for row in cases.iter_rows(named=True)
        if not states[row["subject_id"]]["over"]
        and (
            row["subject_id"] in own
            or (
                states[row["subject_id"]]["round"] == Round.SECOND_CITY
                and within.city_of(row["institution_code"]) in cities
            )
        )
    ]  # fmt: skip
    return sorted(found, key=lambda one: (one.until_at, one.subject_id))
