"""A small branch in a campaign: two departments of the city, twelve orphaned customers, quotas drafted, approved, released.

In: a database. Out: World; acts as people at their posts take them. Never: a date of today (the world's clock stands still
until somebody moves it), a shortcut past the product's own actions.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

import polars as pl
import pytest

import branch as tiny
from cast import TREE, Cast, make_cast
from listed_world import GONE, MANAGER, import_rows, policy_rows
from tuogu import clock
from tuogu.campaigns import actions
from tuogu.campaigns import queries as campaigns
from tuogu.cli.console import steps
from tuogu.core.custody import business_date
from tuogu.core.tables import INSTITUTIONS
from tuogu.jobs.storing import draft_plan
from tuogu.org import actions as org
from tuogu.org.roles import Role
from tuogu.org.scope import Scope
from tuogu.plans import actions as plan_actions
from tuogu.plans import queries as plans

EVERYTHING = Scope.everything()
BEGUN = date(2026, 4, 1)  # a Wednesday
SELLER = "9301"  # of department D2
DEPARTMENTS = {"D": "收展部", "D2": "营销二部"}
CLERK, BRANCH, MANAGER_OF_D = Role.RESOURCE_CLERK, Role.BRANCH_MANAGER, Role.DEPARTMENT_MANAGER


@dataclass
class World:
    """Who is who, the plan, the campaign, and the moment at which the next act happens."""

    cast: Cast
    plan: int
    at: datetime
    campaign: int = 0
    quota: dict[str, list[str]] = field(default_factory=dict)

    @property
    def day(self) -> date:
        return business_date(self.at)

    def go_to(self, day: date) -> None:
        """Ten in the morning of a day."""
        self.at = datetime(day.year, day.month, day.day, 2, tzinfo=UTC)

    def by(self, role: Role) -> dict[str, Any]:
        self.at += timedelta(seconds=1)
        return {"by": self.cast.people[role], "at": self.at}

    def file_departments(self, *codes: str) -> None:
        for code in codes or DEPARTMENTS:
            who = self.by(MANAGER_OF_D)
            plan_actions.file_person(code, year=BEGUN.year, person=self.cast.people[Role.TEAM_LEAD], **who)
            plan_actions.file_rules(code, year=BEGUN.year, text="按产能分给业务精英", **who)

    def approve(self) -> None:
        """The second person agrees."""
        plan_actions.approve(self.plan, first_release_date=BEGUN, note="核对无误", **self.by(BRANCH))

    def release(self) -> None:
        """The wave that is due goes out."""
        (done,) = plan_actions.release_due(plan_id=self.plan, **self.by(CLERK))
        assert not hasattr(done, "reason"), done

    def open(self) -> int:
        self.campaign = actions.open_campaign(
            EVERYTHING, self.plan, title="服务深耕 业绩生根", **self.by(BRANCH)
        )
        return self.campaign

    def buys(self, number: str, day: date, policy: str, years: int = 10) -> None:
        """A customer buys a further policy, and the books learn of it."""
        row = policy_rows(1, agent=MANAGER)[0] | {
            "policy_number": policy, "holder_number": number, "insured_number": number, "inception_date": day,
            "payment_term_years": years, "premium_fen": 500_000, "product_name": "鑫安年金保险",
        }  # fmt: skip
        import_rows(self.cast, [row], [], days_ago=0)

    def get(self, role: Role, path: str, status: int = 200) -> str:
        answer = self.cast.client(role).get(path)
        assert answer.status_code == status, (path, answer.status_code)
        return str(answer.content.decode())

    def post(self, role: Role, path: str, status: int = 200, **values: Any) -> str:
        answer = self.cast.client(role).post(path, values, follow=True)
        assert answer.status_code == status, (path, answer.status_code)
        return str(answer.content.decode())

    def page(self, name: str) -> str:
        return f"/campaigns/{self.campaign}/{name}"

    def first_of(self, department: str) -> str:
        """A customer of the first wave of a department."""
        return self.quota[department][0]


def make_world(monkeypatch: pytest.MonkeyPatch, *, approved: bool = True) -> World:
    """Drafted and, unless said otherwise, approved; nothing filed, nothing released."""
    held: dict[str, World] = {}
    start = datetime(BEGUN.year, BEGUN.month, BEGUN.day, 2, tzinfo=UTC)
    monkeypatch.setattr(clock, "now", lambda: held["world"].at if held else start)
    monkeypatch.setattr(clock, "business_today", lambda: business_date(clock.now()))
    cast = make_cast()
    tree = [*TREE, ("D2", "营销二部", "department", "B")]
    rows = [
        {"institution_code": code, "name": name, "level": level, "parent_code": parent,
         "region_code": "330203" if code in ("B", "D", "D2") else None}
        for code, name, level, parent in tree
    ]  # fmt: skip
    machine = {"by": cast.people[CLERK], "at": cast.now}
    org.sync_institutions(pl.DataFrame(rows, schema=INSTITUTIONS), **machine)
    seller = {"staff_number": SELLER, "name": "方营销", "team_code": None, "institution_code": "D2"}
    org.sync_people(tiny.people(seller), **machine)
    import_rows(
        cast,
        [
            *policy_rows(2, agent=MANAGER),
            *policy_rows(10, agent=SELLER, first=50, institution="D2"),
            *policy_rows(12, agent=GONE, first=100),
        ],
    )
    with steps(quiet=True) as progress:
        plan = draft_plan(
            city="3302", as_of=cast.today, seed=1, effort=1, afresh=True, clock=clock.now, progress=progress,
            planner=lambda: cast.people[CLERK], strategy="campaign", options={"premium_year": "2015"},
        ).plan_id  # fmt: skip
    world = World(cast, plan, start)
    held["world"] = world
    placed = plans.table_of(plan, "placements").filter(pl.col("receiver").str.starts_with("department:"))
    for number, receiver in placed.sort("instalment", "number").select("number", "receiver").iter_rows():
        world.quota.setdefault(receiver.removeprefix("department:"), []).append(number)
    if approved:
        world.approve()
    return world


def running(monkeypatch: pytest.MonkeyPatch) -> World:
    """Filed, released, opened."""
    world = make_world(monkeypatch)
    world.file_departments()
    world.release()
    world.open()
    actions.tick(by=world.cast.people[CLERK], at=world.at)
    return world


def line_of(world: World, code: str) -> campaigns.DepartmentLine:
    """A department on the board today."""
    row = campaigns.campaign(world.campaign, EVERYTHING)
    return next(one for one in campaigns.board(row, EVERYTHING, world.day).lines if one.code == code)
