"""`tuogu token | leave | duty`: acts about people on the command line.

In: staff numbers, days, a token. Out: rows of the register and the ledger. Never: an act on somebody outside the signer's
scope, a token issued by somebody who keeps neither accounts nor keys once anybody does.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

from tuogu.cli.console import print_facts, refuse, say, warn
from tuogu.cli.database import DbOption, TokenOption, open_database, scope_of, signer
from tuogu.clock import business_today, now
from tuogu.org.rights import Right

StaffArgument = Annotated[str, typer.Argument(help="工号 / staff number")]


def person_id(staff_number: str) -> int:
    """The custodian of a staff number; refuses an unknown one."""
    from tuogu.org import queries as org

    found = org.staff_ids([staff_number])
    if found.is_empty():
        refuse(f"没有工号 {staff_number}")
    return int(found["custodian_id"][0])


def person_within(staff_number: str, by: int) -> int:
    """The custodian of a staff number that the signer may see; refuses any other as unknown."""
    from tuogu.org import queries as org

    found = org.staff_row(scope_of(by), staff_number)
    if found is None:
        refuse(f"没有工号 {staff_number}")
    return found.person


def token(
    staff_number: StaffArgument,
    db: DbOption,
    sign: TokenOption = "",
    revoke: Annotated[bool, typer.Option("--revoke", help="作废其全部令牌 / make all of them void")] = False,
) -> None:
    """给一位在职人员发个人令牌(只显示一次) / issue a personal token, shown once."""
    open_database(db)
    from tuogu.org import actions

    person, by = person_id(staff_number), _issuer(sign)
    if revoke:
        say(f"{staff_number} 的 {actions.revoke_tokens(person, at=now())} 个令牌已作废；要恢复，另发新的")
        return
    typer.echo(actions.issue_token(person, by=by, at=now()))


def _issuer(sign: str) -> int:
    """Who issues: somebody who keeps accounts or keys; whoever is at the machine while nobody does."""
    from tuogu.org import queries as org
    from tuogu.org.rights import posts_with

    keeping = (Right.KEEP_ACCOUNTS, Right.KEEP_KEYS)
    if org.holders_of_posts(posts_with(*keeping), business_today(), limit=1):
        return signer(sign, *keeping)
    return signer(sign) if sign else org.machine()


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

    by = signer(sign, Right.RECORD_LEAVING)
    person = person_within(staff_number, by)
    result = books.leave(person, leave_date=day.date() if day else business_today(), recorded_at=now(), by=by)
    from tuogu.notices import actions as notices

    opened = notices.open_cases(by=by, at=now())  # L-01; what is killed in between, the tick makes up for
    moved = {"转入保全组": result.moved, "补记的以往时段": result.past_slices, "批次": result.batch_id}
    moved |= {"告知案件": opened.cases}
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

    by = signer(sign, Right.SET_DUTY)
    person = person_within(staff_number, by)
    actions.set_duty(org.buffer_group(), person, from_date=business_today(), by=by, at=now())
    say(f"自 {business_today()} 起，保全组由 {staff_number} 值班")
