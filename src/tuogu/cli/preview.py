"""`tuogu preview` and `tuogu compare`: what a plan would change, and two plans side by side. Nothing is written."""

from __future__ import annotations

from typing import Annotated

import polars as pl
import typer

from tuogu.cli.console import print_json, print_table, say
from tuogu.cli.database import DbOption, custodian_labels, held_by, open_database
from tuogu.cli.run import JsonOption
from tuogu.core.changes import change_counts, change_table
from tuogu.core.plan import compare as compare_plans

_PEOPLE = ("工号", "原持有", "新持有", "接收", "交出", "原全年应收", "新全年应收")


def preview(
    plan: Annotated[int, typer.Argument(help="方案号 / plan id")],
    db: DbOption,
    rows: Annotated[bool, typer.Option("--rows", help="逐件列出 / one line a policy")] = False,
    json: JsonOption = False,
) -> None:
    """发放前预演：谁交给谁，一件不写 / who would hand over to whom; writes nothing."""
    open_database(db)
    from tuogu.plans import queries

    stored, _ = queries.load_plan(plan)
    changes = change_table(stored, held_by())
    if json:
        print_json({"changes": changes.to_dicts(), "counts": change_counts(changes).to_dicts()})
        return
    labels = custodian_labels()
    counts = change_counts(changes).with_columns(pl.col(pl.String).replace(labels))
    print_table(
        f"方案 {plan}：{changes.height:,} 件将换责任人", ("现责任人", "新责任人", "件数"), counts.rows()
    )
    if rows:
        print_table("逐件", ("保单", "现责任人", "新责任人"), changes.with_columns(
            pl.col("old_custodian", "new_custodian").replace(labels)).rows())  # fmt: skip
    say("这是预演：台账未作任何改动")


def compare(
    before: Annotated[int, typer.Argument(help="甲方案 / first plan")],
    after: Annotated[int, typer.Argument(help="乙方案 / second plan")],
    db: DbOption,
    json: JsonOption = False,
) -> None:
    """两个方案对照：谁多谁少、各月负荷、换手份额 / two plans side by side."""
    open_database(db)
    from tuogu.plans import queries

    found = compare_plans(queries.load_plan(before)[0], queries.load_plan(after)[0])
    if json:
        print_json(
            {"moved_share": found.moved_share, "moved": found.moved.height, "people": found.people.to_dicts(),
             "histogram": found.histogram.to_dicts(), "months": found.months.to_dicts(),
             "figures": found.figures.to_dicts()}
        )  # fmt: skip
        return
    print_table(
        f"方案 {before} → {after}：{found.moved.height:,} 件换手（{found.moved_share:.2%}）",
        _PEOPLE,
        found.people.rows(),
    )
    print_table("每人每月应收件数分布", ("件数起", "原人月", "新人月"), found.histogram.rows())
    print_table("超出范围的人数", ("月", "原", "新"), found.months.rows())
    say("对照不写任何内容")
