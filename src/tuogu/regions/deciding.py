"""What people decided of addresses: written once, never changed; taken back by a further decision.

In: customers by number with the keyed hash of their address, the decision, who and when. Out: acts; the decision that
counts for an address. Never: an address, part of one, or a house number; a row that is changed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max

from tuogu import vault
from tuogu.bulk import in_parts
from tuogu.org import append_only
from tuogu.regions.failures import RegionsRefused
from tuogu.regions.models import AddressAct, AddressDecision, KnownAddress

_AT_ONCE = 5_000  # numbers of one query: below the parameters that a database takes
FORGOTTEN = b""  # in place of the hash of an erased person's address
Outcome, Kind = AddressDecision.Outcome, AddressAct.Kind


@dataclass(frozen=True)
class Judged:
    """One customer as the desk had it: the address by its hash, and how it was coded before."""

    customer_number: str
    address_hash: bytes
    before: dict[str, Any]


@dataclass(frozen=True)
class Decided:
    """The newest decision on an address that was not taken back."""

    customer_number: str
    address_hash: bytes
    outcome: str
    community_code: str
    act: int


@dataclass(frozen=True)
class Act:
    """One act at the desk. `undone`: it was taken back."""

    id: int
    kind: str
    area_code: str
    fragment: str
    community_code: str
    count: int
    by: int
    at: datetime
    undone: bool


@transaction.atomic
def record(
    judged: Sequence[Judged],
    *,
    kind: str,
    outcome: str,
    community_code: str = "",
    reason: str = "",
    evidence: str = "",
    area_code: str = "",
    fragment: str = "",
    by: int,
    at: datetime,
) -> int:
    """One act over these customers; returns its id."""
    act = AddressAct.objects.create(
        kind=kind, area_code=area_code, fragment=fragment, community_code=community_code, count=len(judged),
        by_id=by, at=at,
    )  # fmt: skip
    AddressDecision.objects.bulk_create(
        AddressDecision(
            act=act, customer_number=one.customer_number, address_hash=one.address_hash, outcome=outcome,
            community_code=community_code, reason=reason, evidence=evidence, before=one.before,
        )
        for one in judged
    )  # fmt: skip
    return int(act.pk)


@transaction.atomic
def withdraw(act: int, *, by: int, at: datetime) -> list[Judged]:
    """Take an act back; returns its customers with how they were coded before it. RegionsRefused when it was taken back
    already, or a later decision stands on it."""
    found = AddressAct.objects.filter(pk=act).exclude(kind=Kind.UNDO).first()
    if found is None:
        raise RegionsRefused("没有这次判定，没有写入任何内容")
    if AddressAct.objects.filter(undoes=found).exists():
        raise RegionsRefused("这次判定已经撤销过，没有写入任何内容")
    made = list(found.decisions.order_by("customer_number"))
    later = _later(found, [row.customer_number for row in made])
    if later:
        raise RegionsRefused(f"其中 {later} 位客户后来又有新的判定，请先撤销新的，没有写入任何内容")
    undo = AddressAct.objects.create(kind=Kind.UNDO, count=len(made), undoes=found, by_id=by, at=at)
    AddressDecision.objects.bulk_create(
        AddressDecision(
            act=undo, customer_number=row.customer_number, address_hash=bytes(row.address_hash),
            outcome=Outcome.WITHDRAWN,
        )
        for row in made
    )  # fmt: skip
    hashes = vault.newest_hashes(row.address_hash for row in made)
    return [
        Judged(row.customer_number, hashed or b"", row.before)
        for row, hashed in zip(made, hashes, strict=True)
    ]


def decided(numbers: Iterable[str]) -> dict[str, list[Decided]]:
    """The decisions that count for these customers, one for each address they were seen with."""
    found: dict[str, list[Decided]] = {}
    for row, hashed in _newest(sorted(set(numbers))):
        if row.outcome != Outcome.WITHDRAWN:
            one = Decided(row.customer_number, hashed, row.outcome, row.community_code, row.act_id)
            found.setdefault(row.customer_number, []).append(one)
    return found


def decided_numbers() -> list[str]:
    """Every customer of whom something was ever decided."""
    return list(AddressDecision.objects.order_by().values_list("customer_number", flat=True).distinct())


def with_same_address(forms: Collection[bytes]) -> dict[str, int]:
    """community_code → customers whose address is the same text and was coded there by a person. `forms`: in which the hash
    of the address may be stored, the newest first."""
    known = KnownAddress.objects.filter(address_hash__in=forms).values_list("customer_number", flat=True)
    counts: dict[str, int] = {}
    for rows in decided(list(known[:_AT_ONCE])).values():
        for row in rows:
            if row.address_hash in forms and row.outcome == Outcome.CODED:
                counts[row.community_code] = counts.get(row.community_code, 0) + 1
    return counts


def acts_of(person: int, *, since: datetime, limit: int) -> list[Act]:
    """What a person decided since a moment, the newest first, undone ones too."""
    rows = AddressAct.objects.filter(by_id=person, at__gte=since).exclude(kind=Kind.UNDO)
    return [_act(row) for row in rows.select_related("undone_by").order_by("-id")[:limit]]


def act_of(act: int) -> Act | None:
    """One act; None where there is none, or it is an undo."""
    row = AddressAct.objects.exclude(kind=Kind.UNDO).select_related("undone_by").filter(pk=act).first()
    return None if row is None else _act(row)


def customers_of(act: int) -> list[str]:
    """The customers of an act, by number."""
    rows = AddressDecision.objects.filter(act_id=act).order_by("customer_number")
    return list(rows.values_list("customer_number", flat=True))


def decided_since(person: int, since: datetime) -> int:
    """Addresses that a person decided since a moment and did not take back."""
    rows = AddressAct.objects.filter(by_id=person, at__gte=since, undone_by__isnull=True)
    return sum(rows.exclude(kind=Kind.UNDO).values_list("count", flat=True))


def _act(row: AddressAct) -> Act:
    return Act(
        row.pk, row.kind, row.area_code, row.fragment, row.community_code, row.count, row.by_id, row.at,
        hasattr(row, "undone_by"),
    )  # fmt: skip


def _later(act: AddressAct, numbers: list[str]) -> int:
    """How many of these customers have a decision after that act which still stands."""
    return sum(any(row.act > act.pk for row in rows) for rows in decided(numbers).values())


def forget_hashes(numbers: Iterable[str]) -> int:
    """L-07: what was decided of erased people stays, under a number that leads to nobody; what their addresses are
    recognised by goes. The customer's tombstone says when and by whom. Returns how many decisions were emptied."""
    given, emptied = sorted(set(numbers)), 0
    with append_only.lifted(AddressDecision._meta.db_table):
        for some in in_parts(given, _AT_ONCE):
            part = AddressDecision.objects.filter(customer_number__in=some)
            emptied += part.exclude(address_hash=FORGOTTEN).update(
                address_hash=FORGOTTEN, evidence="", before={}
            )
    return emptied


def _newest(numbers: list[str]) -> list[tuple[AddressDecision, bytes]]:
    """The newest decision of each customer and address, with the hash in its newest form; not of erased people."""
    found: list[AddressDecision] = []
    for some in in_parts(numbers, _AT_ONCE):
        part = AddressDecision.objects.filter(customer_number__in=some)
        part = part.exclude(address_hash=FORGOTTEN)
        newest = part.order_by().values("customer_number", "address_hash").annotate(newest=Max("id"))
        found += AddressDecision.objects.filter(pk__in=newest.values("newest"))
    hashes = vault.newest_hashes(row.address_hash for row in found)
    last: dict[
        tuple[str, bytes], AddressDecision
    ] = {}  # of one address, two where a hash was raised in between
    for row, hashed in sorted(zip(found, hashes, strict=True), key=lambda one: one[0].pk):
        last[row.customer_number, hashed or b""] = row
    return [(row, hashed) for (_number, hashed), row in last.items()]
