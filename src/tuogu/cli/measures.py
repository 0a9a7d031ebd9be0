"""`tuogu measures list | show | freeze | check | drill`: figures with their definitions, frozen months, rows behind them.

In: a database, a token, a month. Out: tables or JSON; exit code 1 where a frozen month does not count to the same again.
Never: a figure without what is counted over what; a customer's name.
"""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, datetime
from typing import Annotated

import polars as pl
import typer

from tuogu.cli.console import DONE, DONE_WITH_LEFTOVERS, print_facts, print_json, print_table, say
from tuogu.cli.database import DbOption, TokenOption, open_database, scope_of, signer
from tuogu.clock import business_today, now
from tuogu.core.measures.definitions import DIMENSIONS, UNITS
from tuogu.core.measures.figures import written
from tuogu.core.measures.periods import Period
from tuogu.org.rights import Right

app = typer.Typer(no_args_is_help=True, help="指标：定义、数字、冻结、重算、明细 / figures and frozen months")
JsonOption = Annotated[bool, typer.Option("--json", help="输出 JSON / print JSON")]
MonthOption = Annotated[
    datetime | None,
    typer.Option("--month", formats=["%Y-%m"], help="月份，如 2026-03；缺省为本月 / the month"),
]
MonthArgument = Annotated[datetime, typer.Argument(formats=["%Y-%m"], metavar="MONTH")]
TenYears = Annotated[bool, typer.Option("--ten-years", help="只计十年期及以上 / paid over ten years only")]
_SHOWN = 50  # rows on a terminal; --json has them all


@app.command("list")
def list_(db: DbOption, token: TokenOption = "", json: JsonOption = False) -> None:
    """每项指标的分子、分母、口径和出处 / every figure: what is counted over what, by which source."""
    open_database(db)
    from tuogu.reports import queries

    signer(token, Right.READ_REPORTS)
    found = queries.measures(business_today())
    if json:
        print_json({"measures": [asdict(one) for one in found.values()]})
        return
    for one in found.values():
        note = {"口径": one.note} if one.note else {}
        words = {"分子": one.numerator, "分母": one.denominator, "单位": UNITS[one.unit]} | note
        print_facts(f"{one.title}（{one.key}）", words | {"出处": f"{one.req} {one.source}"})


@app.command()
def show(
    db: DbOption,
    measure: Annotated[str, typer.Argument(help="指标代码；缺省为全部 / key of a figure")] = "",
    month: MonthOption = None,
    period: Annotated[str, typer.Option(help="month | quarter | year")] = "month",
    by: Annotated[str, typer.Option(help="维度，逗号分隔 / dimensions: " + ",".join(DIMENSIONS))] = "",
    ten_years: TenYears = False,
    token: TokenOption = "",
    json: JsonOption = False,
) -> None:
    """按维度列出数字 / figures by dimensions."""
    open_database(db)
    from tuogu.org import queries as org
    from tuogu.reports import queries

    scope, today = scope_of(signer(token, Right.READ_REPORTS)), business_today()
    dims = [name for name in by.split(",") if name]
    asked = _month(month)
    rows = queries.figures(scope, asked, measure or None, dims, on=today, kind=period, ten_years=ten_years)
    known = queries.measures(min(Period.of(asked, period).last, today))
    shown = [
        written(n, d, known[key].unit)
        for key, n, d in rows.select("measure", "numerator", "denominator").rows()
    ]
    if "person" in dims:
        names = org.labels(one for one in rows["person"].unique() if one is not None)
        rows = rows.with_columns(pl.col("person").replace_strict(names, default=None, return_dtype=pl.String))
    if json:
        said = [row | {"shown": text} for row, text in zip(rows.to_dicts(), shown, strict=True)]
        print_json(
            {
                "figures": said,
                "measures": [asdict(known[key]) for key in rows["measure"].unique(maintain_order=True)],
            }
        )
        return
    lines = [
        (
            known[row["measure"]].title,
            *(row[name] or "未归属" for name in dims),
            row["numerator"],
            row["denominator"],
            text,
        )
        for row, text in zip(rows.iter_rows(named=True), shown, strict=True)
    ]
    heads = ("指标", *(DIMENSIONS[name] for name in dims), "分子", "分母", "数值")
    print_table(Period.of(asked, period).words(), heads, lines[:_SHOWN])
    for key in rows["measure"].unique(maintain_order=True):
        say(f"{known[key].title}＝{known[key].numerator}÷{known[key].denominator}")


@app.command()
def freeze(db: DbOption, month: MonthArgument, token: TokenOption = "", json: JsonOption = False) -> None:
    """冻结一个已过完的月份 / freeze a month that is over."""
    open_database(db)
    from tuogu.reports import actions

    done = actions.freeze_month(month.date(), by=signer(token, Right.KEEP_REPORTS), at=now())
    if json:
        print_json(asdict(done))
        return
    title = "以前已经冻结，没有写入" if done.again else "已冻结"
    print_facts(title, {"月份": f"{done.month:%Y-%m}", "行数": done.rows, "摘要": done.digest})


@app.command()
def check(
    db: DbOption,
    month: Annotated[datetime | None, typer.Argument(formats=["%Y-%m"], metavar="[MONTH]")] = None,
    token: TokenOption = "",
    json: JsonOption = False,
) -> None:
    """按当时所知重算冻结的月份，并列出其后才知道的 / count frozen months again; what became known since."""
    open_database(db)
    from tuogu.reports import queries

    scope = scope_of(signer(token, Right.READ_REPORTS))
    months = [month.date()] if month else [head.month for head in queries.frozen_months()]
    found = [queries.recount(scope, one, on=business_today()) for one in months]
    if json:
        print_json(
            [
                {
                    "month": one.month,
                    "same": one.same,
                    "wrong": one.wrong.to_dicts(),
                    "later": one.later.to_dicts(),
                }
                for one in found
            ]
        )
    else:
        rows = [
            (f"{one.month:%Y-%m}", "一致" if one.same else "不一致", one.wrong.height, one.later.height)
            for one in found
        ]
        print_table(f"重算 {len(found)} 个月", ("月份", "与冻结时", "不一致行", "其后才知道的行"), rows)
    raise typer.Exit(DONE if all(one.same for one in found) else DONE_WITH_LEFTOVERS)


@app.command()
def drill(
    db: DbOption,
    measure: str,
    month: MonthOption = None,
    period: Annotated[str, typer.Option(help="month | quarter | year")] = "month",
    ten_years: TenYears = False,
    token: TokenOption = "",
    json: JsonOption = False,
) -> None:
    """一个数字背后的每一行 / the rows behind a figure."""
    open_database(db)
    from tuogu.reports import queries

    scope = scope_of(signer(token, Right.READ_REPORTS))
    rows = queries.drill(scope, _month(month), measure, on=business_today(), kind=period, ten_years=ten_years)
    if json:
        print_json({"rows": rows.to_dicts()})
        return
    columns = ("key", "department", "team", "person", "source", "numerator", "denominator")
    lines = [
        tuple("" if value is None else value for value in row)
        for row in rows.head(_SHOWN).select(*columns).rows()
    ]
    print_table(
        f"{measure}：{rows.height} 行", ("号码", "部门", "组", "人员号", "来源", "分子", "分母"), lines
    )


def _month(month: datetime | None) -> date:
    return month.date() if month else business_today()
