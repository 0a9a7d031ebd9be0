"""What was done for customers: records as pages and logs show them.

In: a customer, a person and a day, people and a period. Out: rows without what is personal; `record_detail` opens that, for
web/personal.py. Never: a record that another corrects counted.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import polars as pl
from django.db.models import Count, QuerySet

from tuogu import vault
from tuogu.ledger import queries as ledger
from tuogu.vault.blobs import open_bytes
from tuogu.work.evidence import counting
from tuogu.work.kinds import Kind, Outcome
from tuogu.work.models import Attachment, Record, RecordPolicy

COUNTS = {
    "person": pl.Int64,
    "day": pl.Date,
    "kind": pl.String,
    "outcome": pl.String,
    "records": pl.Int64,
}
_PLAIN = ("detail_sealed", "place_sealed")


@dataclass(frozen=True)
class RecordRow:
    """A record. policies: number → whether it was checked; incomplete: what is still lacking, in Chinese; '' = nothing."""

    id: int
    customer_number: str
    kind: str
    purpose: str
    outcome: str
    reason: str
    attitude: str
    no_visit: str
    collection_method: str
    services: tuple[str, ...]
    happened_at: datetime
    happened_date: date
    recorded_at: datetime
    person: int
    by: int
    next_at: datetime | None
    next_kind: str
    policies: Mapping[str, bool]
    papers: Mapping[int, str]  # attachment → kind
    signed: bool  # the questionnaire came with it
    offline: bool
    corrects: int | None
    corrected_by: int | None
    incomplete: str


@dataclass(frozen=True)
class Detail:
    """What was said, in clear."""

    card: Mapping[str, str] = field(default_factory=dict)
    answers: Mapping[str, str] = field(default_factory=dict)
    conduct: tuple[str, ...] = ()
    note: str = ""
    place: Mapping[str, Any] | None = None
    satisfaction: Mapping[str, int] | None = None


@dataclass(frozen=True)
class Page:
    """A photo, a signature or a form, in clear."""

    record_id: int
    kind: str
    media_type: str
    content: bytes


def records_of_customer(number: str, *, limit: int = 50) -> list[RecordRow]:
    """The newest first, corrected ones too (they say by which)."""
    rows = Record.objects.filter(customer_number=number).order_by("-happened_at", "-pk")
    return _told(rows, limit)


def records_of_customers(numbers: Iterable[str], *, limit: int = 50) -> dict[str, list[RecordRow]]:
    """The same of several customers by number: as many queries as for one; their records are all read."""
    rows = Record.objects.filter(customer_number__in=sorted(set(numbers))).order_by("-happened_at", "-pk")
    found: dict[str, list[RecordRow]] = {}
    for row in _told(rows, None):
        found.setdefault(row.customer_number, []).append(row)
    return {number: told[:limit] for number, told in found.items()}


def record(record_id: int) -> RecordRow | None:
    """One record; the caller asks whether its customer may be seen."""
    return next(iter(_told(Record.objects.filter(pk=record_id), 1)), None)


def filed(client_key: str) -> RecordRow | None:
    """What a phone's key became: for its "sent" state."""
    return next(iter(_told(Record.objects.filter(client_key=client_key), 1)), None)


def day_of(person: int, day: date) -> list[RecordRow]:
    """What a person did on a day, in the order of the day: for the log."""
    return _told(counting().filter(by_id=person, happened_date=day).order_by("happened_at", "pk"), None)


def counts(persons: Iterable[int] | None, first: date, last: date) -> pl.DataFrame:
    """COUNTS of what these people did (None = everybody) from `first` to `last`, both included."""
    rows = counting().filter(happened_date__gte=first, happened_date__lte=last)
    if persons is not None:
        rows = rows.filter(by_id__in=sorted(set(persons)))
    found = rows.order_by("by_id", "happened_date", "kind", "outcome").values_list(
        "by_id", "happened_date", "kind", "outcome"
    )
    return pl.DataFrame(list(found.annotate(n=Count("pk"))), schema=COUNTS, orient="row")


