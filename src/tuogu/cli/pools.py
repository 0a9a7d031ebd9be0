"""`tuogu pools list | claims | log | roll`: what lies in the public pools, what was claimed, what goes back.

In: a database, a token. Out: tables or JSON. Never: a customer's contact; a claim for somebody else than the token's person.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from tuogu.cli.console import DONE_WITH_LEFTOVERS, print_facts, print_json, print_table, refuse
from tuogu.cli.database import DbOption, TokenOption, open_database, scope_of, signer
from tuogu.cli.run import JsonOption
from tuogu.clock import business_today, now
from tuogu.org.rights import Right

app = typer.Typer(
    no_args_is_help=True, help="公共池：清单、认领、退回 / public pools: what lies there, claims, returns"
)
_SHOWN = 50  # rows on a terminal; --json has them all


@app.command("list")
def list_pools(db: DbOption, token: TokenOption = "", json: JsonOption = False) -> None:
    """列出公共池和在池件数 / the pools and what lies in them."""
    open_database(db)
    from tuogu.pools import queries
    from tuogu.rules import queries as rules

    person, today = signer(token, Right.READ_POOLS), business_today()
    rule = queries.PoolRules.of(rules.applicable(today))
    seen = queries.reach(scope_of(person), person, rule, today, claims=False)
    lines = queries.board(seen, rule, today)
    if json:
        print_json([asdict(line) for line in lines])
        return
    rows = [
        (line.pool.name, line.relation, f"{line.pieces:,}", str(line.oldest_date or ""), f"{line.claimed_today:,}",
         f"{line.standing:,}", "" if line.claimable else "不开放认领")
        for line in lines
    ]  # fmt: skip
    print_table("公共池", ("公共池", "内容", "在池", "最久", "今天领走", "领走在手", ""), rows)


@app.command()
def claim(
    db: DbOption,
    numbers: Annotated[list[str], typer.Argument(help="保单号或客户号 / numbers")],
    token: TokenOption = "",
    relation: Annotated[str, typer.Option(help="custody | development")] = "custody",
    json: JsonOption = False,
) -> None:
    """认领：令牌的主人领走 / claim for the person whose token it is."""
    open_database(db)
    from tuogu.pools import actions

    try:
        done = actions.claim(numbers, relation=relation, by=signer(token, Right.CLAIM), at=now())
    except actions.PoolRefused as refused:
        refuse(str(refused))
    if json:
        print_json([asdict(one) for one in done])
    else:
        print_table("认领", ("号码", "结果"), [(one.number, one.why or "已认领") for one in done])
    if not all(one.done for one in done):
        raise typer.Exit(DONE_WITH_LEFTOVERS)


@app.command()
def log(
    db: DbOption,
    token: TokenOption = "",
    step: Annotated[str, typer.Option(help="空 = 领取；returned 退回；warned 预警")] = "",
    size: Annotated[int, typer.Option(min=1, help="最多几行 / rows at most")] = 200,
    json: JsonOption = False,
) -> None:
    """领取、退回和预警，新的在前 / claims, returns and warnings, newest first."""
    open_database(db)
    from tuogu.org import queries as org
    from tuogu.pools import queries

    if step not in ("", "returned", "warned"):
        refuse(f"没有“{step}”；可用：returned、warned，或不写")
    rows = queries.log(scope_of(signer(token, Right.READ_POOLS)), steps=step, size=size)
    people = org.labels(i for row in rows for i in (row.person, row.pool))
    if json:
        print_json(
            [asdict(row) | {"person": people.get(row.person), "pool": people.get(row.pool)} for row in rows]
        )
        return
    shown = [
        (
            str(row.day),
            row.label,
            row.number,
            people.get(row.pool, ""),
            people.get(row.person, ""),
            row.reason,
        )
        for row in rows[:_SHOWN]
    ]
    print_table(f"{len(rows)} 行", ("日期", "事项", "号码", "公共池", "认领人", "理由"), shown)


@app.command()
def roll(db: DbOption, token: TokenOption = "", json: JsonOption = False) -> None:
    """今天该预警和退回的；再来一次不变 / what is due today; again changes nothing."""
    open_database(db)
    from tuogu.pools import actions

    done = actions.roll(by=signer(token, Right.KEEP_POOLS), at=now())
    if json:
        print_json(asdict(done))
    else:
        print_facts("公共池", {"预警": done.warned, "退回": done.returned})
