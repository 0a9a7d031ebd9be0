"""What lies in public pools, piece by piece: main policies in custody, customers whose development nobody has.

In: pools, a relation, the institutions whose pieces count, filters. Out: pages by keyset, counts, pieces by number. Never:
personal data, a closed policy, a piece that the ledger does not say is there.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Min, Q, QuerySet

from tuogu.books.listed import place_words
from tuogu.books.listing import NEVER_DUE
from tuogu.books.models import ListedCommunity, ListedCustomer, ListedPolicy
from tuogu.bulk import in_parts
from tuogu.ledger import queries as ledger
from tuogu.ledger.kinds import Relation, SubjectKind

_SEVERAL = ""  # a customer whose policies several institutions manage, or none
_AT_ONCE = 5_000  # numbers of one query, asked in two columns: below the parameters that a database takes


@dataclass(frozen=True)
class PieceFilter:
    """What a list is narrowed to; empty fields narrow nothing. `institutions`: None = all; premium bounds [low, below)."""

    pools: frozenset[int]
    relation: str = Relation.CUSTODY
    institutions: frozenset[str] | None = None
    street: str = ""
    product: str = ""
    low_fen: int | None = None
    below_fen: int | None = None
    due_until: date | None = None
    orphan_type: str = ""


@dataclass(frozen=True)
class Piece:
    """A policy, or a customer to be developed, as a pool shows it. null custodian: nobody has it, or it is closed."""

    number: str
    subject_id: int | None
    relation: str
    custodian_id: int | None
    since_date: date | None
    entry_id: int | None
    customer_number: str
    product_name: str | None
    state: str
    policies: int
    yearly_premium_fen: int
    next_due_date: date | None
    institution_code: str
    street_code: str
    place: str | None
    orphan_type: str
    nature: str
    service_class: str
    inception_date: date | None


@dataclass(frozen=True)
class PiecePage:
    """Some pieces, the nearest due day first; `after`: where to go on, None at the end."""

    rows: tuple[Piece, ...]
    after: str | None


@dataclass(frozen=True)
class PoolContent:
    """How many pieces of a relation a pool holds, and since when the oldest lies there."""

    pool: int
    relation: str
    pieces: int
    oldest_date: date


def piece_page(wanted: PieceFilter, *, after: str = "", size: int = 40) -> PiecePage:
    """The first page, or the one after a mark (`due day.number`); a broken mark is the first."""
    rows = _narrowed(wanted)
    due, _dot, number = after.partition(".")
    key = "number" if wanted.relation == Relation.CUSTODY else "pk"
    if number and _is_day(due):
        rows = rows.filter(Q(next_due_date__gt=due) | Q(next_due_date=due, **{f"{key}__gt": number}))
    found = list(rows.order_by("next_due_date", key)[: size + 1])
    page = found[:size]
    mark = f"{page[-1].next_due_date}.{page[-1].number}" if len(found) > size else None
    return PiecePage(_pieces(page, wanted.relation), mark)


def piece_count(wanted: PieceFilter) -> int:
    """How many there are: the second request of the list."""
    return _narrowed(wanted).count()


def piece_streets(wanted: PieceFilter) -> list[tuple[str, str]]:
    """(code, name) of the streets in which pieces lie, for the filter."""
    codes = _narrowed(wanted).order_by().values("street_code").distinct()
    rows = ListedCommunity.objects.filter(street_code__in=codes).order_by("street_code")
    return list(dict(rows.values_list("street_code", "street")).items())


def pieces_by_number(numbers: Iterable[str], relation: str) -> dict[str, Piece]:
    """Pieces wherever they are now; closed and unknown numbers are absent."""
    wanted = sorted(set(numbers))
    if relation == Relation.CUSTODY:
        listed: list[Any] = list(ListedPolicy.objects.filter(number__in=wanted, live=True))
    else:
        listed = list(ListedCustomer.objects.filter(number__in=wanted))
    return {piece.number: piece for piece in _pieces(listed, relation)}


def piece_traits(numbers: Iterable[str]) -> dict[str, tuple[date | None, str, str, str]]:
    """Inception, nature, service class and state of some policies, by number."""
    wanted, found = sorted(set(numbers)), dict[str, tuple[date | None, str, str, str]]()
    for part in in_parts(wanted, _AT_ONCE):
        rows = ListedPolicy.objects.filter(number__in=part)
        fields = ("number", "inception_date", "nature", "service_class", "state")
        found |= {row[0]: row[1:] for row in rows.values_list(*fields)}
    return found


def pool_contents(pools: Collection[int], institutions: frozenset[str] | None) -> list[PoolContent]:
    """What each pool holds within these institutions, custody before development; empty ones are absent."""
    held = "subject__holdings__custodian_id"
    policies = (
        _narrowed(PieceFilter(frozenset(pools), Relation.CUSTODY, institutions))
        .order_by()
        .values_list(held)
        .annotate(n=Count("pk"), oldest=Min("subject__holdings__since_date"))
    )
    found = [PoolContent(pool, Relation.CUSTODY, n, oldest) for pool, n, oldest in policies]
    for pool in sorted(pools):  # pools are few: one a department
        wanted = PieceFilter(frozenset({pool}), Relation.DEVELOPMENT, institutions)
        count = piece_count(wanted)
        if count:
            oldest = ledger.oldest_held(pool, relation=Relation.DEVELOPMENT)
            found.append(PoolContent(pool, Relation.DEVELOPMENT, count, oldest))
    return found


def unclaimed(numbers: Iterable[str], pools: Collection[int]) -> set[str]:
    """Those customers of whom a live policy (held or insured) lies in one of `pools`, or whose development does, and whom
    nobody in person serves."""
    wanted, lying, served = sorted(set(numbers)), set[str | None](), set[str | None]()
    for part in in_parts(wanted, _AT_ONCE):
        rows = ListedPolicy.objects.filter(
            Q(holder_number__in=part) | Q(insured_number__in=part), live=True,
            subject__holdings__relation=Relation.CUSTODY,
        )  # fmt: skip
        fields = (
            "holder_number",
            "insured_number",
            "subject__holdings__custodian_id",
            "subject__holdings__custodian__kind",
        )
        for holder, insured, custodian, kind in rows.values_list(*fields):
            met = served if kind == "person" else lying if custodian in pools else set()
            met.update({holder, insured})
    offered = ledger.heads_by_number(wanted, kind=SubjectKind.CUSTOMER, relation=Relation.DEVELOPMENT)
    lying |= {number for number, head in offered.items() if head.custodian_id in pools}
    return set(wanted) & (lying - served)


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _narrowed(wanted: PieceFilter) -> QuerySet[Any]:
    rows: QuerySet[Any]
    if wanted.relation == Relation.CUSTODY:
        rows = ListedPolicy.objects.filter(
            live=True, subject__holdings__relation=Relation.CUSTODY,
            subject__holdings__custodian_id__in=sorted(wanted.pools),
        )  # fmt: skip
        rows = rows.filter(product_name=wanted.product) if wanted.product else rows
        rows = rows.filter(orphan_type=wanted.orphan_type) if wanted.orphan_type else rows
    else:
        numbers = ledger.numbers_held_by(wanted.pools, kind=SubjectKind.CUSTOMER, relation=wanted.relation)
        rows = ListedCustomer.objects.filter(number__in=numbers)
    met = Q()
    if wanted.institutions is not None:
        met &= Q(institution_code__in=sorted(wanted.institutions)) | Q(institution_code=_SEVERAL)
    if wanted.street:
        met &= Q(street_code=wanted.street)
    if wanted.low_fen is not None:
        met &= Q(yearly_premium_fen__gte=wanted.low_fen)
    if wanted.below_fen is not None:
        met &= Q(yearly_premium_fen__lt=wanted.below_fen)
    if wanted.due_until is not None:
        met &= Q(next_due_date__lte=wanted.due_until)
    return rows.filter(met)


def _pieces(listed: list[Any], relation: str) -> tuple[Piece, ...]:
    kind = SubjectKind.POLICY if relation == Relation.CUSTODY else SubjectKind.CUSTOMER
    heads = ledger.heads_by_number((row.number for row in listed), kind=kind, relation=relation)
    codes = {row.community_code for row in listed if row.community_code}
    places = {
        place.community_code: place_words(place.street, place.community)
        for place in ListedCommunity.objects.filter(pk__in=codes)
    }
    return tuple(_piece(row, relation, heads.get(row.number), places) for row in listed)


def _piece(row: Any, relation: str, head: ledger.Head | None, places: dict[str, str]) -> Piece:
    policy = relation == Relation.CUSTODY
    return Piece(
        number=row.number,
        subject_id=head.subject_id if head else None,
        relation=relation,
        custodian_id=head.custodian_id if head else None,
        since_date=head.since_date if head else None,
        entry_id=head.entry_id if head else None,
        customer_number=row.holder_number if policy else row.number,
        product_name=row.product_name if policy else None,
        state=row.state if policy else "",
        policies=1 if policy else row.policies_live,
        yearly_premium_fen=row.yearly_premium_fen,
        next_due_date=None if row.next_due_date == NEVER_DUE else row.next_due_date,
        institution_code=row.institution_code or "",
        street_code=row.street_code or "",
        place=places.get(row.community_code or ""),
        orphan_type=(row.orphan_type or "") if policy else "",
        nature=row.nature if policy else "",
        service_class=row.service_class if policy else "",
        inception_date=row.inception_date if policy else None,
    )
