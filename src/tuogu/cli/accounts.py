"""`tuogu account | appoint`: open the first doors from the command line, before anybody can sign in to do it in a page.

In: a staff number; a password on standard input (asked for, unseen, at a terminal). Out: an account, a post. Never: a
password as an argument (others on the machine could read it), an account opened by somebody who does not keep accounts
once anybody does, a post given by somebody who does not appoint once anybody does (L-10: they are two people).
"""

from __future__ import annotations

import sys
from typing import Annotated, Any

import typer

from tuogu.cli.console import refuse, say
from tuogu.cli.database import DbOption, TokenOption, keeper, open_database
from tuogu.cli.people import StaffArgument, person_id
from tuogu.clock import business_today, now
from tuogu.org.rights import Right


def account(
    staff_number: StaffArgument,
    db: DbOption,
    token: TokenOption = "",
    reset_second_factor: Annotated[
        bool,
        typer.Option(
            "--reset-second-factor", help="换了手机：重置动态口令 / forget the one-time-code device"
        ),
    ] = False,
    deactivate: Annotated[bool, typer.Option("--deactivate", help="停用账号 / close the account")] = False,
    reason: Annotated[str, typer.Option(help="原因，记入账号变更记录 / why, for the audit trail")] = "",
) -> None:
    """开立网页登录账号或重设密码(密码由标准输入给出) / open a web account, or give it a new password."""
    open_database(db)
    from tuogu.accounts import actions, queries

    person, by = person_id(staff_number), keeper(token, Right.KEEP_ACCOUNTS)
    act: dict[str, Any] = {"person": person, "by": by, "at": now()}
    if reset_second_factor:
        actions.reset_second_factor(**act, reason=reason)
        say(f"{staff_number} 的动态口令已重置，其登录已全部失效；下次登录时重新设置")
    elif deactivate:
        actions.deactivate(**act, reason=reason)
        say(f"{staff_number} 的账号已停用，其登录已全部失效")
    elif queries.account_of(person):
        actions.set_password(**act, password=_password(), reason=reason)
        say(f"{staff_number} 的密码已重设，首次登录须改掉")
    else:
        actions.make_account(**act, login=staff_number, password=_password())
        say(f"已为 {staff_number} 开立账号，首次登录须改掉密码并设置动态口令")


def appoint(
    staff_number: StaffArgument,
    role: Annotated[str, typer.Argument(help="岗位代码，如 administrator / role")],
    db: DbOption,
    institution: Annotated[str, typer.Option(help="机构代码，含其下级 / institution with all below it")] = "",
    region: Annotated[str, typer.Option(help="区划代码，含其下级 / region with all in it")] = "",
    everywhere: Annotated[bool, typer.Option("--everywhere", help="全公司 / the whole company")] = False,
    token: TokenOption = "",
) -> None:
    """任命岗位,自今天起 / give somebody a post from today on."""
    open_database(db)
    from tuogu.org import actions
    from tuogu.org.roles import Role

    if role not in Role.values:
        refuse(f"没有岗位“{role}”；可选：{'、'.join(Role.values)}")
    actions.appoint(
        person_id(staff_number), role, institution_code=institution or None, region_code=region or None,
        everywhere=everywhere, from_date=business_today(), by=keeper(token, Right.APPOINT), at=now(),
    )  # fmt: skip
    say(f"自 {business_today()} 起，{staff_number} 任{Role(role).label}")


def _password() -> str:
    if sys.stdin.isatty():
        return str(typer.prompt("密码", hide_input=True, confirmation_prompt=True))
    return sys.stdin.readline().rstrip("\n")
