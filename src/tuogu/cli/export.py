"""`tuogu export`: whose copy a file is; what left the house.

In: a file that turned up, a database. Out: the exports it points to, a list. Never: a file handed out (that is the pages').
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tuogu.cli.console import DONE, DONE_WITH_LEFTOVERS, print_json, print_table, refuse, say
from tuogu.cli.database import DbOption, open_database
from tuogu.cli.run import JsonOption
from tuogu.clock import now

if TYPE_CHECKING:
    from tuogu.exports.queries import Trace

app = typer.Typer(no_args_is_help=True, help="导出的文件：追查、列出 / exported files: trace, list")


@app.command()
def trace(
    db: DbOption,
    file: Annotated[Path, typer.Argument(help="流到外面的文件 / the file that turned up", metavar="FILE")],
    json: JsonOption = False,
) -> None:
    """追查一份文件出自哪一次导出：先看水印和签名件的摘要，再看虚构行 / which export a file comes from."""
    if not file.is_file():
        refuse(f"没有这份文件：{file}")
    open_database(db)
    from tuogu.exports import queries as exports
    from tuogu.org import queries as org

    found = exports.trace_file(file, now=now())
    numbers = org.labels({t.export.by for t in found.exports} | {look.person for look in found.printed})
    if json:
        print_json(
            {
                "exports": [
                    {
                        "code": t.export.code, "staff_number": numbers.get(t.export.by, ""), "title": t.export.title,
                        "asked_at": t.export.asked_at, "reason": t.export.reason, "rows": t.export.rows,
                        "watermark": t.marked, "digest": t.digest, "canaries": t.canaries,
                    }
                    for t in found.exports
                ],
                "printed": [
                    {"mark": look.mark, "staff_number": numbers.get(look.person, ""), "at": look.at, "page": look.subject}
                    for look in found.printed
                ],
            }
        )  # fmt: skip
    elif found.exports or found.printed:
        print_table(
            "出处",
            ("号码", "工号", "内容", "时间", "原因", "凭什么"),
            [
                (t.export.code, numbers.get(t.export.by, ""), t.export.title, f"{t.export.asked_at:%Y-%m-%d %H:%M}",
                 t.export.reason, _evidence(t))
                for t in found.exports
            ]
            + [
                (x.mark, numbers.get(x.person, ""), x.subject, f"{x.at:%Y-%m-%d %H:%M}", None, "打印的水印")
                for x in found.printed
            ],
        )  # fmt: skip
    else:
        say("没有找到出处：文件里没有水印、虚构行，也不是登记过的签名件")
    raise typer.Exit(DONE if found.exports or found.printed else DONE_WITH_LEFTOVERS)


def _evidence(found: Trace) -> str:
    parts = (
        (found.marked, "水印"), (found.digest, "签名件的摘要"), (found.canaries > 0, f"虚构行 {found.canaries}"),
    )  # fmt: skip
    return "、".join(words for holds, words in parts if holds)


@app.command("list")
def listing(
    db: DbOption,
    who: Annotated[str, typer.Option(help="只列这个工号 / only this person")] = "",
    outside: Annotated[bool, typer.Option("--outside", help="只列对外提供 / only what went outside")] = False,
    size: Annotated[int, typer.Option(min=1, help="最多列几行 / rows listed at most")] = 50,
    json: JsonOption = False,
) -> None:
    """列出导出：谁、何时、为什么、下载几次 / what was exported, by whom and why."""
    open_database(db)
    from tuogu.exports import queries as exports
    from tuogu.org import queries as org
    from tuogu.org.scope import Scope

    person = None
    if who:
        found = org.staff_ids([who])
        if not found.height:
            refuse(f"没有工号 {who}")
        person = int(found["custodian_id"][0])
    wanted = exports.ExportFilter(person=person, outside=outside)
    rows = exports.export_page(Scope.everything(), wanted, now=now(), before=None, size=size)
    numbers = org.labels({row.by for row in rows})
    if json:
        print_json([vars(row) | {"staff_number": numbers.get(row.by, "")} for row in rows])
        return
    print_table(
        f"导出：{len(rows)} 份",
        ("导出号", "工号", "内容", "行数", "状态", "下载", "对外", "原因", "时间"),
        [
            (r.code, numbers.get(r.by, ""), r.title, r.rows, r.state_label, r.fetched, r.outside or None, r.reason,
             f"{r.asked_at:%Y-%m-%d %H:%M}")
            for r in rows
        ],
    )  # fmt: skip
