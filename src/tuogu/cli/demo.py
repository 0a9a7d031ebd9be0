"""`tuogu demo`: a synthetic branch through the whole flow, signed by two named people; leaves a database to try.

In: a folder. Out: workbook, database, registers, report and the demo people's tokens in it. Never: a folder that
holds anything but an earlier demo emptied.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from tuogu import synth
from tuogu.cli.branch import read_file
from tuogu.cli.console import print_table, refuse, say, steps
from tuogu.cli.database import business_today, now, open_database
from tuogu.cli.release import describe_releases
from tuogu.cli.run import run_branch
from tuogu.cli.summary import print_run
from tuogu.core.plan import DEFAULT_EFFORT
from tuogu.data.codebook import load

_MARK = ".tuogu-demo"


@dataclass(frozen=True)
class DemoPerson:
    """One of the named people: what they may do, who they are, and their token."""

    role: str
    label: str
    custodian: int
    staff_number: str
    name: str
    token: str


def demo(
    out: Annotated[Path, typer.Option("--out", help="演示文件夹 / demo folder")] = Path("demo"),
    customers: Annotated[int, typer.Option(help="客户数 / customers")] = 26_000,
    city: Annotated[str, typer.Option(help="城市代码 / city code")] = "330200",
    seed: Annotated[int, typer.Option(help="随机种子 / seed")] = 7,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="清空上一次的演示 / remove the earlier demo")
    ] = False,
) -> None:
    """合成一个网点,从导入走到下发 / make a synthetic branch and take it from import to release."""
    _make_room(out, fresh)
    described = business_today().replace(day=1) - timedelta(days=1)
    with steps() as progress:
        with progress.step("生成合成城市") as inside:
            made = synth.make_city(city, customers, seed, load([city]), data_date=described, progress=inside)
            synth.write_workbook(made, out / "branch", dirty=True)
        url = f"sqlite:///{out / 'tuogu.sqlite3'}"
        open_database(url, create=True)
        people: dict[str, DemoPerson] = {}
        result = run_branch(
            read_file(out / "branch" / "workbook.xlsx", progress), "workbook.xlsx", out / "out",
            importer=_machine(), planner=lambda: _appoint(people),
            as_of=business_today(), data_date=described, city=None, coverage="full", seed=seed, effort=DEFAULT_EFFORT,
            split_by_team=False, afresh=True, progress=progress,
        )  # fmt: skip
        with progress.step("审批与首期下发"):
            released = _approve_and_release(result["plan"], people)
    print_run(result | {"db": url})
    describe_releases(released)
    _introduce(people, out)


def _make_room(out: Path, fresh: bool) -> None:
    if out.exists() and any(out.iterdir()):
        if not (out / _MARK).exists():
            refuse(f"{out} 不是演示文件夹，不会清空；请换一个 --out")
        if not fresh:
            refuse(f"{out} 里已有演示；加 --fresh 重做")
        shutil.rmtree(out)
    out.mkdir(parents=True, exist_ok=True)
    (out / _MARK).touch()


def _machine() -> int:
    from tuogu.org import queries as org

    return org.machine()


def _appoint(people: dict[str, DemoPerson]) -> int:
    """Appoint the demo people from the staff just imported, give each a token; returns the resource clerk."""
    from tuogu.org import actions
    from tuogu.org import queries as org
    from tuogu.org.roles import Role
    from tuogu.org.scope import Scope

    today, staff = business_today(), org.people(Scope.everything(), business_today()).sort("staff_number")
    service = staff.filter(series="service").sort("supervisor", "staff_number", descending=[True, False])
    collection = staff.filter(series="collection").sort(
        "supervisor", "staff_number", descending=[True, False]
    )
    chosen = [
        (Role.BUFFER_MEMBER, service, 0),
        (Role.RESOURCE_CLERK, service, 1),
        (Role.AUDITOR, service, 2),
        (Role.TEAM_LEAD, collection, 0),
        (Role.ACCOUNT_MANAGER, collection, collection.height - 1),
    ]
    for role, frame, i in chosen:
        person = int(frame["custodian_id"][i])
        actions.appoint(person, role, from_date=today, by=org.machine(), at=now())
        token = actions.issue_token(person, by=org.machine(), at=now())
        name = org.names([person])[person] or ""
        people[role.value] = DemoPerson(role.value, role.label, person, frame["staff_number"][i], name, token)
    return people[Role.RESOURCE_CLERK.value].custodian


def _approve_and_release(plan: int, people: dict[str, DemoPerson]) -> list[object]:
    """The team lead approves, the clerk who made the plan releases what is due today."""
    from tuogu.plans import actions

    actions.approve(
        plan,
        by=people["team_lead"].custodian,
        at=now(),
        first_release_date=business_today(),
        note="演示：同意按此下发",
    )
    return list(actions.release_due(by=people["resource_clerk"].custodian, at=now(), plan_id=plan))


def _introduce(people: dict[str, DemoPerson], folder: Path) -> None:
    rows = [(p.label, p.name, p.staff_number, p.token) for p in people.values()]
    print_table("演示人员（令牌见 people.txt，只在演示中明文保存）", ("岗位", "姓名", "工号", "令牌"), rows)
    file = folder / "people.txt"
    file.write_text("\n".join("\t".join(row) for row in rows) + "\n", encoding="utf-8")
    file.chmod(0o600)
    say(f"报告 [bold]{folder / 'out' / 'report.html'}[/]  登记表 [bold]{folder / 'out' / '登记表.xlsx'}[/]")
