"""`tuogu facts`: what was measured of people and departments, filed from a sheet; and what was filed so far.

In: a file with the sheet 考核指标, a database, a token. Out: counts, rejected rows with their reasons, lists. Never: a filed
fact changed (a correction is filed beside it).
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from tuogu import files
from tuogu.cli.console import (
    DONE,
    DONE_WITH_LEFTOVERS,
    print_facts,
    print_json,
    print_table,
    refuse,
    say,
    steps,
)
from tuogu.cli.database import DbOption, open_database, scope_of, signer
from tuogu.cli.marking import marked_by
from tuogu.cli.run import JsonOption, MapOption, mapping_of
from tuogu.clock import now
from tuogu.core.fact_figures import fact_of
from tuogu.jobs import flow
from tuogu.org.rights import Right

_SHOWN = 50  # rejected rows on a terminal; the file of rejects has them all
_COUNTS = {"filed": "新登记", "corrected": "更正（原值留存）", "unchanged": "与已登记相同"}


def facts(
    db: DbOption,
    workbook: Annotated[
        Path | None,
        typer.Argument(help="含“考核指标”表的文件 / file with a sheet of facts", metavar="FILE"),
    ] = None,
    listed: Annotated[bool, typer.Option("--list", help="列出已登记的指标 / list what is filed")] = False,
    token: Annotated[
        str, typer.Option("--token", envvar="TUOGU_TOKEN", help="个人令牌 / personal token")
    ] = "",
    rejects: Annotated[Path | None, typer.Option(help="拒收行写到这里 / where rejected rows go")] = None,
    subject: Annotated[str, typer.Option(help="只列这个工号或部门代码 / only this subject")] = "",
    month: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m"], help="只列这个月，如 2026-10 / only this month")
    ] = None,
    indicator: Annotated[str, typer.Option(help="只列这项指标 / only this fact")] = "",
    versions: Annotated[bool, typer.Option("--versions", help="连同更正前的 / also corrected ones")] = False,
    size: Annotated[int, typer.Option(min=1, help="最多列几行 / rows listed at most")] = 200,
    map_: MapOption = None,
    json: JsonOption = False,
) -> None:
    """登记考核指标，或用 --list 查看 / file facts, or list them."""
    if listed == (workbook is not None):
        refuse("请给出一个文件，或用 --list 查看已登记的指标")
    if workbook is None:
        _list(db, token, subject, month, indicator, versions, size, json)
        return
    _file(db, workbook, token, rejects, map_, json)


def _file(
    db: str, workbook: Path, token: str, rejects: Path | None, map_: list[str] | None, json: bool
) -> None:
    with steps(quiet=json) as progress:
        raw = flow.read_file(workbook, progress, mapping=mapping_of(map_))
        open_database(db)
        from tuogu.jobs import facts_filing

        by = signer(token, Right.IMPORT)
        done = facts_filing.file_sheet(raw, by=by, at=now(), progress=progress, scope=scope_of(by))
    intake = done.intake
    judged = int((intake.counts["accepted"] + intake.counts["rejected"]).sum())
    returned = rejects and intake.rejects.height
    if rejects and returned:
        with marked_by(by):
            files.write_rejects(done.raw, intake, rejects)
    if json:
        print_json(
            {"counts": intake.counts.to_dicts(), "facts": done.counts, "rejects": intake.rejects.to_dicts(),
             "warnings": intake.warnings.to_dicts()}
        )  # fmt: skip
    elif not judged:
        say("文件中没有找到任何考核指标；没有登记任何一行")
    else:
        print_facts("考核指标", {_COUNTS[name]: count for name, count in done.counts.items()})
        if intake.rejects.height:
            rows = intake.rejects.head(_SHOWN).select("sheet", "row", "column", "detail").rows()
            print_table(f"拒收 {int(intake.counts['rejected'].sum())} 行", ("表", "行", "列", "原因"), rows)
        if intake.warnings.height:
            say(f"另有 {intake.warnings.height} 处说明，例如：{intake.warnings['detail'][0]}")
        if returned:
            say(f"拒收行已写到 {rejects}，改正后可直接再次登记")
    raise typer.Exit(DONE_WITH_LEFTOVERS if intake.rejects.height or not judged else DONE)


def _list(
    db: str,
    token: str,
    subject: str,
    month: datetime | None,
    indicator: str,
    versions: bool,
    size: int,
    json: bool,
) -> None:
    key = fact_of(indicator) if indicator else None
    if indicator and key is None:
        refuse(f"没有叫“{indicator}”的考核指标")
    open_database(db)
    from tuogu.plans import queries as plans

    scope = scope_of(signer(token, Right.READ_PLANS))
    wanted = plans.FactFilter(subject, month.date() if month else None, key.key if key else "", versions)
    page = plans.facts_page(scope, wanted, size=size)
    if json:
        print_json({"total": page.total, "facts": [vars(line) for line in page.lines]})
        return
    print_table(
        f"考核指标：{page.total:,} 项" + (f"，列出前 {size:,} 项" if page.total > size else ""),
        ("对象", "月份", "指标", "数值", "来源", "登记人", "第几次", "现行", "经手", "登记时间"),
        [
            (f.subject, f"{f.month:%Y-%m}", f.label, f.figure, f.source_ref, f.author or None, str(f.number),
             f.counts, f.filed_by, f"{f.filed_at:%Y-%m-%d %H:%M}")
            for f in page.lines
        ],
    )  # fmt: skip
