"""Values sealed anew under the newest key, hashes raised to the newest generation, a batch at a time (L-05).

In: a column. Out: how many of its values were written anew. Never: a value lost (it is replaced only where it still is what
was read, in the transaction of its batch; a process killed in between leaves whole batches behind, and the next run goes
on), plain text anywhere but in memory.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any

from cryptography.exceptions import InvalidTag
from django.conf import settings
from django.db import connections, transaction

from tuogu.vault.columns import SealedColumn
from tuogu.vault.hashing import DIGEST_BYTES, HEAD_BYTES, raised
from tuogu.vault.keys import KeyRing, VaultError, load_ring

BATCH_ROWS = 2_000
_HEAD, _NONCE_BYTES = 5, 12  # version and key id; nonce
Opened = Callable[[SealedColumn], AbstractContextManager[None]]  # lets an append-only table be written


def current_key() -> int:
    """The key that seals now."""
    return load_ring(settings.TUOGU_KEY_FILE).current


def key_of(value: bytes) -> int:
    """The key that sealed a value."""
    return int.from_bytes(value[1:_HEAD], "big")


def resealed(value: bytes, ring: KeyRing | None = None) -> bytes:
    """The same content under the current key; texts stay texts, files files."""
    ring = ring or load_ring(settings.TUOGU_KEY_FILE)
    head, nonce, body = value[:_HEAD], value[_HEAD : _HEAD + _NONCE_BYTES], value[_HEAD + _NONCE_BYTES :]
    try:
        content = ring.cipher(key_of(value)).decrypt(nonce, body, head)
    except InvalidTag:
        raise VaultError("sealed value was changed or belongs to another key file") from None
    fresh_head, fresh = head[:1] + ring.current.to_bytes(_HEAD - 1, "big"), os.urandom(_NONCE_BYTES)
    return fresh_head + fresh + ring.cipher(ring.current).encrypt(fresh, content, fresh_head)


def reseal_column(column: SealedColumn, opened: Opened) -> Iterator[int]:
    """Seal every value of the column that another key holds anew; yields the values of each batch once it is committed."""
    ring = load_ring(settings.TUOGU_KEY_FILE)
    while done := _batch(column, ring, opened):
        yield done


def _batch(column: SealedColumn, ring: KeyRing, opened: Opened) -> int:
    """One batch in one transaction; 0 when nothing is left."""
    now = ring.current.to_bytes(_HEAD - 1, "big")
    read = (
        f"SELECT {column.key}, {column.column} FROM {column.table} WHERE {column.column} IS NOT NULL"
        f" AND substr({column.column}, 2, 4) <> %s ORDER BY {column.key} LIMIT {BATCH_ROWS}"
    )
    write = f"UPDATE {column.table} SET {column.column} = %s WHERE {column.key} = %s AND {column.column} = %s"
    with transaction.atomic(using=column.alias), connections[column.alias].cursor() as cursor:
        cursor.execute(read, [now])
        rows = [(key, bytes(value)) for key, value in cursor.fetchall()]
        if rows:
            with opened(column):
                cursor.executemany(write, [(resealed(value, ring), key, value) for key, value in rows])
    return len(rows)


def rehash_column(column: SealedColumn, opened: Opened) -> Iterator[int]:
    """Raise every hash of the column to the newest generation; yields the hashes of each batch once it is committed. One
    pass by key: what is written meanwhile is of the newest generation already."""
    ring, last = load_ring(settings.TUOGU_KEY_FILE), None
    while True:
        done, last = _raise_batch(column, ring, opened, last)
        if not done:
            return
        yield done


def _raise_batch(column: SealedColumn, ring: KeyRing, opened: Opened, after: Any) -> tuple[int, Any]:
    """One batch of rows behind the key `after` in one transaction, and the key of its last row."""
    name, behind = column.column, "" if after is None else f" AND {column.key} > %s"
    older = (
        f"(length({name}) = {DIGEST_BYTES} OR substr({name}, 1, {HEAD_BYTES}) <> %s) AND length({name}) > 0"
    )
    read = (
        f"SELECT {column.key}, {name} FROM {column.table} WHERE {older}{behind}"
        f" ORDER BY {column.key} LIMIT {BATCH_ROWS}"
    )
    write = f"UPDATE {column.table} SET {name} = %s WHERE {column.key} = %s AND {name} = %s"
    newest = ring.generation.to_bytes(HEAD_BYTES, "big")
    if ring.generation == 1:
        return 0, None  # the first generation has no head, and nothing is older
    with transaction.atomic(using=column.alias), connections[column.alias].cursor() as cursor:
        cursor.execute(read, [newest, *([] if after is None else [after])])
        rows = [(key, bytes(value)) for key, value in cursor.fetchall()]
        if rows:
            with opened(column):
                cursor.executemany(write, [(raised(value, ring), key, value) for key, value in rows])
    return len(rows), rows[-1][0] if rows else None
