"""`tuogu books rebuild | roll`: what lists read of the policies, derived anew.

In: a database. Out: how many policies are listed. Never: a change to what was imported.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

from tuogu.cli.console import print_json, say, steps
from tuogu.cli.database import DbOption, open_database
from tuogu.clock import business_today

app = typer.Typer(no_args_is_help=True, help="保单清单:由在库数据重新推算 / what lists read of the policies")
JsonOption = Annotated[bool, typer.Option("--json", help="输出 JSON / print JSON")]
AsOfOption = Annotated[
    datetime | None, typer.Option("--as-of", formats=["%Y-%m-%d"], help="基准日，默认今天 / as of")
]


@app.command()
def rebuild(db: DbOption, as_of: AsOfOption = None, json: JsonOption = False) -> None:
    """重建全部保单的清单和汇总 / derive every listed policy and every sum anew."""
    open_database(db)
    from tuogu.books import actions

    with steps(quiet=json) as progress, progress.step("重建清单"):
        rows = actions.rebuild_listing(as_of=as_of.date() if as_of else business_today())
    _answer(rows, json)


@app.command()
def roll(db: DbOption, as_of: AsOfOption = None, json: JsonOption = False) -> None:
    """只重算因日期推移而变的(应收日已过、长期失效) / only what the passing of days has changed."""
    open_database(db)
    from tuogu.books import actions

    with steps(quiet=json) as progress, progress.step("更新清单"):
        rows = actions.roll_listing(as_of=as_of.date() if as_of else business_today())
    _answer(rows, json)


def _answer(rows: int, json: bool) -> None:
    if json:
        print_json({"rows": rows})
    else:
        say(f"已重新推算 {rows:,} 件保单的清单；在库数据和台账未作改动")
