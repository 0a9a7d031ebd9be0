"""The named people of the demo: one for each post, each with an account, a token and the institution of the post.

In: the staff list just imported. Out: posts (one of them by region), duties, accounts and tokens; `people.txt` with what
opens them. Never: a second factor or a password worth keeping (the data is invented; `check --deploy` refuses the door).
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import polars as pl

from tuogu.cli.console import print_table

DESK = ("buffer_member", "resource_clerk", "auditor", "inspector", "administrator", "branch_manager")
MORE_DESKS = ("renewal_administrator", "it_officer")  # at the branch too
HEAD_OFFICE = ("call_centre", "privacy_officer", "security_administrator")  # the whole company
PROVINCE_DIGITS = 2  # of an official code


@dataclass(frozen=True)
class Chosen:
    """Who stands for which role, and where the post is held: an institution, else a region, else the whole company."""

    role: str
    staff_number: str
    institution_code: str
    region_code: str = ""


@dataclass(frozen=True)
class DemoPerson:
    """One of the named people: what they may do, who they are, and what opens their account."""

    role: str
    label: str
    custodian: int
    staff_number: str
    name: str
    token: str
    password: str


def choose(staff: pl.DataFrame, institutions: pl.DataFrame) -> list[Chosen]:
    """One person in post for each role, nobody twice: desks from the service team, then supervisors of the sales teams.

    `staff`: staff_number, series, supervisor, team_code, institution_code of people in post; `institutions`: INSTITUTIONS.
    """
    people = staff.sort("supervisor", "staff_number", descending=[True, False])
    service, collection, sales = (people.filter(series=s) for s in ("service", "collection", "marketing"))
    branch = _common_institution(staff["institution_code"].drop_nulls().unique(), institutions)
    taken: set[str] = set()

    def take(*frames: pl.DataFrame) -> dict[str, str]:
        rows = pl.concat(frames).filter(~pl.col("staff_number").is_in(sorted(taken)))
        if rows.is_empty():
            raise ValueError("the demo's city has fewer people than posts; take more customers")
        taken.add(rows["staff_number"][0])
        return dict(rows.row(0, named=True))

    lead = take(collection.filter(pl.col("supervisor")), sales)
    manager = take(collection.reverse(), sales.reverse())
    desks = [Chosen(role, take(service, sales)["staff_number"], branch) for role in DESK]
    return [
        *desks,
        Chosen("team_lead", lead["staff_number"], lead["team_code"]),
        Chosen("account_manager", manager["staff_number"], manager["team_code"]),
        *_further(take, sales, people.filter(series="planner"), branch, institutions),
    ]


def _further(
    take: Callable[..., dict[str, str]],
    sales: pl.DataFrame,
    planners: pl.DataFrame,
    branch: str,
    institutions: pl.DataFrame,
) -> list[Chosen]:
    """The posts that came later, so that the earlier people stay who they were."""
    heads = sales.filter(pl.col("supervisor"))
    department = take(heads, sales, planners)
    served = institutions.filter(institution_code=branch)["region_code"].drop_nulls().to_list()
    province = served[0][:PROVINCE_DIGITS] if served else ""
    return [
        Chosen("department_manager", department["staff_number"], department["institution_code"]),
        *(Chosen(role, take(sales, planners)["staff_number"], branch) for role in MORE_DESKS),
        Chosen("province_officer", take(sales, planners)["staff_number"], "", province),
        *(Chosen(role, take(sales, planners)["staff_number"], "") for role in HEAD_OFFICE),
    ]


def _common_institution(codes: Iterable[str], institutions: pl.DataFrame) -> str:
    """The lowest institution that all of `codes` lie below."""
    parent = dict(institutions.select("institution_code", "parent_code").iter_rows())

    def line(code: str | None) -> list[str]:
        return [*line(parent.get(code)), code] if code else []

    shared = None
    for above in map(line, codes):
        shared = above if shared is None else [a for a, b in zip(shared, above, strict=False) if a == b]
    if not shared:
        raise ValueError("the staff list names no institution")
    return shared[-1]


def appoint_demo_people(*, today: date, at: datetime) -> dict[str, DemoPerson]:
    """Give the chosen people their posts, accounts and tokens, and every pool somebody on duty; by role."""
    from tuogu.accounts import actions as accounts
    from tuogu.org import actions
    from tuogu.org import queries as org
    from tuogu.org.roles import Role
    from tuogu.org.scope import Scope

    staff, machine = org.people(Scope.everything(), today), org.machine()
    ids = dict(staff.select("staff_number", "custodian_id").iter_rows())
    people: dict[str, DemoPerson] = {}
    for chosen in choose(staff, org.institutions()):
        person, role, password = ids[chosen.staff_number], Role(chosen.role), secrets.token_urlsafe(9)
        placed = bool(chosen.institution_code or chosen.region_code)
        actions.appoint(
            person, role, institution_code=chosen.institution_code or None, region_code=chosen.region_code or None,
            everywhere=not placed, from_date=today, by=machine, at=at,
        )  # fmt: skip
        accounts.make_account(
            person=person,
            login=chosen.staff_number,
            password=password,
            by=machine,
            at=at,
            must_change=False,
            demo=True,
        )
        token = actions.issue_token(person, by=machine, at=at)
        name = org.names([person])[person] or ""
        people[chosen.role] = DemoPerson(
            chosen.role, str(role.label), person, chosen.staff_number, name, token, password
        )
    _name_duties(staff, people, today=today, at=at)
    return people


def _name_duties(staff: pl.DataFrame, people: dict[str, DemoPerson], *, today: date, at: datetime) -> None:
    """The buffer group's member answers for it; a department's pool has its own supervisor, else the branch manager."""
    from tuogu.org import actions
    from tuogu.org import queries as org

    heads = staff.filter(pl.col("supervisor")).sort("staff_number").unique("institution_code", keep="first")
    head_of = dict(heads.select("institution_code", "custodian_id").iter_rows())
    for pool, key, _ in org.pools():
        person = people["branch_manager"].custodian
        if key == org.BUFFER_KEY:
            person = people["buffer_member"].custodian
        actions.set_duty(
            pool,
            head_of.get(key.removeprefix("department:"), person),
            from_date=today,
            by=org.machine(),
            at=at,
        )


def introduce(people: dict[str, DemoPerson], folder: Path) -> None:
    """Print who they are and keep what opens their accounts in `people.txt`, readable by its owner only."""
    rows = [(p.label, p.name, p.staff_number, p.password, p.token) for p in people.values()]
    print_table(
        "演示人员（见 people.txt，只在演示中明文保存）", ("岗位", "姓名", "工号", "密码", "令牌"), rows
    )
    file = folder / "people.txt"
    file.touch(mode=0o600)
    file.write_text("\n".join("\t".join(row) for row in rows) + "\n", encoding="utf-8")
    file.chmod(0o600)
