"""`tuogu review due | penalties | recompute | close`: inspection and the penalty ledger.

In: a database, a token. Out: tables or JSON; exit code 1 where the ledger and the facts differ. Never: a penalty written by
hand, a customer's name.
"""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from tuogu.cli.console import DONE, DONE_WITH_LEFTOVERS, print_facts, print_json, print_table, refuse, say
from tuogu.cli.database import DbOption, TokenOption, open_database, scope_of, signer
from tuogu.clock import business_today, now
from tuogu.org.rights import Right

if TYPE_CHECKING:
    from tuogu.review.queries import PenaltyLine

app = typer.Typer(
    no_args_is_help=True, help="日志检查与处罚台账 / inspection of logs and the ledger of penalties"
)
JsonOption = Annotated[bool, typer.Option("--json", help="输出 JSON / print JSON")]
_SHOWN = 50  # rows on a terminal; --json has them all


@app.command()
def due(db: DbOption, token: TokenOption = "", json: JsonOption = False) -> None:
    """今天谁的日志该由谁检查 / who is due for which inspection today."""
    open_database(db)
    from tuogu.core.inspection.tables import LEVELS
    from tuogu.review import queries

    scope = scope_of(signer(token, Right.READ_REVIEW))
    found = queries.plan_of(scope, business_today()).drop("custodian_id")
    departments = queries.departments_due(scope, business_today())
    if json:
        print_json({"due": found.to_dicts(), "departments": departments})
        return
    rows = [
        (
            row["staff_number"],
            LEVELS[row["level"]],
            row["by"] or "无上级",
            str(row["due_date"]),
            row["overdue_days"],
        )
        for row in found.head(_SHOWN).iter_rows(named=True)
    ]
    print_table(f"应检查：{found.height} 项", ("工号", "方式", "检查人", "应查日", "逾期（天）"), rows)
    if departments:
        say(f"应抽签的部门：{'、'.join(departments)}")


@app.command()
def penalties(
    db: DbOption,
    view: Annotated[str, typer.Option(help="untold | appealed | standing | reversed | all")] = "all",
    size: Annotated[int, typer.Option(min=1, help="最多几行 / rows at most")] = 200,
    token: TokenOption = "",
    json: JsonOption = False,
) -> None:
    """列出处罚台账，最新的在前 / the ledger of penalties, the newest first."""
    open_database(db)
    from tuogu.org import queries as org
    from tuogu.review import queries

    scope = scope_of(signer(token, Right.READ_REVIEW))
    if view not in queries.VIEWS:
        refuse(f"没有视图“{view}”；可用：{'、'.join(queries.VIEWS)}")
    lines = queries.penalty_page(scope, view, size=size)
    people = org.labels(line.person for line in lines)
    if json:
        print_json([asdict(line) | {"person": people.get(line.person)} for line in lines])
        return
    rows = [
        (str(line.fact_date), people.get(line.person, ""), line.req, line.effect_label,
         _amount(line), str(line.from_date), str(line.until_date or "长期"), line.state_label)
        for line in lines[:_SHOWN]
    ]  # fmt: skip
    heads = ("事实日", "工号", "条款", "后果", "数额", "自", "至", "状态")
    print_table(f"处罚台账：{len(lines)} 笔", heads, rows)


@app.command()
def recompute(
    db: DbOption,
    check: Annotated[
        bool, typer.Option("--check", help="只比对，不写入 / compare only, write nothing")
    ] = False,
    token: TokenOption = "",
    json: JsonOption = False,
) -> None:
    """由事实重算处罚并与台账比对；不一致时退出码 1 / recompute from the facts; exit 1 when they differ."""
    open_database(db)
    from tuogu.review import actions, queries

    by = signer(token, Right.READ_REVIEW if check else Right.INSPECT)
    written = {} if check else asdict(actions.judge(by=by, at=now()))
    left = queries.recomputed(business_today())
    if json:
        print_json({"written": written, "differences": left.to_dicts()})
    else:
        print_facts(
            "重算", {"新增": written.get("added", 0), "撤销": written.get("voided", 0), "不一致": left.height}
        )
        if left.height:
            print_table("不一致", ("处罚", "情形"), [tuple(row) for row in left.head(_SHOWN).iter_rows()])
    raise typer.Exit(DONE_WITH_LEFTOVERS if left.height else DONE)


@app.command()
def close(
    month: Annotated[datetime, typer.Argument(formats=["%Y-%m"], help="月份 / month", metavar="YYYY-MM")],
    db: DbOption,
    institution: Annotated[str, typer.Option(help="机构代码 / institution code")] = "",
    unmarked_fail: Annotated[
        bool, typer.Option("--unmarked-fail", help="主管没有批阅的按不合格计 / unmarked logs fail")
    ] = False,
    token: TokenOption = "",
    json: JsonOption = False,
) -> None:
    """把一个月的日志合格率和扣分登记为考核指标 / file the facts of a month."""
    open_database(db)
    from tuogu.org import queries as org
    from tuogu.review import actions

    by = signer(token, Right.INSPECT)
    scope = scope_of(by)
    if not scope.all_rows and institution not in org.institutions_within(scope):
        refuse("请用 --institution 给出您范围内的机构")
    counted = actions.close_month(month.date(), institution, by=by, at=now(), unmarked_fail=unmarked_fail)
    if json:
        print_json(counted)
    else:
        words = {"filed": "新登记", "corrected": "更正", "unchanged": "不变"}
        print_facts("月结", {words[name]: n for name, n in counted.items()})


def _amount(line: PenaltyLine) -> str:
    if line.points:
        return f"−{line.points / 100:g} 分"
    if line.amount_unset:
        return "未设定"
    sign = "+" if line.reward else "−"
    return f"{sign}{line.amount_fen / 100:.2f} 元" if line.amount_fen else ""
