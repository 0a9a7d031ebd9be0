"""Departments of a campaign that have filed what they must before its first wave (S2-15)."""

from __future__ import annotations

from tuogu import clock
from tuogu.plans import actions
from tuogu.plans import queries as plans
from tuogu.plans.reading import stored_plan


def file_departments(plan: int, *, person: int, by: int) -> list[str]:
    """Name `person` and file rules for every department that the plan gives to; returns their codes."""
    stored = stored_plan(plan)
    departments = plans.departments_of(stored)
    for code in departments:
        year = stored.as_of.year
        actions.file_person(code, year=year, person=person, by=by, at=clock.now())
        actions.file_rules(code, year=year, text="按保费与产能分给业务精英", by=by, at=clock.now())
    return departments
