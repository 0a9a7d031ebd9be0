"""`tuogu run` and `tuogu import`: from a branch's workbook to a stored plan that awaits a second person."""

from __future__ import annotations

import resource
from collections.abc import Callable
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from tuogu import files
from tuogu.cli import outputs, summary
from tuogu.cli.console import (
    DONE,
    DONE_WITH_LEFTOVERS,
    Steps,
    print_facts,
    print_json,
    refuse,
    steps,
)
from tuogu.cli.database import DbOption, held_by, open_database, scope_of, signer
from tuogu.cli.marking import marked_by
from tuogu.clock import business_today, now
from tuogu.core.changes import change_table
from tuogu.core.intake_tables import RawWorkbook
from tuogu.core.plan import DEFAULT_EFFORT
from tuogu.jobs import flow
from tuogu.org.rights import Right


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
MapOption = Annotated[
    list[str] | None,
    typer.Option(
        "--map",
        help="列的对应：原列名=标准列（可重复），或 TOML 文件 / what headers mean",
        metavar="原列名=标准列",
    ),
]
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
    map_: MapOption = None,
    json: JsonOption = False,
) -> None:
    """从网点工作簿到待审批的分配方案 / from a branch's workbook to a plan that awaits approval."""
    planned_on = as_of.date() if as_of else business_today()
    with steps(quiet=json) as progress:
        raw = flow.read_file(workbook, progress, mapping=mapping_of(map_))
        described = _day_described(raw, data_date, min(planned_on, business_today()))
        open_database(db or _database_of(out_dir), create=True)
        result = run_branch(
            raw, workbook.name, out_dir, importer=signer(token, Right.IMPORT),
            planner=lambda: signer(token, Right.PLAN), as_of=planned_on,
            data_date=described, city=city or None, coverage=flow.coverage_of(raw, coverage), seed=seed, effort=effort,
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
    from tuogu.jobs import reject_keeping, storing

    imported = storing.import_file(
        raw, name=name, coverage=coverage, data_date=data_date, classified_on=as_of, city=city, by=importer, clock=now,
        progress=progress, scope=scope_of(importer),
    )  # fmt: skip
    reject_keeping.keep_rejects(imported, name=name, coverage=coverage, by=importer, at=now())
    file = imported.prepared.file
    drafted = storing.draft_plan(
        city=file.city, as_of=as_of, seed=seed, effort=effort, afresh=afresh, planner=planner, clock=now,
        progress=progress, prepared=imported.prepared,
    )  # fmt: skip
    with marked_by(planner()):
        written = outputs.write_outputs(
            out_dir, file, drafted.book, drafted.plan, drafted.violations, change_table(drafted.plan, held_by()),
            drafted.rulebook, drafted.regions, split_by_team=split_by_team, progress=progress,
        )  # fmt: skip
    return summary.result_of(file, drafted.book, drafted.plan, drafted.violations, drafted.rulebook) | {
        "plan": drafted.plan_id, "import": imported.result.counts | imported.motor, "facts": imported.facts,
        "imported_before": imported.result.already,
        "files": [str(path) for path in written], "seconds": {k: round(v, 2) for k, v in progress.seconds.items()},
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }  # fmt: skip


def mapping_of(words: list[str] | None) -> files.HeaderMapping:
    """What --map says: lines, or one TOML file."""
    if words and len(words) == 1 and words[0].endswith(".toml"):
        return files.read_mapping(Path(words[0]))
    return files.parse_mapping(words or [])


def _database_of(out_dir: Path) -> str:
    return f"sqlite:///{(out_dir / 'tuogu.sqlite3').absolute()}"


def _day_described(raw: RawWorkbook, given: datetime | None, default: date) -> date:
    """The data date; refuses one that lies ahead, and another one than returned rows carry."""
    day = flow.day_described(
        raw, given=given.date() if given else None, default=default, today=business_today()
    )
    if day > business_today():
        refuse(f"数据日期 {day} 晚于今天 {business_today()}；请用 --data-date 写明文件描述的是哪一天")
    return day


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
    map_: MapOption = None,
    json: JsonOption = False,
) -> None:
    """只导入,不规划 / import without planning."""
    with steps(quiet=json) as progress:
        raw = flow.read_file(workbook, progress, mapping=mapping_of(map_))
        described, held = _day_described(raw, data_date, business_today()), flow.coverage_of(raw, coverage)
        open_database(db, create=True)
        from tuogu.jobs import reject_keeping, storing

        by = signer(token, Right.IMPORT)
        imported = storing.import_file(
            raw, name=workbook.name, coverage=held, data_date=described, classified_on=described,
            city=city or None, by=by, clock=now, progress=progress, scope=scope_of(by),
        )  # fmt: skip
        reject_keeping.keep_rejects(imported, name=workbook.name, coverage=held, by=by, at=now())
        file, result = imported.prepared.file, imported.result
        if rejects and file.intake.rejects.height:
            with marked_by(by):
                files.write_rejects(file.raw, file.intake, rejects)
    counts = file.intake.counts.to_dicts()
    if json:
        print_json(
            {
                "counts": counts,
                "import": result.counts | imported.motor,
                "imported_before": result.already,
                "facts": imported.facts,
            }
        )
    else:
        title = "导入" + ("：内容与以前相同，未作改动" if result.already else "")
        print_facts(title, summary.stored_words(result.counts | imported.motor, imported.facts))
    raise typer.Exit(DONE_WITH_LEFTOVERS if any(c["rejected"] for c in counts) else DONE)
