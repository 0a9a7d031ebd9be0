"""Reads of the monthly lists: their days and counts, their cases, what waits for a branch, what the city may claim.

In: a scope, a place to page from. Out: plain values. Never: a row of another branch, but what is open to the whole city.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import Count, F, Q

from tuogu.ledger import queries as custody
from tuogu.org import queries as org
from tuogu.org.scope import Scope
from tuogu.renewals import listing, second_round
from tuogu.renewals.models import ListedCase, MonthlyList, MotorPolicy
from tuogu.renewals.reads import MotorRow, motor_rows
from tuogu.renewals.standing import running, unnamed, visible


@dataclass(frozen=True)
class ListRow:
    """One monthly list as a scope sees it."""

    id: int
    run_date: date
    rulebook: str
    cases: int
    late: int
    unknown: int
    waiting: int
    claim_due: date
    city_from: date
    dealt_on: date
    locked_on: date


@dataclass(frozen=True)
class BranchWaiting:
    """What waits for a branch to say who is responsible."""

    institution_code: str
    waiting: int
    unknown: int
    due: date


def lists(scope: Scope, *, size: int = 24) -> list[ListRow]:
    """The newest lists with the counts that the scope sees."""
    found = []
    for one in MonthlyList.objects.order_by("-run_date")[:size]:
        cases = one.cases.filter(visible(scope))
        counts = cases.aggregate(
            n=Count("pk"),
            late=Count("pk", filter=Q(late=True)),
            unknown=Count("pk", filter=Q(source_known=False)),
        )
        days = listing.days_of(one)
        waiting = unnamed().filter(visible(scope), monthly_list=one).count()
        found.append(
            ListRow(
                one.pk, one.run_date, one.rulebook, counts["n"], counts["late"], counts["unknown"], waiting,
                days.claim_due, days.city_from, days.dealt_on, days.locked_on,
            )
        )  # fmt: skip
    return found


def list_cases(
    scope: Scope, list_id: int, *, after: int = 0, size: int = 50, waiting: bool = False
) -> list[MotorRow]:
    """Policies of one list by subject, behind the subject `after`; `waiting`: only those without a named person."""
    source = unnamed() if waiting else ListedCase.objects.all()
    cases = source.filter(visible(scope), monthly_list=list_id).values("subject_id")
    return motor_rows(
        MotorPolicy.objects.filter(subject_id__in=cases, subject_id__gt=after).order_by("subject_id")[:size]
    )


def waiting_by_branch(scope: Scope) -> list[BranchWaiting]:
    """How much waits for each branch, the earliest due first."""
    rows = unnamed().filter(visible(scope)).values("institution_code", due=F("claim_due_date"))
    counted = rows.annotate(waiting=Count("pk"), unknown=Count("pk", filter=Q(source_known=False)))
    return [
        BranchWaiting(r["institution_code"], r["waiting"], r["unknown"], r["due"])
        for r in counted.order_by("due", "institution_code")
    ]


def open_to_city(on: date, *, after: int = 0, size: int = 50) -> list[MotorRow]:
    """What anybody of the city may claim now: held by a pool after the branch's days. Whoever may claim sees all of it. What
    a leader has given up waits in the rounds of the second allocation."""
    pools = [pool for pool, _key, _name in org.pools()]
    given_up = [row.subject_id for row in second_round.waiting(on)]
    cases = running().filter(
        claim_due_date__lt=on, subject_id__in=custody.held_by(pools), subject_id__gt=after
    )
    cases = cases.exclude(subject_id__in=given_up)
    rows = MotorPolicy.objects.filter(subject_id__in=cases.values("subject_id")).order_by("subject_id")
    return motor_rows(rows[:size])
