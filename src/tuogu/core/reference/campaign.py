"""The campaign told slowly: what `core.campaign` must give on any book, one customer and one department at a time.

In: a book, the rulebook, the plan's day. Out: who goes to whom as far as the rules say it (which customers a department
gets is the deal's choice), quotas, waves, the quarter's test, redistribution, best people. Never: used by the product; an
import of `core.campaign`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

from tuogu.core.reference.apportion import hashed, largest_remainder
from tuogu.core.rulebook import Rulebook
from tuogu.core.tables import Book

Row = dict[str, Any]
CITY, COUNTY = "city", "county"


@dataclass(frozen=True)
class Expected:
    """`own`: number → agent; `quotas`: department → count; `waves`: department → counts; `left`: number → reason."""

    own: dict[str, str]
    quotas: dict[str, int]
    waves: dict[str, tuple[int, int]]
    areas: dict[str, str]  # orphan → area
    left: dict[str, str]


def campaign(book: Book, rules: Rulebook, as_of: date, weights: Mapping[str, int], seed: int) -> Expected:
    """`weights`: premium of each department that has any. Nothing stays over (largest remainder)."""
    institutions = {row["institution_code"]: row for row in book.books.institutions.to_dicts()}
    lives = {row["key"]: row["community_code"] for row in book.located.to_dicts()}
    person = persons(book)
    held = {
        person.get(row["number"], row["number"]): row["receiver"]
        for row in book.held.to_dicts()
        if row["kind"] == "customer" and row["relation"] == "development" and row["receiver"] != "buffer"
    }
    post = {
        p["staff_number"]
        for p in book.books.people.to_dicts()
        if not p["left_date"] or p["left_date"] > as_of
    }
    by_area = {d: area(district(institutions, d), rules) for d in weights}

    own: dict[str, str] = {}
    areas: dict[str, str] = {}
    left: dict[str, str] = {}
    for policy in records(book, person):
        number = policy["holder_number"]
        if person.get(number, number) in held:
            left[number] = "already_held"
        elif policy["agent_number"] in post and policy["source"] is None:
            own[number] = policy["agent_number"]
        else:
            here = area(lives.get(number) or district(institutions, policy["institution_code"]), rules)
            if here is None:
                left[number] = "no_region"
            elif here not in by_area.values():
                left[number] = "no_department"
            else:
                areas[number] = here
    quotas: dict[str, int] = {}
    for here in (CITY, COUNTY):
        mine = {d: weight for d, weight in weights.items() if by_area[d] == here}
        if mine:
            quotas |= largest_remainder(list(areas.values()).count(here), mine, seed)
    share = Fraction(rules["campaign.wave_shares"][0], sum(rules["campaign.wave_shares"]))
    first = {d: int(quota * share + Fraction(1, 2)) for d, quota in quotas.items()}
    return Expected(own, quotas, {d: (first[d], quotas[d] - first[d]) for d in quotas}, areas, left)


def persons(book: Book) -> dict[str, str]:
    """number → smallest number of those with the same document."""
    found: dict[str, str] = {}
    customers = sorted(book.books.customers.to_dicts(), key=lambda c: str(c["customer_number"]))
    for one in customers:
        for other in customers:
            same = (one["id_type"], one["id_number"]) == (other["id_type"], other["id_number"])
            if one["id_number"] and same:
                found.setdefault(one["customer_number"], other["customer_number"])
    return found


def records(book: Book, person: Mapping[str, str]) -> list[Row]:
    """The one policy of each customer who ever bought one, no protection (S2-01)."""
    bought: dict[str, list[Row]] = {}
    for policy in book.books.policies.to_dicts():
        if policy["kind"] == "main" and policy["holder_number"] is not None:
            holder = policy["holder_number"]
            bought.setdefault(person.get(holder, holder), []).append(policy)
    return [mine[0] for mine in bought.values() if len(mine) == 1 and mine[0]["protection"] is False]


def district(institutions: Mapping[str, Row], code: str | None) -> str | None:
    """The nearest district upwards."""
    while code is not None and code in institutions:
        region = institutions[code]["region_code"] or ""
        if region[4:6] not in ("", "00"):
            return str(region)
        code = institutions[code]["parent_code"]
    return None


def area(code: str | None, rules: Rulebook) -> str | None:
    """Third pair up to the rulebook's number: city."""
    if not code:
        return None
    return CITY if int(code[4:6]) <= rules["campaign.urban_district_max"] else COUNTY


def verdict(completions: int, quota: int, rules: Rulebook, stage: str) -> str:
    """S2-10, S2-11 in fractions of the quota."""
    target = Fraction(rules[f"campaign.{stage}.target_bp"], 10_000)
    line = target * Fraction(rules[f"campaign.{stage}.threshold_bp"], 10_000)
    rate = Fraction(completions, quota)
    return "met" if rate >= target else "reclaim" if rate < line else "short"


def draw_size(completions: int, quota: int, rules: Rulebook, stage: str) -> int:
    """A part of what is left, halves upwards."""
    part = (quota - completions) * Fraction(rules[f"campaign.{stage}.reclaim_bp"], 10_000)
    whole = int(part)
    return whole + (part - whole >= Fraction(1, 2))


def redistributed(pool: int, completions: Mapping[str, int], met: Sequence[str], seed: int) -> dict[str, int]:
    """S2-12: the pool by completions of those who met the target; nobody: nothing."""
    weights = {d: completions[d] for d in met if completions[d]}
    return largest_remainder(pool, weights, seed) if weights else {}


def best_people(figures: Mapping[str, int], rules: Rulebook, seed: int, everyone: Sequence[str]) -> list[str]:
    """S2-07: the top of a department, ties by keyed hash among everyone ranked."""
    rank = hashed(list(everyone), "campaign.best_people", seed)
    ordered = sorted(figures, key=lambda staff: (-figures[staff], rank[staff]))
    size = Fraction(len(figures) * rules["campaign.best_share_bp"], 10_000)
    room = rules["campaign.best_count"] or int(size) + (size != int(size))
    return [staff for staff in ordered[:room] if figures[staff] > 0]
