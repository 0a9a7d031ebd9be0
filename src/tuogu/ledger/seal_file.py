"""The chain's newest seals outside the database: a cut tail or a rewritten chain is seen by comparing with
this file.

One line a seal: number, tab, digest, tab, moment. Lines are only ever appended, each in one write, and
synced. A crash between commit and append leaves the file behind by a seal; the next `extend` appends what
is missing. Keep a copy of this file where the database's owner cannot write.
"""

from __future__ import annotations

import os
from pathlib import Path

from django.conf import settings

from tuogu.ledger.models import Seal

_FIELDS, _DIGEST_CHARS = 3, 64  # number, digest, moment; SHA-256 in hex


def extend() -> None:
    """Append every seal that the file does not have yet."""
    path: Path = settings.TUOGU_SEAL_FILE
    known = read(path)
    newest = max(known, default=0)
    fresh = Seal.objects.filter(number__gt=newest).order_by("number")
    lines = [f"{s.number}\t{s.digest}\t{s.recorded_at.isoformat()}\n" for s in fresh]
    if not lines:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab+") as file:
        if file.tell() and not _ends_with_newline(path):
            file.write(b"\n")
        file.write("".join(lines).encode())
        file.flush()
        os.fsync(file.fileno())


def _ends_with_newline(path: Path) -> bool:
    with path.open("rb") as file:
        file.seek(-1, os.SEEK_END)
        return file.read(1) == b"\n"


def read(path: Path) -> dict[int, str]:
    """Digest by seal number; empty when there is no file. A torn last line (crash) is passed over."""
    if not path.exists():
        return {}
    found: dict[int, str] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        fields = line.split("\t")
        if len(fields) == _FIELDS and fields[0].isdigit() and len(fields[1]) == _DIGEST_CHARS:
            found.setdefault(int(fields[0]), fields[1])
    return found
