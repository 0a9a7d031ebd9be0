"""What `tuogu plan` says: the plan in figures and tables, and the list of strategies.

In: a plan, what was saved, names of receivers. Out: JSON values or text on the terminal. Never: a write.
"""

from __future__ import annotations

from typing import Any

from tuogu.cli.console import print_facts, print_json, print_table, say
from tuogu.core.changes import BUFFER
from tuogu.core.labels import LEVERS, UNPLACED_REASONS
from tuogu.core.sheets import Column, shown
from tuogu.core.strategies import STRATEGIES, Option
from tuogu.core.tables import Plan
from tuogu.files.strategy_words import strategy_lines
from tuogu.plans.archive import certificate_as_json

_ROWS_PRINTED = 20


def _counts(made: Plan) -> dict[str, dict[str, int]]:
    return {
        "by_receiver": dict(made.placements.group_by("receiver").len().sort("receiver").iter_rows()),
        "by_lever": dict(made.placements.group_by("lever").len().sort("lever").iter_rows()),
        "left": dict(made.unplaced.group_by("reason").len().sort("reason").iter_rows()),
    }


def plan_as_json(made: Plan) -> dict[str, Any]:
    """The plan in figures, for --json."""
    return {
        "strategy": made.strategy, "options": dict(made.options), "as_of": made.as_of.isoformat(), "seed": made.seed,
        "rulebook": made.rulebook_version, "book": made.book_digest, "placed": made.placements.height,
        "unplaced": made.unplaced.height, **_counts(made), "certificate": certificate_as_json(made.certificate),
        "tables": {name: frame.height for name, frame in made.tables.items()},
    }  # fmt: skip


def print_plan(made: Plan, found: dict[str, Any], names: dict[str, str]) -> None:
    """Certificate, counts and the first rows of every table; what was saved and written."""
    chosen = STRATEGIES[made.strategy]
    print_facts(
        f"{chosen.label}：已分配 {made.placements.height:,}，未分配 {made.unplaced.height:,}",
        {f"{line.topic} {line.figure}": line.sentence for line in strategy_lines(made)},
    )
    counts = _counts(made)
    print_table("方式", ("方式", "数量"), [(LEVERS.get(k, k), v) for k, v in counts["by_lever"].items()])
    print_table(
        "未分配", ("原因", "数量"), [(UNPLACED_REASONS.get(k, k), v) for k, v in counts["left"].items()]
    )
    for sheet in chosen.sheets:
        frame = made.tables[sheet.name]
        rows = [
            tuple(_shown(value, column, names) for value, column in zip(row, sheet.columns, strict=True))
            for row in frame.head(_ROWS_PRINTED).select(c.name for c in sheet.columns).iter_rows()
        ]
        more = f"（前 {_ROWS_PRINTED} 行，共 {frame.height:,} 行）" if frame.height > _ROWS_PRINTED else ""
        print_table(sheet.title + more, tuple(c.heading for c in sheet.columns), rows)
    if "plan" in found:
        say(f"方案 {found['plan']} 已保存，待第二人审批；没有改动任何责任")
    for path in found["files"]:
        say(f"已写出 {path}")
    if "plan" not in found and not found["files"]:
        say("没有保存任何内容：未给 --out，没有写出文件；来自工作簿的方案不存库")


def _shown(value: Any, column: Column, names: dict[str, str]) -> str:
    """One cell; who receives by name, people also by number."""
    if column.kind in ("receiver", "institution") and value in names:
        person = column.kind == "receiver" and value.isalnum() and names[value] != value
        return f"{value} {names[value]}" if person and value != BUFFER else names[value]
    return shown(value, column, names)


def print_strategies(json: bool) -> None:
    """Every way to allocate, with its options."""
    if json:
        print_json(
            [
                {
                    "name": s.name, "label": s.label, "purpose": s.purpose, "relation": s.relation, "subject": s.subject,
                    "options": [
                        {"name": o.name, "label": o.label, "choices": [c for c, _ in o.choices], "default": o.default,
                         "required": o.required, "note": o.note, "lines": o.lines}
                        for o in s.options
                    ],
                }
                for s in STRATEGIES.values()
            ]
        )  # fmt: skip
        return
    print_table(
        "分配方式",
        ("名", "分配方式", "用途", "选项"),
        [
            (
                s.name,
                s.label,
                s.purpose,
                "；".join(_option_said(o) for o in s.options),
            )
            for s in STRATEGIES.values()
        ],
    )


def _option_said(option: Option) -> str:
    words = "|".join(choice for choice, _label in option.choices) or (option.note if option.lines else "")
    return f"{option.name} {option.label}" + (f"（{words}）" if words else "")
