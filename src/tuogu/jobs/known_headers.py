"""What headers were once said to mean, kept so that nobody is asked twice: seen, and forgotten when it was wrong.

In: an id. Out: plain values. Never: a mapping changed behind an upload that was tried with it (its own choice stays).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from tuogu.files import HeaderMapping
from tuogu.jobs.models import KnownHeaders


@dataclass(frozen=True)
class KnownMapping:
    """One set of headers with what they were last said to mean, by whom and when."""

    id: int
    mapping: HeaderMapping
    by: int
    at: datetime


def known_mappings() -> list[KnownMapping]:
    """All of them, newest first; a branch has a handful."""
    rows = KnownHeaders.objects.order_by("-at", "-pk")
    return [KnownMapping(row.pk, HeaderMapping.from_json(row.mapping), row.by, row.at) for row in rows]


def forget_mapping(mapping_id: int) -> bool:
    """Forget one: the next file with these headers is read by the synonyms and asks again. False when it is gone."""
    return KnownHeaders.objects.filter(pk=mapping_id).delete()[0] > 0
