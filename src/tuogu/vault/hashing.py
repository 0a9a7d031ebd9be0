"""Keyed hashes for look-ups, and how they come under a fresh key without the text they were made of.

In: texts and what they are (a phone is never equal to a name). Out: hashes for `*_hash` columns. Never: a hash that tells
its text without every key, a comparison of two hashes of different generations (`newest_hashes` first).

A hash of generation 1 is the HMAC of the text; one of generation n the HMAC, under the nth key, of the one before, with n in
front. So a stored hash is raised from what it is, and a tombstone or an address of long ago as well. While a rotation runs,
rows are of two generations: a look-up asks for every form (`hash_forms`), and whoever compares raises what was stored.
"""

from __future__ import annotations

import hmac
import os
from collections.abc import Iterable

from django.conf import settings

from tuogu.vault.keys import KeyRing, load_ring

DIGEST_BYTES, HEAD_BYTES = 32, 4  # SHA-256; the generation in front, from the second on


def keyed_hashes(values: Iterable[str | None], purpose: str) -> list[bytes | None]:
    """The hash of each value as it is stored now, separated by purpose ('id', 'phone', 'name')."""
    ring = _ring()
    key = hmac.digest(ring.hash_keys[0], purpose.encode(), "sha256")
    first = [None if v is None else hmac.digest(key, v.encode(), "sha256") for v in values]
    return first if ring.generation == 1 else [None if h is None else raised(h, ring) for h in first]


def keyed_hash(value: str | None, purpose: str) -> bytes | None:
    """`keyed_hashes` of one value."""
    return keyed_hashes([value], purpose)[0]


def hash_forms(value: str, purpose: str) -> list[bytes]:
    """Every form in which the hash of a value may be stored: the newest, and the one before it."""
    ring = _ring()
    key = hmac.digest(ring.hash_keys[0], purpose.encode(), "sha256")
    first = hmac.digest(key, value.encode(), "sha256")
    return [raised(first, ring, to) for to in range(ring.generation, max(ring.generation - 2, 0), -1)]


def newest_hashes(stored: Iterable[bytes | memoryview | None]) -> list[bytes | None]:
    """Stored hashes as they would be stored now: comparable with each other and with `keyed_hashes`."""
    ring = _ring()
    return [None if h is None else raised(bytes(h), ring) for h in stored]


def nobodys_hash() -> bytes:
    """A hash that no text has, where a column wants one."""
    ring, digest = _ring(), os.urandom(DIGEST_BYTES)
    return digest if ring.generation == 1 else _headed(ring.generation, digest)


def hashes_moved() -> bool:
    """Whether every stored hash was seen to be of the newest generation."""
    ring = _ring()
    return ring.moved_to == ring.generation


def generation_of(stored: bytes) -> int:
    """Which generation a stored hash is of."""
    return 1 if len(stored) == DIGEST_BYTES else int.from_bytes(stored[:HEAD_BYTES], "big")


def raised(stored: bytes, ring: KeyRing, to: int | None = None) -> bytes:
    """A stored hash in the form of generation `to` (the newest); b'' (there was nothing to hash, or it is erased) stays."""
    digest, newest = stored[-DIGEST_BYTES:], to or ring.generation
    if not stored or generation_of(stored) >= newest:
        return stored
    for key in ring.hash_keys[generation_of(stored) : newest]:
        digest = hmac.digest(key, digest, "sha256")
    return _headed(newest, digest)


def _headed(generation: int, digest: bytes) -> bytes:
    return generation.to_bytes(HEAD_BYTES, "big") + digest


def _ring() -> KeyRing:
    return load_ring(settings.TUOGU_KEY_FILE)
