"""`tuogu demo`: a synthetic branch through the whole flow, signed by two named people; leaves a database to try.

In: a folder. Out: workbook, database, registers, report and the demo people's tokens in it. Never: a folder that
holds anything but an earlier demo emptied.
"""

from __future__ import annotations

import shutil
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated

import polars as pl
import typer

from tuogu import synth
from tuogu.cli.console import Steps, refuse, say, steps
from tuogu.cli.database import open_database
from tuogu.cli.demo_month import live_through
from tuogu.cli.demo_people import DemoPerson, appoint_demo_people, introduce
from tuogu.cli.release import describe_releases
from tuogu.cli.run import run_branch
from tuogu.cli.summary import print_run
from tuogu.clock import business_today, now
from tuogu.core.plan import DEFAULT_EFFORT
from tuogu.core.strategies import STRATEGIES
from tuogu.data.codebook import load
from tuogu.jobs.flow import read_file

_MARK = ".tuogu-demo"


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
        drafts = _draft(people["resource_clerk"].custodian, seed, progress)
        with progress.step("布置各处待办"):
            motor = _motor(made, described)
            live_through(people, today=business_today(), at=now(), motor=motor, described=described)
    print_run(result | {"db": url})
    describe_releases(released)
    say(
        f"另有方案：{drafts[0]}（{STRATEGIES['centre'].label}）待审批，{drafts[1]}（{STRATEGIES['campaign'].label}）已在活动中"
    )
    introduce(people, out)
    say(f"报告 [bold]{out / 'out' / 'report.html'}[/]  登记表 [bold]{out / 'out' / '登记表.xlsx'}[/]")


def _motor(made: synth.City, described: date) -> pl.DataFrame:
    from tuogu.cli import demo_motor_past

    return demo_motor_past.shaped(synth.motor_book(made, demo_motor_past.BOOK).rows, described)


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
    """Appoint the demo people from the staff just imported; returns the resource clerk, who plans."""
    if not people:  # asked for more than once: when the plan is stored, and when its round is opened
        people |= appoint_demo_people(today=business_today(), at=now())
    return people["resource_clerk"].custodian


def _draft(clerk: int, seed: int, progress: Steps) -> list[int]:
    """Two plans by other strategies: the centre's month, left for somebody to decide on, and the quotas of the campaign
    that has been running since last month; their ids."""
    from tuogu.cli.demo_campaign import drafted_at
    from tuogu.jobs import storing

    begun = drafted_at(business_today())
    wanted = (("centre", business_today(), now), ("campaign", begun.date(), lambda: begun))
    return [
        storing.draft_plan(
            city=None, as_of=as_of, seed=seed, effort=DEFAULT_EFFORT, afresh=True, planner=lambda: clerk, clock=clock,
            progress=progress, strategy=name,
        ).plan_id
        for name, as_of, clock in wanted
    ]  # fmt: skip


def _approve_and_release(plan: int, people: dict[str, DemoPerson]) -> list[object]:
    """The branch manager, whose scope covers the whole plan, approves; the clerk who made it releases what is due today."""
    from tuogu.plans import actions

    actions.approve(
        plan,
        by=people["branch_manager"].custodian,
        at=now(),
        first_release_date=business_today(),
        note="演示：同意按此下发",
    )
    return list(actions.release_due(by=people["resource_clerk"].custodian, at=now(), plan_id=plan))
