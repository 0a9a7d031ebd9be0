"""The pipeline to look at: every running case with the stage in which it stands, what is late, who is responsible.

In: a scope, a day, a narrowing. Out: PIPELINE, days before long holidays, cases of the day. Never: a case out of scope, a
stage kept in a row (it follows from the clock, the claims and what has fired).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl
from django.db.models import Count, QuerySet

from tuogu.core.motor import clock
from tuogu.core.motor.holidays import chosen
from tuogu.core.motor.limits import Limits
from tuogu.core.tables import Schema
from tuogu.ledger import queries as custody
from tuogu.org import queries as org
from tuogu.org.scope import Scope
from tuogu.renewals import clocked, second_round, within
from tuogu.renewals.kinds import Round, Step
from tuogu.renewals.models import FiredStep, ListedCase
from tuogu.renewals.standing import running, visible
from tuogu.rules import queries as rules

STAGES = {  # in the order of the flow
    "claim": "基层认领", "city": "公开认领", "kept": "跟进中", "contact": "责任人联系", "call_all": "集中呼出",
    "urge": "督促", "final": "最终确认", "second": "二次分配", "head_office": "总公司呼出", "lapsed": "脱保挽救",
}  # fmt: skip
_AFTER = (  # the step that has fired → the stage it opens, the latest first
    (Step.FINAL, "final"), (Step.URGE, "urge"), (Step.CALL_ALL, "call_all"), (Step.OWN_CONTACT, "contact"),
)  # fmt: skip
PIPELINE: Schema = {
    "subject_id": pl.Int64, "policy_number": pl.String, "holder_number": pl.String, "institution_code": pl.String,
    "premium_fen": pl.Int64, "important": pl.Boolean, "expiry_date": pl.Date, "days_left": pl.Int64, "band": pl.String,
    "stage": pl.String, "custodian_id": pl.Int64, "in_post": pl.Boolean, "named": pl.Boolean, "own_contacts": pl.Int64,
    "intention": pl.String, "claim_due_date": pl.Date, "contact_date": pl.Date, "source_known": pl.Boolean,
    "late": pl.Boolean,
}  # fmt: skip


@dataclass(frozen=True)
class Narrowed:
    """Which cases a board shows; the default is all."""

    institution: str = ""
    band: str = ""
    stage: str = ""
    person: int | None = None
    important: bool = False
    late: bool = False


@dataclass(frozen=True)
class Festival:
    """A long holiday before which everything is finished (S3-18). `before`: the last working day."""

    name: str
    first: date
    last: date
    before: date


def pipeline(scope: Scope, on: date) -> pl.DataFrame:
    """PIPELINE of the listed cases within scope that have not ended, the first to expire first."""
    return _told(running().filter(visible(scope)), on)


def own_pipeline(person: int, on: date) -> pl.DataFrame:
    """PIPELINE of what one person is responsible for."""
    return _told(_own(person), on)


def _own(person: int) -> QuerySet[ListedCase]:
    return running().filter(subject_id__in=custody.held_by([person]))


def pipeline_of(subjects: list[int], on: date) -> pl.DataFrame:
    """PIPELINE of some cases that the caller may show."""
    return _told(running().filter(subject_id__in=subjects), on)


def narrowed(rows: pl.DataFrame, wanted: Narrowed) -> pl.DataFrame:
    """Those of a PIPELINE that are wanted."""
    if wanted.institution:
        below = sorted(org.institutions_below(wanted.institution))
        rows = rows.filter(pl.col("institution_code").is_in(below))
    for name in ("band", "stage"):
        value = getattr(wanted, name)
        rows = rows.filter(pl.col(name) == value) if value else rows
    if wanted.person is not None:
        rows = rows.filter(pl.col("custodian_id") == wanted.person)
    for name in ("important", "late"):
        rows = rows.filter(pl.col(name)) if getattr(wanted, name) else rows
    return rows


def stage_counts(rows: pl.DataFrame) -> dict[str, int]:
    """Cases by stage, every stage in its order."""
    found = dict(rows.group_by("stage").len().iter_rows())
    return {stage: found.get(stage, 0) for stage in STAGES}


def festivals(first: date, until: date) -> list[Festival]:
    """The long holidays that touch [first, until), and those whose last working day before does."""
    limits = Limits.of(rules.applicable(first))
    rows = chosen(clocked.holidays(first, until), limits.early_holidays)
    near = rows.filter((pl.col("before_date") < until) & (pl.col("last_date") >= first)).sort("first_date")
    return [Festival(*row) for row in near.iter_rows()]


def urgings(person: int) -> pl.DataFrame:
    """Urgings of what this person is responsible for that nobody has acknowledged: fired, subject_id, fired_date."""
    mine = _own(person).values("subject_id")
    rows = FiredStep.objects.filter(step=Step.URGE, answers__isnull=True, subject_id__in=mine).order_by("pk")
    schema = {"fired": pl.Int64, "subject_id": pl.Int64, "fired_date": pl.Date}
    return pl.DataFrame(list(rows.values_list("pk", "subject_id", "fired_date")), schema=schema, orient="row")


def second_people(subject: int, turn: str, institution: str) -> frozenset[int]:
    """Who may be named in a round of the second allocation: of the branch, then of the whole city; not who had it."""
    place = institution if turn == Round.SECOND else within.city_of(institution)
    former = FiredStep.objects.filter(subject_id=subject, step=Step.SECOND_OPEN, person__isnull=False)
    return within.colleagues(place) - set(former.values_list("person_id", flat=True))


def fired_on(scope: Scope, on: date) -> dict[str, int]:
    """How many steps of each kind happened on a day within scope."""
    seen = ListedCase.objects.filter(visible(scope)).values("subject_id")
    rows = FiredStep.objects.filter(fired_date=on, subject_id__in=seen)
    return dict(rows.values("step").annotate(n=Count("pk")).order_by("step").values_list("step", "n"))


def _told(wanted: QuerySet[ListedCase], on: date) -> pl.DataFrame:
    """PIPELINE of some listed cases."""
    schema = {"subject_id": pl.Int64, "band": pl.String, "source_known": pl.Boolean}
    listed = pl.DataFrame(
        list(wanted.values_list("subject_id", "band", "source_known")),
        schema=schema,
        orient="row",
    )
    if listed.is_empty():
        return pl.DataFrame(schema=PIPELINE)
    ids = listed["subject_id"].to_list()
    cases = clocked.cases(on, subjects=ids)
    limits, holidays = clocked.limits_of(cases, on), clocked.holidays(on, on + timedelta(days=120))
    big = pl.concat([
        pl.DataFrame(schema={"subject_id": pl.Int64, "big": pl.String}),
        *(
            part.select("subject_id", big=clock.big(limits[str(key[0])]))
            for key, part in cases.partition_by("rulebook", as_dict=True).items()
        ),
    ])  # fmt: skip
    found = (
        cases.join(listed, on="subject_id")
        .join(_fired(ids), on="subject_id", how="left")
        .join(big, on="subject_id", how="left")
        .join(clock.contact_due(cases, limits, holidays), on="subject_id", how="left")
        .join(_open_rounds(on), on="subject_id", how="left")
    )
    return (
        found.with_columns(
            days_left=(pl.col("expiry_date") - pl.lit(on)).dt.total_days(),
            important=pl.col("big").is_not_null(),
            in_post=pl.col("custodian_in_post"),
            stage=_stage(on),
            late=_late(on),
        )
        .select(*PIPELINE)
        .cast(pl.Schema(PIPELINE))
        .sort("expiry_date", "subject_id")
    )


def _stage(on: date) -> pl.Expr:
    fired = pl.col("steps").fill_null([])
    stage = pl.lit("kept")
    for step, name in reversed(_AFTER):
        stage = pl.when(fired.list.contains(str(step))).then(pl.lit(name)).otherwise(stage)
    unnamed = pl.when(pl.col("claim_due_date") >= on).then(pl.lit("claim")).otherwise(pl.lit("city"))
    return (
        pl.when(pl.col("expiry_date") < on)
        .then(pl.lit("lapsed"))
        .when(pl.col("open_round").fill_null(False))
        .then(pl.lit("second"))
        .when(fired.list.contains(str(Step.HEAD_OFFICE)))
        .then(pl.lit("head_office"))
        .when(~pl.col("named"))
        .then(unnamed)
        .otherwise(stage)
    )


def _late(on: date) -> pl.Expr:
    """The claim is overdue, or the responsible person's contact is (S3-04, S3-10)."""
    covered = pl.col("expiry_date") >= on
    unclaimed = ~pl.col("named") & (pl.col("claim_due_date") < on)
    silent = (pl.col("contact_date") < on) & (pl.col("own_contacts") == 0)
    return (covered & (unclaimed | silent)).fill_null(False)


