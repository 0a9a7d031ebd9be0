"""A rulebook as JSON and back, exactly: dates keep their type, order and meaning are those of the digest."""

from __future__ import annotations

from datetime import date
from typing import Any

from tuogu.core.rulebook import Parameter, Rulebook

_DATE = "$date"


def to_content(rulebook: Rulebook) -> list[dict[str, Any]]:
    """Parameters by key, ready for a JSON column."""
    return [
        {name: encode(value) if name == "value" else value for name, value in vars(p).items()}
        for _, p in sorted(rulebook.parameters.items())
    ]


def from_content(name: str, version: str, effective_date: date, content: list[dict[str, Any]]) -> Rulebook:
    """The inverse of `to_content`. A book adopted before parameters had a title comes back without."""
    parameters = {row["key"]: Parameter(**row | {"value": decode(row["value"])}) for row in content}
    return Rulebook(name, version, effective_date, parameters)


def encode(value: Any) -> Any:
    """A value ready for JSON; days keep their type."""
    if isinstance(value, date):
        return {_DATE: value.isoformat()}
    if isinstance(value, list):
        return [encode(item) for item in value]
    return value


def decode(value: Any) -> Any:
    """The inverse of `encode`."""
    if isinstance(value, dict) and value.keys() == {_DATE}:
        return date.fromisoformat(value[_DATE])
    if isinstance(value, list):
        return [decode(item) for item in value]
    return value
