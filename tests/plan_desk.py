"""A small desk for tests of stored plans: managers, a plan made by the clerk, policies that the buffer group holds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

import polars as pl

from ledger_world import moment
from territory_books import make_book, standard_rules
from tuogu.core.check import check_plan
from tuogu.core.plan import make_plan
from tuogu.core.tables import INSTITUTIONS, Book, Plan
from tuogu.ledger import actions as ledger
from tuogu.ledger import queries as custody
from tuogu.org import actions as org
from tuogu.org import queries as staff
from tuogu.org.scope import Scope
from tuogu.plans import actions, queries

AS_OF = date(2025, 12, 2)


@dataclass(frozen=True)
class Desk:
    """A stored plan on open custody, and the ids of the people around it."""

    plan: int
    clerk: int
    lead: int
    people: dict[str, int]
    book: Book

    def held(self) -> dict[str, int]:
        rows = custody.holdings(Scope.everything(), kind="policy")
        return dict(rows.select("number", "custodian_id").iter_rows())

    def scheduled(self) -> list[dict[str, Any]]:
        return queries.scheduled_rows(self.plan)


def make_desk(policies: int = 1_800, managers: int = 6) -> Desk:
    """Six managers, all policies open with the buffer group, a plan made by the clerk."""
    book, plan, violations = _planned(policies, managers)
    by, at = staff.machine(), moment(AS_OF)
    tree = pl.DataFrame(
        [{"institution_code": c, "name": c, "level": level, "parent_code": p, "region_code": None}
         for c, level, p in (("B", "branch", None), ("T0", "team", "B"), ("T1", "team", "B"))],
        schema=INSTITUTIONS,
    )  # fmt: skip
    org.sync_institutions(tree, by=by, at=at)
    org.sync_people(book.books.people, by=by, at=at)
    people = dict(staff.staff_ids().select("staff_number", "custodian_id").iter_rows())
    opened = book.books.policies.select(
        kind=pl.lit("policy"), source_system=pl.lit("core"), number="policy_number",
        custodian_id=pl.lit(None, pl.Int64), owner_id=pl.lit(None, pl.Int64), effective_date=pl.lit(AS_OF),
        reason_code=pl.lit("orphan"),
    )  # fmt: skip
    ledger.open_custody(opened, by=by, recorded_at=at, rule="N-01")
    stored = actions.store_plan(plan, book, standard_rules(), violations, by=people["M01"], at=at)
    return Desk(stored, people["M01"], people["M02"], people, book)


@cache
def _planned(policies: int, managers: int) -> tuple[Book, Plan, pl.DataFrame]:
    """Book, plan and what the check found: always the same, and the dearest part of a desk."""
    book, rules = make_book(policies=policies, managers=managers), standard_rules()
    plan = make_plan(book, rules, AS_OF, 1, 20_000)
    return book, plan, check_plan(plan, book, rules)


def approve(desk: Desk, **other: Any) -> list[date]:
    words = {"by": desk.lead, "at": moment(AS_OF, 10), "first_release_date": AS_OF} | other
    return actions.approve(desk.plan, **words)
