"""The shipped rulebooks. In: a name. Out: the parsed TOML. Never: a default for a missing key."""

from __future__ import annotations

import tomllib
from importlib.resources import files
from typing import Any


def read_shipped(name: str = "standard") -> dict[str, Any]:
    """Parsed TOML of a shipped rulebook; FileNotFoundError when there is none of that name."""
    return tomllib.loads((files(__package__) / f"{name}.toml").read_text(encoding="utf-8"))
