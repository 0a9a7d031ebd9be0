"""One entry as one line of bytes, the same on both databases: what the digests of the chain are taken of.

The line holds ids, codes, days and moments, and the batch's key, approver and predecessor, so that a batch
cannot be altered unseen either. Nothing personal is in it. Fields are joined by the unit separator, which
no field may contain.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from datetime import datetime, timezone
from typing import Any

from django.db import connection

FROM = "ledger_entry e LEFT JOIN ledger_batch b ON b.id = e.batch_id"
_FIELDS = (
    "e.id", "e.subject_id", "e.relation", "e.seq", "e.custodian_id?", "e.kind", "e.effective_date",
    "e.effective_until?", "e.recorded_at", "e.recorded_date", "e.by_id", "e.rule", "e.reason_code",
    "e.batch_id?", "b.key?", "b.approved_by_id?", "b.undoes_id?", "b.posted?",
)  # fmt: skip
# A moment in one spelling on both databases: UTC, fraction of a second without trailing zeros.
_MOMENT = {
    "sqlite": "CASE WHEN length({0}) > 19 THEN rtrim({0}, '0') ELSE {0} END",
    "postgresql": "({0} AT TIME ZONE 'UTC')",
}


def settle_spelling(cursor: Any) -> None:
    """Make PostgreSQL write days in ISO form until the transaction ends, whatever the server is set to."""
    if connection.vendor == "postgresql":
        cursor.execute("SET LOCAL DateStyle = 'ISO, YMD'")


def line_sql() -> str:
    """The SQL expression of the line, over `FROM`; null fields ('?') are empty. It may hold %%: execute it
    with parameters.

    Each database has its quickest way: one formatting call on SQLite, concatenation on PostgreSQL.
    """
    columns = [name.rstrip("?") for name in _FIELDS]
    moment = _MOMENT[connection.vendor]
    columns = [moment.format(name) if name == "e.recorded_at" else name for name in columns]
    if connection.vendor == "sqlite":
        template = f"replace('{' '.join(['%%s'] * len(columns))}', ' ', char(31))"
        return f"printf({template}, {', '.join(columns)})"
    nullable = [name.endswith("?") for name in _FIELDS]
    texts = [
        f"COALESCE({c}::text, '')" if n else f"{c}::text" for c, n in zip(columns, nullable, strict=True)
    ]
    return " || chr(31) || ".join(texts)


def entry_digest(line: str) -> bytes:
    """SHA-256 of one line."""
    return hashlib.sha256(line.encode()).digest()


def seal_digest(
    number: int,
    previous: str,
    entries: int,
    last_entry: int,
    lines_digest: str,
    entries_digest: str,
    by: int,
    recorded_at: datetime,
) -> str:
    """SHA-256 (hex) of one link of the chain."""
    moment = recorded_at.astimezone(timezone.utc).strftime("%Y-%m-%d %H:%M:%S.%f")  # noqa: UP017 - one spelling
    fields: Iterable[object] = (
        number,
        previous,
        entries,
        last_entry,
        lines_digest,
        entries_digest,
        by,
        moment,
    )
    return hashlib.sha256("\x1f".join(str(f) for f in fields).encode()).hexdigest()


class Content:
    """Takes in the lines and digests of one seal in sealing order, and says what its link must state.

    A chunk of rows costs two hash calls: hashing line by line is needed only to name the one that was
    changed.
    """

    def __init__(self) -> None:
        self.entries = 0
        self.last_entry = 0
        self._lines = hashlib.sha256()
        self._digests = hashlib.sha256()

    def add(self, entries: Sequence[int], lines: Sequence[str | None], digests: Sequence[bytes]) -> None:
        """The next rows; a null line stands for an entry that is gone."""
        self.entries += len(entries)
        self.last_entry = max(self.last_entry, *entries)
        whole = lines if None not in lines else ["" if line is None else line for line in lines]
        self._lines.update(("\n".join(whole) + "\n").encode())  # type: ignore[arg-type]  # no null is left
        self._digests.update(b"".join(digests))

    def stated(self) -> tuple[int, int, str, str]:
        """entries, last entry id, lines_digest, entries_digest."""
        return self.entries, self.last_entry, self._lines.hexdigest(), self._digests.hexdigest()
