"""Which values a parameter may have, said in one line of the rulebook: `form = "list days 1..366 ascending"`.

In: the line, a value. Out: what is wrong with the value, in Chinese; what is allowed, in Chinese. Never: a value mended
or rounded, a float where the rule counts in whole pieces.

    SHAPE   one cell (no word) | list CELL | shares CELL | table CELL | steps CELL CELL | labels
    CELL    KIND [LOW..HIGH] [code=词|code=词]
    after   ascending | descending        rows or items strictly in that order
            or unset                      "" stands for "not configured": whoever needs the number is refused

`shares` (a list or a table) add up to the whole, exactly. A `table` has the names that the line lists; where it lists none,
a change keeps the names of the book that it changes.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from itertools import pairwise
from typing import Any

UNSET = ""
_RANGE = re.compile(r"^(-?[\d.]*?)\.\.(-?[\d.]*)$")
_SHAPES = ("list", "shares", "table", "steps", "labels")
_ORDERS = ("ascending", "descending")


class FormError(ValueError):
    """The line of a form cannot be read: a mistake of whoever wrote the rulebook."""


@dataclass(frozen=True)
class Kind:
    """What a number is. `per_unit`: how many of it make one `unit` as people say it; `whole`: integers only."""

    noun: str
    unit: str = ""
    per_unit: int = 1
    low: float = 0
    high: float = math.inf
    whole: bool = True


KINDS: Mapping[str, Kind] = {
    "count": Kind("整数"),
    "days": Kind("天数", "天"),
    "hours": Kind("小时数", "小时"),
    "months": Kind("月数", "个月"),
    "monthday": Kind("每月的日子（1至28，每个月都有）", "日", low=1, high=28),
    "month": Kind("月份", "月", low=1, high=12),
    "metres": Kind("米数", "米"),
    "points": Kind("百分之一分", "分", per_unit=100),
    "thousandths": Kind("千分之一", per_unit=1000),
    "fen": Kind("分（货币）", "元", per_unit=100),
    "bp": Kind("万分之几", "%", per_unit=100, high=10_000),
    "percent": Kind("百分数", "%", high=100, whole=False),
    "number": Kind("数", low=-math.inf, whole=False),
}
_WHOLE_SHARES = {"bp": 10_000, "percent": 100}


@dataclass(frozen=True)
class Cell:
    """One value: a number of a kind and range, a word of a list, a text, or yes and no."""

    kind: str
    low: float = -math.inf
    high: float = math.inf
    words: Mapping[str, str] | None = None  # code → Chinese word


@dataclass(frozen=True)
class Form:
    """A line, read. `shape` is "one" for a single cell."""

    shape: str
    cells: tuple[Cell, ...] = ()
    order: str = ""
    unset: bool = False


@cache
def read_form(line: str) -> Form:
    """The meaning of a form's line; FormError when it has none."""
    unset = line.endswith(" or unset")
    tokens = line.removesuffix(" or unset").split()
    order = tokens.pop() if tokens and tokens[-1] in _ORDERS else ""
    shape = tokens.pop(0) if tokens and tokens[0] in _SHAPES else "one"
    cells = tuple(_cells(tokens))
    if len(cells) != {"steps": 2, "labels": 0}.get(shape, 1):
        raise FormError(f"form {line!r}: {shape} with {len(cells)} cells")
    return Form(shape, cells, order, unset)


def _cells(tokens: Sequence[str]) -> Iterator[Cell]:
    starts = [i for i, token in enumerate(tokens) if token in KINDS or token in {"word", "text", "switch"}]
    if not tokens:
        return
    if not starts or starts[0] != 0:
        raise FormError(f"form: {tokens[0]!r} is no kind")
    for start, end in zip(starts, [*starts[1:], len(tokens)], strict=True):
        yield _cell(tokens[start], tokens[start + 1 : end])


def _cell(kind: str, arguments: Sequence[str]) -> Cell:
    known = KINDS.get(kind)
    low, high = (known.low, known.high) if known else (-math.inf, math.inf)
    words = None
    for argument in arguments:
        if found := _RANGE.match(argument):
            low, high = (float(found[1]) if found[1] else low), (float(found[2]) if found[2] else high)
        elif "=" in argument or "|" in argument:
            words = dict(_word(entry) for entry in argument.split("|"))
        else:
            raise FormError(f"form: {argument!r} after {kind} is neither a range nor words")
    return Cell(kind, low, high, words)


