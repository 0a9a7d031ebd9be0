"""`tuogu rules`: the numbers in force, each with its requirement and its source line."""

from __future__ import annotations

import typer

from tuogu.cli.console import print_json, print_table
from tuogu.cli.run import JsonOption
from tuogu.jobs.flow import shipped_rulebook

app = typer.Typer(no_args_is_help=True, help="制度参数 / rulebook")


@app.callback()
def rules() -> None:
    """制度参数 / rulebook."""


@app.command()
def cite(json: JsonOption = False) -> None:
    """每个参数的取值、条款号与出处 / every parameter with its requirement and source line."""
    rulebook = shipped_rulebook()
    rows = [(p.key, p.value, p.unit, p.req, p.source) for p in rulebook.parameters.values()]
    headers = ("参数", "取值", "单位", "条款", "出处")
    if json:
        print_json(
            {
                "version": rulebook.version,
                "parameters": [dict(zip(headers, row, strict=True)) for row in rows],
            }
        )
    else:
        print_table(
            f"制度 {rulebook.name} {rulebook.version},{rulebook.effective_date} 起生效", headers, rows
        )
