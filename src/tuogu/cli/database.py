"""Open the database that a command works on, and find out who signs.

In: --db, --token, the right that an act needs. Out: Django set up on a migrated database; who signs. Never: a person
guessed, a right that the person's posts of today do not give, a key file overwritten.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import polars as pl
import typer

from tuogu.cli.console import refuse, warn
from tuogu.clock import business_today, now
from tuogu.core.changes import BUFFER
from tuogu.org.rights import Right

if TYPE_CHECKING:
    from tuogu.org.scope import Scope

DbOption = Annotated[
    str,
    typer.Option(
        "--db", envvar="TUOGU_DATABASE_URL", help="数据库 / database: sqlite:///file 或 postgresql://…"
    ),
]
TokenOption = Annotated[
    str,
    typer.Option("--token", envvar="TUOGU_TOKEN", help="个人令牌 / personal token", show_envvar=True),
]


def open_database(url: str, *, create: bool = False) -> None:
    """Set Django up on `url`; with `create`, make and migrate what is missing.

    Refuses a URL of another kind, an absent database, and a database with personal data whose key file is gone: a new
    key would not open what the old one sealed.
    """
    file = database_file(url)
    if file is not None and not create and not file.exists():
        refuse(f"找不到数据库 {file}；请先用 tuogu run 或 tuogu import 建立")
    if file is not None:
        file.parent.mkdir(parents=True, exist_ok=True)
    os.environ["TUOGU_DATABASE_URL"] = url
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tuogu.settings")

    import django
    from django.conf import settings
    from django.core.management import call_command

    from tuogu.vault import create_key_file

    django.setup()
    if not create:
        return  # what must decrypt refuses by itself; an auditor verifies without the keys
    for alias in settings.DATABASES:  # on SQLite there is a second file beside the first
        call_command("migrate", database=alias, verbosity=0, interactive=False)
    if not settings.TUOGU_KEY_FILE.exists():
        from tuogu.org import queries as org

        if org.staff_ids().height:
            refuse(f"找不到密钥文件 {settings.TUOGU_KEY_FILE}；没有它，库中的客户与人员信息无法解密")
        create_key_file(settings.TUOGU_KEY_FILE)
        warn(f"已新建密钥文件 {settings.TUOGU_KEY_FILE}：丢失后客户信息无法解密，请另处备份")


def database_file(url: str) -> Path | None:
    """The file of an sqlite:/// URL, null for PostgreSQL; refuses anything else."""
    if url.startswith(("postgresql://", "postgres://")):
        return None
    if not url.startswith("sqlite:///"):
        refuse(f"数据库地址“{url}”应为 sqlite:///文件 或 postgresql://…")
    return Path(url.removeprefix("sqlite:///"))


def signer(token: str, *rights: Right) -> int:
    """The custodian who signs: the person of `token`, who must hold one of `rights`, or the machine itself on a database
    where nobody has a token.

    Refuses a token that nobody holds, no token once people have them (else whoever ran a plan unsigned could approve it),
    and a person whose posts do not give the right. What needs a person refuses the machine in its own action.
    """
    from tuogu.org import queries as org

    if not token:
        if org.tokens_exist():
            refuse("本库已有人领取令牌，请用 --token（或 TUOGU_TOKEN）签名")
        return org.machine()
    person = org.person_by_token(token, at=now())
    if person is None:
        refuse("令牌无效、已作废，或其持有人已离司")
    _require(person, rights)
    return person


def keeper(token: str, *rights: Right) -> int:
    """As `signer`, for the first doors: while nobody in post holds any of the rights, whoever signs may act, so that the
    first holder can be appointed."""
    from tuogu.org import queries as org
    from tuogu.org.rights import posts_with

    held = org.holders_of_posts(posts_with(*rights), business_today(), limit=1)
    return signer(token, *rights) if held else signer(token)


def _require(person: int, rights: tuple[Right, ...]) -> None:
    """Refuse somebody whose posts of today give none of the rights; the posts that would are named."""
    from tuogu.org import queries as org
    from tuogu.org.rights import posts_with, rights_of
    from tuogu.org.roles import Role

    if not rights or rights_of(org.roles_of(person, business_today())) & set(rights):
        return
    wanted = posts_with(*rights)
    posts = "、".join(str(role.label) for role in Role if role in wanted)
    refuse(f"令牌持有人的岗位没有这项权限；有权限的岗位：{posts}。没有写入任何数据")


def scope_of(person: int) -> Scope:
    """What a signer may act on: the posts' rows of today; everything for the machine."""
    from tuogu.org import queries as org
    from tuogu.org.scope import Scope

    return Scope.everything() if person == org.machine() else org.scope_of(person, business_today())


def require_plan(plan: int, by: int) -> None:
    """PlanUnknown, as if it were not there, for a plan outside the signer's scope."""
    from tuogu.plans import queries as plans

    plans.plan_head(plan, scope_of(by))


def require_release(scheduled: int, by: int) -> None:
    """PlanUnknown for a release of a plan outside the signer's scope."""
    from tuogu.plans import queries as plans

    plans.release_row(scheduled, scope_of(by))


def held_by() -> pl.DataFrame:
    """policy_number, custodian (staff number, or 'buffer' for any pool) of everything held now."""
    from tuogu.ledger import queries as ledger
    from tuogu.org import queries as org
    from tuogu.org.scope import Scope

    held = ledger.holdings(Scope.everything(), kind="policy")
    people = org.staff_ids().select("custodian_id", custodian="staff_number")
    return held.join(people, on="custodian_id", how="left").select(
        policy_number="number", custodian=pl.col("custodian").fill_null(BUFFER)
    )


def custodian_labels() -> dict[str, str]:
    """Receiver as plans write it → what a table shows for it: number and name of a person, name of a pool."""
    from tuogu.org import queries as org
    from tuogu.plans import queries as plans

    people = set(org.staff_ids()["staff_number"])
    named = plans.receiver_names().items()
    labels = {key: f"{key} {name}" if key in people and name != key else name for key, name in named}
    return labels | {BUFFER: "保全组"}
