"""A clerk's own rulebook: what changes against a base, with a version and a day.

In: the base and the parsed TOML, with only the changed keys. Out: a whole rulebook. Never: a key that the base does not
know, a changed book under the old version or the old day (S1-02), a number that still cites the document it departs from.

    [rulebook]
    base = "standard"                 # or "standard 2026.4": a version that has been adopted
    version = "2026.4"
    effective_date = 2026-04-01
    source = "分公司〔2026〕3号"         # optional: the paper that orders the change

    [territory]
    month_load_max = 55
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from tuogu.core.rulebook import Parameter, Problem, Rulebook, RulebookProblems
from tuogu.core.rulebook_checks import check_rulebook, not_newer, other_names, unknown_key
from tuogu.core.rulebook_words import DEPARTS, original

_HEAD = frozenset({"base", "version", "effective_date", "source"})
_OWN_FIELDS = frozenset({"value", "source", "note"})


@dataclass(frozen=True)
class Base:
    """The book that an overlay builds on: its name, and a version ("" = the one shipped)."""

    name: str
    version: str


def base_of(document: Mapping[str, Any]) -> Base:
    """What the overlay names as its base; RulebookProblems when it names none."""
    head = document.get("rulebook")
    named = head.get("base") if isinstance(head, Mapping) else None
    if not isinstance(named, str) or not named.strip():
        wrong = "缺少底本：每个制度文件都要写明改自哪一份"
        raise RulebookProblems([Problem("rulebook.base", wrong, '"standard" 或 "standard 版本号"')])
    name, _, version = named.strip().partition(" ")
    return Base(name, version.strip())


def overlaid(base: Rulebook, document: Mapping[str, Any]) -> Rulebook:
    """The base with the overlay's changes; RulebookProblems with everything that is wrong."""
    head = document.get("rulebook", {})
    found = list(_head_problems(base, head))
    changes: dict[str, Any] = {}
    for key, value in _keys("", {k: v for k, v in document.items() if k != "rulebook"}, base):
        if key in base.parameters:
            changes[key] = value
        else:
            found.append(unknown_key(key, base.parameters))
    if not changes and not found:
        found.append(Problem("rulebook", "没有改动任何参数"))
    ordered_by = str(head.get("source") or f"制度 {head.get('version')} 修改")
    parameters = dict(base.parameters)
    for key, value in changes.items():
        if isinstance(value, Mapping) and "value" in value and (more := value.keys() - _OWN_FIELDS):
            found.append(Problem(key, f"不认识 {'、'.join(sorted(more))}", "value、source、note"))
            continue
        parameters[key] = _changed(base.parameters[key], value, ordered_by)
        found += other_names(base.parameters[key], parameters[key].value)
    changed = Rulebook(base.name, "", base.effective_date, parameters)
    found += check_rulebook(changed)
    if found:
        raise RulebookProblems(found)
    return replace(changed, version=head["version"], effective_date=head["effective_date"])


def _head_problems(base: Rulebook, head: Mapping[str, Any]) -> Iterator[Problem]:
    for name in sorted(head.keys() - _HEAD):
        yield Problem(f"rulebook.{name}", "不认识", "base、version、effective_date、source")
    version, day = head.get("version"), head.get("effective_date")
    if not isinstance(version, str) or not version.strip():
        yield Problem("rulebook.version", "缺少版本号", '文字，如 "2026.4"')
    if type(day) is not date:  # a moment is a date to Python, but no day
        yield Problem("rulebook.effective_date", "缺少生效日", "日期，如 2026-04-01（不加引号）")
    if isinstance(version, str) and type(day) is date:
        yield from not_newer(version, day, base)


def _keys(prefix: str, table: Mapping[str, Any], base: Rulebook) -> Iterator[tuple[str, Any]]:
    """(key, value) of the overlay: a table is a group as long as parameters of the base lie below it."""
    for name, value in table.items():
        key = f"{prefix}{name}"
        group = any(known.startswith(key + ".") for known in base.parameters)
        if isinstance(value, Mapping) and key not in base.parameters and (group or not prefix):
            yield from _keys(key + ".", value, base)
        else:
            yield key, value


def _changed(old: Parameter, value: Any, ordered_by: str) -> Parameter:
    """The parameter with its new value; its source is the order, and says what it departs from. The old note, which tells
    what the document says, would stand beside a number that says something else.
    """
    own = value if isinstance(value, Mapping) and "value" in value else {"value": value}
    source = f"{own.get('source', ordered_by)}{DEPARTS}{original(old.source)}）"
    return replace(old, value=own["value"], source=source, note=own.get("note", ""))
