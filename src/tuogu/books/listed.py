"""The list of policies: one page by keyset, its totals, the counts of its views, and the words of its filters.

In: a scope, PolicyFilter, a sort key, a mark. Out: plain rows with who holds each, and what they add up to. Never: a row
out of scope, personal data (customers are asked for by number at the choke point), more queries for more rows.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, QuerySet, Sum

from tuogu.books.filters import PolicyFilter, beyond, condition, mark_of, ordering, shared_condition
from tuogu.books.listing import NEVER_DUE
from tuogu.books.models import ListedCommunity, ListedPolicy, ListedSum
from tuogu.books.visible import Visible, rows, visible
from tuogu.core.provinces import PROVINCES
from tuogu.ledger import queries as ledger
from tuogu.org.scope import Scope
from tuogu.process_memory import memory

# digits of an official region code → its level
_LEVEL_OF_DIGITS = {6: "district", 9: "street", 12: "community"}
_CITY_DIGITS = 4  # shorter codes name no city
_STREET_WORDS = ("街道办事处", "街道", "镇", "乡")
_COMMUNITY_WORDS = (
    "社区居民委员会",
    "社区居委会",
    "居民委员会",
    "村民委员会",
    "居委会",
    "村委会",
    "社区",
    "村",
)


@dataclass(frozen=True)
class ListedRow:
    """One main policy as lists show it. null custodian: its custody is closed. null due date: nothing falls due."""

    subject_id: int
    number: str
    product_name: str | None
    state: str
    live: bool
    premium_fen: int | None
    payments_per_year: int | None
    payment_term_years: int | None
    yearly_premium_fen: int
    institution_code: str | None
    agent_number: str | None
    holder_number: str
    insured_number: str | None
    orphan: bool
    orphan_type: str | None
    orphan_source: str | None
    nature: str
    service_class: str
    route: str
    community_code: str | None
    street_code: str | None
    display_code: str | None
    inception_date: date | None
    lapse_date: date | None
    next_due_date: date | None
    data_date: date
    community: str | None
    street: str | None
    district: str | None
    custodian_id: int | None
    since_date: date | None

    @property
    def place(self) -> str | None:
        """Street and community as people say them: 白鹤 白沙; None while the address waits for a person."""
        if self.community is None:
            return None
        return place_words(self.street, self.community)


@dataclass(frozen=True)
class PolicyPage:
    """One page; marks of the keyset for the pages around it, null where there is none."""

    rows: tuple[ListedRow, ...]
    before: str | None
    after: str | None


@dataclass(frozen=True)
class Totals:
    """What a whole view adds up to. A household is a policyholder, counted once."""

    policies: int
    households: int
    yearly_premium_fen: int


def policy_page(
    scope: Scope,
    wanted: PolicyFilter,
    *,
    as_of: date,
    sort: str = "due",
    after: str | None = None,
    before: str | None = None,
    size: int = 40,
) -> PolicyPage:
    """The first page, the one after the mark `after`, or the one before the mark `before`."""
    listed = rows(scope).filter(condition(wanted, as_of))
    mark = before or after
    if mark:
        listed = listed.filter(beyond(mark, sort, backwards=before is not None))
    found = list(listed.order_by(*ordering(sort, backwards=before is not None))[: size + 1])
    more, page = len(found) > size, found[:size]
    if before is not None:
        page.reverse()
    earlier = more if before is not None else after is not None
    later = True if before is not None else more
    return PolicyPage(
        shown_rows(page),
        mark_of(page[0], sort) if page and earlier else None,
        mark_of(page[-1], sort) if page and later else None,
    )


def policy_totals(scope: Scope, wanted: PolicyFilter, *, as_of: date) -> Totals:
    """What the whole view adds up to: the second request of a list."""
    seen = visible(scope)
    listed = ListedPolicy.objects.filter(condition(wanted, as_of), seen.condition())
    policies, premium = _counted(listed, seen, wanted)
    return Totals(policies, _households(listed, seen, wanted), premium)


def _households(listed: QuerySet[ListedPolicy], seen: Visible, wanted: PolicyFilter) -> int:
    """Holders of `listed`, each once. Of everything live it is kept; of a part it must be counted."""
    if seen.everything and wanted == PolicyFilter():
        kept = ListedSum.objects.filter(live=True).aggregate(n=Sum("households"))
        return int(kept["n"] or 0)
    return listed.values("holder_number").distinct().count()


def view_counts(scope: Scope, *, as_of: date) -> dict[str, int]:
    """How many policies each saved view holds for this scope: the tabs of the list."""
    seen = visible(scope)
    counts = {}
    for view in ("all", "orphans", "lapsed", "buffer", "due", "manual"):
        wanted = PolicyFilter(view=view)
        listed = ListedPolicy.objects.filter(condition(wanted, as_of), seen.condition())
        counts[view] = _counted(listed, seen, wanted)[0] if wanted.countable else listed.count()
    return counts


def street_options(scope: Scope) -> list[tuple[str, str]]:
    """(code, name) of the streets in which live policies lie, by district and name, for the filter."""
    seen = visible(scope)
    sums = ListedSum.objects.filter(live=True).exclude(street_code="")
    if seen.only_people or seen.regions:
        return _streets_kept(seen, sums)
    if not seen.everything:
        sums = sums.filter(institution_code__in=sorted(seen.institutions))
    return _named(sums.values("street_code").distinct())


def _streets_kept(seen: Visible, sums: QuerySet[ListedSum]) -> list[tuple[str, str]]:
    """Read row by row, so kept until custody changes or a policy comes, goes or lies elsewhere."""
    by_street = sums.values_list("street_code").annotate(n=Sum("policies"), fen=Sum("yearly_premium_fen"))
    lie = hashlib.sha256(repr(list(by_street.order_by("street_code"))).encode()).hexdigest()[:16]
    key = f"books.streets:{ledger.version()}:{lie}:{seen.digest}"
    found: list[tuple[str, str]] | None = memory.get(key)
    if found is None:
        listed = ListedPolicy.objects.filter(seen.condition(), live=True)
        found = _named(listed.values("street_code").distinct())
        memory.set(key, found)
    return list(found)


def _named(codes: Any) -> list[tuple[str, str]]:
    named = ListedCommunity.objects.filter(street_code__in=codes).order_by("district_code", "street_code")
    return list(dict(named.values_list("street_code", "street")).items())


def district_names() -> dict[str, str]:
    """The districts in which policies lie, by code."""
    listed = ListedCommunity.objects.exclude(district_code="").values_list("district_code", "district")
    return {code: name for code, name in listed.distinct() if name}


def region_name(code: str) -> str:
    """The name of a district, street or community in which a policy lies; the code itself when there is none."""
    level = _LEVEL_OF_DIGITS.get(len(code))
    if level is None:
        return code
    found = ListedCommunity.objects.filter(**{f"{level}_code": code}).values_list(level, flat=True).first()
    return str(found) if found else code


def place_names(codes: Iterable[str]) -> dict[str, str]:
    """Names of provinces by official code, and of those cities, districts, streets and communities in which a policy
    lies: of a few."""
    asked = {code for code in codes if code}
    found = {code: PROVINCES[code] for code in asked & PROVINCES.keys()}
    for code in asked - found.keys():
        level = _LEVEL_OF_DIGITS.get(len(code), "city")
        rows = ListedCommunity.objects.filter(community_code__startswith=code)
        name = rows.values_list(level, flat=True).first()
        if name and len(code) >= _CITY_DIGITS:
            found[code] = str(name)
    return found


def subjects_of(scope: Scope, wanted: PolicyFilter, *, as_of: date) -> QuerySet[ListedPolicy]:
    """Every row of a view within scope: what an act on all of them works on, by one query."""
    return rows(scope).filter(condition(wanted, as_of))


def managing_institutions(listed: QuerySet[ListedPolicy]) -> list[str]:
    """Codes of the institutions that manage these policies."""
    codes = listed.order_by().values_list("institution_code", flat=True).distinct()
    return sorted(code or "" for code in codes)


def visible_subject(scope: Scope, number: str) -> int | None:
    """The subject of a policy within scope; None when it is out of scope or unknown."""
    return rows(scope).filter(number=number).values_list("pk", flat=True).first()


def place_words(street: str | None, community: str) -> str:
    """Street and community without the words for what they are: 白鹤 白沙."""
    return f"{_short(street or '', _STREET_WORDS)} {_short(community, _COMMUNITY_WORDS)}"


def _short(name: str, words: tuple[str, ...]) -> str:
    """A name without the word for what it is; one that would be left with a single character keeps it."""
    for word in words:
        if name.endswith(word) and len(name) > len(word) + 1:
            return name.removesuffix(word)
    return name


def _counted(listed: QuerySet[ListedPolicy], seen: Visible, wanted: PolicyFilter) -> tuple[int, int]:
    """Policies and yearly premium of `listed`; from ListedSum where it knows them."""
    if not wanted.countable or seen.only_people or seen.regions:
        return _added(listed, "pk")
    sums = ListedSum.objects.filter(shared_condition(wanted))
    if wanted.view == "manual":
        sums = sums.filter(street_code="")
    if seen.everything:
        return _added(sums, "policies")
    policies, premium = _added(sums.filter(institution_code__in=sorted(seen.institutions)), "policies")
    held = ListedPolicy.objects.filter(shared_condition(wanted), seen.outside_places())
    if wanted.view == "manual":
        held = held.filter(community_code__isnull=True)
    more_policies, more_premium = _added(held, "pk")
    return policies + more_policies, premium + more_premium


def _added(counted: QuerySet[ListedPolicy] | QuerySet[ListedSum], count: str) -> tuple[int, int]:
    total = Count("pk") if count == "pk" else Sum("policies")
    found = counted.aggregate(n=total, premium=Sum("yearly_premium_fen"))
    return int(found["n"] or 0), int(found["premium"] or 0)


def shown_rows(listed: list[ListedPolicy]) -> tuple[ListedRow, ...]:
    """Listed rows with the names of their places and who holds them: two queries, however many."""
    places = {
        place.community_code: place
        for place in ListedCommunity.objects.filter(
            pk__in={r.community_code for r in listed if r.community_code}
        )
    }
    heads = ledger.holders_of([row.pk for row in listed])
    shown = []
    for row in listed:
        place, head = places.get(row.community_code or ""), heads.get(row.pk)
        shown.append(
            ListedRow(
                **{name: getattr(row, name) for name in _COLUMNS},
                next_due_date=None if row.next_due_date == NEVER_DUE else row.next_due_date,
                community=place.community if place else None,
                street=place.street if place else None,
                district=place.district if place else None,
                custodian_id=head.custodian_id if head else None,
                since_date=head.since_date if head and head.custodian_id else None,
            )
        )
    return tuple(shown)


_COLUMNS = tuple(
    field.attname
    for field in ListedPolicy._meta.concrete_fields
    if field.attname in ListedRow.__dataclass_fields__ and field.attname != "next_due_date"
)
