"""`tuogu report list | show | issue | issued`: reports by their names, issued once, as table, JSON, workbook or PDF.

In: a database, a token, a report, a place, a day. Out: tables, JSON, a file. Never: a name of a customer or a colleague:
customers by number, people by staff number.
"""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from tuogu.cli.console import print_facts, print_json, print_table, say
from tuogu.cli.database import DbOption, TokenOption, open_database, scope_of, signer
from tuogu.clock import business_today, now
from tuogu.files.bulletin import Content, Known, read
from tuogu.files.bulletin_paper import paper_of
from tuogu.files.bulletin_workbook import write_bulletin
from tuogu.files.pdf import pdf_of
from tuogu.org.rights import Right

app = typer.Typer(no_args_is_help=True, help="报表：查看、签发、导出 / reports by their names")
JsonOption = Annotated[bool, typer.Option("--json", help="输出 JSON / print JSON")]
DayOption = Annotated[
    datetime | None,
    typer.Option("--day", formats=["%Y-%m-%d"], help="期间内的一天；缺省为今天 / a day of the period"),
]
InstitutionOption = Annotated[
    str, typer.Option("--institution", help="机构代码；缺省为全部 / code of an institution")
]
KeyArgument = Annotated[str, typer.Argument(help="报表代码，见 list / key of a report")]


@app.command("list")
def list_(json: JsonOption = False) -> None:
    """每份报表的名称、周期、内容 / every report."""
    from tuogu.reports.queries import CADENCES, GROUPS, REPORTS

    rows = [
        (one.key, one.title, CADENCES[one.cadence], GROUPS[one.group], one.req, one.about)
        for one in REPORTS.values()
    ]
    if json:
        heads = ("key", "title", "cadence", "group", "req", "about")
        print_json({"reports": [dict(zip(heads, row, strict=True)) for row in rows]})
        return
    print_table("报表", ("代码", "名称", "周期", "类别", "条目", "内容"), rows)


@app.command()
def show(
    db: DbOption, key: KeyArgument, institution: InstitutionOption = "", day: DayOption = None, token: TokenOption = "",
    json: JsonOption = False,
) -> None:  # fmt: skip
    """按现在的数字列出一份报表 / a report as it stands."""
    open_database(db)
    from tuogu.reports import queries

    scope, today = scope_of(signer(token, Right.READ_REPORTS)), business_today()
    _order, content = queries.preview(scope, key, institution, day.date() if day else today, on=today)
    _tell(content, queries.staff_numbers(content), json)


@app.command()
def issue(
    db: DbOption, key: KeyArgument, institution: InstitutionOption = "", day: DayOption = None, token: TokenOption = "",
    json: JsonOption = False,
) -> None:  # fmt: skip
    """签发：内容和摘要留存不变 / store it once with its digest."""
    open_database(db)
    from tuogu.reports import actions, queries

    by = signer(token, Right.KEEP_REPORTS)
    made = actions.issue(key, institution, day.date() if day else business_today(), by=by, at=now())
    head, _content = queries.issued(scope_of(by), made)
    if json:
        print_json({"id": head.id, "report": head.report.key, "number": head.number, "digest": head.digest})
        return
    print_facts("已签发", {"编号": head.id, "报表": head.report.title, "机构": head.place, "版次": head.number,
                        "摘要": head.digest})  # fmt: skip


@app.command()
def issued(
    db: DbOption,
    number: Annotated[int | None, typer.Argument(metavar="[ID]", help="签发编号；缺省列出全部")] = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="存成 .xlsx 或 .pdf / write a workbook or PDF")
    ] = None,
    token: TokenOption = "",
    json: JsonOption = False,
) -> None:
    """已签发的报表；给出编号则列出内容或存成文件 / what was issued, or one of them."""
    open_database(db)
    from tuogu.reports import queries

    scope = scope_of(signer(token, Right.READ_REPORTS))
    if number is None:
        heads = queries.issues(scope, size=200)
        if json:
            print_json([{"id": one.id, "report": one.report.key, "place": one.place, "first": one.first,
                         "number": one.number, "digest": one.digest} for one in heads])  # fmt: skip
            return
        rows = [(one.id, one.report.title, one.place, str(one.first), str(one.last), one.number, one.digest[:12])
                for one in heads]  # fmt: skip
        print_table("已签发", ("编号", "报表", "机构", "自", "至", "版次", "摘要"), rows)
        return
    head, content = queries.issued(scope, number)
    known = queries.staff_numbers(content)
    if out is None:
        _tell(content, known, json)
    elif out.suffix == ".pdf":
        out.write_bytes(pdf_of(paper_of(content, known, head.digest)))
    else:
        write_bulletin(out, content, known)
    if out is not None:
        say(f"{out}：{content.title}，摘要 {head.digest}")


def _tell(content: Content, known: Known, json: bool) -> None:
    if json:
        people = {str(custodian): number for custodian, number in known.people.items()}
        print_json(asdict(content) | {"digest": content.digest(), "people": people})
        return
    facts = {str(place): fact for place, fact in enumerate(content.facts, 1)}
    print_facts(f"{content.title} {content.place} {content.period}", facts)
    for table in content.tables:
        rows = [
            tuple(read(column.kind, value, known) for column, value in zip(table.columns, row, strict=True))
            for row in table.rows
        ]
        print_table(table.title, tuple(column.title for column in table.columns), rows)
    for one in content.definitions:
        say(f"{one.title}＝{one.numerator}" + (f"÷{one.denominator}" if one.denominator else ""))
