"""What stands in a batch: its lines in clear, their canonical digest, the workbook for IT.

In: a batch. Out: lines, digests, bytes. Never: a digest taken from what somebody sent: it is computed from the stored rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from tuogu import vault
from tuogu.core.amending import content_digest, title_of
from tuogu.core.custody import SHANGHAI, business_date
from tuogu.corrections.models import Amendment, Batch, BatchLine, BatchPaper
from tuogu.corrections.words import SOURCES
from tuogu.files.correction_papers import ListHead, ListRow, write_batch_list
from tuogu.org import queries as org
from tuogu.vault.blobs import open_bytes, seal_bytes


@dataclass(frozen=True)
class Line:
    """One amendment of a batch, in clear: for files and for applying, never for a page."""

    id: int
    place: int
    amendment: int
    customer_number: str
    field: str
    old: str | None
    new: str | None
    source: str
    by: int
    recorded_at: str  # day

    def as_content(self) -> dict[str, object]:
        """As it enters the canonical digest."""
        return {
            "place": self.place, "customer_number": self.customer_number, "field": self.field, "old": self.old,
            "new": self.new,
        }  # fmt: skip


def lines_of(batch: Batch) -> list[Line]:
    """The frozen lines in order."""
    rows = list(BatchLine.objects.filter(batch=batch).select_related("amendment").order_by("place"))
    return _opened([(row.pk, row.place, row.amendment) for row in rows])


def preview(amendments: list[Amendment]) -> list[Line]:
    """Lines as these amendments would make them."""
    return _opened([(0, place, amendment) for place, amendment in enumerate(amendments, start=1)])


def _opened(rows: list[tuple[int, int, Amendment]]) -> list[Line]:
    olds = vault.open_texts([amendment.old_sealed for _id, _place, amendment in rows])
    news = vault.open_texts([amendment.new_sealed for _id, _place, amendment in rows])
    return [
        Line(
            pk, place, a.pk, a.customer_number, a.field, old, new, a.source, a.by_id,
            business_date(a.recorded_at).isoformat(),
        )
        for (pk, place, a), old, new in zip(rows, olds, news, strict=True)
    ]  # fmt: skip


def digest_of(lines: list[Line]) -> str:
    """SHA-256 of the canonical content."""
    return content_digest(line.as_content() for line in lines)


def workbook(batch: Batch, lines: list[Line], digest: str) -> bytes:
    """The list as it goes to IT: every line in clear, marked with what it is and whose list it is."""
    known = org.known_as([batch.made_by_id, batch.custodian_id, *(line.by for line in lines)])
    maker = known[batch.made_by_id]
    institutions = org.institution_names([batch.institution_code])
    head = ListHead(
        number=batch.pk,
        institution=institutions.get(batch.institution_code, batch.institution_code),
        manager=known[batch.custodian_id].name if batch.custodian_id else "",
        first_date=batch.first_date,
        until_date=batch.until_date,
        made_by=f"{maker.name} {maker.staff_number}",
        made_at=batch.made_at.astimezone(SHANGHAI),
        digest=digest,
    )
    rows = [
        ListRow(
            line.place, line.customer_number, title_of(line.field), line.old, line.new, SOURCES[line.source],
            known[line.by].name, line.recorded_at,
        )
        for line in lines
    ]  # fmt: skip
    return write_batch_list(head, rows)


def keep_paper(batch: Batch, kind: str, content: bytes, *, by: int, at: datetime) -> str:
    """Store a file of the batch, sealed; returns the SHA-256 of its bytes."""
    digest = sha256(content).hexdigest()
    BatchPaper.objects.create(
        batch=batch, kind=kind, content_sealed=seal_bytes(content), digest=digest, by_id=by, at=at
    )
    return digest


def paper(batch_id: int, kind: str) -> bytes | None:
    """A file of a batch, byte for byte; None when there is none."""
    row = BatchPaper.objects.filter(batch=batch_id, kind=kind).first()
    return None if row is None else open_bytes(bytes(row.content_sealed))
