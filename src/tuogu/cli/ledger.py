"""`tuogu ledger verify | history | seal | rebuild`: look at the custody ledger, seal it, derive anew.

In: a database, a number. Out: tables or JSON. Never: a change to an entry: `seal` adds, `rebuild` derives.
Exit codes: 0 all well, 1 verify found something wrong, 2 refused.
"""

from __future__ import annotations

import time
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from tuogu.cli.console import (
    DONE,
    DONE_WITH_LEFTOVERS,
    err,
    out,
    print_facts,
    print_json,
    print_table,
    refuse,
    steps,
)
from tuogu.cli.database import DbOption, TokenOption, open_database, signer
from tuogu.clock import now
from tuogu.org.rights import Right

app = typer.Typer(no_args_is_help=True, help="责任台账:核验、查历史、封存、重建 / the custody ledger")
JsonOption = Annotated[bool, typer.Option("--json", help="输出 JSON / print JSON")]
SealFileOption = Annotated[
    Path | None,
    typer.Option(
        "--seal-file", help="库外封条文件,默认取设置 / seals kept outside the database", exists=True
    ),
]


@app.command()
def verify(db: DbOption, seal_file: SealFileOption = None, json: JsonOption = False) -> None:
    """核验整本台账:触发器、封条链、每条记录、序号、批次、现状 / verify the whole ledger."""
    open_database(db)
    from tuogu.ledger import queries

    started = time.perf_counter()
    with steps(quiet=json) as progress, progress.step("核验台账"):
        report = queries.verify(seal_file)
    seconds = time.perf_counter() - started
    if json:
        print_json(asdict(report) | {"ok": report.ok, "seconds": round(seconds, 3)})
    else:
        facts = {
            "记录": report.entries,
            "封条": report.seals,
            "其中库外留存": report.outside,
            "待封存": report.pending,
            "最新封条": report.newest_digest,
            "最近记账日": str(report.last_recorded_date) if report.last_recorded_date else None,
            "用时(秒)": seconds,
            "结论": "无误" if report.ok else f"{len(report.problems)} 项不符",
        }
        print_facts("台账核验", facts)
        if report.problems:
            rows = [(p.code, p.seal, p.entry, p.detail) for p in report.problems]
            print_table("不符之处", ("代码", "封条", "记录", "说明"), rows)
    raise typer.Exit(DONE if report.ok else DONE_WITH_LEFTOVERS)


@app.command()
def history(
    number: Annotated[str, typer.Argument(help="保单号等 / policy or other number")],
    db: DbOption,
    relation: Annotated[
        str | None, typer.Option(help="custody | ownership | development | supervision")
    ] = None,
    json: JsonOption = False,
) -> None:
    """一张保单的全部分派:触发、原责任人、新责任人、时间、规则 / every assignment of one number."""
    open_database(db)
    from tuogu.ledger import queries
    from tuogu.org import queries as org

    rows = queries.history(number, relation=relation).to_dicts()
    if not rows:
        refuse(f"台账中没有号码 {number} 的记录")
    people = ("old_custodian_id", "new_custodian_id", "by", "approved_by")
    names = org.labels({row[column] for row in rows for column in people if row[column] is not None})
    if json:
        print_json([row | {f"{column}_label": names.get(row[column]) for column in people} for row in rows])
        return
    for name in sorted({row["relation"] for row in rows}):
        _print_history(number, [row for row in rows if row["relation"] == name], names)


def _print_history(number: str, rows: list[dict[str, Any]], names: dict[int, str]) -> None:
    from tuogu.ledger.kinds import EntryKind, Relation

    relation = Relation(rows[0]["relation"]).label
    headers = ("序号", "触发", "原", "现", "生效日", "止于", "记账时间", "经办", "复核", "规则", "批次")
    print_table(
        f"{number} · {relation}",
        headers,
        [
            (
                str(row["seq"]), EntryKind(row["kind"]).label, names.get(row["old_custodian_id"]),
                names.get(row["new_custodian_id"]), str(row["effective_date"]), _text(row["effective_until"]),
                f"{row['recorded_at']:%Y-%m-%d %H:%M:%S}", names.get(row["by"]),
                names.get(row["approved_by"]), row["rule"], row["batch_key"] or _text(row["batch_id"]),
            )
            for row in rows
        ],
    )  # fmt: skip


def _text(value: Any) -> str | None:
    return None if value is None else str(value)


@app.command()
def seal(db: DbOption, token: TokenOption = "", json: JsonOption = False) -> None:
    """封存尚未封存的记录,并把新封条写到库外文件 / seal what is pending."""
    open_database(db)
    from tuogu.ledger import actions

    try:
        actions.require_guards()
        result = actions.seal_pending(by=signer(token, Right.KEEP_SYSTEM, Right.RELEASE), recorded_at=now())
    except actions.LedgerError as refusal:
        refuse(str(refusal))
    if json:
        print_json(asdict(result))
    elif result.entries:
        print_facts("已封存", {"封条": result.number, "记录": result.entries, "摘要": result.digest})
    else:
        out.print("没有待封存的记录;台账未作任何改动")


@app.command()
def rebuild(db: DbOption, json: JsonOption = False) -> None:
    """由台账记录重新推算现责任人 / recreate the derived holdings from the entries."""
    open_database(db)
    from tuogu.ledger import actions

    with steps(quiet=json) as progress, progress.step("重建现状"):
        rows = actions.rebuild_holdings()
    if json:
        print_json({"rows": rows})
    else:
        err.print(f"已由台账重建 {rows:,} 条现状")
