"""`tuogu renewals list-run | lists | waiting | register`: monthly lists of motor policies and the registers of the branches.

In: a database, a token. Out: tables or JSON. Never: a list of a day to come, a plate.
"""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Annotated

import typer

from tuogu.cli.console import DONE, DONE_WITH_LEFTOVERS, print_facts, print_json, print_table
from tuogu.cli.database import DbOption, TokenOption, open_database, scope_of, signer
from tuogu.clock import business_today, now
from tuogu.org.rights import Right

app = typer.Typer(no_args_is_help=True, help="车险续保清单与责任清单 / lists and registers of motor renewal")
JsonOption = Annotated[bool, typer.Option("--json", help="输出 JSON / print JSON")]


@app.command("list-run")
def list_run(
    db: DbOption,
    day: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="提取日，默认补齐到期的各期 / day of the list"),
    ] = None,
    token: TokenOption = "",
    json: JsonOption = False,
) -> None:
    """提取月度清单：指定一天，或补齐所有到期未提取的 / make the list of a day, or all that are due."""
    open_database(db)
    from tuogu.renewals import actions, queries

    by = signer(token, Right.KEEP_RENEWALS)
    if day is None:
        listed = actions.roll_lists(by=by, at=now())
        facts: dict[str, object] = {"listed": listed}
    else:
        facts = asdict(actions.run_list(day.date(), by=by, at=now()))
    if json:
        print_json(facts | {"counts": queries.counts(scope_of(by))})
        return
    already = "（此前已提取，未作改动）" if facts.get("already") else ""
    print_facts(f"月度清单{already}", {"进入清单": facts["listed"], "其中晚进": facts.get("late")})


@app.command()
def lists(db: DbOption, token: TokenOption = "", json: JsonOption = False) -> None:
    """列出月度清单，新的在前 / monthly lists, newest first."""
    open_database(db)
    from tuogu.renewals import queries

    found = queries.lists(scope_of(signer(token, Right.READ_RENEWALS)))
    if json:
        print_json([asdict(row) for row in found])
        return
    print_table(
        f"月度清单：{len(found)} 期",
        ("提取日", "制度", "件数", "晚进", "来源不明", "待明确责任人", "认领期限", "公开认领自", "指派日", "备案日"),
        [
            (str(r.run_date), r.rulebook, r.cases, r.late, r.unknown, r.waiting, str(r.claim_due), str(r.city_from),
             str(r.dealt_on), str(r.locked_on))
            for r in found
        ],
    )  # fmt: skip


@app.command()
def waiting(db: DbOption, token: TokenOption = "", json: JsonOption = False) -> None:
    """各机构还有多少件没有明确责任人；有则退出码 1 / what waits for a responsible person; exit 1 if any."""
    open_database(db)
    from tuogu.renewals import queries

    found = queries.waiting_by_branch(scope_of(signer(token, Right.READ_RENEWALS)))
    if json:
        print_json([asdict(row) for row in found])
    else:
        rows = [
            (
                r.institution_code,
                r.waiting,
                r.unknown,
                str(r.due),
                "逾期" if r.due < business_today() else None,
            )
            for r in found
        ]
        print_table("待明确责任人", ("机构", "件数", "来源不明", "认领期限", ""), rows)
    raise typer.Exit(DONE_WITH_LEFTOVERS if found else DONE)


@app.command()
def register(
    db: DbOption,
    institution: Annotated[str, typer.Option(help="机构代码：提前备案这家的 / file this branch's now")] = "",
    month: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m"], help="月份，默认本月 / month, default this one")
    ] = None,
    token: TokenOption = "",
    json: JsonOption = False,
) -> None:
    """列出已备案的责任清单；给出机构则立即备案 / locked registers; or lock one now."""
    open_database(db)
    from tuogu.renewals import actions, queries

    by = signer(token, Right.NAME_RENEWALS if institution else Right.READ_RENEWALS)
    scope = scope_of(by)
    if institution:
        of = month.date() if month else business_today()
        actions.file_register(institution, of, scope=scope, by=by, at=now())
    found = queries.registers(scope)
    if json:
        print_json([asdict(row) for row in found])
        return
    rows = [
        (r.institution_code, f"{r.month:%Y-%m}", str(r.locked_date), r.lines, r.amendments, r.digest[:12])
        for r in found
    ]
    print_table("责任清单", ("机构", "月份", "备案日", "件数", "更正", "摘要"), rows)
