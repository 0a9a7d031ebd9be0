"""`tuogu tasks list | late | roll`: what somebody has to do, what is late, the tasks of the day.

In: a database, a token. Out: tables or JSON. Never: a customer's name or contact; somebody else's list without the
right to read late work.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from tuogu.cli.console import print_facts, print_json, print_table, refuse
from tuogu.cli.database import DbOption, TokenOption, open_database, scope_of, signer
from tuogu.cli.run import JsonOption
from tuogu.clock import business_today, now
from tuogu.org.rights import Right

app = typer.Typer(
    no_args_is_help=True, help="服务任务：清单、逾期、生成 / tasks of service: lists, late ones, the day"
)
_SHOWN = 50  # rows on a terminal; --json has them all


@app.command("list")
def list_tasks(
    db: DbOption,
    token: TokenOption = "",
    view: Annotated[str, typer.Option(help="today | late | week | all")] = "today",
    order: Annotated[str, typer.Option(help="due | near | attitude")] = "due",
    json: JsonOption = False,
) -> None:
    """令牌主人名下的待办 / what the token's person has to do."""
    open_database(db)
    from tuogu.work import queries

    for word, known in ((view, queries.VIEWS), (order, queries.ORDERS)):
        if word not in known:
            refuse(f"没有“{word}”；可用：{'、'.join(known)}")
    rows = queries.tasks_of(signer(token, Right.SERVE), business_today(), view=view, order=order)
    if json:
        print_json([asdict(row) for row in rows])
        return
    shown = [
        (str(row.due_date), row.title, row.customer_number, row.policy_number, f"{row.done}/{row.needed}",
         f"{row.days_late}" if row.days_late else "", row.community)
        for row in rows[:_SHOWN]
    ]  # fmt: skip
    print_table(f"{len(rows)} 项", ("截止", "任务", "客户", "保单", "次数", "逾期天数", "社区"), shown)


@app.command()
def late(db: DbOption, token: TokenOption = "", json: JsonOption = False) -> None:
    """逾期任务：谁、哪一类、几项、自何时 / what is late, by whom, since when."""
    open_database(db)
    from tuogu.org import queries as org
    from tuogu.work import queries

    rows = queries.late(scope_of(signer(token, Right.READ_WORK)), business_today())
    people = org.labels(rows["person"])
    if json:
        print_json([row | {"person": people.get(row["person"])} for row in rows.iter_rows(named=True)])
        return
    shown = [
        (people.get(person, ""), duty, area, f"{count:,}", str(oldest))
        for person, duty, area, count, oldest in rows.iter_rows()
    ]
    print_table(
        f"逾期 {rows['count'].sum():,} 项", ("责任人", "义务", "街道", "项数", "最早截止"), shown[:_SHOWN]
    )


@app.command()
def roll(db: DbOption, token: TokenOption = "", json: JsonOption = False) -> None:
    """生成今天的任务，结束已办和失效的，提交逾期升级；再来一次不变 / make today's tasks; again changes nothing."""
    open_database(db)
    from tuogu.work import actions

    by = signer(token, Right.KEEP_WORK)
    done = {"tasks": actions.roll(by=by, at=now()), "escalated": actions.tick(by=by, at=now())}
    if json:
        print_json(done)
    else:
        print_facts("服务任务", {"新增与结束": done["tasks"], "升级": done["escalated"]})
