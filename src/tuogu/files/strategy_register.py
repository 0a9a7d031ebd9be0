"""The register of a plan without territories: one workbook with the list, what was left, every table, the certificate.

In: a plan, names of receivers. Out: a workbook that prints on A4 landscape. Never: a customer's name, a table of the plan
that stands in no sheet, an identifier as a number.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl

from tuogu.core.labels import LEVERS, UNPLACED_REASONS, VERDICTS
from tuogu.core.sheets import NAMED, Sheet, name_key
from tuogu.core.strategies import STRATEGIES, Strategy
from tuogu.core.tables import Plan
from tuogu.files.certificate_words import Line, provenance
from tuogu.files.register_sheets import write_table
from tuogu.files.register_stationery import Column, Stationery
from tuogu.files.register_tables import NOT_IN_FORCE
from tuogu.files.safe_excel import open_workbook
from tuogu.files.strategy_words import strategy_lines

_KINDS = {  # kind of a sheet's column → kind of a register's column
    "text": "text", "identifier": "label", "subject": "label", "receiver": "label", "institution": "label",
    "region": "label", "exact": "label", "yes": "label", "count": "int", "metres": "int", "points": "money", "rate": "money",
    "money": "money", "decimal": "score", "day": "date",
}  # fmt: skip
_SUFFIXES = {"points": "（分）", "rate": "（%）", "money": "（元）", "metres": "（米）"}
_DEPARTMENT, _OTHER_POOL, _BUFFER = (
    "department:",
    "pool:",
    "buffer",
)  # how plans write receivers that are no person
_SEARCH = "求解力度"  # only territories search
_CANDIDATES_A_SUBJECT = 2  # the chosen one and the next best; the plan's page has all of them
_SHEET_NAME_MAX = 31  # Excel's own limit


def write_strategy_register(
    plan: Plan, path: str | Path, *, names: Mapping[str, str], data_date: str, state: str = NOT_IN_FORCE
) -> Path:
    """Write the register of `plan` to `path`. `names` maps receivers to what people call them; `state` says what has become
    of the plan."""
    strategy = STRATEGIES[plan.strategy]
    about = f"{strategy.label} · {state} · " + " · ".join(
        f"{k} {v}" for k, v in provenance(plan, data_date) if k != _SEARCH
    )
    with open_workbook(path) as workbook:
        stationery = Stationery(workbook)
        _list(stationery, plan, strategy, names, about)
        _left(stationery, plan, names, about)
        for sheet in strategy.sheets:
            _own(stationery, sheet, plan.tables[sheet.name], names, about)
        _candidates(stationery, plan, names, about)
        _certificate(stationery, strategy_lines(plan), about)
    return Path(path)


def _named(column: str, names: Mapping[str, str], kind: str = "receiver") -> pl.Expr:
    """Receivers by name with their staff number or institution code behind it; pools by name alone; the key where nobody
    knows a name."""
    key, head = pl.lit(name_key("", kind)) + pl.col(column), name_key("", kind)
    said = {code: _with_code(name, code.removeprefix(head)) for code, name in names.items()}
    text = key.replace_strict(list(said), list(said.values()), default=None, return_dtype=pl.String)
    return pl.coalesce(text, pl.col(column)).alias(column)


def _with_code(name: str, key: str) -> str:
    """'张三（10023）'; a department's pool with its institution's code, a pool without a number by its name."""
    bare = key.removeprefix(_DEPARTMENT)
    if name in (key, bare) or key == _BUFFER or key.startswith(_OTHER_POOL):
        return name
    return f"{name}（{bare}）"


def _list(
    stationery: Stationery, plan: Plan, strategy: Strategy, names: Mapping[str, str], about: str
) -> None:
    """Who gets what, receiver by receiver."""
    policy = strategy.subject == "policy"
    columns = [
        Column("接收人", "receiver", "label"),
        Column("期次", "instalment", "int"),
        Column("名单位次", "place", "int"),
        Column("保单号" if policy else "客户号", "number", "label"),
        *([Column("投保人客户号", "holder_number", "label")] if policy else []),
        Column("方式", "lever", "label"),
    ]
    frame = plan.placements.sort("receiver", "instalment", "place", "number").with_columns(
        _named("receiver", names), pl.col("lever").replace(LEVERS)
    )
    write_table(stationery, "预分名单", f"{strategy.label}预分名单", about, columns, frame)


def _left(stationery: Stationery, plan: Plan, names: Mapping[str, str], about: str) -> None:
    columns = [
        Column("号码", "policy_number", "label"),
        Column("原因", "reason", "label"),
        Column("说明", "detail", "text"),
        Column("仍由谁负责", "custodian", "label"),
    ]
    frame = plan.unplaced.sort("reason", "policy_number").with_columns(
        pl.col("reason").replace(UNPLACED_REASONS), _named("custodian", names)
    )
    write_table(stationery, "未分配", "未分配名单", about, columns, frame)


def _own(
    stationery: Stationery, sheet: Sheet, frame: pl.DataFrame, names: Mapping[str, str], about: str
) -> None:
    sheet = sheet.fitting(frame)
    columns = [
        Column(column.heading + _SUFFIXES.get(column.kind, ""), column.name, _KINDS[column.kind])
        for column in sheet.columns
    ]
    receivers = [_named(c.name, names, c.kind) for c in sheet.columns if c.kind in NAMED]
    words = [pl.col(c.name).replace(dict(c.words)) for c in sheet.columns if c.words]
    flags = [
        pl.when(c.name).then(pl.lit("是")).when(~pl.col(c.name)).then(pl.lit("否")).alias(c.name)
        for c in sheet.columns
        if c.kind == "yes"
    ]
    written = frame.with_columns(*receivers, *words, *flags)
    write_table(
        stationery,
        sheet.title[:_SHEET_NAME_MAX],
        sheet.title,
        sheet.note or about,
        columns,
        written,
        _sums(sheet, frame),
    )


def _sums(sheet: Sheet, frame: pl.DataFrame) -> list[Any] | None:
    """The totals row: sums where they make sense, its word in the first column where that is free; None without any."""
    if frame.is_empty() or not any(column.total for column in sheet.columns):
        return None
    sums: list[Any] = [frame[column.name].sum() if column.total else None for column in sheet.columns]
    first = sheet.columns[0]
    if not first.total and _KINDS[first.kind] in ("text", "label"):
        sums[0] = "合计"
    return sums


def _candidates(stationery: Stationery, plan: Plan, names: Mapping[str, str], about: str) -> None:
    """The first ranked receivers and why they were rejected, whoever was chosen among them; only where the strategy ranks
    people. Every subject with everybody would be nine tenths of the workbook and of the time to write it."""
    if plan.candidates.is_empty():
        return
    columns = [
        Column("号码", "policy_number", "label"),
        Column("名次", "rank", "int"),
        Column("人选", "staff_number", "label"),
        Column("结论", "verdict", "label"),
        Column("说明", "detail", "text"),
    ]
    near = (pl.col("rank") <= _CANDIDATES_A_SUBJECT) | (pl.col("verdict") == "chosen")
    frame = (
        plan.candidates.filter(near)
        .sort("policy_number", "rank")
        .with_columns(_named("staff_number", names), pl.col("verdict").replace(VERDICTS))
    )
    said = about
    if frame.height < plan.candidates.height:
        said = f"每件列选中者和前 {_CANDIDATES_A_SUBJECT} 名，全部 {plan.candidates.height:,} 行见方案页 · {about}"
    write_table(stationery, "人选与理由", "人选与理由", said, columns, frame)


def _certificate(stationery: Stationery, lines: list[Line], about: str) -> None:
    columns = [
        Column("项目", "topic", "label"),
        Column("数值", "figure", "label"),
        Column("说明", "sentence", "text", wide=80),
    ]
    frame = pl.DataFrame(
        [(line.topic, line.figure, line.sentence) for line in lines],
        schema={"topic": pl.String, "figure": pl.String, "sentence": pl.String},
        orient="row",
    )
    write_table(stationery, "证书", "方案证书", about, columns, frame)
