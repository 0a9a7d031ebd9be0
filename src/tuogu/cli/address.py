"""`tuogu address parse`: addresses from standard input, six parts each to standard output, one JSON object
a line. `tuogu address learn`: what the address desk groups by, derived again in a database.

In: lines {"id", "text"}. Out: lines in the same order. Never: a crash on a bad line (it is reported with
its number on standard error and the exit code is 1), the whole input in memory.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Annotated, Any, NamedTuple

import polars as pl
import typer

from tuogu.cli.console import DONE_WITH_LEFTOVERS, err, out, refuse
from tuogu.cli.database import DbOption, open_database
from tuogu.clock import business_today
from tuogu.core.address import Gazetteer, parse
from tuogu.core.tables import ADDRESS_LEVELS, ADDRESS_TAIL
from tuogu.data.codebook import load

CHUNK_LINES = 20_000
COLUMNS = (
    "id",
    *ADDRESS_LEVELS,
    *ADDRESS_TAIL,
    *(f"{level}_surface" for level in ADDRESS_LEVELS),
    "code",
    "confidence",
    "missing",
)

app = typer.Typer(no_args_is_help=True, help="地址解析 / addresses")


@app.callback()
def address() -> None:
    """地址解析 / addresses."""


class Line(NamedTuple):
    """One accepted input line."""

    id: str
    text: str


class BadLine(NamedTuple):
    """One refused input line: its number from 1 and why."""

    number: int
    reason: str


@app.command("parse")
def parse_lines(
    home_city: Annotated[
        str | None, typer.Option("--home-city", help="机构所在城市代码,如 330200 / city of the branch")
    ] = None,
) -> None:
    """标准输入逐行 JSON {"id","text"},标准输出逐行六段地址 / JSON lines in, JSON lines out."""
    gazetteer = Gazetteer.of(load())
    if home_city is not None and home_city[:4] not in gazetteer.node_of:
        refuse(f"编码簿中没有城市 {home_city}")
    refused = 0
    for lines in _chunks(_read(sys.stdin.buffer), CHUNK_LINES):
        for bad in lines:
            if isinstance(bad, BadLine):
                refused += 1
                err.print(f"第 {bad.number} 行:{bad.reason}", markup=False, soft_wrap=True)
        good = [line for line in lines if isinstance(line, Line)]
        frame = pl.DataFrame(good, schema={"id": pl.String, "text": pl.String}, orient="row")
        sys.stdout.write(parse(frame, gazetteer, home_city).select(COLUMNS).write_ndjson())
    sys.stdout.flush()
    if refused:
        raise typer.Exit(DONE_WITH_LEFTOVERS)


@app.command("learn")
def learn(
    db: DbOption, everybody: Annotated[bool, typer.Option("--all", help="全部重算 / everybody anew")] = False
) -> None:
    """推算地址台成批识别用的小区、道路和单位(不含门牌) / derive what the address desk groups by."""
    open_database(db)
    from tuogu.books import actions

    today = business_today()
    learnt = actions.learn_addresses(on=today) if everybody else actions.learn_missing_addresses(on=today)
    out.print(f"已推算 {learnt:,} 位客户的地址；在库数据未作改动")


def _chunks(lines: Iterator[Line | BadLine], size: int) -> Iterator[list[Line | BadLine]]:
    while chunk := list(islice(lines, size)):
        yield chunk


def _read(source: Iterable[bytes]) -> Iterator[Line | BadLine]:
    """Each line as accepted or refused; blank lines are skipped."""
    for number, raw in enumerate(source, start=1):
        if raw.strip():
            yield _line(number, raw)


def _line(number: int, raw: bytes) -> Line | BadLine:
    try:
        value: Any = json.loads(raw.decode("utf-8-sig"))
    except UnicodeDecodeError:
        return BadLine(number, "不是 UTF-8 文字")
    except (ValueError, RecursionError):
        return BadLine(number, "不是合法的 JSON")
    if not isinstance(value, dict) or "id" not in value or "text" not in value:
        return BadLine(number, '应为 {"id": …, "text": …}')
    key, text = value["id"], value["text"]
    if isinstance(key, bool) or not isinstance(key, (str, int)):
        return BadLine(number, "id 应为文字或整数")
    if text is not None and not isinstance(text, str):
        return BadLine(number, "text 应为文字")
    line = Line(str(key), text or "")
    if not _encodable(line):
        return BadLine(number, "含有残缺的字符(单独的代理项)")
    return line


def _encodable(line: Line) -> bool:
    """JSON may escape half a surrogate pair, which no UTF-8 output can carry."""
    try:
        (line.id + line.text).encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True
