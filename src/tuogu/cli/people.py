"""`tuogu token | leave | duty`: acts about people on the command line."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

from tuogu.cli.console import print_facts, refuse, say, warn
from tuogu.cli.database import DbOption, TokenOption, open_database, signer
from tuogu.clock import business_today, now

StaffArgument = Annotated[str, typer.Argument(help="工号 / staff number")]


def person_id(staff_number: str) -> int:
    """The custodian of a staff number; refuses an unknown one."""
    from tuogu.org import queries as org

    found = org.staff_ids([staff_number])
    if found.is_empty():
        refuse(f"没有工号 {staff_number}")
    return int(found["custodian_id"][0])


def token(staff_number: StaffArgument, db: DbOption) -> None:
    """给一位在职人员发个人令牌(只显示一次) / issue a personal token, shown once."""
    open_database(db)
    from tuogu.org import actions
    from tuogu.org import queries as org

    issued = actions.issue_token(person_id(staff_number), by=org.machine(), at=now())
    typer.echo(issued)


def leave(
    staff_number: StaffArgument,
    db: DbOption,
    sign: TokenOption,
    day: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="离司日期（第一个不在岗日），默认今天 / leave date"),
    ] = None,
) -> None:
    """登记离司:名下保单立即转保全组 / a leaver's whole book goes to the buffer group at once."""
    open_database(db)
    from tuogu.books import actions as books
    from tuogu.org import queries as org

    person = person_id(staff_number)
    result = books.leave(
        person, leave_date=day.date() if day else business_today(), recorded_at=now(), by=signer(sign)
    )
    moved = {"转入保全组": result.moved, "补记的以往时段": result.past_slices, "批次": result.batch_id}
    print_facts(f"{staff_number} 离司", moved)
    if result.batch_id is None:
        say("名下没有需要移交的保单；如此前已登记离司，重复登记不改变台账")
    for pool in org.names(result.pools_without_duty).values():
        warn(f"“{pool}”今天没有值班责任人，请用 tuogu duty 指定")


def duty(staff_number: StaffArgument, db: DbOption, sign: TokenOption) -> None:
    """指定保全组值班责任人 / name the buffer group's duty person from today on."""
    open_database(db)
    from tuogu.org import actions
    from tuogu.org import queries as org

    actions.set_duty(
        org.buffer_group(), person_id(staff_number), from_date=business_today(), by=signer(sign), at=now()
    )
    say(f"自 {business_today()} 起，保全组由 {staff_number} 值班")