def _word(entry: str) -> tuple[str, str]:
    code, _, word = entry.partition("=")
    return code, word or code


# --- what is wrong with a value ------------------------------------------------------------------------------------


def problems(form: Form, value: Any) -> Iterator[str]:
    """What is wrong with the value, one sentence each; nothing when it fits."""
    if form.unset and value == UNSET:
        return
    yield from _SHAPE_PROBLEMS[form.shape](form, value)


def _one(form: Form, value: Any) -> Iterator[str]:
    yield from _cell_problems(form.cells[0], value, "")


def _list(form: Form, value: Any) -> Iterator[str]:
    if not isinstance(value, list) or not value:
        yield "应是一列值，如 [1, 2]，不能为空"
        return
    for place, item in enumerate(value, 1):
        yield from _cell_problems(form.cells[0], item, f"第{place}个")
    if form.cells[0].words and len(set(map(str, value))) < len(value):
        yield "有重复的值"
    yield from _order_problems(form.order, value)


def _shares(form: Form, value: Any) -> Iterator[str]:
    shape = _table if isinstance(value, Mapping) else _list
    found = list(shape(form, value))
    yield from found
    if found:
        return
    kind = form.cells[0].kind
    parts = value.values() if isinstance(value, Mapping) else value
    total = sum((Fraction(str(part)) for part in parts), Fraction(0))
    if total != _WHOLE_SHARES[kind]:
        per_unit = KINDS[kind].per_unit
        yield f"各份相加为 {float(total / per_unit):g}%，应为 100%"


def _table(form: Form, value: Any) -> Iterator[str]:
    if not isinstance(value, Mapping) or not value:
        yield "应是一张表，如 { 名称 = 值 }，不能为空"
        return
    names = form.cells[0].words
    if names:
        missing, more = [n for n in names if n not in value], [n for n in value if n not in names]
        if missing:
            yield f"缺少 {'、'.join(missing)}"
        if more:
            yield f"不认识 {'、'.join(more)}"
    for name, item in value.items():
        yield from _cell_problems(Cell(form.cells[0].kind, form.cells[0].low, form.cells[0].high), item, name)


def _steps(form: Form, value: Any) -> Iterator[str]:
    if (
        not isinstance(value, list)
        or not value
        or not all(isinstance(r, list) and len(r) == 2 for r in value)
    ):
        yield "应是若干档，每档两个数，如 [[0, 5], [5000, 8]]"
        return
    for place, (start, worth) in enumerate(value, 1):
        yield from _cell_problems(form.cells[0], start, f"第{place}档起点")
        if not (form.unset and worth == UNSET):
            yield from _cell_problems(form.cells[1], worth, f"第{place}档的值")
    yield from _order_problems(form.order, [row[0] for row in value])


def _labels(_form: Form, value: Any) -> Iterator[str]:
    if not isinstance(value, Mapping) or not all(isinstance(word, str) for word in value.values()):
        yield '应是一张表，每项是文字，如 { 330203 = "老城区" }'


_SHAPE_PROBLEMS = {
    "one": _one, "list": _list, "shares": _shares, "table": _table, "steps": _steps, "labels": _labels,
}  # fmt: skip


def _cell_problems(cell: Cell, value: Any, where: str) -> Iterator[str]:
    if cell.kind == "switch":
        fits = isinstance(value, bool)
    elif cell.kind in {"word", "text"}:
        fits = isinstance(value, str) and value != UNSET and (cell.words is None or value in cell.words)
    elif isinstance(value, bool) or not isinstance(value, int if KINDS[cell.kind].whole else (int, float)):
        fits = False
    else:
        fits = cell.low <= value <= cell.high and math.isfinite(value)
    if not fits:
        yield f"{where}{value!r} 不可用" if where else f"{value!r} 不可用"


def _order_problems(order: str, values: Sequence[Any]) -> Iterator[str]:
    numbers = [value for value in values if isinstance(value, (int, float))]
    pairs = list(pairwise(numbers))
    if order == "ascending" and any(a >= b for a, b in pairs):
        yield "须从小到大排列，不重复"
    if order == "descending" and any(a <= b for a, b in pairs):
        yield "须从大到小排列，不重复"
