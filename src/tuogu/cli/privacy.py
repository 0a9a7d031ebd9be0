"""`tuogu privacy say | state | requests | periods | sharing`: consents, requests and the share register.

In: a database; who signs. Out: statements filed, lists. Never: personal data (customers stand by number), a deletion
(that is two people at the desk).
"""

from __future__ import annotations

from typing import Annotated

import typer

from tuogu.cli.console import DONE, DONE_WITH_LEFTOVERS, print_json, print_table, refuse, say
from tuogu.cli.database import DbOption, TokenOption, open_database, scope_of, signer
from tuogu.clock import business_today, now
from tuogu.org.rights import Right

privacy = typer.Typer(
    no_args_is_help=True, help="同意与拒绝、个人信息请求、共享登记 / consents, requests, sharing"
)
app = privacy
JsonOption = Annotated[bool, typer.Option("--json", help="输出 JSON / JSON on standard output")]
NumberArgument = Annotated[str, typer.Argument(help="客户号 / customer number")]


@privacy.command("say")
def file_statement(
    number: NumberArgument,
    db: DbOption,
    token: TokenOption = "",
    purpose: Annotated[
        str, typer.Option(help="用途：marketing event survey location photo signature")
    ] = "marketing",
    channel: Annotated[str, typer.Option(help="方式：any phone sms wechat visit letter")] = "any",
    said: Annotated[str, typer.Option(help="意愿：refused given withdrawn")] = "refused",
    source: Annotated[str, typer.Option(help="来源：door desk call return_visit writing")] = "call",
    text_version: Annotated[
        str, typer.Option(help="告知内容的版本 / version of the words told")
    ] = "GZ-2026-1",
) -> None:
    """登记客户的意愿；拒绝营销即刻生效 / file what a customer said; a refusal counts at once."""
    open_database(db)
    from tuogu.books import queries as books
    from tuogu.privacy import actions

    by = signer(token, Right.KEEP_CONSENTS)
    if not books.customer_within(scope_of(by), number):
        refuse("没有这位客户，或不在您的范围内；未登记")
    actions.record_consent(
        number,
        purpose=purpose,
        said=said,
        channel=channel,
        source=source,
        text_version=text_version,
        by=by,
        at=now(),
    )
    say(f"已登记：客户 {number}；登记有误时再登记一次，原记录保留")


@privacy.command()
def state(number: NumberArgument, db: DbOption, token: TokenOption = "", json: JsonOption = False) -> None:
    """客户现在的意愿 / what counts of a customer today."""
    open_database(db)
    from tuogu.books import queries as books
    from tuogu.privacy import queries
    from tuogu.privacy.kinds import Channel, Purpose

    if not books.customer_within(scope_of(signer(token, Right.READ_RECORD)), number):
        refuse("没有这位客户，或不在您的范围内")
    lines = queries.standings(number)
    if json:
        print_json([vars(line) for line in lines])
        return
    rows = [
        (Purpose(line.purpose).label, line.allowed, "、".join(str(Channel(one).label) for one in line.closed))
        for line in lines
    ]
    print_table(f"客户 {number}", ("用途", "允许", "已拒绝的方式"), rows)


@privacy.command()
def requests(db: DbOption, token: TokenOption = "", json: JsonOption = False) -> None:
    """未答复的个人信息请求，逾期的在前；有逾期时退出码为 1 / open requests of data subjects."""
    open_database(db)
    from tuogu.privacy import queries
    from tuogu.privacy.kinds import RequestKind, RequestState

    by, today = signer(token, Right.READ_PRIVACY), business_today()
    page = queries.request_page(scope_of(by), "open", today, size=1_000)
    late = [row for row in page.rows if row.due_date < today]
    if json:
        print_json(
            [
                {"id": r.id, "customer": r.number, "kind": r.kind, "state": r.state, "due_date": r.due_date}
                for r in page.rows
            ]
        )
    else:
        rows = [
            (row.id, row.number, RequestKind(row.kind).label, RequestState(row.state).label, row.due_date,
             row.due_date < today)
            for row in page.rows
        ]  # fmt: skip
        print_table("待办理的请求", ("编号", "客户号", "请求", "状态", "答复期限", "逾期"), rows)
    raise typer.Exit(DONE_WITH_LEFTOVERS if late else DONE)


@privacy.command()
def sharing(db: DbOption, token: TokenOption = "", json: JsonOption = False) -> None:
    """对外提供个人信息的登记 / the register of sharing."""
    open_database(db)
    from tuogu.privacy import queries

    signer(token, Right.READ_PRIVACY)
    page = queries.sharing_page(size=1_000)
    if json:
        print_json([vars(row) for row in page.rows])
        return
    rows = [
        (row.id, row.at.isoformat(), row.party_name, row.purpose, row.fields, row.rows, row.reference)
        for row in page.rows
    ]
    print_table("共享登记", ("编号", "时间", "接收方", "用途", "字段", "行数", "凭据"), rows)


@privacy.command()
def periods(db: DbOption, token: TokenOption = "", json: JsonOption = False) -> None:
    """每类记录的保存期限和清除情况 / how long each kind of record is kept."""
    open_database(db)
    from tuogu.privacy import queries

    signer(token, Right.READ_PRIVACY)
    lines = queries.retention(now())
    if json:
        print_json(
            [
                {
                    "kind": one.kind.key,
                    "days": one.days,
                    "months": one.months,
                    "removed": one.removed,
                    "last_at": one.last_at,
                }
                for one in lines
            ]
        )
        return
    rows = [
        (one.kind.title, f"{one.days} 天" if one.days else f"{one.months} 个月" if one.months else one.kind.by_hand,
         one.kind.ground, one.removed)
        for one in lines
    ]  # fmt: skip
    print_table("保存期限", ("记录", "保存", "依据", "已清除"), rows)
