"""Reads the whole ledger and says what is wrong with it, naming the first bad seal and entry.

In: one snapshot of the database, and the seal file. Out: a VerifyReport. Never: a repair, a lock that
writers wait for. `CHECKS` is the plain list of what is looked at; each check answers with problems, none
with a guess about causes.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from django.conf import settings

from tuogu.ledger import seal_file
from tuogu.ledger.canonical import settle_spelling
from tuogu.ledger.models import Seal
from tuogu.ledger.results import Problem, VerifyReport
from tuogu.ledger.staging import Cursor

_CHUNK_ROWS = 50_000
_LISTED = 10  # findings of one kind that are named; more of the same help nobody


def verify(seal_file_path: Path | None = None) -> VerifyReport:
    """Check triggers, chain, entries, order, batches, holdings and the seal file (default:
    settings.TUOGU_SEAL_FILE).

    Reads everything once; takes no lock, so acts go on meanwhile.
    """
    path = seal_file_path or settings.TUOGU_SEAL_FILE
    with _snapshot() as cursor:
        settle_spelling(cursor)
        seals = list(Seal.objects.order_by("number"))
        outside = seal_file.read(path)
        read, problems = _sealed_entries(seals)
        problems += _chain(seals) + _against_file(seals, outside)
        last = seals[-1].last_entry_id if seals else 0
        pending, slipped = _unsealed(cursor, last)
        problems += slipped
        for check in CHECKS:
            tuple[Callable[[Cursor], list[Problem]], ...] = (
                _guards,
                _histories,
                _periods,
                _batches,
                _custody,
            )
