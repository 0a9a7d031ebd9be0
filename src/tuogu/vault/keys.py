"""The key ring: data keys by id, the newest encrypts, all decrypt; one hash key that never rotates.

File format (JSON, mode 0600): {"hash_key": hex, "keys": {"1": hex, ...}}.
"""

from __future__ import annotations

import json
import os
import secrets
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM


class VaultError(RuntimeError):
    """The key file is missing, unreadable or does not hold the key that a value names."""


@dataclass(frozen=True)
class KeyRing:
    """Ciphers by key id, the id that encrypts, and the key of look-up hashes."""

    ciphers: dict[int, AESGCM]
    current: int
    hash_key: bytes

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


@lru_cache(maxsize=4)
def load_ring(path: Path) -> KeyRing:
    """Read the key file; VaultError naming the path when it is missing or broken."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        keys = {int(i): AESGCM(bytes.fromhex(h)) for i, h in content["keys"].items()}
        return KeyRing(keys, max(keys), bytes.fromhex(content["hash_key"]))
    except FileNotFoundError:
        raise VaultError(f"key file {path} is missing; personal data cannot be read or written") from None
    except (ValueError, KeyError, TypeError) as error:
        raise VaultError(f"key file {path} is broken: {error}") from error
