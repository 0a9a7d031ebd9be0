"""Rulebooks as values: every business number is dated data that names its requirement and its source line.

In: the parsed TOML of a rulebook. Out: `Rulebook`, read by dotted key. Never: a key that is not in the book
(raises `RulebookError` naming it), a parameter without a requirement id, a number living in code.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

_REQUIREMENT = re.compile(r"^[SPNLA]\d?-\d{2}$")


class RulebookError(ValueError):
    """A rulebook is malformed or lacks a key; the message names the key."""


@dataclass(frozen=True)
class Parameter:
    """One number, table or switch of a rule. `unit` is for people; `source` names the document and line."""

    key: str
    value: Any
    req: str
    source: str
    unit: str = ""
    note: str = ""


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
            old = parameters[key]
            parameters[key] = Parameter(key, value, old.req, old.source, old.unit, old.note)
        return Rulebook(self.name, self.version + "+", self.effective_date, parameters)

    def digest(self) -> str:
        """SHA-256 of the canonical content: two books with the same digest decide alike."""
        content = {key: p.value for key, p in sorted(self.parameters.items())}
        text = json.dumps([self.name, self.version, content], ensure_ascii=False, sort_keys=True, default=str)
        return hashlib.sha256(text.encode()).hexdigest()


def parse_rulebook(document: Mapping[str, Any]) -> Rulebook:
    """Build a Rulebook from parsed TOML. A table that has `value` is a parameter; others are groups."""
    head = document.get("rulebook")
    if not isinstance(head, Mapping) or not {"name", "version", "effective_date"} <= head.keys():
        raise RulebookError("table [rulebook] needs name, version and effective_date")
    body = {k: v for k, v in document.items() if k != "rulebook"}
    parameters = {p.key: p for p in _parameters("", body)}
    return Rulebook(head["name"], head["version"], head["effective_date"], parameters)


def _parameters(prefix: str, table: Mapping[str, Any]) -> Iterator[Parameter]:
    for name, entry in table.items():
        key = f"{prefix}{name}"
        if not isinstance(entry, Mapping):
            raise RulebookError(f"{key}: every parameter is a table with value, req and source")
        if "value" in entry:
            yield _parameter(key, entry)
        else:
            yield from _parameters(key + ".", entry)


def _parameter(key: str, entry: Mapping[str, Any]) -> Parameter:
    unknown = entry.keys() - {"value", "req", "source", "unit", "note"}
    if unknown:
        raise RulebookError(f"{key}: unknown fields {sorted(unknown)}")
    if not _REQUIREMENT.match(str(entry.get("req", ""))):
        raise RulebookError(f"{key}: req must be a requirement id such as S0-21")
    if not entry.get("source"):
        raise RulebookError(f"{key}: source is missing")
    return Parameter(
        key, entry["value"], entry["req"], entry["source"], entry.get("unit", ""), entry.get("note", "")
    )
