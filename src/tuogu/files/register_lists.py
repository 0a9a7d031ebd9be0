"""The plain sheets of a register workbook: distribution, queues, changes, certificate, census, homes.

In: a RegisterSource. Out: one sheet a function. Never: a calculation (the tables come from register_tables).
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from tuogu.core.changes import change_counts
from tuogu.core.tables import MONTH_COLUMNS
from tuogu.files.certificate_words import certificate_lines, provenance
from tuogu.files.register_sheets import write_table
from tuogu.files.register_stationery import Column, Stationery
from tuogu.files.register_tables import (
    RegisterSource,
    changed,
    home_register,
    manual_queue,
    stock_census,
    tree,
    unplaced,
)

_TREE = (
    Column("层级", "level_name", centred=True),
    Column("识别码 / 区划代码", "shown_code", centred=True),
    Column("名称", "shown"),
    Column("存量件数", "policies", "int"),
    Column("占存量", "share", "share"),
    Column("已编入单元", "planned", "int"),
    Column("每期保费（元）", "premium_fen", "money"),
    Column("客户经理", "manager", centred=True),
)
_MANUAL = (
    Column("客户号", "customer_number", centred=True),
    Column("投保人", "holder", centred=True),
    Column("地址（原文，门牌已隐去）", "written", wide=44),
    Column("原因", "reason"),
    Column("已识别把握", "confidence", "score", centred=True),
    Column("候选社区（按把握排序）", "candidate_names", wide=44),
    Column("保单件数", "policies", "int"),
    Column("保单号码", "policy_numbers", wide=36),
)
_UNPLACED = (
    Column("保单号码", "policy_number", centred=True),
    Column("投保人", "holder", centred=True),
    Column("社区", "region", wide=38),
    Column("险种名称", "product_name", wide=36),
    Column("状态", "state", centred=True),
    Column("缴费", "frequency", centred=True),
    Column("每期保费（元）", "premium_fen", "money"),
    Column("原因", "reason", centred=True),
    Column("说明", "detail", wide=46),
    Column("现由谁负责", "keeper", centred=True),
)
_CHANGED = (
    Column("保单号码", "policy_number", centred=True),
    Column("投保人", "holder", centred=True),
    Column("社区", "region", wide=38),
    Column("险种名称", "product_name", wide=36),
    Column("每期保费（元）", "premium_fen", "money"),
    Column("原责任人", "old", centred=True),
    Column("新责任人", "new", centred=True),
)
_CHANGE_COUNTS = (
    Column("原责任人", "old", centred=True, least=30),
    Column("新责任人", "new", centred=True, least=30),
    Column("件数", "policies", "int", least=20),
)
_CENSUS = (
    Column("区域", "shown"),
    Column("主险件数", "main_count", "int"),
    Column("主险保费（元）", "main_premium_fen", "money"),
    Column("附加险件数", "rider_count", "int"),
    Column("附加险保费（元）", "rider_premium_fen", "money"),
    Column("趸交件数", "single_count", "int"),
    Column("趸交保费（元）", "single_premium_fen", "money"),
    *(Column(f"{number}月", name, "int") for number, name in enumerate(MONTH_COLUMNS, start=1)),
)
_HOMES = (
    Column("组", "team", wide=24),
    Column("工号", "staff_number", centred=True),
    Column("姓名", "manager", centred=True),
    Column("岗位", "post", centred=True),
    Column("区县", "district", centred=True),
    Column("街道", "street", centred=True),
    Column("社区", "community", centred=True),
    Column("编码情况", "status", wide=30),
)
_REJECTS = (
    Column("工作表", "sheet", centred=True),
    Column("行号", "row", "int", centred=True),
    Column("列", "column", centred=True),
    Column("原因代码", "reason"),
    Column("说明", "detail", wide=60),
)
_CERTIFICATE = (
    Column("项目", "topic", centred=True),
    Column("数值", "figure", wide=24, centred=True),
    Column("说明", "sentence", wide=92),
)


def write_tree(stationery: Stationery, source: RegisterSource) -> None:
    """分布表 (S0-12)."""
    fills = {"total": "total", "district": "group", "street": "sub"}
    frame = tree(source).with_columns(
        shown_code=pl.coalesce("display_code", "code"),
        fill=pl.col("level").replace_strict(fills, default="body"),
    )
    subtitle = "区县 → 街道 → 社区 → 识别码单元；各级之和等于存量，未编码单列一行"
    write_table(stationery, "分布表", "孤儿保单分布表", subtitle, _TREE, frame)


def write_manual_queue(stationery: Stationery, source: RegisterSource) -> None:
    """待人工编码 (S0-11)."""
    frame = manual_queue(source)
    subtitle = f"共 {frame.height:,} 户、{int(frame['policies'].sum()):,} 件；候选仅供参考，由人判定后才编码"
    write_table(stationery, "待人工编码", "地址待人工编码清单", subtitle, _MANUAL, frame)


def write_unplaced(stationery: Stationery, source: RegisterSource, facts: pl.DataFrame) -> None:
    """未分配及原因 (S0-24)."""
    frame = unplaced(source, facts)
    counts = frame["reason"].value_counts(sort=True).sort("count", "reason", descending=[True, False])
    parts = "，".join(f"{reason} {count:,}" for reason, count in counts.iter_rows())
    subtitle = f"共 {frame.height:,} 件" + (f"：{parts}" if parts else "")
    write_table(stationery, "未分配及原因", "未分配保单及原因", subtitle, _UNPLACED, frame)


def write_changes(
    stationery: Stationery,
    source: RegisterSource,
    changes: pl.DataFrame,
    facts: pl.DataFrame,
    not_released: Sequence[tuple[str, int]] = (),
) -> None:
    """更改对照 (P-03): the rows that a release would move, and how many go from whom to whom."""
    left = "".join(f"；另有{why} {policies:,} 件，不会下发" for why, policies in not_released if policies)
    subtitle = f"下发后换人 {changes.height:,} 件；此表为预览，下发行数与此相同{left}"
    write_table(
        stationery, "更改对照", "责任人更改对照表", subtitle, _CHANGED, changed(source, changes, facts)
    )
    counts = change_counts(changes).select(
        "policies", old=source.named(pl.col("old_custodian")), new=source.named(pl.col("new_custodian"))
    )
    write_table(stationery, "更改汇总", "责任人更改汇总", subtitle, _CHANGE_COUNTS, counts)


def write_certificate(stationery: Stationery, source: RegisterSource) -> None:
    """计划证书: what is proved about the plan, in words, and what the plan was made from."""
    lines = certificate_lines(source.plan, source.rulebook, source.names)
    tones = {"good": "good", "warn": "warn", "bad": "bad", "plain": "body"}
    rows = [(line.topic, line.figure, line.sentence, tones[line.tone]) for line in lines]
    origin = provenance(source.plan, str(source.book.books.data_date))
    rows += [("来源", value, label, "body") for label, value in origin]
    frame = pl.DataFrame(rows, schema=["topic", "figure", "sentence", "fill"], orient="row")
    subtitle = "数值由求解程序给出，硬性规则由不共用代码的复核程序核对"
    write_table(stationery, "计划证书", "分配计划证书", subtitle, _CERTIFICATE, frame)


def write_census(stationery: Stationery, source: RegisterSource) -> None:
    """存量统计 (S0-01): the regions, and the total as the last row."""
    fills = {"district": "group", "total": "total"}
    frame = stock_census(source).with_columns(fill=pl.col("level").replace_strict(fills, default="body"))
    ordered = pl.concat([frame.filter(pl.col("level") != "total"), frame.filter(level="total")])
    subtitle = f"{source.plan.as_of} 起一年；主险含趸交，保费为每期保费，各月为有效期交主险应收件数"
    write_table(stationery, "存量统计", "孤儿保单存量统计", subtitle, _CENSUS, ordered)


def write_homes(stationery: Stationery, source: RegisterSource) -> None:
    """客户经理住址 (S0-14), supervisors marked, exceptions named."""
    frame = home_register(source)
    missing = frame.filter(pl.col("community_code").is_null()).height
    subtitle = f"在职 {frame.height:,} 人，住址只到社区；" + (
        f"{missing:,} 人待编码" if missing else "全部已编码"
    )
    write_table(stationery, "客户经理住址", "客户经理住址登记", subtitle, _HOMES, frame)


def write_rejects(stationery: Stationery, rejects: pl.DataFrame) -> None:
    """导入退回: rows of the import that were not accepted."""
    rows = rejects.select("sheet", "row").n_unique()
    subtitle = f"共 {rows:,} 行、{rejects.height:,} 条原因；改正后可再次导入"
    write_table(
        stationery, "导入退回", "导入退回行", subtitle, _REJECTS, rejects.sort("sheet", "row", "column")
    )
