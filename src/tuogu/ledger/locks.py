"""The ledger lock: batches and the sealer take it exclusively, single acts share it. Held until the
transaction ends.

PostgreSQL: an advisory transaction lock. SQLite: the IMMEDIATE transaction is the lock, there is one writer
at a time. Because the sealer waits for every writer, no entry with a smaller id can appear behind a seal.
"""

from __future__ import annotations

from django.db import connection

_KEY = 0x74756F6775  # 'tuogu'


def lock_exclusive() -> None:
    """Wait for all writers and keep them out. Inside a transaction only."""
    _take("pg_advisory_xact_lock")


def lock_shared() -> None:
    """Write beside other single acts, never beside a batch or the sealer. Inside a transaction only."""
    _take("pg_advisory_xact_lock_shared")


def _take(function: str) -> None:
    if not connection.in_atomic_block:
        raise RuntimeError("the ledger lock lives as long as a transaction; there is none")
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {function}(%s)", [_KEY])