def _fired(ids: list[int]) -> pl.DataFrame:
    steps = [str(step) for step, _stage in _AFTER] + [str(Step.HEAD_OFFICE)]
    rows = FiredStep.objects.filter(step__in=steps)
    if len(ids) <= 5_000:  # more parameters than this are slower than reading all
        rows = rows.filter(subject_id__in=ids)
    schema = {"subject_id": pl.Int64, "step": pl.String}
    frame = pl.DataFrame(list(rows.values_list("subject_id", "step")), schema=schema, orient="row")
    return frame.group_by("subject_id").agg(steps=pl.col("step"))


def _open_rounds(on: date) -> pl.DataFrame:
    rows = [(step.subject_id, True) for step in second_round.waiting(on)]
    return pl.DataFrame(rows, schema={"subject_id": pl.Int64, "open_round": pl.Boolean}, orient="row")


def listed_branches(scope: Scope, month: date) -> list[str]:
    """Branches within scope to which a list of the month was sent."""
    until = date(month.year + month.month // 12, month.month % 12 + 1, 1)
    rows = ListedCase.objects.filter(
        visible(scope), monthly_list__run_date__gte=month, monthly_list__run_date__lt=until
    )
    within_scope = org.institutions_within(scope)
    codes = rows.order_by("institution_code").values_list("institution_code", flat=True).distinct()
    return [code for code in codes if code in within_scope]
