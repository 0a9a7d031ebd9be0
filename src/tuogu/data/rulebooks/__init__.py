"""The shipped rulebooks. In: a name. Out: the parsed TOML, its parts joined. Never: a default for a missing key; a
section that stands in two parts.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any


def read_shipped(name: str = "standard") -> dict[str, Any]:
    """Parsed TOML of a shipped rulebook with the tables of all its parts; FileNotFoundError when there is none."""
    return joined(files(__package__), name)


def joined(folder: Traversable, name: str) -> dict[str, Any]:
    """The rulebook `name`.toml of a folder with the tables of all its parts.

    ValueError when two parts give the same table: nobody could say which one is in force.
    """
    document = _parsed(folder, name)
    for part in document["rulebook"].pop("parts", []):
        for section, table in _parsed(folder, part).items():
            if section == "document":
                continue
            if section in document:
                raise ValueError(f"rulebook {name}: table [{section}] stands in two parts, one is {part}")
            document[section] = table
    return document


@cache
def part_titles(name: str = "standard") -> Mapping[str, str]:
    """Title of the source document of each part, by part."""
    shipped = files(__package__)
    return {
        part: _parsed(shipped, part)["document"]["title"]
        for part in _parsed(shipped, name)["rulebook"]["parts"]
    }


@cache
def sections(name: str = "standard") -> Mapping[str, str]:
    """Which part each section comes from."""
    shipped = files(__package__)
    parts = _parsed(shipped, name)["rulebook"]["parts"]
    return {section: part for part in parts for section in _parsed(shipped, part) if section != "document"}


def _parsed(folder: Traversable, name: str) -> dict[str, Any]:
    return tomllib.loads((folder / f"{name}.toml").read_text(encoding="utf-8"))
