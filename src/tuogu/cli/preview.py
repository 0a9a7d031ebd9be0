"""`tuogu preview` and `tuogu compare`: what a plan would change, and two plans side by side. Nothing is written."""

from __future__ import annotations

from typing import Annotated

import polars as pl
import typer

from tuogu.cli.console import print_json, print_table, refuse, say
from tuogu.cli.database import DbOption, custodian_labels, open_database
from tuogu.cli.run import JsonOption
from tuogu.clock import business_today
from tuogu.core.changes import CHANGES, change_counts
from tuogu.core.labels import HOLDERS, SUBJECTS
from tuogu.core.plan import compare as compare_plans
from tuogu.core.strategies import STRATEGIES, TERRITORY

_PEOPLE = ("工号", "原持有", "新持有", "接收", "交出", "原全年应收", "新全年应收")
_UNITS = {"policy": "件", "customer": "位客户"}
_NOBODY = "无"


def preview(
    plan: Annotated[int, typer.Argument(help="方案号 / plan id")],
    db: DbOption,
    rows: Annotated[bool, typer.Option("--rows", help="逐件列出 / one line a policy")] = False,
    json: JsonOption = False,
) -> None:
    """发放前预演：谁交给谁，一件不写 / who would hand over to whom; writes nothing."""
    open_database(db)
    from tuogu.org.scope import Scope
    from tuogu.plans import queries

    head = queries.plan_head(plan, Scope.everything())
    speaks = queries.policy_changes(plan, Scope.everything(), on=business_today())
    changes, gone, moved = (
        _changes(speaks),
        speaks.filter("gone"),
        speaks.filter(~pl.col("gone") & pl.col("moved_since")),
    )
    if json:
        left = {"receiver_gone": gone.height, "moved_since": moved.height}
        print_json(
            {"relation": head.relation, "changes": changes.to_dicts(), "counts": change_counts(changes).to_dicts(),
             "left": left}
        )  # fmt: skip
        return
    holder, unit = HOLDERS[head.relation], _UNITS[head.subject_kind]
    old, new = f"现{holder}", f"新{holder}"
    labels = {key: value for key, value in custodian_labels().items() if value != key}
    counts = change_counts(changes).with_columns(pl.col(pl.String).replace(labels).fill_null(_NOBODY))
    title = f"方案 {plan}（{head.strategy_label}，{head.state_label}）：{changes.height:,} {unit}将换{holder}"
    print_table(title, (old, new, "件数" if unit == "件" else "客户数"), counts.rows())
    if rows:
        listed = changes.with_columns(
            pl.col("old_custodian", "new_custodian").replace(labels).fill_null(_NOBODY)
        )
        print_table("逐件", (SUBJECTS[head.subject_kind], old, new), listed.rows())
    if moved.height:
        say(f"另有 {moved.height:,} {unit}的{holder}在方案之后已变动，下发时不动")
    if gone.height:
        say(f"另有 {gone.height:,} {unit}的接收人已离司，下发时不动")
    say("这是预演：台账未作任何改动")


def _changes(speaks: pl.DataFrame) -> pl.DataFrame:
    """CHANGES of what releases would post today, from POLICY_CHANGES; null where nobody holds it yet."""
    from tuogu.plans import queries

    words = queries.receivers()
    posted = speaks.filter(~pl.col("gone") & ~pl.col("moved_since")).rename({"number": "policy_number"})
    for column, key in (("old_custodian", "old_id"), ("new_custodian", "new_id")):
        posted = posted.join(
            words.rename({"custodian_id": key, "receiver": column}), on=key, how="left", validate="m:1"
        )
    return posted.select(*CHANGES).sort("policy_number")


def compare(
    before: Annotated[int, typer.Argument(help="甲方案 / first plan")],
    after: Annotated[int, typer.Argument(help="乙方案 / second plan")],
    db: DbOption,
    json: JsonOption = False,
) -> None:
    """同一分配方式的两个方案对照：谁多谁少、换手份额 / two plans of one strategy side by side."""
    open_database(db)
    from tuogu.org.scope import Scope
    from tuogu.plans import queries

    first, second = (queries.plan_head(number, Scope.everything()) for number in (before, after))
    if first.strategy != second.strategy:
        refuse(
            f"方案 {before} 是{first.strategy_label}，方案 {after} 是{second.strategy_label}；"
            "只能对照同一分配方式的两个方案"
        )
    if first.strategy != TERRITORY.name:
        _compare_strategy(before, after, first.strategy, json)
        return
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


def _compare_strategy(before: int, after: int, strategy: str, json: bool) -> None:
    """Two plans without territories: counts by receiver and the figures of both."""
    from tuogu.org.scope import Scope
    from tuogu.plans import queries

    found = queries.compare_strategy(after, Scope.everything(), against=before)
    if json:
        print_json(
            {"strategy": strategy, "moved_share": found.moved_share, "moved": found.moved, "gained": found.gained,
             "lost": found.lost,
             "receivers": [{"receiver": name, "before": old, "after": new} for name, old, new in found.rows],
             "figures": [{"label": label, "before": old, "after": new} for label, old, new in found.figures]}
        )  # fmt: skip
        return
    unit = _UNITS[STRATEGIES[strategy].subject]
    print_table(
        f"方案 {before} → {after}：{found.moved:,} {unit}换接收人（{found.moved_share:.2%}），"
        f"{found.gained:,} {unit}只在后者，{found.lost:,} {unit}只在前者",
        ("接收人", "原", "新"),
        found.rows,
    )
    print_table("指标", ("指标", "原", "新"), found.figures)
    say("对照不写任何内容")
