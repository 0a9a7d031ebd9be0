"""Reads of truthfulness (L-09): the newest check, its findings, rates of error, samples, holds.

In: a scope, ids. Out: plain values and frames of numbers. Never: a value of a customer, one outside the scope.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import polars as pl
from django.db.models import Q, QuerySet

from tuogu.books import queries as books
from tuogu.bulk import in_parts
from tuogu.core.truth import FINDINGS, KINDS, error_rates
from tuogu.corrections.models import Finding, Hold, Sample, SampleItem, TruthCheck, Verdict
from tuogu.org import queries as org
from tuogu.org.scope import Scope

_AT_ONCE = 5_000  # numbers of one query: below the parameters that a database takes


@dataclass(frozen=True)
class CheckHead:
    """One check over every customer."""

    id: int
    customers: int
    by: int
    at: datetime


@dataclass(frozen=True)
class Rate:
    """Customers with something wrong, of all of one entrant or agent."""

    who: str  # staff number; '' where it is not known
    name: str
    customers: int
    wrong: int

    @property
    def share(self) -> float:
        """0..1."""
        return self.wrong / self.customers


@dataclass(frozen=True)
class Mark:
    """An open hold: why, since when."""

    id: int
    customer_number: str
    reason: str
    by: int
    at: datetime
    programme: int | None


@dataclass(frozen=True)
class SampleHead:
    """A sample with the progress of its checks by hand."""

    id: int
    code: str
    institution_code: str
    listed: int
    list_digest: str
    seed_hex: str
    seed_source: str
    size: int
    by: int
    at: datetime
    checked: int
    wrong: int


@dataclass(frozen=True)
class Drawn:
    """One drawn customer and the verdict that counts ('' = none yet)."""

    id: int
    place: int
    customer_number: str
    verdict: str
    wrong_fields: tuple[str, ...]
    by: int | None
    at: datetime | None


def newest_check() -> CheckHead | None:
    """The newest check; None before the first."""
    row = TruthCheck.objects.order_by("-pk").first()
    return None if row is None else CheckHead(row.pk, row.customers, row.by_id, row.at)


def finding_rows(scope: Scope, kinds: Sequence[str] = ()) -> pl.DataFrame:
    """FINDINGS of the newest check within scope, by kind and number."""
    check = newest_check()
    rows = Finding.objects.filter(check_run=check.id if check else None)
    if kinds:
        rows = rows.filter(kind__in=list(kinds))
    found = list(rows.order_by("kind", "customer_number").values_list("customer_number", "kind"))
    frame = pl.DataFrame(found, schema=FINDINGS, orient="row")
    if scope.all_rows or frame.is_empty():
        return frame
    mine = books.customers_within(scope, frame["customer_number"].unique().to_list())
    return frame.join(mine.select("customer_number"), on="customer_number", how="semi", maintain_order="left")


def finding_counts(found: pl.DataFrame) -> list[tuple[str, str, str, int]]:
    """(kind, words, field, customers) of FINDINGS, in the order of core.truth."""
    counts = dict(found.group_by("kind").agg(n=pl.len().cast(pl.Int64)).iter_rows())
    return [(kind, words, field, counts[kind]) for kind, (words, field) in KINDS.items() if kind in counts]


def findings_of(customer_number: str) -> list[str]:
    """Words for what the newest check found of one customer."""
    check = newest_check()
    kinds = Finding.objects.filter(check_run=check.id if check else None, customer_number=customer_number)
    return [KINDS[kind][0] for kind in kinds.order_by("kind").values_list("kind", flat=True)]


def rates_by_entrant(scope: Scope, found: pl.DataFrame) -> list[Rate]:
    """Of the customers that each person's imports stored, how many have a finding (S3-01)."""
    mine = books.reached(scope).select("customer_number")
    entered = books.entered_by().join(mine, on="customer_number", how="semi")
    frame = error_rates(found, entered.select("customer_number", entrant=pl.col("who").cast(pl.String)))
    known = org.known_as([int(who) for who in frame["entrant"]])
    return [
        Rate(known[int(who)].staff_number, known[int(who)].name, customers, wrong)
        for who, customers, wrong in frame.iter_rows()
    ]


