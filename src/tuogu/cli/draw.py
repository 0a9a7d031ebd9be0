"""`tuogu draw commit | reveal | verify`: a draw on files that two parties bind beforehand and anyone can repeat (N-05).

In: a list of numbers, the parties' own secrets. Out: one public record that grows with every act. Never: a real number in
the public record, a seed on the screen before its party reveals it, chance from anywhere but the system's generator.
"""

from __future__ import annotations

import secrets
from dataclasses import asdict, replace
from pathlib import Path
from typing import Annotated, Any

import polars as pl
import typer

from tuogu.cli import draw_files as kept
from tuogu.cli.console import DONE, DONE_WITH_LEFTOVERS, print_facts, print_json, refuse, say
from tuogu.core.draw import SALT_BYTES, DrawError, commitment
from tuogu.core.lots import acts
from tuogu.core.lots.check import first_fault, key_fault
from tuogu.core.lots.record import PublicDraw, announced_digest
from tuogu.files.number_list import read_numbers

SECRET_BYTES = 32

app = typer.Typer(no_args_is_help=True, help="可复核抽取：承诺、公开、核验 / lots that anyone can repeat")
PublicArgument = Annotated[
    Path, typer.Argument(help="公示文件 / public record", metavar="PUBLIC.json", exists=True, dir_okay=False)
]
JsonOption = Annotated[bool, typer.Option("--json", help="输出 JSON / print JSON")]


@app.callback()
def draw() -> None:
    """可复核抽取 / lots that anyone can repeat."""


@app.command()
def commit(
    party: Annotated[str, typer.Option(help="参与方的名称 / name of this party")],
    out: Annotated[
        Path, typer.Option("--out", help="密件写到哪个文件夹 / folder of the secret files", file_okay=False)
    ],
    list_: Annotated[
        Path | None,
        typer.Option("--list", help="名单：xlsx、csv 或 Parquet / the list", exists=True, metavar="FILE"),
    ] = None,
    column: Annotated[str, typer.Option(help="名单的号码列；只有一列时可省 / column of the numbers")] = "",
    count: Annotated[int, typer.Option(min=0, help="抽几个 / how many")] = 0,
    draw_id: Annotated[str, typer.Option(help="抽取编号 / id of the draw")] = "",
    purpose: Annotated[str, typer.Option(help="用途 / what it is for")] = "",
    join: Annotated[
        Path | None, typer.Option(help="加入这份公示 / join this public record", exists=True, dir_okay=False)
    ] = None,
    json: JsonOption = False,
) -> None:
    """公布名单并作出承诺（--list），或由另一方加入承诺（--join）/ announce and commit, or join as another party."""
    if (list_ is None) == (join is None):
        refuse("请给出 --list（发起抽取）或 --join（加入承诺）之一")
    if join is not None and (column or count or draw_id or purpose):
        refuse("加入承诺时，名单、数量、编号和用途以公示文件为准，不能再给出")
    out.mkdir(parents=True, exist_ok=True)
    seed, salt = secrets.token_bytes(SECRET_BYTES), secrets.token_bytes(SALT_BYTES)
    promise = commitment(salt, seed)
    if join is not None:
        public, key = acts.commit(kept.read_public(join), party, promise), None
    else:
        numbers = read_numbers(list_, column) if list_ is not None else pl.Series([], dtype=pl.String)
        opened, key = _opened(numbers, count=count, draw_id=draw_id, purpose=purpose)
        public = acts.commit(opened, party, promise)
    target = join or kept.public_file(out, draw_id)
    if join is None and target.exists():
        refuse(f"{target} 已存在：同一编号只能发起一次")
    secret = kept.Secret(party, salt, seed, public.list_digest, _bound_to(public, party))
    written = _keep(out, public, secret, key)
    kept.write_public(target, public)
    told = _told(public) | {"party": party, "commitment": promise, "public": str(target)} | written
    if json:
        print_json(told)
    else:
        print_facts(f"{party} 已作出承诺", _words(told))
        say("请在任何一方公开种子之前，把公告摘要登在各方都看得到的地方；密件请自行保管，公开前不要示人")


def _opened(numbers: pl.Series, *, count: int, draw_id: str, purpose: str) -> tuple[PublicDraw, kept.Key]:
    """A draw announced under a new pseudonym key, and what the clerk keeps of it."""
    key = secrets.token_bytes(SECRET_BYTES)
    public, names = acts.announce(numbers, count=count, draw_id=draw_id, purpose=purpose, key=key)
    return public, kept.Key(key, names)


def _keep(out: Path, public: PublicDraw, secret: kept.Secret, key: kept.Key | None) -> dict[str, str]:
    """Write what must not be lost before anything is published; the paths by name."""
    path = kept.secret_file(out, public.draw_id, secret.party)
    if key is None:
        kept.write_secret(path, public.draw_id, secret)
        return {"secret": str(path)}
    table = kept.key_file(out, public.draw_id)
    if path.exists() or table.exists():
        refuse(f"{out} 里已有编号 {public.draw_id} 的密件，不会被覆盖")
    kept.write_secret(path, public.draw_id, secret)
    kept.write_key(table, public.draw_id, key)
    return {"secret": str(path), "key": str(table)}


