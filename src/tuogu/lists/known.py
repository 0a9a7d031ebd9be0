"""Which lists there are, what their addresses may narrow and how they may stand; and what of an address may be kept.

In: the name of a list and its query string. Out: the canonical query string of a view. Never: a search (`q`, `found`): what
was typed there may be a person's; a page mark; a value that reads like a phone or an ID.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode

from tuogu.lists.failures import ListRefused

VALUE_MAX = 64  # characters of one value of an address
_PERSONAL = re.compile(r"(?<![0-9])(?:1[3-9][0-9]{9}|[0-9]{15}|[0-9]{17}[0-9Xx])(?![0-9])")
_HAN = re.compile(r"[㐀-鿿]")
_SEARCHES = frozenset({"q", "found", "number", "batch"})  # typed by people: never kept
_PASSING = frozenset(
    {"after", "before", "first", "size", "saved"}
)  # where somebody stands, not what is shown


@dataclass(frozen=True)
class KnownList:
    """One list: where it lies (a URL name) and the fields of its address that a view may keep."""

    url_name: str
    fields: frozenset[str]


LISTS = {
    "policies": KnownList(
        "policies:list",
        frozenset({
            "view", "state", "region", "street", "orphan_type", "service_class", "institution", "due_from", "due_until",
            "custodian", "sort",
        }),
    ),
    "customers": KnownList(
        "customers:list",
        frozenset({
            "view", "region", "street", "orphan_type", "custodian", "team", "institution", "policies_min",
                "due_from", "due_until", "sort",
        }),
    ),
    "entries": KnownList(
        "ledger:entries", frozenset({"kind", "relation", "custodian", "from", "to"})
    ),
}  # fmt: skip


def kept_query(list_name: str, query: str) -> str:
    """The part of an address that a view keeps, its fields in order. ListRefused: an unknown list or field, a search."""
    known = known_list(list_name)
    pairs = [(name, value.strip()) for name, value in parse_qsl(query.lstrip("?")) if value.strip()]
    asked = {name for name, _ in pairs} - _PASSING
    if asked & _SEARCHES:
        raise ListRefused("查找的内容可能含个人信息，不能存为视图；请清除查找条件后再存，没有写入任何数据")
    if strange := asked - known.fields:
        raise ListRefused(f"地址中有不认识的条件：{'、'.join(sorted(strange))}；没有写入任何数据")
    kept = {name: value for name, value in pairs if name in known.fields}
    for name, value in kept.items():
        if len(value) > VALUE_MAX or not value.isprintable():
            raise ListRefused(f"条件 {name} 的值太长或含控制字符；没有写入任何数据")
        if _PERSONAL.search(value) or _HAN.search(value):
            raise ListRefused(f"条件 {name} 的值像个人信息，不能存为视图；没有写入任何数据")
    return urlencode(sorted(kept.items()))


def checked_name(name: str) -> str:
    """The name of a view. ListRefused: empty, long, or with a phone or an ID in it."""
    said = " ".join(name.split())
    if not said or len(said) > VALUE_MAX or not said.isprintable():
        raise ListRefused(f"视图名称须为 1 至 {VALUE_MAX} 个字；没有写入任何数据")
    if _PERSONAL.search(said):
        raise ListRefused("视图名称里不能有手机或证件号；没有写入任何数据")
    return said


def checked_columns(columns: Iterable[str]) -> list[str]:
    """Keys of columns, each once. Which ones a list has is known to its page; a key that it lacks shows nothing."""
    found = list(dict.fromkeys(columns))
    if not all(re.fullmatch(r"[a-z_]{1,32}", key) for key in found):
        raise ListRefused("不认识的列；没有写入任何数据")
    return found


def known_list(list_name: str) -> KnownList:
    """ListRefused for a list that there is not."""
    if list_name not in LISTS:
        raise ListRefused("没有这个清单；没有写入任何数据")
    return LISTS[list_name]
