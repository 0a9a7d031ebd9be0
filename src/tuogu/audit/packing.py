"""The pack of a period: what every room tells, the sealed lines of the ledger, and a manifest of digests (N-15).

In: a period, a file to write. Out: a ZIP whose every byte its digest covers, and the digest beside it. Never: personal data
in clear, a pack that needs the database to be checked (`verify_pack.py` lies inside).
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date, datetime
from pathlib import Path

from tuogu.audit import sources, verify_pack
from tuogu.audit.failures import AuditRefused
from tuogu.files.safe_csv import csv_bytes
from tuogu.ledger import queries as ledger

_STAMP = (
    1980,
    1,
    1,
    0,
    0,
    0,
)  # the earliest that a ZIP can state: the moment of making stands in the manifest


@dataclass(frozen=True)
class Packed:
    """The file that was written: SHA-256 of all of it, how many files lie inside, its size."""

    digest: str
    files: int
    size_bytes: int


@dataclass(frozen=True)
class Inside:
    """One file of the pack. rows: lines of a table, or entries of a seal."""

    path: str
    content: bytes
    rows: int


def write_pack(path: Path, *, first: date, last: date, by: str, at: datetime) -> Packed:
    """Write the pack of `first` to `last` (both included) and `<name>.sha256` beside it. AuditRefused for no period."""
    if first > last:
        raise AuditRefused("期间的第一天晚于最后一天，没有生成检查包")
    stated, links = [], ledger.links(first, last)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as pack:
        for inside in _contents(first, last, links):
            _put(pack, inside.path, inside.content)
            digest = hashlib.sha256(inside.content).hexdigest()
            stated.append(
                {"path": inside.path, "sha256": digest, "bytes": len(inside.content), "rows": inside.rows}
            )
        root = "".join(f"{file['sha256']}  {file['path']}\n" for file in stated)
        manifest = {
            "format": verify_pack.FORMAT, "first_date": first.isoformat(), "last_date": last.isoformat(),
            "made_by": by, "made_at": at.isoformat(), "chain_before": links[0].previous_digest if links else "",
            "files": stated, "root": hashlib.sha256(root.encode()).hexdigest(),
        }  # fmt: skip
        _put(pack, "manifest.json", json.dumps(manifest, ensure_ascii=False, indent=1).encode())
    digest = _digest(path)
    path.with_name(path.name + ".sha256").write_text(f"{digest}  {path.name}\n", encoding="utf-8")
    return Packed(digest, len(stated) + 1, path.stat().st_size)


def _contents(first: date, last: date, links: list[ledger.Link]) -> Iterator[Inside]:
    for source, name, frame in sources.told(first, last):
        yield Inside(f"tables/{source.heading}-{name}.csv", csv_bytes(frame), frame.height)
    yield Inside("ledger/seals.json", _json([asdict(link) for link in links]), len(links))
    for link in links:  # one seal at a time: a release may have sealed a million entries
        text = io.StringIO()
        for lines in ledger.sealed_lines(link.number):
            text.writelines(f"{line}\n" for line in lines)
        yield Inside(f"ledger/seal-{link.number:08d}.txt", text.getvalue().encode(), link.entries)
    yield Inside("verify_pack.py", Path(verify_pack.__file__).read_bytes(), 0)


def _json(content: object) -> bytes:
    return json.dumps(content, ensure_ascii=False, indent=1).encode()


def _put(pack: zipfile.ZipFile, name: str, content: bytes) -> None:
    entry = zipfile.ZipInfo(name, _STAMP)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = 0o644 << 16
    pack.writestr(entry, content)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
