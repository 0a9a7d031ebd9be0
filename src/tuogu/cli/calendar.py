"""`tuogu absence | substitute`: the working calendar and who stands in for whom (P-05, P-06).

In: a staff number, the first and the last day, a token. Out: entries; the list of what is written down. Never: somebody
outside the signer's scope, a substitution without a last day.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Annotated

import typer

from tuogu.cli.console import print_json, print_table, refuse, say
from tuogu.cli.database import DbOption, TokenOption, open_database, scope_of, signer
from tuogu.cli.people import person_within
from tuogu.cli.run import JsonOption
from tuogu.clock import business_today, now
from tuogu.org.rights import Right

FirstOption = Annotated[
    datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="第一天，默认今天 / first day")
]
LastOption = Annotated[
    datetime | None, typer.Option("--to", formats=["%Y-%m-%d"], help="最后一天（含） / last day, included")
]
PersonArgument = Annotated[str, typer.Argument(help="工号；不写则列出 / staff number; without: list")]
_A_DAY = timedelta(days=1)


def absence(
    db: DbOption,
    sign: TokenOption = "",
    staff_number: PersonArgument = "",
    first: FirstOption = None,
    last: LastOption = None,
    kind: Annotated[str, typer.Option(help="leave sick posted training other / 类别")] = "leave",
    back: Annotated[bool, typer.Option("--back", help="今天起回岗 / back from today on")] = False,
    json: JsonOption = False,
) -> None:
    """登记或列出不在岗的日子：不在岗的人不接收新分配 / who is away receives nothing new."""
    open_database(db)
    from tuogu.org import actions
    from tuogu.org import queries as org

    by, today = signer(sign, Right.KEEP_CALENDAR), business_today()
    if not staff_number:
        _list(by, today, json)
        return
    person = person_within(staff_number, by)
    if back:
        running = [
            row
            for row in org.absences([person], today, today + _A_DAY)
            if actions.end_absence(row.id, by=by, at=now())
        ]
        say(
            f"{staff_number} 自 {today} 起回岗"
            if running
            else f"{staff_number} 今天没有登记缺勤；没有写入任何数据"
        )
        return
    if last is None:
        refuse("请用 --to 写明最后一天")
    start, end = first.date() if first else today, last.date() + _A_DAY
    actions.record_absence(person, kind, from_date=start, until_date=end, by=by, at=now())
    word = org.ABSENCE_KINDS[kind]
    say(f"已登记 {staff_number} {start} 至 {last.date()} {word}，其间不接收新分配；提前回岗用 --back")


def _list(by: int, today: date, json: bool) -> None:
    from tuogu.org import queries as org

    people = dict(org.people(scope_of(by), today).select("custodian_id", "staff_number").iter_rows())
    rows = [
        (people[row.person], row.label, row.from_date, row.until_date - _A_DAY)
        for row in org.absences(people, today, date.max)
        if row.until_date > row.from_date
    ]
    if json:
        keys = ("staff_number", "kind", "first_day", "last_day")
        print_json([dict(zip(keys, row, strict=True)) for row in rows])
    else:
        print_table("不在岗", ("工号", "类别", "第一天", "最后一天"), rows)


def substitute(
    staff_number: Annotated[str, typer.Argument(help="本人工号 / whose prompts")],
    db: DbOption,
    sign: TokenOption = "",
    by_number: Annotated[str, typer.Option("--by", help="代管人工号 / who receives them")] = "",
    first: FirstOption = None,
    last: LastOption = None,
    reason: Annotated[str, typer.Option(help="原因 / why")] = "",
    end: Annotated[bool, typer.Option("--end", help="今天起结束代管 / over from today on")] = False,
) -> None:
    """指定代管人：提醒转给代管人，台账不动 / prompts go to a substitute until a day; custody stays."""
    open_database(db)
    from tuogu.books import queries as books
    from tuogu.org import actions
    from tuogu.org import queries as org

    by, today = signer(sign, Right.KEEP_CALENDAR), business_today()
    person = person_within(staff_number, by)
    if end:
        running = org.substitute_of(person, today)
        ended = running is not None and actions.end_substitute(running.id, by=by, at=now())
        say(
            f"{staff_number} 的代管自 {today} 起结束"
            if ended
            else f"{staff_number} 今天没有代管人；没有写入任何数据"
        )
        return
    if last is None or not by_number:
        refuse("请用 --by 写明代管人，用 --to 写明最后一天")
    other, start = person_within(by_number, by), first.date() if first else today
    actions.set_substitute(
        person, other, from_date=start, until_date=last.date() + _A_DAY, reason=reason, by=by, at=now(),
        same_street=books.live_in_one_street(person, other),
    )  # fmt: skip
    say(f"{start} 至 {last.date()}，{staff_number} 的提醒发给 {by_number}；责任人不变，提前结束用 --end")