def record_detail(record_id: int) -> Detail:
    """What was said, in clear: for the choke point of personal data only."""
    row = Record.objects.select_related("satisfaction").get(pk=record_id)
    told, place = vault.open_texts([row.detail_sealed, row.place_sealed])
    said = json.loads(told) if told else {}
    form = getattr(row, "satisfaction", None)
    return Detail(
        said.get("card", {}), said.get("answers", {}), tuple(said.get("conduct", ())), said.get("note", ""),
        json.loads(place) if place else None, form.answers if form else None,
    )  # fmt: skip


def card_entries(customer: str, *, limit: int = 50) -> list[tuple[RecordRow, Mapping[str, str]]]:
    """The entries of a customer's service card, the newest first, each with its three items in clear: for the choke point of
    personal data only. Two queries more than the rows, however many (S1-28)."""
    rows = [row for row in records_of_customer(customer, limit=limit) if row.corrected_by is None]
    sealed = dict(Record.objects.filter(pk__in=[row.id for row in rows]).values_list("pk", "detail_sealed"))
    texts = vault.open_texts(sealed[row.id] for row in rows)
    cards = [json.loads(text).get("card", {}) if text else {} for text in texts]
    return [(row, card) for row, card in zip(rows, cards, strict=True) if card]


def attachment(attachment_id: int) -> Page | None:
    """A paper of a record, in clear; None when unknown or erased."""
    row = Attachment.objects.filter(pk=attachment_id, content_sealed__isnull=False).first()
    if row is None or row.content_sealed is None:
        return None
    return Page(row.record_id, row.kind, row.media_type, open_bytes(bytes(row.content_sealed)))


def _told(rows: QuerySet[Record], limit: int | None) -> list[RecordRow]:
    found = list(rows.select_related("satisfaction", "corrected_by").defer(*_PLAIN)[:limit])
    ids = [row.pk for row in found]
    served = list(
        RecordPolicy.objects.filter(record_id__in=ids).values_list("record_id", "subject_id", "checked")
    )
    numbers = ledger.numbers_of(subject for _record, subject, _checked in served)
    policies: dict[int, dict[str, bool]] = {}
    for pk, subject, checked in served:
        if subject in numbers:
            policies.setdefault(pk, {})[numbers[subject]] = checked
    papers: dict[int, dict[int, str]] = {}
    for paper, pk, kind in Attachment.objects.filter(record_id__in=ids).values_list(
        "pk", "record_id", "kind"
    ):
        papers.setdefault(pk, {})[paper] = kind
    firsts = _first_visits({row.customer_number for row in found})
    return [_row(row, policies.get(row.pk, {}), papers.get(row.pk, {}), firsts) for row in found]


def _first_visits(customers: set[str]) -> dict[str, tuple[int, bool]]:
    """Customer → the first face visit, and whether any visit brought the signed questionnaire (S1-33)."""
    rows = counting().filter(customer_number__in=customers, kind=Kind.VISIT, outcome=Outcome.MET)
    found: dict[str, tuple[int, bool]] = {}
    for customer, pk, form in rows.order_by("happened_at", "pk").values_list(
        "customer_number", "pk", "satisfaction__pk"
    ):
        first, signed = found.get(customer, (pk, False))
        found[customer] = first, signed or form is not None
    return found


def _row(
    row: Record, policies: dict[str, bool], papers: dict[int, str], firsts: dict[str, tuple[int, bool]]
) -> RecordRow:
    first, signed = firsts.get(row.customer_number, (None, True))
    corrected = getattr(row, "corrected_by", None)
    return RecordRow(
        row.pk, row.customer_number, row.kind, row.purpose, row.outcome, row.reason, row.attitude, row.no_visit,
        row.collection_method, tuple(row.services), row.happened_at, row.happened_date, row.recorded_at, row.person_id,
        row.by_id, row.next_at, row.next_kind, policies, papers, hasattr(row, "satisfaction"), row.offline,
        row.corrects_id, corrected.pk if corrected else None,
        "首访，客户满意度调查问卷未签" if first == row.pk and not signed else "",
    )  # fmt: skip
