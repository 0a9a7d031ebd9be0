"""`tuogu rules`: the numbers in force, where each comes from, what a change changes, and its adoption."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from tuogu.cli.console import REFUSED, err, print_json, print_table, refuse, say, warn
from tuogu.cli.database import DbOption, TokenOption, open_database, signer
from tuogu.cli.rulebook_named import in_force, named, of_file
from tuogu.cli.run import JsonOption
from tuogu.clock import business_today, now
from tuogu.core.rulebook import Parameter, Rulebook, RulebookProblems
from tuogu.core.rulebook_changes import Change, changes
from tuogu.core.rulebook_checks import unknown_key
from tuogu.core.rulebook_words import citation, remarks, shown
from tuogu.data.rulebooks import part_titles, sections
from tuogu.files.rulebook_files import read_rulebook
from tuogu.jobs.flow import shipped_rulebook
from tuogu.org.rights import Right

app = typer.Typer(no_args_is_help=True, help="制度参数 / rulebook")

MaybeDbOption = Annotated[
    str, typer.Option("--db", envvar="TUOGU_DATABASE_URL", help="数据库；不给则用随附的制度 / database")
]
OnOption = Annotated[
    datetime | None, typer.Option(formats=["%Y-%m-%d"], help="看哪一天实施的制度，默认今天 / as of")
]
KeysArgument = Annotated[
    list[str] | None,
    typer.Argument(help="参数、组或部分，如 visits.per_policy_year、visits", metavar="[参数]…"),
]
FileArgument = Annotated[Path, typer.Argument(help="制度文件或文件夹 / TOML file or folder", metavar="FILE")]


@app.callback()
def rules() -> None:
    """制度参数 / rulebook."""


@app.command()
def show(
    keys: KeysArgument = None, db: MaybeDbOption = "", on: OnOption = None, json: JsonOption = False
) -> None:
    """参数的取值，按部分列出 / the parameters by part."""
    rulebook = in_force(db, on.date() if on else business_today())
    found = _chosen(rulebook, keys or [])
    if json:
        print_json(_head(rulebook) | {"parameters": [_as_json(parameter) for parameter in found]})
        return
    say(f"制度 {rulebook.name} {rulebook.version}，{rulebook.effective_date} 起生效")
    for title, parameters in _by_part(found):
        rows = [(p.title, p.key, shown(p), p.unit, p.req) for p in parameters]
        print_table(title, ("名称", "参数", "取值", "计什么", "条款"), rows)


@app.command()
def cite(
    keys: KeysArgument = None, db: MaybeDbOption = "", on: OnOption = None, json: JsonOption = False
) -> None:
    """每个取值的条款、文件、行号与说明 / where every number comes from."""
    rulebook = in_force(db, on.date() if on else business_today())
    found = _chosen(rulebook, keys or [])
    if json:
        cited = [_as_json(p) | {"allowed_form": p.form} | vars(citation(p.source)) for p in found]
        print_json(_head(rulebook) | {"parameters": cited})
        return
    rows = []
    for parameter in found:
        source = citation(parameter.source)
        words = "；".join(filter(None, (remarks(parameter), *source.readings)))
        rows.append(
            (parameter.title, parameter.key, shown(parameter), parameter.req, source.document or "本系统自定",
             source.lines, words)
        )  # fmt: skip
    title = f"制度 {rulebook.name} {rulebook.version}，{rulebook.effective_date} 起生效"
    print_table(title, ("名称", "参数", "取值", "条款", "文件", "行", "说明"), rows)


@app.command()
def check(file: FileArgument, db: MaybeDbOption = "", json: JsonOption = False) -> None:
    """检查一份制度文件，一次列出全部问题 / check a rulebook file."""
    try:
        rulebook = of_file(file, db)
    except RulebookProblems as wrong:
        _print_problems(file, wrong, json)
        raise typer.Exit(REFUSED) from wrong
    found = changes(_base_book(file, db), rulebook)
    if json:
        print_json(_head(rulebook) | {"problems": [], "changes": [_change_json(change) for change in found]})
        return
    say(
        f"{file.name} 可用：制度 {rulebook.name} {rulebook.version}，{rulebook.effective_date} 起生效，改动 {len(found)} 项"
    )
    _print_changes(found)


@app.command()
def diff(
    a: Annotated[str, typer.Argument(help="版本号、standard 或文件", metavar="A")],
    b: Annotated[str, typer.Argument(help="版本号、standard 或文件", metavar="B")],
    db: MaybeDbOption = "",
    json: JsonOption = False,
) -> None:
    """两份制度的差别 / what differs between two rulebooks."""
    old, new = named(a, db), named(b, db)
    found = changes(old, new)
    if json:
        print_json(
            {"old": _head(old), "new": _head(new), "changes": [_change_json(change) for change in found]}
        )
        return
    say(
        f"{old.version}（{old.effective_date} 起）→ {new.version}（{new.effective_date} 起）：{len(found)} 项不同"
    )
    _print_changes(found)


@app.command()
def versions(db: DbOption, json: JsonOption = False) -> None:
    """已启用的制度版本与生效日 / adopted versions."""
    open_database(db)
    from tuogu.org import queries as org
    from tuogu.rules import queries

    stored = queries.versions()
    if json:
        print_json(stored)
        return
    labels = org.labels({row["by_id"] for row in stored})
    rows = [
        (
            row["name"], row["version"], row["effective_date"], row["adopted_at"].date(), labels[row["by_id"]],
            row["digest"][:8],
        )
        for row in stored
    ]  # fmt: skip
    print_table("制度版本", ("制度", "版本", "生效日", "入库", "由谁", "摘要"), rows)


@app.command()
def adopt(file: FileArgument, db: DbOption, token: TokenOption = "", json: JsonOption = False) -> None:
    """启用一份制度文件为新版本 / adopt a file as a new version."""
    document = read_rulebook(file)
    open_database(db)
    from tuogu.rules import actions, queries

    try:
        rulebook = actions.adopt_overlay(document, by=signer(token, Right.APPROVE_RULES), at=now())
    except RulebookProblems as wrong:
        _print_problems(file, wrong, json)
        raise typer.Exit(REFUSED) from wrong
    later = [row for row in queries.versions() if row["effective_date"] > rulebook.effective_date]
    if json:
        print_json(_head(rulebook) | {"later": [row["version"] for row in later]})
        return
    say(
        f"已启用制度 {rulebook.name} {rulebook.version}，{rulebook.effective_date} 起生效；此前的方案仍按各自的版本"
    )
    if rulebook.effective_date < business_today():
        warn(f"生效日早于今天 {business_today()}：已做的方案不变，今后的方案与列表按新版本")
    if later:
        warn(f"已有更晚生效的版本 {'、'.join(row['version'] for row in later)}，其中不含本次改动")


def _chosen(rulebook: Rulebook, words: Sequence[str]) -> list[Parameter]:
    """Parameters whose key, group or part is named; all when nothing is. Refuses a word that names nothing."""
    part_of = sections()
    if not words:
        return list(rulebook.parameters.values())
    found = {}
    for word in words:
        hit = [
            p for key, p in rulebook.parameters.items()
            if key == word or key.startswith(word + ".") or part_of.get(key.partition(".")[0]) == word
        ]  # fmt: skip
        if not hit:
            refuse(str(unknown_key(word, rulebook.parameters)))
        found |= {p.key: p for p in hit}
    return list(found.values())


def _by_part(parameters: Sequence[Parameter]) -> list[tuple[str, list[Parameter]]]:
    titles, part_of = part_titles(), sections()
    found: dict[str, list[Parameter]] = {}
    for parameter in parameters:
        found.setdefault(part_of[parameter.key.partition(".")[0]], []).append(parameter)
    return [(titles[part], found[part]) for part in titles if part in found]


def _base_book(file: Path, db: str) -> Rulebook:
    document = read_rulebook(file)
    base = document["rulebook"].get("base", "")
    return named(base.strip(), db) if base else shipped_rulebook()


def _head(rulebook: Rulebook) -> dict[str, Any]:
    return {"name": rulebook.name, "version": rulebook.version, "effective_date": rulebook.effective_date}


def _as_json(parameter: Parameter) -> dict[str, Any]:
    return vars(parameter) | {"shown": shown(parameter)}


def _change_json(change: Change) -> dict[str, Any]:
    return {
        "key": change.key, "title": change.title,
        "old": change.old.value if change.old else None, "new": change.new.value if change.new else None,
    }  # fmt: skip


def _print_changes(found: Sequence[Change]) -> None:
    rows = [(change.title, change.key, *_sides(change)) for change in found]
    if rows:
        print_table("改动", ("名称", "参数", "原", "新"), rows)


def _sides(change: Change) -> tuple[str, str]:
    return shown(change.old) if change.old else "（无）", shown(change.new) if change.new else "（无）"


def _print_problems(file: Path, wrong: RulebookProblems, json: bool) -> None:
    if json:
        print_json({"problems": [vars(problem) for problem in wrong.problems]})
        return
    err.print(f"[bold red]未执行[/]：{file.name} 有 {len(wrong.problems)} 处问题", soft_wrap=True)
    for problem in wrong.problems:
        err.print(f"  {problem}", soft_wrap=True, markup=False)
