"""The key ring: data keys by id, the newest encrypts, all decrypt; hash keys by generation, each applied upon the last.

The file is replaced as a whole, so that a process killed while it is written leaves the old one. A ring is read again when
the file has changed: running processes take up a new key by themselves. Hash keys stay, all of them: a hash is made of every
generation in turn (`hashing`), since of an erased person nothing is left to compute another from; who knows the older ones
only can compute none.

File format (JSON, mode 0600):
{"hash_key": hex, "hash_keys": {"2": hex, ...}, "hashes_moved_to": 1, "keys": {"1": hex, ...}}.
"""

from __future__ import annotations

import json
import os
import secrets
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM


class VaultError(RuntimeError):
    """The key file is missing, unreadable or does not hold the key that a value names."""


@dataclass(frozen=True)
class KeyRing:
    """Ciphers by key id, the id that encrypts, and the keys of look-up hashes, the first generation first. `moved_to`: the
    generation that every stored hash was seen to have reached."""

    ciphers: dict[int, AESGCM]
    current: int
    hash_keys: tuple[bytes, ...]
    moved_to: int = 1

    @property
    def generation(self) -> int:
        """Of the hashes that are made now."""
        return len(self.hash_keys)

    def cipher(self, key_id: int) -> AESGCM:
        """The cipher of `key_id`; VaultError when its key was destroyed or never here."""
        try:
            return self.ciphers[key_id]
        except KeyError:
            raise VaultError(f"no data key {key_id}: it was destroyed, or this is another key file") from None


def create_key_file(path: Path) -> bool:
    """Create a key file unless there is one; True when created. Losing it makes personal data unreadable."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return False
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump({"hash_key": secrets.token_hex(32), "keys": {"1": secrets.token_hex(32)}}, file)
    return True


def add_key(path: Path) -> int:
    """Add a fresh key, which encrypts from now on; returns its id."""
    content = _content(path)
    fresh = max(int(i) for i in content["keys"]) + 1
    content["keys"][str(fresh)] = secrets.token_hex(32)
    _replace(path, content)
    return fresh


def add_hash_key(path: Path) -> int:
    """Add a fresh hash key; returns its generation. Hashes are made by it from now on, stored ones wait to be raised."""
    content = _content(path)
    later = content.setdefault("hash_keys", {})
    fresh = len(later) + 2
    later[str(fresh)] = secrets.token_hex(32)
    _replace(path, content)
    return fresh


def note_hashes_moved(path: Path) -> None:
    """No stored hash is of an older generation any more."""
    content = _content(path)
    content["hashes_moved_to"] = 1 + len(content.get("hash_keys", {}))
    _replace(path, content)


def retire_key(path: Path, key_id: int) -> None:
    """Take a key out of the ring; VaultError for the newest, and for one that is not there. What it sealed is lost."""
    content = _content(path)
    if str(key_id) not in content["keys"]:
        raise VaultError(f"key file {path} has no key {key_id}")
    if key_id == max(int(i) for i in content["keys"]):
        raise VaultError(f"key {key_id} is the one that seals now")
    del content["keys"][str(key_id)]
    _replace(path, content)


def _content(path: Path) -> dict[str, Any]:
    load_ring(path)  # says what is wrong with it
    content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return content


def _replace(path: Path, content: dict[str, Any]) -> None:
    """Write beside it, to the disk, then put it in the place of the old file."""
    beside = path.with_name(f"{path.name}.new")
    beside.unlink(missing_ok=True)
    handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump(content, file)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)


def load_ring(path: Path) -> KeyRing:
    """Read the key file; VaultError naming the path when it is missing or broken."""
    try:
        state = path.stat()
    except FileNotFoundError:
        raise VaultError(f"key file {path} is missing; personal data cannot be read or written") from None
    return _read(path, state.st_ino, state.st_mtime_ns)


@lru_cache(maxsize=4)
def _read(path: Path, inode: int, changed_ns: int) -> KeyRing:  # noqa: ARG001 - which state of the file it was
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        keys = {int(i): AESGCM(bytes.fromhex(h)) for i, h in content["keys"].items()}
        later = content.get("hash_keys", {})
        hashes = [content["hash_key"], *(later[str(n)] for n in range(2, len(later) + 2))]
        moved = int(content.get("hashes_moved_to", 1))
        return KeyRing(keys, max(keys), tuple(map(bytes.fromhex, hashes)), moved)
    except FileNotFoundError:
        raise VaultError(f"key file {path} is missing; personal data cannot be read or written") from None
    except (ValueError, KeyError, TypeError) as error:
        raise VaultError(f"key file {path} is broken: {error}") from error