@app.command()
def reveal(
    public: PublicArgument,
    secret: Annotated[
        Path | None, typer.Option(help="本方密件 / this party's secret", exists=True, dir_okay=False)
    ] = None,
    key: Annotated[
        Path | None,
        typer.Option(
            help="经办人的化名密钥，出结果时写出号码 / the clerk's key", exists=True, dir_okay=False
        ),
    ] = None,
    json: JsonOption = False,
) -> None:
    """公开一方的种子；最后一方公开后得出结果 / reveal a seed; the last one brings the result."""
    if secret is None and key is None:
        refuse("请给出 --secret（公开种子）或 --key（写出号码）")
    record = kept.read_public(public)
    names = None if key is None else _names(record, key)
    if secret is not None:
        own = kept.read_secret(secret)
        _refuse_changed(record, own)
        record = acts.reveal(record, own.party, salt=own.salt, seed=own.seed)
        kept.write_public(public, record)
    else:
        _refuse_faulty(record)
    told = _told(record) | {"public": str(public)}
    if key is not None and names is not None and (record.result is not None or secret is None):
        target = kept.drawn_file(key.parent, record.draw_id)
        kept.write_drawn(target, record, acts.real_numbers(record, names))
        told["numbers"] = str(target)
    if json:
        print_json(told)
    else:
        print_facts(f"抽取 {record.draw_id}", _words(told))


def _names(record: PublicDraw, key: Path) -> dict[str, str]:
    clerk = kept.read_key(key)
    fault = key_fault(record, clerk.key, clerk.names)
    if fault is not None:
        raise DrawError(fault)
    return clerk.names


def _refuse_changed(record: PublicDraw, own: kept.Secret) -> None:
    """The party committed to one list and one announcement: to another it reveals nothing."""
    _refuse_faulty(record)
    if record.list_digest != own.list_digest:
        refuse("名单在承诺之后被改动：公示的名单摘要与密件所记不符")
    if _bound_to(record, own.party) != own.bound_to:
        refuse("抽取编号、用途、数量、化名密钥或先前各方的承诺在本方承诺之后被改动")


def _refuse_faulty(record: PublicDraw) -> None:
    fault = first_fault(record)
    if fault is not None:
        refuse(fault)


def _bound_to(record: PublicDraw, party: str) -> str:
    """What a party's own commitment stands for: the announcement, its own commitment and those made before it."""
    own = record.parties.index(party) + 1 if party in record.parties else 0
    return announced_digest(replace(record, commitments=record.commitments[:own]))


@app.command()
def verify(
    public: PublicArgument,
    key: Annotated[
        Path | None,
        typer.Option(help="连同化名密钥一起核验 / check the clerk's key too", exists=True, dir_okay=False),
    ] = None,
    announced: Annotated[str, typer.Option(help="事前张贴的公告摘要 / digest posted beforehand")] = "",
    json: JsonOption = False,
) -> None:
    """重算公示文件的每一项，指出第一处不符 / recompute everything and name the first thing that does not fit."""
    record, fault = _judged(public, key, announced)
    complete = record is not None and record.result is not None
    told: dict[str, Any] = {"ok": fault is None, "complete": complete, "fault": fault}
    if record is not None:
        told |= _told(record)
    if json:
        print_json(told)
    else:
        verdict = fault or ("全部相符" if complete else "至此相符，尚未抽出结果")
        print_facts(f"核验 {public.name}", _words(told) | {"结论": verdict})
    raise typer.Exit(DONE if fault is None and complete else DONE_WITH_LEFTOVERS)


def _judged(public: Path, key: Path | None, announced: str) -> tuple[PublicDraw | None, str | None]:
    """The record, unless the file is none, and the first fault."""
    clerk = None if key is None else kept.read_key(key)
    try:
        record = kept.read_public(public)
    except DrawError as error:
        return None, str(error)
    fault = first_fault(record)
    if fault is None and announced and announced != record.announced:
        fault = "公告摘要与事前张贴的不符"
    if fault is None and clerk is not None:
        fault = key_fault(record, clerk.key, clerk.names)
    return record, fault


def _told(record: PublicDraw) -> dict[str, Any]:
    return {
        "draw_id": record.draw_id, "purpose": record.purpose, "listed": len(record.listed), "count": record.count,
        "list_digest": record.list_digest, "announced": record.announced, "parties": list(record.parties),
        "awaited": list(record.awaited), "result": None if record.result is None else asdict(record.result),
    }  # fmt: skip


_WORDS = {
    "draw_id": "抽取编号", "purpose": "用途", "listed": "名单", "count": "抽取数", "list_digest": "名单摘要",
    "announced": "公告摘要", "parties": "参与方", "awaited": "尚未公开", "commitment": "承诺", "public": "公示文件",
    "secret": "密件", "key": "化名密钥", "numbers": "抽中号码",
}  # fmt: skip


def _words(told: dict[str, Any]) -> dict[str, Any]:
    shown = {name: "、".join(v) if isinstance(v, list) else v for name, v in told.items()}
    facts = {_WORDS[name]: value or "—" for name, value in shown.items() if name in _WORDS}
    result = told.get("result")
    return (
        facts
        if result is None
        else facts | {"合成种子": result["seed"], "抽中化名": "\n".join(result["drawn"])}
    )
