"""One writer at a time where a row follows from those before it: logs of a person, lots, the penalty ledger.

In: nothing. Out: the room's lock, held until the transaction ends. Never: a lock outside a transaction.
"""

from __future__ import annotations

from django.db import connection

_LOCK = 0x72657669  # 'revi'


def hold() -> None:
    """Wait for the room; SQLite has one writer anyway."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
