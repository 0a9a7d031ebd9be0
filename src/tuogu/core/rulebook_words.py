"""A rulebook in the words of the people who read it: values with their unit, allowed forms, sources.

In: a form, a value, a source line. Out: Chinese. Never: a number that differs from the one the rule uses.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tuogu.core.rulebook import Parameter
from tuogu.core.rulebook_forms import KINDS, UNSET, Cell, Form, read_form

NOT_SET = "未设定"
OURS = "ours:"
DEPARTS = "（原 "  # a changed number: the paper that orders it, then the source that it departs from
_ORDER_WORDS = {"ascending": "从小到大", "descending": "从大到小"}
_CITED = re.compile(r"(?P<document>[^;()]*?) (?P<lines>L\d+(?:-\d+)?(?:,L\d+(?:-\d+)?)*)")
_READING = re.compile(r"\bA-\d{2}\b")


@dataclass(frozen=True)
class Citation:
    """Where a number comes from. `document` "" = ours, and `why` says why."""

    document: str
    lines: str
    readings: tuple[str, ...]
    why: str


def citation(source: str) -> Citation:
    """The parts of a source line: `文件 L12-14; A-08`, or `ours: why`, or a law by its number."""
    order, departs, _inner = source.partition(DEPARTS)
    if departs:  # a clerk's change: ordered by a paper of the insurer, against what the document says
        return Citation(order, "", (), f"原 {original(source)}")
    readings = tuple(dict.fromkeys(_READING.findall(source)))
    if source.startswith(OURS):
        return Citation("", "", readings, _rest(source.removeprefix(OURS)))
    cited = _CITED.search(source)
    if cited is None:  # a law by its number
        document, _, rest = source.partition(" (")
        return Citation(document, "", readings, rest.rstrip(")"))
    return Citation(cited["document"].strip(), cited["lines"], readings, _rest(source[cited.end() :]))


def remarks(parameter: Parameter) -> str:
    """What the document says, in our words, and why the number is as it is."""
    return "；".join(filter(None, (parameter.note, citation(parameter.source).why)))


def original(source: str) -> str:
    """The source that a changed number departs from; the source itself when nobody changed it."""
    _order, departs, inner = source.rpartition(DEPARTS)
    return inner.rstrip("）") if departs else source


def _rest(words: str) -> str:
    """What a source line says beside document, lines and readings."""
    return re.sub(r"(?:; *)?\bA-\d{2}\b", "", words).strip("; ")


def shown(parameter: Parameter) -> str:
    """The value as people say it: 40%, 5天, 20,000元, 60%、40%."""
    if not parameter.form:
        return str(parameter.value)
    return value_shown(read_form(parameter.form), parameter.value)


def value_shown(form: Form, value: Any) -> str:
    """A value under its form, in words."""
    if value == UNSET:
        return NOT_SET
    if form.shape == "steps":
        return "；".join(
            f"{cell_shown(form.cells[0], start)}起 {cell_shown(form.cells[1], worth)}"
            for start, worth in value
        )
    if isinstance(value, Mapping):
        return _table_shown(form, value)
    if isinstance(value, list):
        return "、".join(cell_shown(form.cells[0], item) for item in value)
    return cell_shown(form.cells[0], value)


def _table_shown(form: Form, value: Mapping[str, Any]) -> str:
    if not value:
        return NOT_SET
    if form.shape == "labels":
        return "、".join(f"{name} {word}" for name, word in value.items())
    names = form.cells[0].words or {}
    cell = Cell(form.cells[0].kind)
    return "、".join(f"{names.get(name, name)} {cell_shown(cell, item)}" for name, item in value.items())


def cell_shown(cell: Cell, value: Any) -> str:
    """One value of a cell with its unit."""
    if value == UNSET:
        return NOT_SET
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, str):
        return (cell.words or {}).get(value, value)
    kind = KINDS[cell.kind]
    return f"{_number(value, kind.per_unit)}{kind.unit}"


def _number(value: float, per_unit: int) -> str:
    """Exact: 1 of 100 → 0.01, 10000 of 100 → 100, 20000 of 1 → 20,000."""
    if isinstance(value, float):
        return f"{value:,g}"
    whole, rest = divmod(value, per_unit)
    digits = len(str(per_unit)) - 1
    return f"{whole:,}" + (f".{rest:0{digits}d}".rstrip("0") if rest else "")


def allowed(line: str) -> str:
    """What may stand there, for somebody who writes it: `0至10000的整数（万分之几，4000 就是 40%）`."""
    form = read_form(line)
    cells = [_cell_allowed(cell) for cell in form.cells]
    order = f"{_ORDER_WORDS[form.order]}，" if form.order else ""
    match form.shape:
        case "list":
            words = f"一列值，{order}每个是{cells[0]}"
        case "shares":
            words = f"各份（相加正好 100%），每份是{cells[0]}"
        case "table":
            words = f"一张表，每项是{cells[0]}"
        case "steps":
            words = f"若干档 [起点, 值]，{order}起点是{cells[0]}，值是{cells[1]}"
        case "labels":
            words = "一张表，每项是文字"
        case _:
            words = cells[0]
    return words + ('；未设定写 ""' if form.unset else "")


def _cell_allowed(cell: Cell) -> str:
    if cell.kind == "switch":
        return "true 或 false"
    if cell.kind == "text":
        return "文字"
    if cell.kind == "word":
        return " ".join(
            f"“{code}”" + (f"（{word}）" if word != code else "") for code, word in (cell.words or {}).items()
        )
    kind = KINDS[cell.kind]
    number = "整数" if kind.whole else "数"
    example = f"，如 {kind.per_unit * 2} 就是 2{kind.unit}" if kind.per_unit > 1 else ""
    meaning = f"（{kind.noun}{example}）" if kind.noun != number else ""
    return f"{_range(cell.low, cell.high)}{number}{meaning}"


def _range(low: float, high: float) -> str:
    if math.isinf(low) and math.isinf(high):
        return ""
    if math.isinf(high):
        return f"{low:,g} 以上的"
    return f"{low:,.10g} 至 {high:,.10g} 的"
