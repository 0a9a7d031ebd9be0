"""`tuogu notices list | open | send | proof | red | reconcile | wecom | wecom-simulator`: notices of leavers.

In: a database, a token, case codes. Out: tables or JSON. Never: a customer's name; a message that nobody prepared.
"""

from __future__ import annotations

import time
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from tuogu.cli.console import (
    DONE,
    DONE_WITH_LEFTOVERS,
    print_facts,
    print_json,
    print_table,
    refuse,
    say,
    warn,
)
from tuogu.cli.database import DbOption, TokenOption, open_database, scope_of, signer
from tuogu.cli.people import person_within
from tuogu.clock import business_today, now
from tuogu.org.rights import Right

app = typer.Typer(
    no_args_is_help=True, help="离职告知：立案、发送、凭证、红名单、三账、企微 / notices of leavers"
)
JsonOption = Annotated[bool, typer.Option("--json", help="输出 JSON / print JSON")]
CasesOption = Annotated[list[str] | None, typer.Option("--case", help="案件编号，可多次 / case code")]
_SHOWN = 50  # rows on a terminal; --json has them all


@app.command("list")
def list_cases(
    db: DbOption,
    view: Annotated[str, typer.Option(help="open | warned | red | told | all")] = "open",
    leaver: Annotated[str, typer.Option(help="离职人工号 / staff number of the leaver")] = "",
    size: Annotated[int, typer.Option(min=1, help="最多几行 / rows at most")] = 200,
    token: TokenOption = "",
    json: JsonOption = False,
) -> None:
    """列出告知案件，期限最近的在前 / cases, the nearest day first."""
    open_database(db)
    from tuogu.notices import queries
    from tuogu.org import queries as org
    from tuogu.rules import queries as rules

    by = signer(token, Right.READ_NOTICES)
    if view not in queries.VIEWS:
        refuse(f"没有视图“{view}”；可用：{'、'.join(queries.VIEWS)}")
    today = business_today()
    wanted = queries.CaseFilter(view=view, leaver=_leaver(leaver, by) if leaver else None)
    page = queries.case_page(scope_of(by), wanted, today, rules.applicable(today), size=size)
    people = org.labels(row.leaver for row in page.rows)
    if json:
        print_json([asdict(row) | {"leaver": people.get(row.leaver)} for row in page.rows])
        return
    rows = [
        (row.code, row.policy_number, people.get(row.leaver), str(row.leave_date), str(row.due_date),
         str(row.statutory_due_date), row.state, "是" if row.red else "", row.trouble)
        for row in page.rows[:_SHOWN]
    ]  # fmt: skip
    heads = ("案件", "保单号", "离职人", "离司日", "期限", "法定", "状态", "红名单", "原因")
    print_table(f"告知案件 {view}：{len(page.rows)} 件" + ("（还有更多）" if page.after else ""), heads, rows)


@app.command("open")
def open_(db: DbOption, token: TokenOption = "", json: JsonOption = False) -> None:
    """为还没立案的离职立案 / open the cases of leaves that were not read yet."""
    open_database(db)
    from tuogu.notices import actions

    opened = actions.open_cases(by=signer(token, Right.SEND_NOTICES), at=now())
    if json:
        print_json(asdict(opened))
    else:
        print_facts("立案", {"离职": opened.departures, "案件": opened.cases})


@app.command()
def send(
    db: DbOption,
    token: TokenOption = "",
    case: CasesOption = None,
    channel: Annotated[str, typer.Option(help="auto | sms | wecom | letter")] = "",
    json: JsonOption = False,
) -> None:
    """准备消息（给出 --channel 时），并把待发的发出 / prepare with --channel, then deliver what waits."""
    open_database(db)
    from tuogu.notices import actions, queries
    from tuogu.rules import queries as rules

    by, at, today = signer(token, Right.SEND_NOTICES), now(), business_today()
    prepared = None
    if channel:
        wanted = queries.CaseFilter(view="open", picked=tuple(_ids(case, by)) if case else None)
        ids = queries.case_ids(scope_of(by), wanted, today, rules.applicable(today))
        prepared = actions.prepare(ids, channel=channel, by=by, at=at)
    sent = actions.deliver(by=by, at=at)
    closed = {way: why for way, why in queries.ways_out(today).items() if why}
    if json:
        print_json({"prepared": asdict(prepared) if prepared else None, "sent": sent, "closed": closed})
        return
    if prepared:
        print_facts("已准备", {"消息": prepared.messages, "案件": prepared.cases, **prepared.left})
    print_facts("发送", sent or {"没有可发的": 0})
    for way, why in closed.items():
        warn(f"{way} 不向外发送：{why}")


@app.command()
def proof(
    codes: Annotated[list[str], typer.Argument(help="案件编号 / case codes", metavar="CASE…")],
    db: DbOption,
    kind: Annotated[str, typer.Option(help="phone_call | letter_signed | in_person")] = "phone_call",
    day: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="告知日期，默认今天")] = None,
    outcome: Annotated[str, typer.Option(help="told | not_reached | not_the_holder | hung_up")] = "told",
    script: Annotated[str, typer.Option(help="话术版本 / version of the script")] = "",
    scan: Annotated[Path | None, typer.Option(exists=True, dir_okay=False, help="扫描件 / scan")] = None,
    token: TokenOption = "",
    json: JsonOption = False,
) -> None:
    """登记一次告知的凭证 / file a proof."""
    open_database(db)
    from tuogu.notices import actions
    from tuogu.rules import queries as rules

    by, today = signer(token, Right.PROVE_NOTICES), business_today()
    proved = actions.prove(
        _ids(codes, by), kind=kind, on_date=day.date() if day else today, outcome=outcome,
        script=script or rules.applicable(today)["notices.call_script"], evidence=scan.read_bytes() if scan else b"",
        by=by, at=now(),
    )  # fmt: skip
    if json:
        print_json({"proved": proved})
    else:
        say(f"已登记；{proved} 件记为已告知" if proved else "已登记这次联系；它不算作告知凭证")
    raise typer.Exit(DONE if proved else DONE_WITH_LEFTOVERS)


