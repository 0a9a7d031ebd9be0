"""`tuogu cases list | receipts`: what runs through several hands, where it stands and who must act.

In: a database, a token. Out: tables or JSON. Never: the words of a case, a customer's name, a step taken from here.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from tuogu.cli.console import print_json, print_table, refuse
from tuogu.cli.database import DbOption, TokenOption, open_database, scope_of, signer
from tuogu.cli.run import JsonOption
from tuogu.clock import business_today
from tuogu.org.rights import Right

app = typer.Typer(
    no_args_is_help=True, help="个案：走到哪一步，待谁办 / cases: where they stand, who must act"
)
_SHOWN = 50  # rows on a terminal; --json has them all
_ROWS_MAX = 10_000


@app.command("list")
def list_cases(
    db: DbOption,
    token: TokenOption = "",
    kind: Annotated[str, typer.Option(help="service | difficult | hard | lapsed | dispatched | …")] = "",
    view: Annotated[str, typer.Option(help="mine | open | closed | all")] = "open",
    json: JsonOption = False,
) -> None:
    """列出个案 / list cases, newest first."""
    open_database(db)
    from tuogu.cases import queries

    if kind and kind not in queries.Kind.values:
        refuse(f"没有“{kind}”这种个案；可用：{'、'.join(queries.Kind.values)}")
    if view not in ("mine", "open", "closed", "all"):
        refuse(f"没有“{view}”；可用：mine、open、closed、all")
    person = signer(token, Right.READ_WORK)
    rows = queries.case_page(
        scope_of(person), person, kind=kind, view=view, today=business_today(), size=_ROWS_MAX
    )
    if json:
        print_json([asdict(row) for row in rows])
        return
    shown = [
        (
            str(row.id), str(queries.Kind(row.kind).label), row.state_label,
            "、".join(queries.PARTS[part] for part in row.parts),
            row.policy_number, row.customer_number, str(row.due_date or ""), str(row.opened_date),
        )
        for row in rows[:_SHOWN]
    ]  # fmt: skip
    print_table(
        f"{len(rows)} 件", ("个案", "种类", "状态", "待谁办", "保单号", "客户号", "期限", "立案"), shown
    )


@app.command()
def receipts(
    db: DbOption,
    token: TokenOption = "",
    view: Annotated[str, typer.Option(help="open | late | all")] = "open",
    json: JsonOption = False,
) -> None:
    """列出接单 / receipts of released policies."""
    open_database(db)
    from tuogu.cases import queries
    from tuogu.org import queries as org

    if view not in ("open", "late", "all"):
        refuse(f"没有“{view}”；可用：open、late、all")
    person, today = signer(token, Right.READ_WORK), business_today()
    rows = queries.receipt_page(scope_of(person), person, view=view, today=today, size=_ROWS_MAX)
    who = org.labels(row.person for row in rows)
    if json:
        print_json([asdict(row) | {"person": who.get(row.person), "late": row.late(today)} for row in rows])
        return
    words = dict(queries.ReceiptAct.choices)
    shown = [
        (
            str(row.id), who.get(row.person, ""), f"{row.pieces:,}", str(row.given_date), str(row.due_date),
            "逾期" if row.late(today) else "", "、".join(str(words[act]) for act in row.lacking),
        )
        for row in rows[:_SHOWN]
    ]  # fmt: skip
    print_table(f"{len(rows)} 单", ("接单", "接收人", "件数", "发放日", "期限", "", "还缺"), shown)
