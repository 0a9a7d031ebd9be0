"""A person says where an address lies: the decision and the customer's code are one act, and one act takes them back.

In: a Scope, customers within it, a community of the code book in force (or why there is none), who and when. Out: stored
codes, refreshed lists, an append-only decision (regions). Never: a community outside the code book, a customer out of
scope, a code without its decision, a pattern coded whose count nobody confirmed.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from django.db import transaction

from tuogu import vault
from tuogu.books import listing
from tuogu.books.address_known import BY_HAND, NOT_CODABLE, address_hashes
from tuogu.books.address_queue import pattern_numbers, visible_customers
from tuogu.books.failures import CodingRefused
from tuogu.books.models import Customer
from tuogu.books.placing import place
from tuogu.bulk import in_parts
from tuogu.core.coding import CodeOverflow
from tuogu.core.custody import business_date
from tuogu.data.codebook import Codebook
from tuogu.org.scope import Scope
from tuogu.regions import actions as region_actions
from tuogu.regions import queries as regions
from tuogu.rules import queries as rules

_COMMUNITY_DIGITS = 12  # of a community's official code
_WRITTEN_AT_ONCE = 500  # rows of one statement: below the parameters that a database takes
_AT_ONCE = 5_000  # numbers of one query: below the parameters that a database takes
_NOTHING = "，没有写入任何内容"
_CODES = ("community_code", "code_status", "code_reason", "code_confidence", "code_candidates")
REASON_MAX = 60  # characters of a reason, as the form takes them


@transaction.atomic
def code_by_hand(
    scope: Scope, number: str, community: str, *, evidence: str = "", by: int, at: datetime
) -> int:
    """Code one customer; returns the act."""
    customers = _locked(scope, [number])
    codebook = codebook_with(community, business_date(at))
    return _code(customers, community, codebook, kind=regions.Kind.ONE, evidence=evidence, by=by, at=at)


@transaction.atomic
def not_codable(scope: Scope, number: str, reason: str, *, by: int, at: datetime) -> int:
    """Say that one address cannot be coded, and why: it leaves the queue until it changes. Returns the act."""
    reason = reason.strip()
    if not 0 < len(reason) <= REASON_MAX:
        raise CodingRefused(f"请写明为什么无法编码（1 至 {REASON_MAX} 个字）{_NOTHING}")
    customers = _locked(scope, [number])
    act = region_actions.record_decision(
        _judged(customers),
        kind=regions.Kind.ONE,
        outcome=regions.Outcome.NOT_CODABLE,
        reason=reason,
        by=by,
        at=at,
    )
    _write(customers, {"code_status": "manual", "code_reason": NOT_CODABLE, "community_code": None}, at)
    return act


@transaction.atomic
def code_pattern(
    scope: Scope, area_code: str, fragment: str, community: str, *, expected: int, by: int, at: datetime
) -> int:
    """Code every waiting address of a pattern, if they are as many as were confirmed; returns the act."""
    below = rules.applicable(business_date(at))["regions.doubtful_below"]
    numbers = pattern_numbers(scope, below, area_code, fragment)
    if len(numbers) != expected or not numbers:
        raise CodingRefused(f"确认的是 {expected} 件，现在符合的是 {len(numbers)} 件{_NOTHING}；请再看一遍")
    customers = _locked(scope, numbers)
    codebook = codebook_with(community, business_date(at))
    return _code(
        customers, community, codebook, kind=regions.Kind.PATTERN, area_code=area_code, fragment=fragment,
        by=by, at=at,
    )  # fmt: skip


@transaction.atomic
def undo_coding(scope: Scope, act: int, *, by: int, at: datetime) -> int:
    """Take one act back: its customers are coded as before it, where their address is still the same. Returns how many."""
    numbers = regions.customers_of(act)
    if not numbers or visible_customers(scope).filter(number__in=numbers[:_AT_ONCE]).count() < min(
        len(numbers), _AT_ONCE
    ):
        raise CodingRefused(f"没有这次判定，或其中有你范围以外的客户{_NOTHING}")
    before = {
        judged.customer_number: judged for judged in region_actions.withdraw_decision(act, by=by, at=at)
    }
    same = [
        customer
        for customer, hashed in _hashed(_locked(scope, numbers))
        if hashed == before[customer.number].address_hash
    ]
    for customer in same:
        for name in _CODES:
            setattr(customer, name, before[customer.number].before.get(name))
    _store(same, at)
    return len(same)


def _code(
    customers: Sequence[Customer], community: str, codebook: Codebook, *, kind: str, evidence: str = "",
    area_code: str = "", fragment: str = "", by: int, at: datetime,
) -> int:  # fmt: skip
    try:
        place([community], codebook)
    except CodeOverflow as full:
        raise CodingRefused(f"{full}{_NOTHING}") from full
    act = region_actions.record_decision(
        _judged(customers), kind=kind, outcome=regions.Outcome.CODED, community_code=community, evidence=evidence,
        area_code=area_code, fragment=fragment, by=by, at=at,
    )  # fmt: skip
    values = {
        "community_code": community, "code_status": "coded", "code_reason": BY_HAND, "code_confidence": 1.0,
        "code_candidates": community,
    }  # fmt: skip
    _write(customers, values, at)
    return act


def codebook_with(community: str, on: date) -> Codebook:
    """The code book in force of the community's city; refuses what it does not hold."""
    if len(community) == _COMMUNITY_DIGITS and community.isdecimal():
        try:
            codebook = regions.codebook([community], on)
        except ValueError:
            codebook = None
        if codebook is not None and (codebook.regions["code"] == community).any():
            return codebook
    raise CodingRefused(f"编码簿中没有在用的社区 {community[:_COMMUNITY_DIGITS]}{_NOTHING}")


def _locked(scope: Scope, numbers: Sequence[str]) -> list[Customer]:
    """These customers, kept for us until the end; refuses if one is out of scope."""
    found: list[Customer] = []
    for part in in_parts(numbers, _AT_ONCE):
        allowed = visible_customers(scope).filter(number__in=part).values_list("number", flat=True)
        found += Customer.objects.filter(number__in=list(allowed)).order_by("number").select_for_update()
    if len(found) != len(set(numbers)):
        raise CodingRefused(f"没有这位客户，或不在你的范围内{_NOTHING}")
    return found


def _hashed(customers: Sequence[Customer]) -> list[tuple[Customer, bytes]]:
    addresses = vault.open_texts([customer.address_sealed for customer in customers])
    return list(zip(customers, address_hashes(addresses), strict=True))


def _judged(customers: Sequence[Customer]) -> list[regions.Judged]:
    return [
        regions.Judged(customer.number, hashed, {name: getattr(customer, name) for name in _CODES})
        for customer, hashed in _hashed(customers)
    ]


def _write(customers: Sequence[Customer], values: dict[str, object], at: datetime) -> None:
    for customer in customers:
        for name, value in values.items():
            setattr(customer, name, value)
    _store(customers, at)


def _store(customers: Sequence[Customer], at: datetime) -> None:
    """Write the codes and bring the lists up to date."""
    Customer.objects.bulk_update(customers, _CODES, batch_size=_WRITTEN_AT_ONCE)
    today = business_date(at)
    changed = listing.touched(customers=[customer.number for customer in customers])
    listing.refresh(changed, rules.applicable(today), today)
