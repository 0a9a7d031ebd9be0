"""What comes with a record: photos, the customer's signature, the questionnaire of the first visit.

In: papers in clear. Out: sealed rows that name the digest of what was signed. Never: a photo, a place or a signature without
the consent of the customer (L-11); a paper in clear in the database.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from tuogu.core.custody import business_date
from tuogu.privacy import queries as privacy
from tuogu.privacy.kinds import Purpose
from tuogu.vault.blobs import seal_bytes
from tuogu.work.failures import WorkRefused
from tuogu.work.models import Attachment, Record, SatisfactionForm
from tuogu.work.said import Paper, Said

_NEEDS = {Attachment.What.PHOTO: Purpose.PHOTO, Attachment.What.SIGNATURE: Purpose.SIGNATURE}


def keep(row: Record, said: Said, *, at: datetime) -> None:
    """Store the papers of a record. WorkRefused where the customer has not agreed to be photographed, located or to sign."""
    _agreed(said, at)
    stored = {}
    for paper in said.papers:
        digest = hashlib.sha256(paper.content).hexdigest()
        stored[paper.kind] = Attachment.objects.create(
            record=row, kind=paper.kind, media_type=paper.media_type, digest=digest,
            content_sealed=seal_bytes(paper.content),
        )  # fmt: skip
    if said.satisfaction is not None:
        SatisfactionForm.objects.create(
            record=row, answers=dict(said.satisfaction), signature=stored[Attachment.What.SIGNATURE], at=at
        )


def carry(before: Record, row: Record) -> None:
    """The papers of a corrected record stand under the correction too, where it tells of the same meeting: what the
    customer has signed need not be signed again."""
    if (before.kind, before.outcome) != (row.kind, row.outcome) or row.attachments.exists():
        return
    kept = list(before.attachments.filter(content_sealed__isnull=False))
    copies = {
        one.pk: Attachment.objects.create(
            record=row, kind=one.kind, media_type=one.media_type, digest=one.digest, content_sealed=one.content_sealed
        )
        for one in kept
    }  # fmt: skip
    form = SatisfactionForm.objects.filter(record=before).first()
    if form is not None and form.signature_id in copies:
        SatisfactionForm.objects.create(
            record=row, answers=form.answers, signature=copies[form.signature_id], at=form.at
        )


def _agreed(said: Said, at: datetime) -> None:
    asked = {_NEEDS[Attachment.What(paper.kind)] for paper in said.papers if paper.kind in _NEEDS}
    if said.place:
        asked.add(Purpose.LOCATION)
    for purpose in sorted(asked):
        decision = privacy.may_use(said.customer, purpose, business_date(at))
        if not decision.allowed:
            raise WorkRefused(
                _("%(why)s；请先登记客户同意，或不附这一项。没有写入任何数据") % {"why": _(decision.why)}
            )


def from_plain(told: Mapping[str, Any]) -> Said:
    """The record that `plain` wrote."""
    given = dict(told)
    for name in ("happened_at", "next_at"):
        given[name] = datetime.fromisoformat(given[name]) if given.get(name) else None
    for name in ("services", "conduct", "policies", "checked"):
        given[name] = tuple(given[name])
    given["papers"] = tuple(
        Paper(one["kind"], one["media_type"], base64.b64decode(one["content"])) for one in given["papers"]
    )
    return Said(**given)


def plain(told: Mapping[str, Any]) -> dict[str, Any]:
    """What a record says as JSON: moments as text, bytes as base64."""
    return {name: _plain(value) for name, value in told.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, Mapping):
        return plain(value)
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value
