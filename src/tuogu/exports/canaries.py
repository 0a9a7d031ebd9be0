"""Invented rows of a long list: when every watermark was cut away, they still say whose copy it is (N-13).

In: a table, an export's code, how many. Out: the table with rows that look like the others and belong to nobody, and their
numbers. Never: a number that is, or could become, a real one (the reserved range is the rulebook's); an invented row in a
total; an invented phone or ID that could be somebody's.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable
from dataclasses import replace
from itertools import count

from tuogu.exports.kinds import Column, Table, Value
from tuogu.vault import keyed_hash

_SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许邓冯韩曹曾彭萧蔡潘田董袁余叶蒋杜苏魏程吕丁沈任姚卢傅钟"
_SERIAL_DIGITS = 9  # of a policy number: the reserved range and what follows it
_NO_PHONE = "142"  # a series that was never given to telephones
_ID_DIGITS = 18
_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_ID_CHECKS = "10X98765432"
_NEAR_ROWS = 3  # an invented row takes its other cells from rows so near that sorting does not betray it
Digits = Callable[[str, int], int]


def invented(table: Table, code: str, wanted: int, reserved: int) -> tuple[Table, list[str]]:
    """The table with `wanted` more rows, and their policy numbers; unchanged where it has no column of numbers or no row."""
    numbers = next((c for c in table.columns if c.role == "number"), None)
    if numbers is None or not table.rows or wanted < 1:
        return table, []
    chance = _chance(code)
    given = _numbers(table, str(numbers.values[0] or ""), chance, wanted, reserved)
    places = sorted(chance(f"place {i}", table.rows + 1) for i in range(len(given)))
    columns = tuple(
        replace(column, values=_with(column, given, places, chance, table.rows)) for column in table.columns
    )
    return replace(table, columns=columns), given


def _chance(code: str) -> Digits:
    """Numbers below a bound, by name, that only the holder of the house's key can derive from the export's code."""
    key = keyed_hash(code, "canary") or b""

    def below(name: str, bound: int) -> int:
        return int.from_bytes(hmac.digest(key, name.encode(), "sha256"), "big") % bound

    return below


def _numbers(table: Table, like: str, chance: Digits, wanted: int, reserved: int) -> list[str]:
    """Numbers of the shape of `like` in the reserved range, none of them taken."""
    head = like[: max(len(like) - _SERIAL_DIGITS, 0)]
    digits = _SERIAL_DIGITS - len(str(reserved))
    found: list[str] = []
    for attempt in count():
        fresh = [
            f"{head}{reserved}{chance(f'number {attempt} {i}', 10**digits):0{digits}d}"
            for i in range(wanted - len(found))
        ]
        taken = set(table.taken(fresh)) if table.taken else set()
        found += [number for number in dict.fromkeys(fresh) if number not in taken and number not in found]
        if len(found) >= wanted:
            return found
    raise AssertionError("count() does not end")


def _with(column: Column, given: list[str], places: list[int], chance: Digits, rows: int) -> list[Value]:
    """The column's values with the invented ones at their places."""
    values = list(column.values)
    for i in reversed(range(len(given))):
        near = min(
            max(places[i] + chance(f"{column.head} {i}", 2 * _NEAR_ROWS + 1) - _NEAR_ROWS, 0), rows - 1
        )
        like = column.values[near]
        values.insert(places[i], _cell(column.role, like, given[i], chance, f"{column.role} {i}"))
    return values


def _cell(role: str, like: Value, number: str, chance: Digits, name: str) -> Value:
    if role == "number":
        return number
    if role == "" or not isinstance(like, str) or not like:
        return like
    if role == "name":
        return _SURNAMES[chance(name, len(_SURNAMES))] + like[1:]
    text = "".join(str(chance(f"{name} {i}", 10)) if c.isdigit() else c for i, c in enumerate(like))
    return _NO_PHONE + text[len(_NO_PHONE) :] if role == "phone" else _no_id(text)


def _no_id(text: str) -> str:
    """An ID whose check digit is wrong; masked ones show too little of it to matter."""
    if len(text) != _ID_DIGITS or not text[:-1].isdigit():
        return text
    right = _ID_CHECKS[sum(int(d) * w for d, w in zip(text, _ID_WEIGHTS, strict=False)) % len(_ID_CHECKS)]
    return text[:-1] + ("1" if right != "1" else "2")
