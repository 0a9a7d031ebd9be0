"""`tuogu adjust`: a draft revised by hand from a sheet; every row must be usable, or nothing is stored."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tuogu.cli.console import REFUSED, print_facts, print_json, print_table, say
from tuogu.cli.database import DbOption, TokenOption, open_database, signer
from tuogu.cli.run import JsonOption
from tuogu.clock import now
from tuogu.files.adjustment_list import read_adjustments
from tuogu.org.rights import Right

_WORDS = {
    "plan": "修订稿",
    "adjusts": "原稿",
    "rows": "改派行数",
    "refused": "不可放宽的违规",
    "openly": "公开放宽",
    "objective": "目标值",
    "lower_bound": "下界",
    "violations": "硬性违规",
}


def adjust(
    plan: Annotated[int, typer.Argument(help="方案号 / plan id")],
    sheet: Annotated[
        Path, typer.Argument(help="调整表：保单号（客户号）、新责任人、原因 / sheet of adjustments")
    ],
    db: DbOption,
    token: TokenOption,
    reason: Annotated[str, typer.Option(help="总说明；默认取第一行的原因 / why")] = "",
    look: Annotated[bool, typer.Option("--look", help="只试算，不存 / preview only")] = False,
    json: JsonOption = False,
) -> None:
    """按调整表人工调整待审批的方案，存为修订稿 / revise a draft by hand into a new draft."""
    open_database(db)
    from tuogu.plans import actions

    rows = read_adjustments(sheet)
    faulty = [row for row in rows if row.fault]
    if faulty:
        print_table(
            "错误行，全表没有调整", ("行", "号码", "错误"), [(r.row, r.number, r.fault) for r in faulty]
        )
        raise typer.Exit(REFUSED)
    moves = [actions.Move(row.number, row.receiver, row.reason) for row in rows]
    by = signer(token, Right.PLAN)
    if look:
        new, found = None, actions.revision(plan, moves, by=by, at=now())
    else:
        why = reason or moves[0].reason
        new, found = actions.adjust(plan, moves, reason=why, source="sheet", by=by, at=now())
    told = {
        "plan": new, "adjusts": plan, "rows": found.rows, "refused": found.refused.height, "openly": found.openly.height,
        "objective": found.after.objective, "lower_bound": found.after.lower_bound, "violations": found.after.violations,
    }  # fmt: skip
    if json:
        print_json(told)
        return
    print_facts(
        f"人工调整方案 {plan}：{found.rows:,} 行",
        {_WORDS[name]: value for name, value in told.items() if value is not None},
    )
    say(f"已存为修订稿方案 {new}，待第二人审批" if new else "只是试算，没有写入任何数据")
