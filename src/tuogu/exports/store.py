"""Files of exports on the disk: sealed, each under a name that nobody guesses, deleted when they expire.

In: bytes. Out: the name they lie under; the bytes again. Never: a byte in clear on the disk, a path made of what somebody
sent.
"""

from __future__ import annotations

import re
import secrets
from datetime import datetime
from pathlib import Path

from django.conf import settings

from tuogu.vault.blobs import open_bytes, seal_bytes

_KEY = re.compile(r"[0-9a-f]{32}")
_KEY_BYTES = 16
_DIRECTORY, _FILE = 0o700, 0o600


def keep(content: bytes) -> str:
    """Seal and store; returns the name."""
    folder, key = _folder(), secrets.token_hex(_KEY_BYTES)
    folder.mkdir(mode=_DIRECTORY, parents=True, exist_ok=True)
    target = folder / key
    target.touch(mode=_FILE, exist_ok=False)
    target.write_bytes(seal_bytes(content))
    return key


def fetch(key: str) -> bytes | None:
    """The content in clear; None once it is deleted."""
    file = _file(key)
    return open_bytes(file.read_bytes()) if file.is_file() else None


def drop(key: str) -> None:
    """Delete it."""
    _file(key).unlink(missing_ok=True)


def keys(*, older_than: datetime) -> set[str]:
    """Every file that has lain there since before that moment."""
    folder, moment = _folder(), older_than.timestamp()
    if not folder.is_dir():
        return set()
    return {p.name for p in folder.iterdir() if _KEY.fullmatch(p.name) and p.stat().st_mtime < moment}


def _file(key: str) -> Path:
    if not _KEY.fullmatch(key):
        raise ValueError("no file of an export has such a name")
    return _folder() / key


def _folder() -> Path:
    return Path(settings.TUOGU_FILES) / "exports"
