"""Whole files at rest: bytes sealed under the current key, opened by the key that they name.

In: the bytes of a file. Out: ciphertext of the same form as any sealed value. Never: a file of personal data on the disk
in clear.
"""

from __future__ import annotations

import os

from cryptography.exceptions import InvalidTag
from django.conf import settings

from tuogu.vault.keys import KeyRing, VaultError, load_ring

_HEAD = b"\x02"  # a file, not a text
_KEY_BYTES, _NONCE_BYTES = 4, 12


def seal_bytes(content: bytes) -> bytes:
    """Encrypt a file's content under the current key."""
    ring = _ring()
    head, nonce = _HEAD + ring.current.to_bytes(_KEY_BYTES, "big"), os.urandom(_NONCE_BYTES)
    return head + nonce + ring.cipher(ring.current).encrypt(nonce, content, head)


def open_bytes(sealed: bytes) -> bytes:
    """Decrypt it; VaultError when its key is gone or a byte was changed."""
    head, rest = sealed[: 1 + _KEY_BYTES], sealed[1 + _KEY_BYTES :]
    if head[:1] != _HEAD:
        raise VaultError("sealed file has an unknown form")
    nonce, body = rest[:_NONCE_BYTES], rest[_NONCE_BYTES:]
    try:
        return _ring().cipher(int.from_bytes(head[1:], "big")).decrypt(nonce, body, head)
    except InvalidTag:
        raise VaultError("sealed file was changed or belongs to another key file") from None


def _ring() -> KeyRing:
    return load_ring(settings.TUOGU_KEY_FILE)
