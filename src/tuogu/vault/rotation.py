"""Values sealed anew under the newest key, a batch at a time (L-05).

In: a sealed column. Out: how many values were sealed anew. Never: a value lost (it is replaced only where it still is what
was read, in the transaction of its batch; a process killed in between leaves whole batches behind, and the next run goes
on), plain text anywhere but in memory.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

from cryptography.exceptions import InvalidTag
from django.conf import settings
from django.db import connections, transaction

from tuogu.vault.columns import SealedColumn
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
