"""Hostile files, each built by code: bombs, lies, broken and foreign files.

In: a folder. Out: the path of one hostile file. Never: a fixture that nobody can read.
`CASES` maps a name to its builder and to the reason code with which the file must be refused.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

Builder = Callable[[Path], Path]


@dataclass(frozen=True)
class Case:
    """One hostile file and how it must be refused."""

    build: Builder
    code: str


CASES: dict[str, Case] = {}


def hostile(code: str) -> Callable[[Builder], Builder]:
    """Enter a builder in CASES under its own name; `code`: the right refusal."""

    def enter(build: Builder) -> Builder:
        name = build.__name__
        assert name not in CASES, name
        CASES[name] = Case(build, code)
        return build

    return enter


from hostile import parquets, texts, workbooks, zips  # noqa: E402, F401  (the builders enter themselves)
