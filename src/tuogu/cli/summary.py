"""What `tuogu run` tells: one JSON document, or tables and the sentences that need attention.

In: the values of core that a run made. Out: text. Never: a figure that is not in the values.
"""

from __future__ import annotations

import os
from typing import Any

import polars as pl

from tuogu.books.words import IMPORTED
from tuogu.cli.console import print_facts, print_table, say, warn
from tuogu.core.intake_titles import SHEET_TITLES
from tuogu.core.rulebook import Rulebook
from tuogu.core.tables import Book, Plan
from tuogu.files.certificate_words import LIMITS
from tuogu.jobs.flow import BranchFile

FILED = {"filed": "考核指标登记", "corrected": "考核指标更正", "unchanged": "考核指标与已登记相同"}
_FACTS_SHOWN = 6  # of the certificate's feasibility; the report has them all


def result_of(
    file: BranchFile, book: Book, plan: Plan, violations: pl.DataFrame, rulebook: Rulebook
) -> dict[str, Any]:
    """What a run did, as plain values: the JSON of `tuogu run`."""
    counts, certificate = file.intake.counts, plan.certificate
    orphans = book.classified.filter("orphan")
    return {
        "counts": counts.to_dicts(),
        "rejected": int(counts["rejected"].sum()),
        "coded": book.located.filter(pl.col("status") == "coded").height,
        "manual": book.located.filter(pl.col("status") == "manual").height,
        "orphans": orphans.filter(pl.col("route") != "closed").height,
        "orphans_ended": orphans.filter(route="closed").height,
        "routes": dict(book.classified.group_by("route").len().sort("route").iter_rows()),
        "placed": plan.assignments.height,
        "unplaced": plan.unplaced.height,
        "unplaced_reasons": dict(plan.unplaced.group_by("reason").len().sort("reason").iter_rows()),
        "managers": plan.assignments["staff_number"].n_unique(),
        "units": plan.units.height,
        "objective": certificate.objective,
        "lower_bound": certificate.lower_bound,
        "gap": certificate.gap,
        "violations": violations.height,
        "breaks": plan.breaks.height,
        "moved_adjacent": certificate.moved_adjacent,
        "limits_hit": list(certificate.limits_hit),
        "feasibility": [list(fact) for fact in certificate.feasibility],
        "notes": list(file.raw.notes),
        "warnings": warnings_of(file, book, plan),
        "rulebook": rulebook.version,
    }


def stored_words(counts: dict[str, int], facts: dict[str, int]) -> dict[str, int]:
    """What storing did, in words; facts where the file brought some."""
    return {IMPORTED[name]: count for name, count in counts.items()} | {
        FILED[n]: count for n, count in facts.items()
    }


def print_run(result: dict[str, Any]) -> None:
    """The summary that ends a run."""
    print_table(
        "导入：接收 + 拒收 + 空行等 = 读取",
        ("表", "读取", "接收", "拒收", "空行·合计·重复表头"),
        [
            (c["sheet"], c["read"], c["accepted"], c["rejected"],
             c["skipped_blank"] + c["skipped_total"] + c["skipped_header"])
            for c in result["counts"]
        ],
    )  # fmt: skip
    print_facts(
        f"方案 {result['plan']}（待审批）",
        {
            "地址已编码 / 待人工": f"{result['coded']:,} / {result['manual']:,}",
            "孤儿保单": f"{result['orphans']:,} 件有效，另有 {result['orphans_ended']:,} 件已终止",
            "已挂靠": f"{result['placed']:,} 件，{result['managers']} 位客户经理，{result['units']} 个单位",
            "留在保全组": f"{result['unplaced']:,} 件",
            "加权距离": f"{result['objective'] / 1000:,.1f} 件·公里",
            "已证明的下限": f"{result['lower_bound'] / 1000:,.1f} 件·公里",
            "差距": f"{result['gap']:.2%}",
            "硬性超限": result["violations"],
            "区域不完整处": result["breaks"],
            "交给相邻客户经理": f"{result['moved_adjacent']:,} 件",
            "搜索上限": "；".join(LIMITS.get(name.split(":")[0], name) for name in result["limits_hit"])
            or "未触及",
        },
    )
    print_facts("人数与应收是否相称", dict(result["feasibility"][:_FACTS_SHOWN]))
    stored = stored_words(result["import"], result["facts"])
    imported = {name: count for name, count in stored.items() if count}
    print_facts(
        "入库" + ("（内容与以前相同，未作改动；下为当时结果）" if result["imported_before"] else ""), imported
    )
    for path in result["files"]:
        say(f"  {path}")
    for sentence in result["notes"]:
        say(f"说明：{sentence}")
    for sentence in result["warnings"]:
        warn(sentence)
    database = "" if "TUOGU_DATABASE_URL" in os.environ and not result.get("db") else f" --db {result['db']}"
    say(f"\n下一步：另一人审批  tuogu approve {result['plan']}{database} --token …")


def warnings_of(file: BranchFile, book: Book, plan: Plan) -> list[str]:
    """What the clerk should look at before believing the plan, in Chinese."""
    found = []
    for kind in ("policies", "customers", "people", "institutions"):
        if kind not in file.raw.sheets:
            known = getattr(file.books, kind).height
            title = SHEET_TITLES[kind]
            found.append(f"文件没有“{title}”表，" + (f"沿用库中 {known:,} 行" if known else "库中也没有"))
    customers, coded = book.located.height, book.located.filter(status="coded").height
    if customers and coded < customers / 2:
        found.append(f"{customers:,} 个地址只编码了 {coded:,} 个；请核对城市代码（现为 {file.city}）与地址列")
    if plan.units.is_empty() and plan.unplaced.height:
        found.append("没有一件挂靠到客户经理：请核对人员表（收展系列、在职）与孤儿保单；全部留在保全组")
    return found
