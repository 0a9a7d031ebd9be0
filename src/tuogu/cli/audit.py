"""`tuogu audit pack | verify | list`: what happened in a period, as one file that an outsider can check.

In: a period, a database; or a pack. Out: the pack and its digest; what does not fit. Never: a database asked when a pack is
verified.
Exit codes: 0 all well, 1 the pack does not fit, 2 refused.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from tuogu.audit import verify_pack
from tuogu.cli.console import DONE, DONE_WITH_LEFTOVERS, print_facts, print_json, print_table, say, steps
from tuogu.cli.database import DbOption, TokenOption, open_database, signer
from tuogu.clock import now
from tuogu.core.custody import SHANGHAI
from tuogu.org.rights import Right

app = typer.Typer(no_args_is_help=True, help="审计:检查包的生成与核验 / audit packs: make and verify")
JsonOption = Annotated[bool, typer.Option("--json", help="输出 JSON / print JSON")]


@app.command()
def pack(
    db: DbOption,
    first: Annotated[datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="第一天 / first day")],
    last: Annotated[datetime, typer.Option("--to", formats=["%Y-%m-%d"], help="最后一天,含 / last day")],
    out: Annotated[Path, typer.Option(help="写到这里(.zip) / file to write")],
    token: TokenOption = "",
    json: JsonOption = False,
) -> None:
    """生成一个期间的检查包:分配、告知、抽签、导出、查看、台账封条 / make the pack of a period."""
    open_database(db)
    from tuogu.audit import actions

    by = signer(token, Right.READ_AUDIT)
    with steps(quiet=json) as progress, progress.step("生成检查包"):
        _, packed = actions.make_pack(out, first=first.date(), last=last.date(), by=by, at=now())
    facts = {"文件": str(out), "内含文件": packed.files, "字节": packed.size_bytes, "摘要": packed.digest}
    if json:
        print_json(
            {"file": str(out), "files": packed.files, "bytes": packed.size_bytes, "digest": packed.digest}
        )
        return
    print_facts("检查包", facts)
    say(f"核验: tuogu audit verify {out}；或把包里的 verify_pack.py 取出，用 Python 直接核验")


@app.command()
def verify(
    file: Annotated[Path, typer.Argument(help="检查包 / the pack", exists=True, dir_okay=False)],
    digest: Annotated[str, typer.Option(help="公布的摘要,默认取旁边的 .sha256 / announced digest")] = "",
    json: JsonOption = False,
) -> None:
    """核验检查包:任何一个字节变了都会指出 / any changed byte is found."""
    announced = digest.strip().lower() or verify_pack.announced_beside(file)
    faults = verify_pack.faults(file, announced)
    if json:
        print_json({"file": str(file), "announced": announced, "faults": faults, "ok": not faults})
    elif faults:
        print_table("不符之处", ("说明",), [(fault,) for fault in faults])
    else:
        say(
            "检查包与生成时一字不差"
            if announced
            else "检查包自身前后一致；未给出公布的摘要，只核对了包的内部"
        )
    raise typer.Exit(DONE_WITH_LEFTOVERS if faults else DONE)


@app.command("list")
def list_(db: DbOption, json: JsonOption = False) -> None:
    """列出生成过的检查包及其摘要 / packs that were made, with their digests."""
    open_database(db)
    from tuogu.audit import queries
    from tuogu.org import queries as org

    found = queries.packs()
    names = org.labels({pack.by for pack in found})
    rows = [
        (
            str(p.id), str(p.first_date), str(p.last_date), f"{p.at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}",
            names.get(p.by, ""), p.digest,
        )
        for p in found
    ]  # fmt: skip
    headers = ("编号", "第一天", "最后一天", "生成时间", "经办", "摘要")
    if json:
        print_json(
            [dict(zip(("id", "first", "last", "at", "by", "digest"), row, strict=True)) for row in rows]
        )
        return
    print_table("检查包", headers, rows)
