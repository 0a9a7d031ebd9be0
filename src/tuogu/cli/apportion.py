"""`tuogu apportion`: a total split by shares, in waves, with the certificate of its rounding.

In: numbers as text. Out: a table or one JSON document. Never: a share read through a float, a quota rounded unseen.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Annotated, Any

import typer
from rich.markup import escape

from tuogu.cli.console import print_json, print_table, refuse, say, warn
from tuogu.core.apportion import (
    ROUNDING,
    Apportionment,
    as_printed,
    exact,
    largest_remainder,
    printed_difference,
    split_waves,
)

METHODS = ("largest-remainder", "as-printed")
WAVE_WAYS = {"half-up": "half_up", "table": "table"}
NUMBER = re.compile(r"[0-9]{1,18}(\.[0-9]{1,18})?")


def apportion(
    total: Annotated[str, typer.Option("--total", help="总件数 / how many pieces")],
    shares: Annotated[str, typer.Option("--shares", help="各方占比，逗号分隔 / shares, comma separated")],
    waves: Annotated[
        str | None, typer.Option("--waves", help="各批次百分比，如 60,40 / percent of each wave")
    ] = None,
    names: Annotated[str | None, typer.Option("--names", help="各方名称，逗号分隔 / names")] = None,
    method: Annotated[
        str, typer.Option("--method", help="largest-remainder 最大余数法；as-printed 各自四舍五入")
    ] = METHODS[0],
    wave_rounding: Annotated[
        str, typer.Option("--wave-rounding", help="half-up 逐批四舍五入；table 各批合计也准确")
    ] = "half-up",
    seed: Annotated[int, typer.Option("--seed", help="并列时散列的种子 / seed for ties")] = 0,
    json: Annotated[bool, typer.Option("--json", help="输出 JSON / print JSON")] = False,
) -> None:
    """按占比分配件数并分批，附尾数分配证明 / split a total by shares, exactly."""
    if method not in METHODS:
        refuse(f"--method 只能是 {'、'.join(METHODS)}，不能是 {escape(method)}")
    if wave_rounding not in WAVE_WAYS:
        refuse(f"--wave-rounding 只能是 {'、'.join(WAVE_WAYS)}，不能是 {escape(wave_rounding)}")
    pieces = _whole(total)
    parts = _numbers("占比", shares)
    keys = _names(names, len(parts))
    weights = dict(zip(keys, parts, strict=True))
    try:
        split = (
            as_printed(pieces, weights)
            if method == METHODS[1]
            else largest_remainder(pieces, weights, seed=seed)
        )
        cut = _waves(split, waves, WAVE_WAYS[wave_rounding], seed)
        difference = printed_difference(pieces, weights, seed=seed)
    except ValueError as problem:  # what the core refuses, in Chinese
        refuse(escape(str(problem)))
    if sum(parts) not in (1, 100):
        warn(f"占比合计 {exact(sum(parts, Fraction(0)))}，不是 100；已按各自占合计的比例分配")
    rows = {row["key"]: row for row in split.certificate.iter_rows(named=True)}
    if json:
        print_json(_document(split, cut, [rows[key] for key in keys]))
        return
    _print_tables(split, cut, rows, keys, pieces)
    if difference:
        say(escape(difference))


def _document(
    split: Apportionment, waves: Sequence[Mapping[str, int]], rows: Sequence[Any]
) -> dict[str, Any]:
    keys = [row["key"] for row in rows]
    return {
        "quotas": [split.counts[key] for key in keys],
        "waves": [[wave[key] for key in keys] for wave in waves],
        "left": split.left,
        "certificate": list(rows),
    }


def _print_tables(
    split: Apportionment,
    waves: Sequence[Mapping[str, int]],
    rows: Mapping[str, Mapping[str, Any]],
    keys: Sequence[str],
    total: int,
) -> None:
    headings = [column.heading for column in ROUNDING.columns]
    shown = [[_plain(cell) for cell in rows[key].values()] for key in keys]
    print_table(ROUNDING.title, headings, shown)
    if waves:
        titles = ["对象", "件数", *(f"第 {number} 批" for number in range(1, len(waves) + 1))]
        body = [[_plain(key), split.counts[key], *(wave[key] for wave in waves)] for key in keys]
        sums = ["合计", sum(split.counts.values()), *(sum(wave.values()) for wave in waves)]
        print_table("分批下发", titles, [*body, sums])
    say(f"总数 {total} 件，已分 {total - split.left} 件，池中剩余 {split.left} 件")


def _plain(cell: Any) -> Any:
    """A name is text, whatever brackets it holds."""
    return escape(cell) if isinstance(cell, str) else cell


def _waves(split: Apportionment, text: str | None, how: str, seed: int) -> list[dict[str, int]]:
    """One mapping a wave, or none when no waves are asked for."""
    if text is None:
        return []
    percents = _numbers("批次比例", text)
    if sum(percents) != 100:
        refuse(f"各批次比例合计应为 100，现为 {exact(sum(percents, Fraction(0)))}")
    cut = split_waves(split.counts, percents, how, seed=seed)
    return [{key: counts[number] for key, counts in cut.items()} for number in range(len(percents))]


def _words(text: str) -> list[str]:
    return [word.strip() for word in re.split("[,，]", text)]


def _whole(text: str) -> int:
    if not re.fullmatch("[0-9]{1,18}", text.strip()):
        refuse(f"总数“{escape(text)}”不是不小于零的整数")
    return int(text)


def _numbers(what: str, text: str) -> list[Fraction]:
    """Decimals read exactly; a percent sign is allowed."""
    found = []
    for word in _words(text):
        digits = word.removesuffix("%")
        if digits.startswith("-") and NUMBER.fullmatch(digits[1:]):
            refuse(f"{what}不能为负：{escape(word)}")
        if not NUMBER.fullmatch(digits):
            refuse(f"{what}“{escape(word)}”不是数字；应为 35.93 这样的十进制数，用逗号分隔")
        found.append(Fraction(digits))
    return found


def _names(text: str | None, count: int) -> list[str]:
    names = [str(number) for number in range(1, count + 1)] if text is None else _words(text)
    if len(names) != count:
        refuse(f"名称有 {len(names)} 个，占比有 {count} 个，应一一对应")
    if not all(names):
        refuse("名称不能为空")
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        refuse(f"名称重复：{escape('、'.join(repeated))}")
    return names
