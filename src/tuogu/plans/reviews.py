"""A human looks again at an automated decision (L-08): asked for a policy, decided by somebody who had no part in it.

In: a policy's subject, who asks and for whom, later a reviewer with outcome and reason. Out: cases with their due day and
outcome. Never: a reviewer who made, adjusted, approved or released the plan, or who asked; a case decided twice; a custodian
changed here (a change leads to a transfer or to an adjustment, which have second persons of their own).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import IntegrityError, transaction

from tuogu.books import queries as books
from tuogu.core.custody import business_date
from tuogu.org import queries as org
from tuogu.org.scope import Scope
from tuogu.plans.explaining import plan_that_speaks
from tuogu.plans.failures import PlanRefused, PlanUnknown
from tuogu.plans.family import ancestors
from tuogu.plans.models import ReviewCase, ReviewOutcome, ScheduledRelease
from tuogu.rules import queries as rules
from tuogu.vault import open_text, seal_text

Outcome, LeadsTo, AskedFor = ReviewOutcome.Outcome, ReviewOutcome.LeadsTo, ReviewCase.AskedFor


@dataclass(frozen=True)
class ReviewLine:
    """A case and what became of it; `outcome` '' = open. Words of people are opened for one case only."""

    id: int
    number: str
    plan: int | None
    asked_by: int
    asked_by_name: str
    asked_for: str
    asked_for_label: str
    asked_at: datetime
    due_date: date
    outcome: str
    outcome_label: str
    reviewer: int | None
    reviewer_name: str
    decided_at: datetime | None
    leads_to: str
    leads_to_label: str
    statement: str = ""
    reason: str = ""

    @property
    def open(self) -> bool:
        """Whether nobody has decided yet."""
        return not self.outcome


@transaction.atomic
def ask_review(number: str, *, scope: Scope, asked_for: str, statement: str, by: int, at: datetime) -> int:
    """Open a case for a policy within scope; returns its id. PlanRefused: no words, an open case, nobody to sign."""
    subject = books.visible_subject(scope, number)
    if subject is None:
        raise PlanUnknown(f"没有保单 {number}")
    if asked_for not in AskedFor.values or not statement.strip():
        raise PlanRefused("请写明由谁提出、要求复核什么")
    if not org.is_person(by):
        raise PlanRefused("复核申请须由在册人员登记")
    if ReviewCase.objects.filter(subject_id=subject, decided__isnull=True).exists():
        raise PlanRefused("这件保单已有一项复核在办")
    today = business_date(at)
    behind = plan_that_speaks(number)
    case = ReviewCase.objects.create(
        subject_id=subject, plan_id=behind[0] if behind else None, asked_by_id=by, asked_for=asked_for, asked_at=at,
        due_date=today + timedelta(days=int(rules.applicable(today)["plans.review_days"])),
        statement_sealed=seal_text(statement.strip()),
    )  # fmt: skip
    return case.pk


@transaction.atomic
def decide_review(
    case_id: int, *, scope: Scope, outcome: str, reason: str, leads_to: str = "", by: int, at: datetime
) -> None:
    """Decide a case within scope. PlanRefused: decided already, no reason, a change that leads nowhere, or a reviewer who
    had a part in what is reviewed."""
    case = _case(case_id, scope)
    if outcome not in Outcome.values or not reason.strip():
        raise PlanRefused("复核须写明结论和理由")
    if (outcome == Outcome.CHANGED) != bool(leads_to) or leads_to not in LeadsTo.values:
        raise PlanRefused("结论为更改时，须选由哪一步落实；维持时不选")
    had_a_part = took_part(case)
    if by in had_a_part:
        raise PlanRefused(f"{had_a_part[by]}不能复核自己参与的决定，须由另一人复核")
    if not org.is_person(by):
        raise PlanRefused("复核须由在册人员进行")
    try:
        with transaction.atomic():
            ReviewOutcome.objects.create(
                case=case, reviewer_id=by, at=at, outcome=outcome, reason_sealed=seal_text(reason.strip()),
                leads_to=leads_to,
            )  # fmt: skip
    except IntegrityError as decided:
        raise PlanRefused("这项复核已有结论") from decided


def took_part(case: ReviewCase) -> dict[int, str]:
    """Who had a part in what is reviewed, and which."""
    found = {case.asked_by_id: "登记申请的人"}
    if case.plan is None:
        return found
    for stored in ancestors(case.plan):
        found[stored.made_by_id] = "编制或调整方案的人"
    if case.plan.decided_by_id is not None:
        found[case.plan.decided_by_id] = "审批方案的人"
    posted = ScheduledRelease.objects.filter(plan=case.plan, state=ScheduledRelease.State.POSTED)
    return {**dict.fromkeys(posted.values_list("changed_by_id", flat=True), "下发方案的人"), **found}


def review_lines(scope: Scope, *, only_open: bool = False) -> list[ReviewLine]:
    """Cases of policies within scope: the open ones by due day, then the decided ones, the newest first."""
    rows = ReviewCase.objects.select_related("subject", "decided", "plan")
    rows = rows.filter(decided__isnull=True) if only_open else rows
    every = list(rows.order_by("-pk"))
    seen = _visible(scope, [case.subject_id for case in every])
    found = _lines([case for case in every if case.subject_id in seen])
    return sorted([x for x in found if x.open], key=lambda x: (x.due_date, x.id)) + [
        x for x in found if not x.open
    ]


def review_line(case_id: int, scope: Scope) -> ReviewLine:
    """One case with what was said; PlanUnknown when there is none within scope."""
    case = _case(case_id, scope)
    return _lines([case], opened=True)[0]


def reviews_of(subject_id: int) -> list[ReviewLine]:
    """The cases of one policy, for who may see it, the newest first."""
    rows = ReviewCase.objects.filter(subject_id=subject_id).select_related("subject", "decided")
    return _lines(list(rows.order_by("-pk")))


def _case(case_id: int, scope: Scope) -> ReviewCase:
    case = ReviewCase.objects.select_related("subject", "decided", "plan").filter(pk=case_id).first()
    if case is None or not _visible(scope, [case.subject_id]):
        raise PlanUnknown(f"没有复核 {case_id}")
    return case


def _visible(scope: Scope, subjects: Sequence[int]) -> set[int]:
    """Those of these subjects that the scope shows."""
    shown = books.visible_subjects(scope)
    return (
        set(subjects)
        if shown is None
        else set(shown.filter(subject_id__in=subjects).values_list("subject_id", flat=True))
    )


def _lines(cases: Sequence[ReviewCase], *, opened: bool = False) -> list[ReviewLine]:
    done = {case.pk: getattr(case, "decided", None) for case in cases}
    people = {c.asked_by_id for c in cases} | {d.reviewer_id for d in done.values() if d is not None}
    names = org.names(people)
    return [_line(case, done[case.pk], names, opened) for case in cases]


def _line(
    case: ReviewCase, done: ReviewOutcome | None, names: dict[int, str | None], opened: bool
) -> ReviewLine:
    number = case.subject.number or ""
    head = (
        case.pk, number, case.plan_id, case.asked_by_id, names.get(case.asked_by_id) or "", case.asked_for,
        case.get_asked_for_display(), case.asked_at, case.due_date,
    )  # fmt: skip
    said = open_text(case.statement_sealed) or "" if opened else ""
    if done is None:
        return ReviewLine(*head, "", "", None, "", None, "", "", said)
    why = open_text(done.reason_sealed) or "" if opened else ""
    return ReviewLine(
        *head, done.outcome, done.get_outcome_display(), done.reviewer_id, names.get(done.reviewer_id) or "", done.at,
        done.leads_to, done.get_leads_to_display() if done.leads_to else "", said, why,
    )  # fmt: skip