def rates_by_agent(scope: Scope, found: pl.DataFrame) -> list[Rate]:
    """Of the customers that each agent sold to, how many have a finding."""
    frame = error_rates(found, books.sold_by(scope).select("customer_number", entrant="agent"))
    ids = dict(org.staff_ids(frame["entrant"].to_list()).select("staff_number", "custodian_id").iter_rows())
    known = org.known_as(ids.values())
    return [
        Rate(who, known[ids[who]].name if who in ids else "", customers, wrong)
        for who, customers, wrong in frame.iter_rows()
    ]


def held(numbers: Iterable[str]) -> dict[str, list[Mark]]:
    """Open holds of these customers, by number: plans and records may read it. One query for each few thousand."""
    wanted = sorted(set(numbers))
    marks: dict[str, list[Mark]] = {}
    for part in in_parts(wanted, _AT_ONCE):
        for row in _open_holds().filter(customer_number__in=part):
            marks.setdefault(row.customer_number, []).append(_mark(row))
    return marks


def open_marks(scope: Scope) -> list[Mark]:
    """Every open hold within scope, newest first."""
    marks = [_mark(row) for row in _open_holds().order_by("-pk")]
    if scope.all_rows or not marks:
        return marks
    mine = set(books.customers_within(scope, [mark.customer_number for mark in marks])["customer_number"])
    return [mark for mark in marks if mark.customer_number in mine]


def mark(scope: Scope, hold_id: int) -> Mark | None:
    """One open hold; None when there is none within scope."""
    row = _open_holds().filter(pk=hold_id).first()
    if row is None or books.customers_within(scope, [row.customer_number]).is_empty():
        return None
    return _mark(row)


def samples(scope: Scope) -> list[SampleHead]:
    """Samples of institutions within scope, newest first."""
    seen = Q() if scope.all_rows else Q(institution_code__in=sorted(org.institutions_within(scope)))
    return [_sample(row) for row in Sample.objects.filter(seen).order_by("-pk")]


def sample(scope: Scope, sample_id: int) -> SampleHead | None:
    """One sample; None when unknown or out of scope."""
    return next((head for head in samples(scope) if head.id == sample_id), None)


def drawn_items(sample_id: int) -> list[Drawn]:
    """The drawn customers in the order of the draw."""
    newest = _verdicts(sample_id)
    rows = SampleItem.objects.filter(sample=sample_id).order_by("place")
    return [_drawn(row, newest.get(row.pk)) for row in rows]


def item_within(scope: Scope, item_id: int) -> int | None:
    """The sample of a drawn customer; None when unknown or out of scope."""
    row = SampleItem.objects.filter(pk=item_id).first()
    return row.sample_id if row is not None and sample(scope, row.sample_id) is not None else None


def sample_rates(scope: Scope, sample_id: int) -> list[Rate]:
    """Of the drawn customers of each agent that were checked, how many are not true (S3-01: error rate per entrant)."""
    checked = [item for item in drawn_items(sample_id) if item.verdict]
    wrong = pl.DataFrame(
        {"customer_number": [item.customer_number for item in checked if item.verdict == "wrong"]},
        schema={"customer_number": pl.String},
    )
    numbers = [item.customer_number for item in checked]
    sold = books.sold_by(scope).filter(pl.col("customer_number").is_in(numbers))
    frame = error_rates(wrong, sold.select("customer_number", entrant="agent"))
    return [Rate(who, "", customers, n) for who, customers, n in frame.iter_rows()]


def _open_holds() -> QuerySet[Hold]:
    return Hold.objects.filter(end__isnull=True)


def _mark(row: Hold) -> Mark:
    return Mark(row.pk, row.customer_number, row.reason, row.by_id, row.at, row.programme_id)


def _verdicts(sample_id: int) -> dict[int, Verdict]:
    rows = Verdict.objects.filter(item__sample=sample_id).order_by("pk")
    return {row.item_id: row for row in rows}


def _sample(row: Sample) -> SampleHead:
    newest = _verdicts(row.pk).values()
    return SampleHead(
        row.pk, row.code, row.institution_code, row.listed, row.list_digest, row.seed_hex, row.seed_source, row.size,
        row.by_id, row.at, len(newest), sum(1 for verdict in newest if verdict.verdict == "wrong"),
    )  # fmt: skip


def _drawn(row: SampleItem, verdict: Verdict | None) -> Drawn:
    if verdict is None:
        return Drawn(row.pk, row.place, row.customer_number, "", (), None, None)
    return Drawn(
        row.pk,
        row.place,
        row.customer_number,
        verdict.verdict,
        tuple(verdict.wrong_fields),
        verdict.by_id,
        verdict.at,
    )
