"""`tuogu run` and `tuogu import`: from a branch's workbook to a stored plan that awaits a second person."""

from __future__ import annotations

import resource
from collections.abc import Callable
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from tuogu.cli import branch, outputs, summary
from tuogu.cli.console import (
    DONE,
    DONE_WITH_LEFTOVERS,
    Steps,
    print_facts,
    print_json,
    refuse,
    steps,
)
from tuogu.cli.database import DbOption, business_today, held_by, now, open_database, signer
from tuogu.core.changes import change_table
from tuogu.core.intake_tables import RawWorkbook
from tuogu.core.plan import DEFAULT_EFFORT
from tuogu.core.tables import Book, Plan


class Coverage(StrEnum):
    """What a file holds: everything, or some rows."""

    FULL = "full"
    PARTIAL = "partial"


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
    coverage: Annotated[Coverage, typer.Option(help="full 全量 或 partial 增量")] = Coverage.FULL,
    seed: Annotated[int, typer.Option(help="随机种子 / seed")] = 7,
    effort: Annotated[int, typer.Option(min=0, help="搜索步数 / search moves")] = DEFAULT_EFFORT,
    split_by_team: Annotated[bool, typer.Option(help="按组分册 / one register a team")] = False,
    afresh: Annotated[
        bool, typer.Option("--afresh", help="不沿用已批准方案的责任人与识别码 / ignore the approved plan")
    ] = False,
    json: JsonOption = False,
) -> None:
    """从网点工作簿到待审批的分配方案 / from a branch's workbook to a plan that awaits approval."""
    planned_on = as_of.date() if as_of else business_today()
    described = data_date.date() if data_date else min(planned_on, business_today())
    _refuse_future(described)
    with steps(quiet=json) as progress:
        raw = branch.read_file(workbook, progress)
        open_database(db or _database_of(out_dir), create=True)
        result = run_branch(
            raw, workbook.name, out_dir, importer=signer(token), planner=lambda: signer(token), as_of=planned_on,
            data_date=described, city=city or None, coverage=coverage, seed=seed, effort=effort,
            split_by_team=split_by_team, afresh=afresh, progress=progress,
        )  # fmt: skip
    if json:
        print_json(result)
    else:
        summary.print_run(result | {"db": db or _database_of(out_dir)})
    raise typer.Exit(DONE_WITH_LEFTOVERS if result["rejected"] or result["unplaced"] else DONE)


def run_branch(
    raw: RawWorkbook,
    name: str,
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
    """The flow itself, from the cells of a file: standardise → code → classify → store → plan → check → store → print.

    `importer` and `planner` are the custodians who sign the import and the plan; the planner is asked for after the
    import, which may be what brings that person into the database.
    """
    from tuogu.books import queries as books
    from tuogu.plans import actions as plans

    rulebook = branch.shipped_rulebook()
    stored = books.stored_books()
    file = branch.standardise_file(raw, data_date, city, stored, progress)
    book, codebook = branch.code_and_classify(
        file.books, file.city, as_of, rulebook, books.display_codes(), progress
    )
    imported = _store(file, book, name, coverage, codebook.version, importer, progress)
    if stored.policies.height:  # what is planned is what is stored now, not what the file would have liked
        book, _ = branch.code_and_classify(
            books.stored_books(), file.city, as_of, rulebook, books.display_codes(), progress
        )
    plan, violations = branch.plan_and_check(
        book, rulebook, as_of, seed, effort, None if afresh else _earlier_plan(), progress
    )
    with progress.step("保存方案，待审批"):
        plan_id = plans.store_plan(plan, book, rulebook, violations, by=planner(), at=now())
    written = outputs.write_outputs(
        out_dir, file, book, plan, violations, change_table(plan, held_by()), rulebook, codebook.regions,
        split_by_team=split_by_team, progress=progress,
    )  # fmt: skip
    return summary.result_of(file, book, plan, violations, rulebook) | {
        "plan": plan_id, "import": imported.counts, "imported_before": imported.already,
        "files": [str(path) for path in written], "seconds": {k: round(v, 2) for k, v in progress.seconds.items()},
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }  # fmt: skip


def _database_of(out_dir: Path) -> str:
    return f"sqlite:///{(out_dir / 'tuogu.sqlite3').absolute()}"


def _refuse_future(day: date) -> None:
    if day > business_today():
        refuse(f"数据日期 {day} 晚于今天 {business_today()}；请用 --data-date 写明文件描述的是哪一天")


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
    coverage: Annotated[Coverage, typer.Option(help="full 全量 或 partial 增量")] = Coverage.PARTIAL,
    rejects: Annotated[Path | None, typer.Option(help="拒收行写到这里 / where rejected rows go")] = None,
    json: JsonOption = False,
) -> None:
    """只导入,不规划 / import without planning."""
    from tuogu import files

    described = data_date.date() if data_date else business_today()
    _refuse_future(described)
    with steps(quiet=json) as progress:
        raw = branch.read_file(workbook, progress)
        open_database(db, create=True)
        from tuogu.books import queries as books

        by = signer(token)
        file = branch.standardise_file(raw, described, city or None, books.stored_books(), progress)
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
        print_facts(title, {summary.IMPORTED[name]: count for name, count in imported.counts.items()})
    raise typer.Exit(DONE_WITH_LEFTOVERS if any(c["rejected"] for c in counts) else DONE)