@app.command()
def red(db: DbOption, token: TokenOption = "", json: JsonOption = False) -> None:
    """红名单按机构 / the red list by institution; exit 1 when it is not empty."""
    open_database(db)
    from tuogu.notices import queries

    today = business_today()
    lines = queries.red_lines(scope_of(signer(token, Right.READ_NOTICES)), today)
    if json:
        print_json([asdict(line) for line in lines])
    else:
        rows = [
            (line.institution_code, line.cases, (today - line.oldest_due).days, line.unreachable)
            for line in lines
        ]
        print_table("红名单", ("机构", "件数", "最久逾期（天）", "联系不上"), rows)
    raise typer.Exit(DONE_WITH_LEFTOVERS if lines else DONE)


@app.command()
def reconcile(db: DbOption, token: TokenOption = "", json: JsonOption = False) -> None:
    """归属、责任、企微三账核对 / the three relations side by side, counted by combination."""
    open_database(db)
    from tuogu.notices import queries

    every = queries.three_relations(scope_of(signer(token, Right.READ_NOTICES)), business_today())
    counted = queries.combinations(every).to_dicts()
    if json:
        print_json(counted)
        return
    rows = [(queries.STANDINGS[c["standing"]], c["owner"], c["policies"], c["holders"]) for c in counted]
    print_table(f"三账核对：{every.height:,} 件", ("情形", "归属人", "保单", "投保人"), rows)


@app.command()
def wecom(
    db: DbOption,
    token: TokenOption = "",
    sheet: Annotated[
        Path | None,
        typer.Option("--import", exists=True, dir_okay=False, help="导入联系人 / import contacts"),
    ] = None,
    giver: Annotated[str, typer.Option(help="由谁转出（工号）/ hand over all contacts of")] = "",
    receiver: Annotated[str, typer.Option(help="接替人（工号）/ to whom")] = "",
    json: JsonOption = False,
) -> None:
    """企微联系人：导入、排定转接、提交并查询结果 / contacts of WeCom: import, plan, submit and follow."""
    open_database(db)
    from tuogu.notices import actions, queries

    by, at = signer(token, Right.MOVE_CONTACTS), now()
    told: dict[str, int] = {}
    if bool(giver) != bool(receiver):
        refuse("转接须同时给出 --giver 和 --receiver")
    if sheet:
        linked = actions.import_links(sheet, by=by, at=at)
        told |= {
            "新增联系人": linked.added,
            "改变": linked.changed,
            "相同": linked.same,
            "未导入的行": len(linked.left),
        }
    if giver:
        customers = queries.customers_within(scope_of(by), queries.contacts_with(_leaver(giver, by)))
        planned = actions.plan_transfers(customers, receiver=person_within(receiver, by), by=by, at=at)
        told |= {"排定转接": planned.planned} | {f"未排定 {why}": n for why, n in planned.left.items()}
    told |= actions.hand_over(by=by, at=at)
    states = queries.transfer_counts(scope_of(by))
    closed = queries.ways_out(business_today()).get("wecom", "")
    if json:
        print_json({"done": told, "states": states, "closed": closed})
        return
    print_facts("企微", told | {f"状态 {state}": n for state, n in states.items()})
    if closed:
        warn(f"企业微信不能调用：{closed}")


@app.command("wecom-simulator")
def wecom_simulator(
    port: Annotated[int, typer.Option(min=0, max=65535, help="端口，0 = 任一空闲端口 / port")] = 8099,
    hours_a_second: Annotated[
        float, typer.Option(min=0.0, help="每秒过去几小时，用来看 24 小时后的结果 / simulated hours a second")
    ] = 1.0,
) -> None:
    """在本机模拟企业微信的转接接口，供试用 / a WeCom to try with, on this machine only, until Ctrl-C."""
    from tuogu.notices.simulator import World, serve

    started = time.time()

    def clock() -> float:
        return started + (time.time() - started) * hours_a_second * 60 * 60

    server = serve(World(clock), port=port)
    say(
        f"TUOGU_WECOM_URL=http://127.0.0.1:{server.server_address[1]} TUOGU_WECOM_CORP=x TUOGU_WECOM_SECRET=x"
    )
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        server.server_close()


def _ids(codes: list[str] | None, by: int) -> list[int]:
    """The cases of the codes; refuses what is none, and what the signer may not see as if it were none."""
    from tuogu.notices import queries
    from tuogu.rules import queries as rules

    found = {code: queries.case_of(code) for code in codes or []}
    wanted = queries.CaseFilter(view="all", picked=tuple(case for case in found.values() if case is not None))
    today = business_today()
    seen = set(queries.case_ids(scope_of(by), wanted, today, rules.applicable(today)))
    wrong = [code for code, case in found.items() if case not in seen]
    if wrong:
        refuse(f"没有这些案件：{'、'.join(wrong)}；没有写入任何数据")
    return sorted(seen)


def _leaver(staff_number: str, by: int) -> int:
    """Whoever has left: somebody within the signer's scope, or of whom a case is."""
    from tuogu.notices import queries
    from tuogu.org import queries as org

    found = org.staff_ids([staff_number])
    if found.height and queries.departure_of(scope_of(by), int(found["custodian_id"][0])) is not None:
        return int(found["custodian_id"][0])
    return person_within(staff_number, by)
