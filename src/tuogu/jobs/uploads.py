"""The folder of uploads: what was sent in, and the files that a job leaves to be fetched.

In: chunks of bytes. Out: files of mode 0600 in folders of mode 0700, each upload in a folder with a random name below
settings.TUOGU_FILES. Never: a path made of what a visitor sent, a file that outlives its days.
"""

from __future__ import annotations

import json
import re
import secrets
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.conf import settings

SOURCE, SKETCH, REJECTS, REJECTED_ROWS = "source", "sketch.json", "rejects.xlsx", "rejects.parquet"
UNDERSTOOD = "understood.json"
_KEY = re.compile(r"[0-9a-f]{32}")
_NOT_A_NAME = re.compile(r"[^\w.\-() （）]+")
_KEY_BYTES = 16  # nobody guesses 128 bits
_NAME_CHARS_MAX = 80  # of a file name kept on disk
_DIRECTORY, _FILE = 0o700, 0o600  # permission bits


def new_key() -> str:
    """A name that nobody can guess."""
    return secrets.token_hex(_KEY_BYTES)


def folder(key: str) -> Path:
    """The folder of an upload; ValueError for what is no key."""
    if not _KEY.fullmatch(key):
        raise ValueError("no upload has such a name")
    return Path(settings.TUOGU_FILES) / "uploads" / key


def write_source(key: str, name: str, chunks: Iterable[bytes]) -> None:
    """Store one uploaded file. Its name is kept (a csv's name says which sheet it is), reduced to harmless characters."""
    where = _made(folder(key) / SOURCE)
    target = where / safe_name(name)
    target.touch(mode=_FILE, exist_ok=False)
    with target.open("wb") as file:
        for chunk in chunks:
            file.write(chunk)


def safe_name(name: str) -> str:
    """The last part of a file name, without anything that a path or a shell could take for more."""
    plain = _NOT_A_NAME.sub("_", name.replace("\\", "/").rsplit("/", 1)[-1]).lstrip(". ")
    stem, dot, suffix = plain.rpartition(".")
    return f"{stem[:_NAME_CHARS_MAX]}{dot}{suffix[:8]}" if stem else plain[:_NAME_CHARS_MAX] or "file"


def source(key: str) -> Path | None:
    """What was uploaded: the one file, or the folder of several; None once it is gone."""
    where = folder(key) / SOURCE
    found = sorted(where.iterdir()) if where.is_dir() else []
    return (found[0] if len(found) == 1 else where) if found else None


def write_json(key: str, name: str, value: Any) -> None:
    """Store plain values beside the upload."""
    write_bytes(key, name, json.dumps(value, ensure_ascii=False).encode())


def read_json(key: str, name: str) -> Any:
    """The values; None when there is no such file."""
    file = result(key, name)
    return None if file is None else json.loads(file.read_text("utf-8"))


def write_bytes(key: str, name: str, content: bytes) -> None:
    """Store one file to fetch."""
    target = _made(folder(key)) / name
    target.unlink(missing_ok=True)
    target.touch(mode=_FILE)
    target.write_bytes(content)


def place(key: str, name: str) -> Path:
    """Where a file to fetch is written by somebody else; `settle` it afterwards."""
    return _made(folder(key)) / name


def settle(path: Path) -> None:
    """Only this account may read it."""
    path.chmod(_FILE)


def result(key: str, name: str) -> Path | None:
    """A file of the upload, if it is there."""
    file = folder(key) / name
    return file if file.is_file() else None


def drop_source(key: str) -> None:
    """Delete what was uploaded; the files to fetch stay."""
    shutil.rmtree(folder(key) / SOURCE, ignore_errors=True)


def keys() -> set[str]:
    """Every upload that has a folder."""
    root = Path(settings.TUOGU_FILES) / "uploads"
    return {path.name for path in root.iterdir() if _KEY.fullmatch(path.name)} if root.is_dir() else set()


def drop(key: str) -> None:
    """Delete everything of an upload."""
    shutil.rmtree(folder(key), ignore_errors=True)


def _made(where: Path) -> Path:
    """The folder and those above it, each for this account only."""
    root = Path(settings.TUOGU_FILES)
    root.parent.mkdir(parents=True, exist_ok=True)
    above = [directory for directory in reversed(where.parents) if directory.is_relative_to(root)]
    for directory in (*above, where):
        directory.mkdir(mode=_DIRECTORY, exist_ok=True)
    return where
