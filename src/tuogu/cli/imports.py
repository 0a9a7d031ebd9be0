"""`tuogu imports` and `tuogu revert-import`: the accepted files, and one of them taken back by two people.

In: a database, two tokens. Out: tables or JSON. Never: a revert that one person signs alone.
"""

from __future__ import annotations

from typing import Annotated

import typer

from tuogu.cli.console import DONE, DONE_WITH_LEFTOVERS, print_facts, print_json, print_table, refuse
from tuogu.cli.database import DbOption, TokenOption, open_database, scope_of, signer
from tuogu.cli.run import JsonOption
from tuogu.clock import now
from tuogu.org.rights import Right

_COUNTS = {
    "policies": "移出的保单", "motor": "移出的车险保单", "riders": "移出的附加险", "customers": "移出的客户",
    "closed": "终止的责任",
    "conflicts": "之后有变动，保留", "leaves": "撤回的离司登记", "returned": "回到其名下的件",
}  # fmt: skip
_SHOWN = 50


def imports(db: DbOption, token: TokenOption = "", json: JsonOption = False) -> None:
    """已导入的文件，新的在前 / accepted files, newest first."""
    open_database(db)
    from tuogu.books import queries as books

    scope = scope_of(signer(token, Right.READ_IMPORTS))
    rows = [
        {"import": run.id, "file": run.file_name, "data_date": run.data_date, "coverage": run.coverage,
         "read": run.read, "accepted": run.accepted, "rejected": run.rejected, "recorded_at": run.recorded_at,
         "reverted_at": run.reverted_at}
        for run in books.import_page(before=None, size=_SHOWN)
        if books.import_within(run.id, scope)
    ]  # fmt: skip
    if json:
        print_json(rows)
        return
    headers = ("导入", "文件", "数据日期", "范围", "读取", "接收", "拒收", "时间", "撤回")
    print_table(
        "导入记录",
        headers,
        [
            (str(r["import"]), r["file"], str(r["data_date"]), "全量" if r["coverage"] == "full" else "增量",
             r["read"], r["accepted"], r["rejected"], f"{r['recorded_at']:%Y-%m-%d %H:%M}",
             f"{r['reverted_at']:%Y-%m-%d}" if r["reverted_at"] else None)
            for r in rows
        ],
    )  # fmt: skip


def revert_import(
    run: Annotated[int, typer.Argument(help="导入号，见 tuogu imports / import id", metavar="IMPORT")],
    db: DbOption,
    sign: TokenOption,
    reason: Annotated[str, typer.Option("--reason", help="理由 / why")],
    second: Annotated[
        str,
        typer.Option(
            "--second", envvar="TUOGU_SECOND_TOKEN", help="复核人的令牌 / token of the second person"
        ),
    ] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="只看会怎样，不写 / preview only")] = False,
    json: JsonOption = False,
) -> None:
    """撤回一次导入：只由它建立、之后没人动过的保单移出，其余列明 / take an import back, signed by two people."""
    open_database(db)
    from tuogu.books import actions, queries

    asks = signer(sign, Right.IMPORT)
    _require_within(run, asks)
    if dry_run:
        seen = queries.preview_revert(run)
        facts = {
            "policies": seen.policies,
            "open": seen.open,
            "leaves": seen.leaves,
            "returned": seen.returned,
            "conflicts": seen.conflicts.height,
            **seen.kept,
            **seen.beside,
        }
        if json:
            print_json(facts | {"conflicting": seen.conflicts.to_dicts()})
        else:
            print_facts(
                f"撤回导入 {run} 会怎样",
                {
                    "移出的保单": seen.policies,
                    **{_COUNTS[name]: count for name, count in seen.beside.items()},
                    "其中终止责任": seen.open,
                    "撤回的离司登记": seen.leaves,
                    "回到其名下的件": seen.returned,
                    "之后有变动，保留": seen.conflicts.height,
                },
            )
        raise typer.Exit(DONE)
    if not second:
        refuse("撤回导入须由另一人复核；请用 --second 给出复核人的令牌")
    confirms = signer(second, Right.CONFIRM_REVERTS)
    _require_within(run, confirms)
    done = actions.revert_import(run, reason=reason, by=asks, approved_by=confirms, at=now())
    if done.counts.get("leaves"):
        from tuogu.notices import actions as notices

        notices.open_cases(by=confirms, at=now())  # the cases of these leaves are closed with them
    if json:
        print_json({"already": done.already, **done.counts, "conflicting": done.conflicts.to_dicts()})
    else:
        title = f"导入 {run} " + ("以前已经撤回，未作改动；下为当时结果" if done.already else "已撤回")
        print_facts(title, {_COUNTS[name]: count for name, count in done.counts.items()})
        if done.conflicts.height:
            print_table("保留不动", ("保单", "之后的变动"), done.conflicts.rows())
    raise typer.Exit(DONE_WITH_LEFTOVERS if done.counts["conflicts"] else DONE)


def _require_within(run: int, by: int) -> None:
    """Refuse an import with a policy outside the signer's scope as if there were none."""
    from tuogu.books import queries

    if not queries.import_within(run, scope_of(by)):
        refuse(f"没有导入 {run}")
