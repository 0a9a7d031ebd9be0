"""`tuogu codebook import | approve | versions | history | print`: the local changes to the code book of one installation.

In: a database, a file of changes with its source and document, two people. Out: a dry run, a proposal, a version, a
booklet. Never: a change without source and document, one approved by who proposed it.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from tuogu.cli.console import DONE, DONE_WITH_LEFTOVERS, print_facts, print_json, print_table, refuse, say
from tuogu.cli.database import DbOption, TokenOption, open_database, signer
from tuogu.clock import business_today, now
from tuogu.core.codebook_changes import KINDS
from tuogu.files.codebook_changes import read_changes
from tuogu.org.rights import Right

AsJson = Annotated[bool, typer.Option("--json", help="输出 JSON / print JSON")]
_EVENTS = ("year", "kind", "old_code", "old_name", "new_code", "new_name", "source")


def import_changes(
    file: Annotated[Path, typer.Argument(help="变更文件 xlsx、xls、csv / file of changes")],
    db: DbOption,
    source: Annotated[str, typer.Option(help="来源，如区民政局地名办 / who published it")] = "",
    document: Annotated[str, typer.Option(help="文号 / number of the document")] = "",
    effective: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="生效日 / effective date")
    ] = None,
    note: Annotated[str, typer.Option(help="说明 / note")] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="只试算 / only try it out")] = False,
    token: TokenOption = "",
    as_json: AsJson = False,
) -> None:
    """读入本地变更并提出，待另一人批准;--dry-run 只试算 / propose local changes for a second person."""
    open_database(db)
    from tuogu.regions import actions
    from tuogu.regions import queries as regions

    dry = regions.try_out(read_changes(file))
    proposal = None
    if not dry_run and dry.problems.is_empty():
        day = effective.date() if effective else business_today()
        proposal = actions.propose_codebook(
            dry.changes, source=source, document=document, effective_date=day, note=note,
            by=signer(token, Right.KEEP_CODEBOOK), at=now(),
        )  # fmt: skip
    if as_json:
        print_json({"counts": dry.counts, "problems": dry.problems.to_dicts(), "proposal": proposal})
    else:
        print_facts("变更", {KINDS[kind]: count for kind, count in dry.counts.items()})
        if dry.problems.height:
            print_table("问题（没有写入任何内容）", ("行", "问题"), dry.problems.iter_rows())
        elif proposal is None:
            say("每一行都可以做；没有写入任何内容")
        else:
            say(f"已提出，编号 {proposal}；请另一人用 tuogu codebook approve {proposal} 批准")
    raise typer.Exit(DONE_WITH_LEFTOVERS if dry.problems.height else DONE)


def approve(
    proposal: Annotated[int, typer.Argument(help="变更编号 / number of the proposal")],
    db: DbOption,
    decline: Annotated[bool, typer.Option("--decline", help="退回 / send back")] = False,
    note: Annotated[str, typer.Option(help="意见 / remark")] = "",
    token: TokenOption = "",
    as_json: AsJson = False,
) -> None:
    """由第二人批准(或退回)一项变更，成为新版本 / a second person approves a proposal."""
    open_database(db)
    from tuogu.books import actions as books
    from tuogu.regions import actions
    from tuogu.regions import queries as regions

    by = signer(token, Right.APPROVE_CODEBOOK)
    number = actions.decide_codebook(proposal, approve=not decline, note=note, by=by, at=now())
    done = books.follow_codebook(at=now()) if number else {}
    version = regions.version_name(number) if number else ""
    if as_json:
        print_json({"proposal": proposal, "version": version, **done})
    elif number:
        say(f"已批准，版本 {version}；{done['moved']} 位客户随合并改码，{done['queued']} 位待人工判断")
    else:
        say("已退回，编码簿没有变化")


def versions(db: DbOption, as_json: AsJson = False) -> None:
    """列出版本和待复核的变更 / versions, and proposals that wait."""
    open_database(db)
    from tuogu.regions import queries as regions

    known = regions.versions()
    open_ones = [p for p in regions.proposals() if p.approved is None]
    if as_json:
        print_json({"versions": [vars(v) for v in known], "proposals": [vars(p) for p in open_ones]})
        return
    print_table(
        "版本", ("版本", "生效日"), [(v.name, v.effective_date and f"{v.effective_date}") for v in known]
    )
    rows = [(str(p.id), p.source, p.document, f"{p.effective_date}") for p in open_ones]
    print_table("待复核", ("编号", "来源", "文号", "生效日"), rows)


def history(
    code: Annotated[str, typer.Argument(help="官方代码，新旧均可 / an official code, old or new")],
    db: DbOption,
    as_json: AsJson = False,
) -> None:
    """一个代码今天是什么、怎么来的 / what a code stands for today, and how it came about (N-12)."""
    open_database(db)
    from tuogu.regions import queries as regions

    found = regions.find(code, business_today())
    if not found.today and not found.events:
        refuse(f"编码簿各版本中没有代码 {code}")
    if as_json:
        print_json({"code": code, "in_force": found.in_force, "today": found.today, "events": found.events})
    else:
        names = regions.names_of(found.today, business_today())
        print_table(f"代码 {code} 今天是", ("代码", "名称"), [(heir, names[heir]) for heir in found.today])
        print_table("沿革", ("年份", "类型", "原代码", "原名称", "今代码", "今名称", "来源"),
                    [[str(event[c]) if c == "year" else event[c] for c in _EVENTS] for event in found.events])  # fmt: skip
    raise typer.Exit(DONE if found.in_force else DONE_WITH_LEFTOVERS)


def print_booklet(
    target: Annotated[Path, typer.Argument(help="写到哪个 xlsx / where to write")],
    db: DbOption,
    city: Annotated[str, typer.Option(help="城市代码，默认本机构所在城市 / city code")] = "",
    district: Annotated[str, typer.Option(help="只印一个区县 / only one district")] = "",
) -> None:
    """写出可打印的地址编码簿(附件3) / the printable booklet of address codes (S0-10)."""
    open_database(db)
    from tuogu.books import queries as books
    from tuogu.files.address_booklet import booklet_lines, write_booklet
    from tuogu.org.scope import Scope
    from tuogu.regions import queries as regions

    chosen = city[:4] or books.home_city()
    if not chosen:
        refuse("机构表没有服务区划，请用 --city 给出城市代码")
    try:
        book = regions.codebook([chosen], business_today())
    except ValueError as unknown:
        refuse(str(unknown))
    policies, customers = books.counts_by_community(Scope.everything())
    display = dict(books.display_codes().iter_rows())
    lines = booklet_lines(book.regions, display, district=district, customers=customers, policies=policies)
    if not lines:
        refuse(f"城市 {chosen} 没有区县 {district}")
    made = write_booklet(lines, title="地址编码簿", version=book.version, created=now())
    target.write_bytes(made.getvalue())
    say(f"已写出 {target}：社区（村）{len(lines):,} 个，编码簿 {book.version}")


def register(app: typer.Typer) -> None:
    """Hang the commands of this module on `tuogu codebook`."""
    app.command("import")(import_changes)
    app.command("approve")(approve)
    app.command("versions")(versions)
    app.command("history")(history)
    app.command("print")(print_booklet)
