"""Writes of the audit room: making a pack, and remembering its digest.

Keyword-only `by` (custodian id) and `at` (moment). Never: a pack whose digest is not kept.
"""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

from django.db import DatabaseError, transaction

from tuogu.audit.models import AuditPack
from tuogu.audit.packing import Packed, write_pack
from tuogu.org import queries as org

__all__ = ["make_pack"]


def make_pack(path: Path, *, first: date, last: date, by: int, at: datetime) -> tuple[int, Packed]:
    """Write the pack of a period to `path` and keep its digest; returns the row's id and what was written."""
    with transaction.atomic():  # a pack that was not remembered must not lie there as if it were
        packed = write_pack(path, first=first, last=last, by=org.labels([by])[by], at=at)
        try:
            row = AuditPack.objects.create(
                first_date=first, last_date=last, digest=packed.digest, files=packed.files,
                size_bytes=packed.size_bytes, by_id=by, at=at,
            )  # fmt: skip
        except DatabaseError:
            path.unlink()
            raise
    return row.pk, packed
