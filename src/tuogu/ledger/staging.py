"""Rows on their way into the ledger: loaded into temporary tables first, so that the lock is held only for
set-based statements.

In: polars frames by table name. Out: a cursor inside one transaction that holds the exclusive lock, with
the frames as temporary tables. Never: a row-by-row insert into a table that others read.

PostgreSQL: COPY, then the lock, in one transaction. SQLite: the rows are loaded before the IMMEDIATE
transaction begins (temporary tables live in a file of their own), unless the caller already is inside one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import polars as pl
from django.db import connection, transaction

from tuogu.bulk import Cursor, drop, load
from tuogu.ledger.locks import lock_exclusive


@contextmanager
def staged(frames: Mapping[str, pl.DataFrame]) -> Iterator[Cursor]:
    """One transaction under the exclusive lock, with each frame as a temporary table of the given name."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite" and not connection.in_atomic_block:
            _load_in_own_transaction(cursor, frames)
            try:
                with transaction.atomic():
                    yield cursor
            finally:
                drop(cursor, *frames)
            return
        with transaction.atomic():
            _load_all(cursor, frames)
            lock_exclusive()
            yield cursor
            drop(cursor, *frames)


@contextmanager
def looked_at(frames: Mapping[str, pl.DataFrame]) -> Iterator[Cursor]:
    """`staged` without the lock, for a preview: nobody waits for it, and it may only write temporary tables."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite" and not connection.in_atomic_block:
            _load_in_own_transaction(cursor, frames)
            try:
                yield cursor
            finally:
                drop(cursor, *frames)
            return
        with transaction.atomic():
            _load_all(cursor, frames)
            yield cursor
            drop(cursor, *frames)


def _load_in_own_transaction(cursor: Cursor, frames: Mapping[str, pl.DataFrame]) -> None:
    """One deferred transaction over temporary tables: fast, and it keeps no writer waiting."""
    cursor.execute("BEGIN DEFERRED")
    try:
        _load_all(cursor, frames)
    except BaseException:
        cursor.execute("ROLLBACK")
        raise
    cursor.execute("COMMIT")


def _load_all(cursor: Cursor, frames: Mapping[str, pl.DataFrame]) -> None:
    for name, frame in frames.items():
        load(cursor, name, frame)
