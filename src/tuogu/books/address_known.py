"""What this room tells the address desk of addresses: keyed hashes and shared fragments; decided addresses for an import.

In: customers with their addresses, a code book. Out: rows of regions.KnownAddress; LOCATED rows of addresses that a person
has judged. Never: an address outside this room, a decision applied to an address that has changed since.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date

import polars as pl

from tuogu import vault
from tuogu.books.models import Customer
from tuogu.bulk import in_parts
from tuogu.core.address import fragments
from tuogu.core.address.normalise import clean_text
from tuogu.core.coding import resolve_code
from tuogu.core.tables import LOCATED
from tuogu.data.codebook import Codebook
from tuogu.regions import actions as region_actions
from tuogu.regions import queries as regions

BY_HAND = "manual"  # the reason of a code that a person gave
NOT_CODABLE = "not_codable"
_PURPOSE = "address"
_COMMUNITY_DIGITS = 12  # of a community's official code
_AT_ONCE = 5_000  # numbers of one query: below the parameters that a database takes


def address_hashes(addresses: Sequence[str | None]) -> list[bytes]:
    """The identity of each address, whatever its width, case and separators; of no address that of an empty text."""
    texts = pl.DataFrame({"text": list(addresses)}, schema={"text": pl.String})
    hashed = vault.keyed_hashes(texts.select(clean_text(pl.col("text"))).to_series().to_list(), _PURPOSE)
    return [value or b"" for value in hashed]


def address_forms(address: str | None) -> list[bytes]:
    """Every form in which the identity of one address may be stored."""
    texts = pl.DataFrame({"text": [address]}, schema={"text": pl.String})
    return vault.hash_forms(texts.select(clean_text(pl.col("text"))).item() or "", _PURPOSE)


def learn_addresses(numbers: Collection[str] | None = None, *, on: date) -> int:
    """Derive anew what the desk groups by, of these customers or of everybody; returns how many.

    Without a home city nothing can be read: 0.
    """
    city = home_city()
    if not city:
        return 0
    gazetteer, learnt = regions.gazetteer(city, on), 0
    wanted = sorted(set(numbers)) if numbers is not None else all_numbers()
    for some in in_parts(wanted, _AT_ONCE):
        part = Customer.objects.filter(number__in=some).order_by("number")
        rows = list(part.values_list("number", "address_sealed"))
        keys, addresses = [number for number, _ in rows], vault.open_texts([sealed for _, sealed in rows])
        frame = pl.DataFrame(
            {"key": keys, "address": addresses}, schema={"key": pl.String, "address": pl.String}
        )
        found = fragments(frame, gazetteer, city)  # by key, as the rows
        hashes = address_hashes(addresses)
        learnt += region_actions.know_addresses(
            (key, hashed, area, fragment)
            for hashed, (key, area, fragment) in zip(hashes, found.iter_rows(), strict=True)
        )
    return learnt


def learn_missing_addresses(*, on: date) -> int:
    """Learn those of whom nothing is known yet, forget those who are gone; again changes nothing."""
    known = set(regions.known_addresses().values_list("customer_number", flat=True))
    there = set(all_numbers())
    region_actions.forget_addresses(known - there)
    return learn_addresses(there - known, on=on) if there - known else 0


def all_numbers() -> list[str]:
    """The number of every stored customer."""
    return list(Customer.objects.order_by("number").values_list("number", flat=True))


def home_city() -> str:
    """The city of the branch: the one that most institutions serve, else the one in which a coded customer lives; '' where
    nothing says."""
    served = regions.home_city()
    if served:
        return served
    code = (
        Customer.objects.filter(community_code__isnull=False).values_list("community_code", flat=True).first()
    )
    return (code or "")[:4]


def decided_addresses(customers: pl.DataFrame, codebook: Codebook) -> pl.DataFrame:
    """LOCATED rows of those `customers` (customer_number, address) whose address a person has judged, as it is written now.

    A code that was retired since counts as its one heir; of several heirs the address goes to the desk again (N-12).
    """
    numbers = set(regions.decided_numbers())
    judged = customers.filter(pl.col("customer_number").is_in(list(numbers)))
    hashes = dict(zip(judged["customer_number"], address_hashes(judged["address"].to_list()), strict=True))
    rows = [
        row
        for number, decisions in regions.decided(hashes).items()
        for decision in decisions
        if decision.address_hash == hashes[number] and (row := _located(decision, codebook)) is not None
    ]
    return pl.DataFrame(rows, schema=LOCATED, orient="row").sort("key")


def _located(decision: regions.Decided, codebook: Codebook) -> tuple[object, ...] | None:
    return located_as_decided(decision.customer_number, decision.outcome, decision.community_code, codebook)


def located_as_decided(
    key: str, outcome: str, community_code: str, codebook: Codebook
) -> tuple[object, ...] | None:
    """The LOCATED row of a decision; None where its code has several heirs today."""
    if outcome == regions.Outcome.NOT_CODABLE:
        return key, None, "manual", NOT_CODABLE, 0.0, None
    heirs = resolve_code(community_code, codebook)
    if len(heirs) == 1 and len(heirs[0]) == _COMMUNITY_DIGITS:
        return key, heirs[0], "coded", BY_HAND, 1.0, heirs[0]
    return None
