"""What a person means to do in a week, told before the week begins (S4-26).

In: a person, a Monday, lines. Out: a plan that stays; the newest one counts. Never: a plan filed once its week has
begun, a customer of somebody else, a plan changed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from tuogu.books import queries as books
from tuogu.core.custody import business_date
from tuogu.ledger import queries as ledger
from tuogu.org import queries as org
from tuogu.org.scope import Scope
from tuogu.work import whose
from tuogu.work.failures import WorkRefused
from tuogu.work.kinds import Kind, Reason
from tuogu.work.limits import limits
from tuogu.work.models import WeekPlan, WeekPlanLine

_DAYS = 7
_LINES_MAX = 200  # of one plan: a form, not a file


@dataclass(frozen=True)
class PlanLine:
    """One customer on one day."""

    day: date
    customer: str
    kind: str
    reason: str


@dataclass(frozen=True)
class Week:
    """A plan as filed. `versions`: how many were filed for the week."""

    id: int
    person: int
    week_date: date
    filed_at: datetime
    by: int
    lines: tuple[PlanLine, ...]
    versions: int


@transaction.atomic
def file_week_plan(person: int, week_date: date, lines: Sequence[PlanLine], *, by: int, at: datetime) -> int:
    """File the plan of a week that has not begun; returns its id. A later one takes the place of the one before."""
    today = business_date(at)
    if week_date.weekday() != 0:
        raise WorkRefused(_("周计划自星期一起；没有写入任何数据"))
    if today >= week_date:
        raise WorkRefused(
            _("%(day)s 起的一周已经开始，周计划须在此前制定；没有写入任何数据") % {"day": week_date}
        )
    if by != person and person not in whose.answers_for(by, today):
        raise WorkRefused(_("只能制定本人或所代管同事的计划；没有写入任何数据"))
    ahead = limits(today).ahead_days
    if week_date > today + timedelta(days=ahead):
        raise WorkRefused(_("周计划最多提前 %(n)s 天制定；没有写入任何数据") % {"n": ahead})
    _judge(person, week_date, lines)
    plan = WeekPlan.objects.create(person_id=person, week_date=week_date, filed_at=at, by_id=by)
    WeekPlanLine.objects.bulk_create(
        WeekPlanLine(
            plan=plan, place=place, day=line.day, customer_number=line.customer, kind=line.kind, reason=line.reason
        )
        for place, line in enumerate(lines, 1)
    )  # fmt: skip
    return plan.pk


def _judge(person: int, week_date: date, lines: Sequence[PlanLine]) -> None:
    if not 0 < len(lines) <= _LINES_MAX:
        raise WorkRefused(_("周计划应有 1 至 %(n)s 行；没有写入任何数据") % {"n": _LINES_MAX})
    last = week_date + timedelta(days=_DAYS)
    for line in lines:
        if not week_date <= line.day < last:
            raise WorkRefused(_("%(day)s 不在这一周内；没有写入任何数据") % {"day": line.day})
        if line.kind not in Kind.values or line.reason not in Reason.values:
            raise WorkRefused(_("请选择方式和理由；没有写入任何数据"))
    wanted = {line.customer for line in lines}
    cases = books.care_cases(holders=wanted)
    held = {
        number for number, who in cases.select("customer_number", "custodian_id").iter_rows() if who == person
    }
    others = wanted - held
    if others and not others <= _developed(person, others):
        raise WorkRefused(_("客户 %(number)s 不在名下；没有写入任何数据") % {"number": sorted(others)[0]})


def _developed(person: int, numbers: set[str]) -> set[str]:
    heads = ledger.heads_by_number(numbers, kind="customer", relation="development")
    return {number for number, head in heads.items() if head.custodian_id == person}


def week_plan(person: int, week_date: date) -> Week | None:
    """The plan that counts for a week: the newest."""
    plans = list(WeekPlan.objects.filter(person_id=person, week_date=week_date).order_by("-pk"))
    if not plans:
        return None
    plan = plans[0]
    lines = WeekPlanLine.objects.filter(plan=plan).order_by("place")
    told = tuple(PlanLine(line.day, line.customer_number, line.kind, line.reason) for line in lines)
    return Week(plan.pk, person, week_date, plan.filed_at, plan.by_id, told, len(plans))


def week_plans_missing(scope: Scope, week_date: date) -> list[int]:
    """People within scope who hold customers and have filed no plan for the week, ascending."""
    loads = ledger.loads(scope)
    holding = set(loads["custodian_id"].to_list())
    in_post = set(org.people(scope, week_date)["custodian_id"].to_list())
    filed = WeekPlan.objects.filter(week_date=week_date).values_list("person_id", flat=True)
    return sorted((holding & in_post) - set(filed))
