"""The books follow the code book: customers whose community was merged move with it, those of a split wait at the desk.

In: the code book in force on a day. Out: stored codes of customers and staff homes, names in lists. Never: a person
placed on one side of a split (both heirs are offered), a code no longer in force left where it was; again changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Model

from tuogu.books import listing
from tuogu.books.models import Customer, ListedCommunity, StaffHome
from tuogu.books.placing import place
from tuogu.core.coding import resolve_code
from tuogu.core.custody import business_date
from tuogu.data.codebook import Codebook
from tuogu.regions import queries as regions
from tuogu.rules import queries as rules

SPLIT, RETIRED = "split", "retired"  # why an address waits again
_COMMUNITY_DIGITS = 12  # of a community's official code
_CITY_DIGITS = 4  # of a city's


@transaction.atomic
def follow_codebook(*, at: datetime) -> dict[str, int]:
    """Bring every stored code to the version in force: counts of customers moved, sent to the desk, communities renamed."""
    today, done = business_date(at), {"moved": 0, "queued": 0, "renamed": 0}
    codes = _lived_in(Customer) | _lived_in(StaffHome)
    named = dict(ListedCommunity.objects.values_list("community_code", "community"))
    for city in sorted({code[:_CITY_DIGITS] for code in codes | set(named)}):
        try:
            book = regions.codebook([city], today)
        except ValueError:  # a code of no city: whoever stored it, there is nothing to follow
            continue
        local = {code for code in codes if code.startswith(city)}
        for kind, count in _follow_city(local, named, book, today).items():
            done[kind] += count
    return done


def _follow_city(codes: set[str], named: Mapping[str, str], book: Codebook, today: date) -> dict[str, int]:
    names = dict(book.regions.select("code", "name").iter_rows())
    gone = sorted(code for code in codes if code not in names)
    heirs = {
        code: [heir for heir in resolve_code(code, book) if len(heir) == _COMMUNITY_DIGITS] for code in gone
    }
    one = {code: found[0] for code, found in heirs.items() if len(found) == 1}
    none = {code: found for code, found in heirs.items() if len(found) != 1}
    place(one.values(), book)
    touched: list[str] = []
    for code, heir in one.items():
        touched += _recode(code, {"community_code": heir})
    moved = len(touched)
    for code, found in none.items():
        touched += _recode(code, {
            "community_code": None, "code_status": "manual", "code_reason": SPLIT if found else RETIRED,
            "code_candidates": ",".join(found) or None,
        })  # fmt: skip
    renamed = [code for code, name in named.items() if code in names and names[code] != name]
    place(renamed, book)
    if touched:
        listing.refresh(listing.touched(customers=touched), rules.applicable(today), today)
    return {"moved": moved, "queued": len(touched) - moved, "renamed": len(renamed)}


def _lived_in(model: type[Customer] | type[StaffHome]) -> set[str]:
    stored = model._default_manager.filter(community_code__isnull=False).order_by()
    return {code for code in stored.values_list("community_code", flat=True).distinct() if code}


def _recode(code: str, values: dict[str, Any]) -> list[str]:
    """Write `values` over everybody coded to `code`; returns the customers' numbers."""
    customers = Customer.objects.filter(community_code=code)
    numbers = list(customers.values_list("number", flat=True))
    customers.update(**values)
    own = {field.name for field in _fields(StaffHome)}
    StaffHome.objects.filter(community_code=code).update(**{k: v for k, v in values.items() if k in own})
    return numbers


def _fields(model: type[Model]) -> Any:
    return model._meta.concrete_fields
