"""`tuogu run` and `tuogu import`: from a branch's workbook to a stored plan that awaits a second person."""

from __future__ import annotations

import resource
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any

import polars as pl
import typer

from tuogu.cli import branch, outputs
from tuogu.cli.console import (
    DONE,
    DONE_WITH_LEFTOVERS,
    Steps,
    out,
    print_facts,
    print_json,
    print_table,
    refuse,
    steps,
)
from tuogu.cli.database import DbOption, business_today, held_by, now, open_database, signer
from tuogu.core.changes import change_table
from tuogu.core.plan import DEFAULT_EFFORT
from tuogu.core.rulebook import Rulebook
from tuogu.core.tables import Book, Plan

IMPORTED = {
    "institutions": "机构变动", "people_new": "新增人员", "people_left": "离司人员", "moved_by_leaving": "随离司转保全组",
    "customers": "客户", "policies": "主险保单", "riders": "附加险", "stale": "比库中旧（未覆盖）",
    "opened": "新建责任", "opened_buffer": "其中归保全组", "already_open": "已有责任", "closed": "终止", "reopened": "恢复",
    "coordinates": "坐标", "rejected": "拒收行", "missing_from_full": "全量文件缺少（待核）",
}  # fmt: skip
WorkbookArgument = Annotated[
    Path,
    typer.Argument(
        help="xlsx、xls、csv 或 Parquet 文件或文件夹 / workbook, csv or Parquet", metavar="WORKBOOK"
    ),
]
DayOption = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"])]
JsonOption = Annotated[bool, typer.Option("--json", help="输出 JSON / print JSON")]


def run(
    workbook: WorkbookArgument,
    out_dir: Annotated[Path, typer.Option("--out", help="输出文件夹 / output folder")],
    db: Annotated[str, typer.Option("--db", help="数据库，默认 OUT/tuogu.sqlite3 / database")] = "",
    token: Annotated[
        str, typer.Option("--token", envvar="TUOGU_TOKEN", help="个人令牌 / personal token")
    ] = "",
    as_of: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="规划基准日，默认今天 / as of")
    ] = None,
    data_date: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="数据日期，默认规划基准日 / day the file describes"),
    ] = None,
    city: Annotated[str, typer.Option(help="城市代码，默认取自机构表 / city code")] = "",
    coverage: Annotated[str, typer.Option(help="full 全量 或 partial 增量")] = "full",
    seed: Annotated[int, typer.Option(help="随机种子 / seed")] = 7,
    effort: Annotated[int, typer.Option(help="搜索步数 / search moves")] = DEFAULT_EFFORT,
    split_by_team: Annotated[bool, typer.Option(help="按组分册 / one register a team")] = False,
    afresh: Annotated[
        bool, typer.Option("--afresh", help="不沿用已批准方案的责任人与识别码 / ignore the approved plan")
    ] = False,
    json: JsonOption = False,
) -> None:
    """从网点工作簿到待审批的分配方案 / from a branch's workbook to a plan that awaits approval."""
    planned_on = as_of.date() if as_of else business_today()
    described = data_date.date() if data_date else planned_on
    open_database(db or f"sqlite:///{(out_dir / 'tuogu.sqlite3').absolute()}", create=True)
    with steps(quiet=json) as progress:
        result = run_branch(
            workbook, out_dir, importer=signer(token), planner=lambda: signer(token), as_of=planned_on,
            data_date=described, city=city or None, coverage=coverage, seed=seed, effort=effort,
            split_by_team=split_by_team, afresh=afresh, progress=progress,
        )  # fmt: skip
    if json:
        print_json(result)
    else:
        print_run(result)
    raise typer.Exit(DONE_WITH_LEFTOVERS if result["rejected"] or result["unplaced"] else DONE)


def run_branch(
    workbook: Path,
    out_dir: Path,
    *,
    importer: int,
    planner: Callable[[], int],
    as_of: date,
    data_date: date,
    city: str | None,
    coverage: str,
    seed: int,
    effort: int,
    split_by_team: bool,
    afresh: bool,
    progress: Steps,
) -> dict[str, Any]:
    """The flow itself: read → standardise → code → classify → store → plan → check → store → print.

    `importer` and `planner` are the custodians who sign the import and the plan; the planner is asked for after the
    import, which may be what brings that person into the database.
    """
    from tuogu.books import queries as books
    from tuogu.plans import actions as plans

    rulebook = branch.shipped_rulebook()
    file = branch.read_branch(workbook, data_date, city, books.stored_books(), progress)
    book, codebook = branch.code_and_classify(
        file.books, file.city, as_of, rulebook, books.display_codes(), progress
    )
    imported = _store(file, book, workbook.name, coverage, codebook.version, importer, progress)
    plan, violations = branch.plan_and_check(
        book, rulebook, as_of, seed, effort, None if afresh else _earlier_plan(), progress
    )
    with progress.step("保存方案，待审批"):
        plan_id = plans.store_plan(plan, book, rulebook, violations, by=planner(), at=now())
    written = outputs.write_outputs(
        out_dir, file, book, plan, violations, change_table(plan, held_by()), rulebook, codebook.regions,
        split_by_team=split_by_team, progress=progress,
    )  # fmt: skip
    return _result(file, book, plan, violations, rulebook) | {
        "plan": plan_id, "import": imported.counts, "imported_before": imported.already,
        "files": [str(path) for path in written], "seconds": {k: round(v, 2) for k, v in progress.seconds.items()},
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }  # fmt: skip


