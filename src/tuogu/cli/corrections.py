"""`tuogu corrections`: the lists of amendments for IT, applying one by its file, and the check of all customers.

In: a database, a token, the file that was signed. Out: tables, counts. Never: a customer's value on a terminal, a list
applied other than by the signed file.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tuogu.cli.console import DONE, DONE_WITH_LEFTOVERS, print_facts, print_json, print_table, refuse
from tuogu.cli.database import DbOption, TokenOption, open_database, scope_of, signer
from tuogu.cli.run import JsonOption
from tuogu.clock import business_today, now
from tuogu.org.rights import Right

app = typer.Typer(no_args_is_help=True, help="资料更正 / corrections of customers' data")


@app.callback()
def corrections() -> None:
    """资料更正 / corrections of customers' data."""


@app.command()
def batches(db: DbOption, token: TokenOption, json: JsonOption = False) -> None:
    """列出更改清单 / list the batches of amendments."""
    open_database(db)
    from tuogu.corrections import queries
    from tuogu.rules import queries as rules

    person = signer(token, Right.READ_CORRECTIONS)
    found = queries.batches(scope_of(person), rules.applicable(business_today()), at=now())
    if json:
        print_json([vars(head) for head in found])
        return
    rows = [
        (
            str(b.id),
            b.label,
            str(b.rows),
            f"{b.made_at:%Y-%m-%d}",
            b.file_digest or "",
            "逾期" if b.overdue else "",
        )
        for b in found
    ]
    print_table("更改清单", ("清单", "状态", "项数", "归集", "文件摘要", ""), rows)


@app.command()
def apply(
    db: DbOption,
    token: TokenOption,
    batch: Annotated[int, typer.Argument(help="清单号 / batch number")],
    file: Annotated[Path, typer.Argument(help="签名的清单文件 / the signed file")],
    json: JsonOption = False,
) -> None:
    """按签名的文件执行更改 / apply a signed batch by its file."""
    open_database(db)
    from tuogu.corrections import actions, queries
    from tuogu.corrections.failures import CorrectionRefused
    from tuogu.rules import queries as rules

    person = signer(token, Right.APPLY_AMENDMENTS)
    if queries.batch(scope_of(person), batch, rules.applicable(business_today()), at=now()) is None:
        refuse(f"没有清单 {batch}；没有更改")
    if not file.is_file():
        refuse(f"没有文件 {file}；没有更改")
    try:
        done = actions.apply(batch, content=file.read_bytes(), by=person, at=now())
    except CorrectionRefused as refused:
        refuse(str(refused))
    if json:
        print_json(vars(done))
    else:
        print_facts(
            f"清单 {batch}",
            {"已更改": done.applied, "有冲突，未更改": done.conflicts, "备档件摘要": done.digest},
        )
    raise typer.Exit(DONE_WITH_LEFTOVERS if done.conflicts else DONE)


@app.command()
def check(db: DbOption, token: TokenOption, json: JsonOption = False) -> None:
    """核查全部客户资料的真实性 / run the validators over every customer."""
    open_database(db)
    from tuogu.corrections import actions, queries

    person = signer(token, Right.AMEND)
    actions.check_truth(by=person, at=now())
    counts = queries.finding_counts(queries.finding_rows(scope_of(person)))
    if json:
        print_json({kind: n for kind, _words, _field, n in counts})
    else:
        print_table("疑点", ("疑点", "客户"), [(words, f"{n:,}") for _kind, words, _field, n in counts])
    raise typer.Exit(DONE_WITH_LEFTOVERS if counts else DONE)
