"""Seals every entry that is not sealed yet into one new link of the hash chain.

In: the exclusive ledger lock. Out: a Seal, a SealedEntry for each entry in order (subject, relation, seq),
and a line in the seal file outside the database once the transaction is committed. Never: an entry passed
over. Since writers share the lock that the sealer holds alone, every entry with a higher id than the last
seal's is visible here.
"""

from __future__ import annotations

from datetime import datetime

from django.db import connection, transaction

from tuogu.bulk import Cursor, counted
from tuogu.ledger import seal_file
from tuogu.ledger.canonical import FROM, Content, entry_digest, line_sql, seal_digest, settle_spelling
from tuogu.ledger.locks import lock_exclusive
from tuogu.ledger.models import Seal
from tuogu.ledger.results import SealResult

_CHUNK_ROWS = 50_000  # entries in memory at a time


def seal_pending(*, by: int, recorded_at: datetime) -> SealResult:
    """Seal what single acts, openings and leaves have left unsealed. Nothing pending: nothing new."""
    with transaction.atomic():
        lock_exclusive()
        return seal_within(by=by, recorded_at=recorded_at)


def seal_within(*, by: int, recorded_at: datetime) -> SealResult:
    """`seal_pending` for a caller whose transaction already holds the exclusive lock."""
    before = Seal.objects.order_by("-number").first()
    number = before.number + 1 if before else 1
    content = _seal_entries(number, before.last_entry_id if before else 0)
    if content.entries == 0:
        return SealResult(before.number if before else None, before.digest if before else None, 0)
    previous = before.digest if before else ""
    digest = seal_digest(number, previous, *content.stated(), by, recorded_at)
    entries, last_entry, lines_digest, entries_digest = content.stated()
    Seal.objects.create(
        number=number,
        previous_digest=previous,
        digest=digest,
        entries=entries,
        lines_digest=lines_digest,
        entries_digest=entries_digest,
        last_entry_id=last_entry,
        by_id=by,
        recorded_at=recorded_at,
    )
    transaction.on_commit(seal_file.extend)
    return SealResult(number, digest, entries)


def _seal_entries(number: int, after: int) -> Content:
    """Write the SealedEntry rows of seal `number`: every entry with an id above `after`."""
    content = Content()
    sql = f"SELECT e.id, {line_sql()} FROM {FROM} WHERE e.id > %s ORDER BY e.subject_id, e.relation, e.seq"
    reader = connection.chunked_cursor() if connection.vendor == "postgresql" else connection.cursor()
    with reader, connection.cursor() as writer:
        settle_spelling(writer)
        reader.execute(sql, [after])
        while rows := reader.fetchmany(_CHUNK_ROWS):
            entries, lines = zip(*rows, strict=True)
            digests = [entry_digest(line) for line in lines]
            content.add(entries, lines, digests)
            _write(writer, number, list(zip(entries, digests, strict=True)))
    return content


def _write(writer: Cursor, number: int, digests: list[tuple[int, bytes]]) -> None:
    if connection.vendor == "postgresql":
        with writer.copy(
            "COPY ledger_sealedentry (entry_id, seal_id, digest) FROM STDIN (FORMAT csv)"
        ) as copy:
            copy.write("".join(f"{entry},{number},\\x{digest.hex()}\n" for entry, digest in digests))
        counted(writer, len(digests), "ledger_sealedentry")
        return
    writer.executemany(
        f"INSERT INTO ledger_sealedentry (entry_id, seal_id, digest) VALUES (%s, {number:d}, %s)", digests
    )
