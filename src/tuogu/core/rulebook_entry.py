"""A rule's value as a person writes it in a form: in the units that people say, and back to what the rule counts in.

In: a parameter; what was typed. Out: how to ask for it; the exact value. Never: a value rounded to fit (0.333 % of a rule
that counts in hundredths of a percent is refused), a check of the value itself (that is `rulebook_checks`).
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from tuogu.core.rulebook import Parameter
from tuogu.core.rulebook_forms import KINDS, UNSET, Cell, read_form


class EntryError(ValueError):
    """What was typed cannot be read; says in Chinese what is expected."""


@dataclass(frozen=True)
class Entry:
    """How to ask for a value. `kind`: number | choice | toml. `choices`: (what is sent, word). `unit`: behind the number."""

    kind: str
    text: str
    unit: str = ""
    choices: tuple[tuple[str, str], ...] = ()


def entry_of(parameter: Parameter) -> Entry:
    """The field for a parameter, filled with its value."""
    cell, unset = _single(parameter)
    value = parameter.value
    if cell is None:
        return Entry("toml", _toml(value))
    blank = ((UNSET, "未设定"),) if unset else ()
    if cell.kind == "switch":
        return Entry("choice", "yes" if value else "no", choices=(("yes", "是"), ("no", "否"), *blank))
    if cell.words:
        return Entry("choice", str(value), choices=(*cell.words.items(), *blank))
    if cell.kind in {"word", "text"}:
        return Entry("toml", _toml(value))
    kind = KINDS[cell.kind]
    text = UNSET if value == UNSET else format((Decimal(str(value)) / kind.per_unit).normalize(), "f")
    return Entry("number", text, kind.unit)


def read_entry(parameter: Parameter, text: str) -> Any:
    """The value that was typed for a parameter; EntryError when it cannot be one."""
    cell, unset = _single(parameter)
    text = text.strip()
    if text == UNSET and unset:
        return UNSET
    if cell is not None and cell.kind == "switch":
        return {"yes": True, "no": False}.get(text) if text in {"yes", "no"} else _unreadable("请选择是或否")
    if cell is not None and cell.words:
        return text
    if cell is None or cell.kind in {"word", "text"}:
        return _read_toml(text)
    return _read_number(cell, text)


def _single(parameter: Parameter) -> tuple[Cell | None, bool]:
    """The cell of a parameter of one cell, and whether it may be left unset; None for lists, tables and free forms."""
    if not parameter.form:
        return None, False
    form = read_form(parameter.form)
    return (form.cells[0] if form.shape == "one" else None), form.unset


def _read_number(cell: Cell, text: str) -> int | float:
    kind = KINDS[cell.kind]
    try:
        typed = Decimal(text.replace(",", "").replace("，", "").removesuffix(kind.unit))
    except InvalidOperation:
        return int(_unreadable(f"请填{kind.noun}，如 {format(Decimal(1), 'f')}"))
    counted = typed * kind.per_unit
    if kind.whole and counted != counted.to_integral_value():
        smallest = format((Decimal(1) / kind.per_unit).normalize(), "f")
        return int(_unreadable(f"最细只能到 {smallest}{kind.unit}"))
    return int(counted) if kind.whole else float(counted)


def _unreadable(why: str) -> Any:
    raise EntryError(why)


def _read_toml(text: str) -> Any:
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        raise EntryError(
            '看不懂这个写法；文字加引号，一列值写成 [1, 2]，一张表写成 { "名称" = 值 }'
        ) from None


def _toml(value: Any) -> str:
    """The value as TOML writes it on one line."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{_toml(str(name))} = {_toml(item)}" for name, item in value.items()) + " }"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(_toml(item) for item in value) + "]"
    return str(value)
