"""Rulebooks as values: every business number is dated data that names its requirement and its source line.

In: the parsed TOML of a rulebook. Out: `Rulebook`, read by dotted key. Never: a key that is not in the book
(raises `RulebookError` naming it), a parameter without a requirement id, a number living in code.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from datetime import date
from functools import cached_property
from typing import Any

_REQUIREMENT = re.compile(r"^[SPNLA]\d?-\d{2}$")


class RulebookError(ValueError):
    """A rulebook is malformed or lacks a key; the message names the key."""


@dataclass(frozen=True)
class Problem:
    """Something wrong: at which key, what, and what may stand there ("" where nothing more can be said)."""

    key: str
    wrong: str
    allowed: str = ""

    def __str__(self) -> str:
        return f"{self.key}：{self.wrong}" + (f"；可填：{self.allowed}" if self.allowed else "")


class RulebookProblems(RulebookError):
    """All that is wrong with a rulebook."""

    def __init__(self, found: Iterable[Problem]) -> None:
        self.problems = tuple(found)
        super().__init__("\n".join(map(str, self.problems)))


@dataclass(frozen=True)
class Parameter:
    """One number, table or switch of a rule. `title`, `unit` and `note` are for people; `source` names the document and
    line; `form` says which values are allowed (`rulebook_forms`), "" = nobody has said yet.
    """

    key: str
    value: Any
    req: str
    source: str
    unit: str = ""
    note: str = ""
    title: str = ""
    form: str = ""


_FIELDS = frozenset(field.name for field in fields(Parameter)) - {"key"}


@dataclass(frozen=True)
class Rulebook:
    """An immutable set of parameters in force from `effective_date` on."""

    name: str
    version: str
    effective_date: date
    parameters: Mapping[str, Parameter]

    def __getitem__(self, key: str) -> Any:
        try:
            return self.parameters[key].value
        except KeyError:
            raise RulebookError(f"rulebook {self.name} {self.version} has no parameter {key!r}") from None

    def replace(self, **changes: Any) -> Rulebook:
        """A copy with values changed; keys use '__' for '.' (territory__month_load_max=70)."""
        parameters = dict(self.parameters)
        for name, value in changes.items():
            key = name.replace("__", ".")
            if key not in parameters:
                raise RulebookError(f"rulebook {self.name} {self.version} has no parameter {key!r}")
            parameters[key] = replace(parameters[key], value=value)
        return Rulebook(self.name, self.version + "+", self.effective_date, parameters)

    def digest(self) -> str:
        """SHA-256 of the canonical content: two books with the same digest decide alike."""
        return self._digest

    @cached_property
    def _digest(self) -> str:
        content = {key: p.value for key, p in sorted(self.parameters.items())}
        text = json.dumps([self.name, self.version, content], ensure_ascii=False, sort_keys=True, default=str)
        return hashlib.sha256(text.encode()).hexdigest()


def parse_rulebook(document: Mapping[str, Any]) -> Rulebook:
    """Build a Rulebook from parsed TOML. A table that has `value` is a parameter; others are groups.

    RulebookProblems with everything that is malformed.
    """
    head = document.get("rulebook")
    head = head if isinstance(head, Mapping) else {}
    found = list(_head_problems(head))
    parameters: dict[str, Parameter] = {}
    for key, entry in _entries("", {k: v for k, v in document.items() if k != "rulebook"}):
        wrong = list(_entry_problems(key, entry))
        if not wrong:
            parameters[key] = Parameter(key, **entry)
        found += wrong
    if found:
        raise RulebookProblems(found)
    return Rulebook(head["name"], head["version"], head["effective_date"], parameters)


def _head_problems(head: Mapping[str, Any]) -> Iterator[Problem]:
    for name in ("name", "version"):
        if not isinstance(head.get(name), str) or not head[name].strip():
            yield Problem(f"rulebook.{name}", "缺少", "文字，加引号")
    if type(head.get("effective_date")) is not date:  # a moment is a date to Python, but no day
        yield Problem("rulebook.effective_date", "缺少生效日", "日期，如 2026-04-01（不加引号）")


def _entries(prefix: str, table: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, entry in table.items():
        if isinstance(entry, Mapping) and "value" not in entry:
            yield from _entries(f"{prefix}{name}.", entry)
        else:
            yield f"{prefix}{name}", entry


def _entry_problems(key: str, entry: Any) -> Iterator[Problem]:
    if not isinstance(entry, Mapping):
        yield Problem(key, "只有值，没有条款与出处", "{ value = …, req = …, source = … }")
        return
    unknown = entry.keys() - _FIELDS
    if unknown:
        yield Problem(key, f"不认识 {'、'.join(sorted(unknown))}", "、".join(sorted(_FIELDS)))
    if not _REQUIREMENT.match(str(entry.get("req", ""))):
        yield Problem(key, "缺少条款号 req", "条款号，如 S0-21")
    if not entry.get("source"):
        yield Problem(key, "缺少出处 source", "文件与行号，或 ours: 理由")
