"""What people decided of the homes of the staff: written once, never changed; taken back by a further decision.

In: a person with the keyed hash of the home's address, the decision, who and when. Out: the decision that counts. Never: an
address, or part of one; a row that is changed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max

from tuogu import vault
from tuogu.regions.failures import RegionsRefused
from tuogu.regions.models import AddressDecision, HomeDecision

Outcome = AddressDecision.Outcome


@dataclass(frozen=True)
class DecidedHome:
    """The newest decision on somebody's home that was not taken back. `before`: how it was coded until then."""

    id: int
    person: int
    home_hash: bytes
    outcome: str
    community_code: str
    reason: str
    before: dict[str, Any]
    by: int
    at: datetime


@transaction.atomic
def record(
    person: int, *, home_hash: bytes, outcome: str, before: dict[str, Any], community_code: str = "", reason: str = "",
    by: int, at: datetime,
) -> int:  # fmt: skip
    """One decision; returns its id."""
    made = HomeDecision.objects.create(
        person_id=person, home_hash=home_hash, outcome=outcome, community_code=community_code, reason=reason,
        before=before, by_id=by, at=at,
    )  # fmt: skip
    return int(made.pk)


@transaction.atomic
def withdraw(person: int, *, by: int, at: datetime) -> DecidedHome:
    """Take back the decision that counts; returns it. RegionsRefused for who did not make it."""
    found = decided([person]).get(person)
    if found is None or found.by != by:
        raise RegionsRefused("没有你作出的、仍然有效的判定，没有写入任何内容")
    record(person, home_hash=found.home_hash, outcome=Outcome.WITHDRAWN, before={}, by=by, at=at)
    return found


def decided(persons: Iterable[int] | None = None) -> dict[int, DecidedHome]:
    """The decisions that count, by person: of these people or of everybody."""
    rows = HomeDecision.objects.all()
    if persons is not None:
        rows = rows.filter(person_id__in=sorted(set(persons)))
    newest = rows.order_by().values("person_id").annotate(newest=Max("id")).values("newest")
    found = list(HomeDecision.objects.filter(pk__in=newest).exclude(outcome=Outcome.WITHDRAWN).order_by("pk"))
    hashes = vault.newest_hashes(row.home_hash for row in found)
    return {
        row.person_id: DecidedHome(
            row.pk, row.person_id, hashed or b"", row.outcome, row.community_code, row.reason, row.before, row.by_id,
            row.at,
        )
        for row, hashed in zip(found, hashes, strict=True)
    }  # fmt: skip