def _earlier_plan() -> Plan | None:
    """The newest approved plan of this database: territories stay with the people they were given to (S0-28)."""
    from tuogu.plans import queries

    plan_id = queries.latest_approved()
    return None if plan_id is None else queries.load_plan(plan_id)[0]


def _store(
    file: branch.BranchFile, book: Book, name: str, coverage: str, version: str, by: int, progress: Steps
) -> Any:
    from tuogu.books import actions as books

    with progress.step("入库并建立责任台账"):
        try:
            return books.import_books(
                file.intake, book, file_name=name, coverage=coverage, code_book_version=version, by=by,
                recorded_at=now(),
            )  # fmt: skip
        except books.ImportRefused as refusal:
            refuse(str(refusal))


def _result(
    file: branch.BranchFile, book: Book, plan: Plan, violations: pl.DataFrame, rulebook: Rulebook
) -> dict[str, Any]:
    counts, certificate = file.intake.counts, plan.certificate
    return {
        "counts": counts.to_dicts(),
        "rejected": int(counts["rejected"].sum()),
        "coded": book.located.filter(pl.col("status") == "coded").height,
        "manual": book.located.filter(pl.col("status") == "manual").height,
        "orphans": int(book.classified["orphan"].sum()),
        "routes": dict(book.classified.group_by("route").len().sort("route").iter_rows()),
        "placed": plan.assignments.height,
        "unplaced": plan.unplaced.height,
        "unplaced_reasons": dict(plan.unplaced.group_by("reason").len().sort("reason").iter_rows()),
        "managers": plan.assignments["staff_number"].n_unique(),
        "units": plan.units.height,
        "value_m": certificate.value_m,
        "lower_bound_m": certificate.lower_bound_m,
        "gap": certificate.gap,
        "violations": violations.height,
        "breaks": plan.breaks.height,
        "moved_adjacent": certificate.moved_adjacent,
        "limits_hit": list(certificate.limits_hit),
        "rulebook": rulebook.version,
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
        f"方案 {result['plan']}(待审批)",
        {
            "地址已编码 / 待人工": f"{result['coded']:,} / {result['manual']:,}",
            "孤儿保单": result["orphans"],
            "已挂靠": f"{result['placed']:,} 件，{result['managers']} 位客户经理，{result['units']} 个单位",
            "留在保全组": f"{result['unplaced']:,} 件",
            "加权距离": f"{result['value_m'] / 1000:,.1f} 件·公里",
            "已证明的下限": f"{result['lower_bound_m'] / 1000:,.1f} 件·公里",
            "差距": f"{result['gap']:.2%}",
            "硬性超限": result["violations"],
            "区域不完整处": result["breaks"],
            "交给相邻客户经理": f"{result['moved_adjacent']:,} 件",
            "搜索上限": "、".join(result["limits_hit"]) or "未触及",
        },
    )
    for path in result["files"]:
        out.print(f"  {path}")
    out.print(f"\n下一步：另一人审批  [bold]tuogu approve {result['plan']} --token …[/]")


def import_file(
    workbook: WorkbookArgument,
    db: DbOption,
    token: Annotated[
        str, typer.Option("--token", envvar="TUOGU_TOKEN", help="个人令牌 / personal token")
    ] = "",
    data_date: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="数据日期，默认今天")
    ] = None,
    city: Annotated[str, typer.Option(help="城市代码，默认取自机构表 / city code")] = "",
    coverage: Annotated[str, typer.Option(help="full 全量 或 partial 增量")] = "partial",
    rejects: Annotated[Path | None, typer.Option(help="拒收行写到这里 / where rejected rows go")] = None,
    json: JsonOption = False,
) -> None:
    """只导入,不规划 / import without planning."""
    from tuogu import files

    open_database(db, create=True)
    from tuogu.books import queries as books

    described = data_date.date() if data_date else business_today()
    with steps(quiet=json) as progress:
        by = signer(token)
        file = branch.read_branch(workbook, described, city or None, books.stored_books(), progress)
        book, codebook = branch.code_and_classify(
            file.books,
            file.city,
            described,
            branch.shipped_rulebook(),
            books.display_codes(),
            progress,
        )
        imported = _store(file, book, workbook.name, coverage, codebook.version, by, progress)
        if rejects and file.intake.rejects.height:
            files.write_rejects(file.raw, file.intake, rejects)
    counts = file.intake.counts.to_dicts()
    if json:
        print_json({"counts": counts, "import": imported.counts, "imported_before": imported.already})
    else:
        title = "导入" + ("：内容与以前相同，未作改动" if imported.already else "")
        print_facts(title, {IMPORTED[name]: count for name, count in imported.counts.items()})
    raise typer.Exit(DONE_WITH_LEFTOVERS if any(c["rejected"] for c in counts) else DONE)
