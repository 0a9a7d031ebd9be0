"""`tuogu plan`: allocate by any strategy, from files to files or from a database to a draft that awaits a second person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from tuogu.cli.console import (
    DONE,
    DONE_WITH_LEFTOVERS,
    Steps,
    print_json,
    refuse,
    steps,
)
from tuogu.cli.database import open_database, scope_of, signer
from tuogu.cli.marking import marked_by
from tuogu.cli.plan_folder import read_plan_folder, write_plan_folder
from tuogu.cli.plan_words import plan_as_json, print_plan, print_strategies
from tuogu.cli.run import DayOption, JsonOption, MapOption, mapping_of
from tuogu.clock import business_today, now
from tuogu.core.labels import POOLS
from tuogu.core.plan import DEFAULT_EFFORT
from tuogu.core.rulebook import Rulebook
from tuogu.core.sheets import name_key
from tuogu.core.strategies import STRATEGIES, TERRITORY, Option, Strategy, StrategyError
from tuogu.core.strategies import strategy as strategy_of
from tuogu.core.tables import Book, Plan
from tuogu.files import HeaderMapping
from tuogu.files.pair_lines import read_pair_lines
from tuogu.files.registers import write_registers
from tuogu.files.strategy_register import write_strategy_register
from tuogu.jobs import flow
from tuogu.org.rights import Right

_STRATEGIES = "、".join(f"{s.name} {s.label}" for s in STRATEGIES.values())


@dataclass(frozen=True)
class Wish:
    """What a plan is asked for: strategy with settled options, as-of day, city, seed, moves, where files go."""

    strategy: str
    options: dict[str, str]
    day: date
    city: str | None
    seed: int
    effort: int
    out_dir: Path | None


def plan(
    context: typer.Context,
    workbook: Annotated[
        Path | None,
        typer.Argument(
            help="网点工作簿；不给则用 --db 中的在库数据 / a branch's workbook", metavar="[WORKBOOK]"
        ),
    ] = None,
    strategy: Annotated[str, typer.Option(help=f"分配方式 / strategy: {_STRATEGIES}")] = TERRITORY.name,
    option: Annotated[
        list[str] | None,
        typer.Option(
            "--option",
            "-o",
            help="本方式的选项，可重复；名=@文件 读清单 / an option of the strategy",
            metavar="名=值",
        ),
    ] = None,
    out_dir: Annotated[Path | None, typer.Option("--out", help="输出文件夹 / output folder")] = None,
    db: Annotated[str, typer.Option("--db", envvar="TUOGU_DATABASE_URL", help="数据库 / database")] = "",
    token: Annotated[
        str, typer.Option("--token", envvar="TUOGU_TOKEN", help="个人令牌 / personal token")
    ] = "",
    as_of: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="基准日，默认今天 / as of")
    ] = None,
    data_date: DayOption = None,
    city: Annotated[str, typer.Option(help="城市代码，默认取自机构表 / city code")] = "",
    seed: Annotated[int, typer.Option(help="随机种子 / seed")] = 7,
    effort: Annotated[int, typer.Option(min=0, help="搜索步数 / search moves")] = DEFAULT_EFFORT,
    earlier: Annotated[
        Path | None,
        typer.Option(help="前一方案的文件夹（OUT/plan），只用于工作簿 / folder of the plan to start from"),
    ] = None,
    afresh: Annotated[
        bool, typer.Option("--afresh", help="不沿用已批准的方案 / ignore the approved plan")
    ] = False,
    rulebook: Annotated[
        str, typer.Option(help="制度版本，默认基准日施行的；其他版本只作试算 / adopted version (what-if)")
    ] = "",
    map_: MapOption = None,
    list_: Annotated[bool, typer.Option("--list", help="列出分配方式与选项 / list strategies")] = False,
    json: JsonOption = False,
) -> None:
    """按任一方式预分配：文件进文件出，或存为待审批方案 / plan by any strategy."""
    if list_:
        print_strategies(json)
        raise typer.Exit(DONE)
    asked = Wish(
        strategy, _settled(strategy_of(strategy), option or []), as_of.date() if as_of else business_today(),
        city or None, seed, effort, out_dir,
    )  # fmt: skip
    with steps(quiet=json) as progress:
        if workbook is not None and _given(context, "db"):
            refuse(  # the variable alone is no wish: people export it once for every command
                "给了工作簿就不读数据库；要用在库数据，请先 tuogu import，再不带工作簿运行 tuogu plan --db"
            )
        if workbook is not None:
            if not workbook.exists():
                refuse(f"找不到文件 {workbook}")
            made, found, names = _from_file(asked, workbook, data_date, mapping_of(map_), earlier, progress)
        elif db:
            made, found, names = _from_database(asked, db, token, afresh, rulebook, progress)
        else:
            refuse("请给出工作簿，或用 --db 指明在库数据")
    if json:
        print_json(plan_as_json(made) | found)
    else:
        print_plan(made, found, names)
    raise typer.Exit(DONE_WITH_LEFTOVERS if made.unplaced.height or found.get("rejected") else DONE)


def _given(context: typer.Context, name: str) -> bool:
    """Whether the parameter stands on the command line itself, not only in a variable."""
    source = context.get_parameter_source(name)
    return source is not None and source.name == "COMMANDLINE"


def _from_file(
    asked: Wish,
    workbook: Path,
    described: datetime | None,
    mapping: HeaderMapping,
    earlier: Path | None,
    progress: Steps,
) -> tuple[Plan, dict[str, Any], dict[str, str]]:
    """Files in, files out: nothing is stored and nobody signs. Plan, what was found, names of receivers."""
    from tuogu.jobs.files_only import book_of_file

    raw, today = flow.read_file(workbook, progress, mapping=mapping), business_today()
    data_date = flow.day_described(
        raw, given=described.date() if described else None, default=min(asked.day, today), today=today
    )
    before = read_plan_folder(earlier) if earlier else None
    branch, book, rulebook = book_of_file(raw, data_date, asked.day, asked.city, progress)
    made, violations = flow.plan_and_check(
        book, rulebook, asked.day, asked.seed, asked.effort, before, progress, strategy=asked.strategy,
        options=asked.options,
    )  # fmt: skip
    files: list[str] = []
    names = _names_of(book)
    if asked.out_dir is not None:
        with progress.step("写出登记表"):
            files = _write(asked, made, book, rulebook, names)
            files.append(str(write_plan_folder(made, violations, asked.out_dir / "plan")))
    return made, {"rejected": branch.intake.rejects.height, "files": files}, names


def _from_database(
    asked: Wish, db: str, token: str, afresh: bool, rulebook_version: str, progress: Steps
) -> tuple[Plan, dict[str, Any], dict[str, str]]:
    """What is stored becomes a draft that awaits a second person. Plan, what was found, names of receivers."""
    open_database(db)
    from tuogu.jobs import storing
    from tuogu.plans import queries as plans

    by = signer(token, Right.PLAN)
    drafted = storing.draft_plan(
        city=asked.city, as_of=asked.day, seed=asked.seed, effort=asked.effort, afresh=afresh,
        planner=lambda: by, clock=now, progress=progress,
        strategy=asked.strategy, options=asked.options,
        rulebook_version=rulebook_version, scope=scope_of(by),
    )  # fmt: skip
    files: list[str] = []
    names = plans.receiver_names()
    if asked.out_dir is not None:
        with marked_by(by):
            files = _write(asked, drafted.plan, drafted.book, drafted.rulebook, names)
    return drafted.plan, {"plan": drafted.plan_id, "files": files}, names


def _write(asked: Wish, made: Plan, book: Book, rulebook: Rulebook, names: dict[str, str]) -> list[str]:
    """The registers of the plan, customers masked; returns the files."""
    assert asked.out_dir is not None  # the caller asks for files only with a folder
    asked.out_dir.mkdir(parents=True, exist_ok=True)
    if asked.strategy == TERRITORY.name:
        return [
            str(p) for p in write_registers(made, book, rulebook, asked.out_dir / "登记表.xlsx", names=names)
        ]
    path = asked.out_dir / f"{STRATEGIES[asked.strategy].label}预分登记表.xlsx"
    return [str(write_strategy_register(made, path, names=names, data_date=book.books.data_date.isoformat()))]


def _names_of(book: Book) -> dict[str, str]:
    """Receivers of a file's book: people by staff number, departments by their pool's key; districts."""
    people = book.books.people.select("staff_number", "name").drop_nulls()
    institutions = book.books.institutions.select("institution_code", "name")
    departments = {f"department:{code}": name for code, name in institutions.iter_rows()}
    districts = book.communities.select("district_code", "district").unique().drop_nulls().iter_rows()
    regions = {name_key(code, "region"): name for code, name in districts}
    return {**dict(institutions.iter_rows()), **dict(people.iter_rows()), **departments, **POOLS, **regions}


def _settled(chosen: Strategy, words: list[str]) -> dict[str, str]:
    """The options as asked for, with defaults; a refusal says how the option is written here."""
    try:
        return chosen.settled(_options(words))
    except StrategyError as error:
        blamed = next((o for o in chosen.options if o.name == error.option), None)
        raise StrategyError(f"{error}；写法：{_example(blamed)}" if blamed else str(error)) from error


def _example(option: Option) -> str:
    """How the option is given on the command line."""
    value = option.choices[0][0] if option.choices else "@文件" if option.lines else "…"
    return f"-o {option.name}={value}"


def _options(words: list[str]) -> dict[str, str]:
    given: dict[str, str] = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not equals or not name.strip():
            refuse(f"选项“{word}”应写成 名=值")
        text, name = value.strip(), name.strip()
        if name in given:
            refuse(f"选项 {name} 给了两次；每个选项只写一次")
        given[name] = _lines_of(Path(text[1:])) if text.startswith("@") else text
    return given


def _lines_of(path: Path) -> str:
    """A list that an option takes, from a file with one entry a line: 'a=b', or two columns of a CSV."""
    if not path.exists():
        refuse(f"找不到文件 {path}")
    return read_pair_lines(path)
