"""Reads a rulebook that somebody wrote: one TOML with only what changes, or a folder with a whole book in parts.

In: a path. Out: the parsed TOML, not yet judged. Never: a file that is larger than any rulebook, a Python message.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from tuogu.data.rulebooks import joined
from tuogu.files.refusal import MIB, FileRefused

_HEAD = "rulebook"  # the table that makes a TOML file the first one of a book


def read_rulebook(path: Path) -> dict[str, Any]:
    """The document of a file or folder; FileRefused when it is none."""
    if not path.exists():
        raise FileRefused(f"找不到 {path}", "no_rulebook")
    try:
        return _folder(path) if path.is_dir() else _file(path)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as broken:
        raise FileRefused(f"{path.name} 不是有效的 TOML：{broken}", "bad_rulebook") from broken


def _file(path: Path) -> dict[str, Any]:
    if path.stat().st_size > MIB:
        raise FileRefused(f"{path.name} 超过 1 MB，不是制度文件", "bad_rulebook")
    return tomllib.loads(path.read_text("utf-8"))


def _folder(path: Path) -> dict[str, Any]:
    heads = [file for file in sorted(path.glob("*.toml")) if isinstance(_file(file).get(_HEAD), dict)]
    if len(heads) != 1:
        found = "、".join(file.name for file in heads) or "没有"
        raise FileRefused(f"{path} 中应有且只有一个带 [rulebook] 的 TOML 文件：{found}", "bad_rulebook")
    parts = _file(heads[0])[_HEAD].get("parts", [])
    missing = [part for part in parts if not (path / f"{part}.toml").is_file()]
    if missing:
        raise FileRefused(
            f"{heads[0].name} 列出的部分不在文件夹中：{'、'.join(map(str, missing))}", "bad_rulebook"
        )
    try:
        return joined(path, heads[0].stem)
    except ValueError as twice:
        raise FileRefused(f"同一张表写在两个部分里：{twice}", "bad_rulebook") from twice
