"""Personal data at rest: encryption with a named key, keyed hashes for look-ups.

In: plain text and the key file (settings.TUOGU_KEY_FILE, outside the database). Out: bytes for BinaryFields.
Never: plain text in the database, a key in the database, a search on parts of a value.

Ciphertext = 1 byte version, 4 bytes key id, 12 bytes nonce, AES-256-GCM of the UTF-8 text.
"""

from __future__ import annotations

from tuogu.vault.hashing import (
    hash_forms,
    hashes_moved,
    keyed_hash,
    keyed_hashes,
    newest_hashes,
    nobodys_hash,
)
from tuogu.vault.keys import (
    KeyRing,
    VaultError,
    add_hash_key,
    add_key,
    create_key_file,
    load_ring,
    note_hashes_moved,
    retire_key,
)
from tuogu.vault.seal import open_text, open_texts, seal_text, seal_texts

__all__ = [
    "KeyRing",
    "VaultError",
    "add_hash_key",
    "add_key",
    "create_key_file",
    "hash_forms",
    "hashes_moved",
    "keyed_hash",
    "keyed_hashes",
    "load_ring",
    "newest_hashes",
    "nobodys_hash",
    "note_hashes_moved",
    "open_text",
    "open_texts",
    "retire_key",
    "seal_text",
    "seal_texts",
]
