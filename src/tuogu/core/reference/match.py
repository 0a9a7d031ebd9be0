"""Matching by hand: named receivers and the own group, one row at a time; and the cheapest placing by trying every one.

In: the same book, rulebook, day, seed and order as the planner. Out: who gets each customer in the first two stages; the
true minimum of the tier cost on tiny cases. Never: a shared line with `core.match`; speed.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from itertools import product
from typing import Any

import polars as pl

from tuogu.core.rulebook import Rulebook
from tuogu.core.tables import LIVE_STATES, Book
from tuogu.core.ties import tie_rank

Row = dict[str, Any]


@dataclass
class Hand:
    """An agent at the table."""

    staff_number: str
    team: str
    best: bool
    held: int
    room: int


@dataclass
class Holder:
    """A customer with the lead policy's facts."""

    number: str
    pieces: int
    kind: int
    value: int
    team: str | None
    seller: str | None
    non_pure: bool
    by_name: list[str] = field(default_factory=list)


def hands(book: Book, rulebook: Rulebook, as_of: date) -> list[Hand]:
    """Who may receive, with room under the cap judged after receiving."""
    months = _months_before(as_of, rulebook["match.months"])
    blamed = months + ([as_of.replace(day=1)] if rulebook["match.running_month_complaints"] else [])
    found = []
    for person in book.books.people.to_dicts():
        number = person["staff_number"]
        if person["series"] not in rulebook["match.series"] or not _serves(person, as_of):
            continue
        recruits = sum(_fact(book, number, "effective_recruits", month) or 0 for month in months)
        complaints = sum(_fact(book, number, "valid_complaints", month) or 0 for month in blamed)
        held = _held(book, number)
        room = rulebook["holding.marketing_orphans_max"] - held
        made = _fact(book, number, "productivity", months[0])
        if (
            recruits < rulebook["match.recruits_min"]
            or complaints > rulebook["match.complaints_max"]
            or room < 1
        ):
            continue
        found.append(
            Hand(number, person["team_code"], (made or -1) >= rulebook["match.best_min_fen"], held, room)
        )
    return found


def by_productivity(people: list[Hand], book: Book, as_of: date, seed: int) -> list[Hand]:
    """Better class first, more productive first, unknown last, then the keyed hash."""
    month = _months_before(as_of, 1)[0]
    numbers = pl.Series([hand.staff_number for hand in people], dtype=pl.String)
    chance = dict(zip(numbers, tie_rank(seed, "match.agents", numbers), strict=True))

    def key(hand: Hand) -> tuple[bool, bool, int, int]:
        made = _fact(book, hand.staff_number, "productivity", month)
        return (not hand.best, made is None, -(made or 0), chance[hand.staff_number])

    return sorted(people, key=key)


def holders(book: Book, rulebook: Rulebook, as_of: date, seed: int) -> list[Holder]:
    """Customers with orphans that nobody in post holds, in handling order, with their named receivers."""
    order = rulebook["orphan.type_order"]
    people = {person["staff_number"]: person for person in book.books.people.to_dicts()}
    classes = {row["policy_number"]: row for row in book.classified.to_dicts()}
    keepers = {row["number"]: row["receiver"] for row in book.held.to_dicts() if row["relation"] == "custody"}
    mine: dict[str, list[Row]] = defaultdict(list)
    for policy in book.books.policies.to_dicts():
        facts = classes.get(policy["policy_number"])
        keeper = people.get(keepers.get(policy["policy_number"], ""))
        if (
            facts is None
            or not facts["orphan"]
            or policy["kind"] != "main"
            or policy["state"] not in LIVE_STATES
        ):
            continue
        if keeper is not None and _serves(keeper, as_of):
            continue
        if facts["nature"] not in rulebook["match.natures"]:
            continue
        if facts["service_class"] not in rulebook["match.service_classes"]:
            continue
        mine[policy["holder_number"]].append(policy | facts)
    found = [_holder(number, rows, order, people, rulebook, seed) for number, rows in mine.items()]
    numbers = pl.Series([holder.number for holder in found], dtype=pl.String)
    tied = _tied(found)
    chance = dict(zip(tied, tie_rank(seed, "match.customers", pl.Series(tied, dtype=pl.String)), strict=True))
    found.sort(key=lambda h: (h.kind, -h.value, chance.get(h.number, 0)))
    for holder in found:
        holder.by_name = _named(holder, book, classes, people, rulebook, as_of)
    assert len(numbers) == len(found)
    return found


def _holder(
    number: str, rows: list[Row], order: list[str], people: dict[str, Row], rulebook: Rulebook, seed: int
) -> Holder:
    def value(row: Row) -> int:
        if row["premium_mode"] == "single":
            return int(row["premium_fen"]) * int(rulebook["match.single_value_bp"]) // 10_000
        return int(row["premium_fen"]) * int(row["payments_per_year"])

    keys = [(order.index(str(row["orphan_type"])), -value(row)) for row in rows]
    equal = [str(row["policy_number"]) for row, key in zip(rows, keys, strict=True) if keys.count(key) > 1]
    return Holder(
        number=number,
        pieces=len(rows),
        value=sum(value(row) for row in rows),
        non_pure=any(row["non_pure"] for row in rows),
        **_lead(rows, keys, equal, people, seed),
    )


def _lead(
    rows: list[Row], keys: list[tuple[int, int]], equal: list[str], people: dict[str, Row], seed: int
) -> Row:
    """kind, team and seller of the best-ranked policy. Ranks among any superset of ties agree, for they follow the hash."""
    chance = dict(
        zip(equal, tie_rank(seed, "match.best_policy", pl.Series(equal, dtype=pl.String)), strict=True)
    )
    best = min(range(len(rows)), key=lambda i: (keys[i], chance.get(str(rows[i]["policy_number"]), 0)))
    seller = rows[best]["agent_number"]
    team = people[str(seller)]["team_code"] if seller in people else None
    return {"kind": keys[best][0], "team": team, "seller": seller}


def _tied(found: list[Holder]) -> list[str]:
    seen: dict[tuple[int, int], list[str]] = defaultdict(list)
    for holder in found:
        seen[holder.kind, holder.value].append(holder.number)
    return [number for group in seen.values() if len(group) > 1 for number in group]


def _named(
    holder: Holder,
    book: Book,
    classes: dict[str, Row],
    people: dict[str, Row],
    rulebook: Rulebook,
    as_of: date,
) -> list[str]:
    if holder.non_pure:
        return _sellers(holder, book, classes, people, rulebook, as_of)
    seller = people.get(str(holder.seller))
    if seller is None:
        return []
    chain = [str(seller["recruiter_number"])] if seller["recruiter_number"] else []
    if not seller["supervisor"]:
        chain += sorted(
            str(number)
            for number, person in people.items()
            if person["supervisor"]
            and person["team_code"] == seller["team_code"]
            and person["team_code"] is not None
            and person["series"] in rulebook["match.series"]
            and _serves(person, as_of)
            and number != seller["staff_number"]
        )
    return list(dict.fromkeys(chain))


def _sellers(
    holder: Holder,
    book: Book,
    classes: dict[str, Row],
    people: dict[str, Row],
    rulebook: Rulebook,
    as_of: date,
) -> list[str]:
    last: dict[str, date] = {}
    for policy in book.books.policies.to_dicts():
        person = people.get(policy["agent_number"])
        if policy["holder_number"] != holder.number or policy["kind"] != "main" or person is None:
            continue
        if not _serves(person, as_of) or person["series"] not in rulebook["match.series"]:
            continue
        if classes[policy["policy_number"]]["orphan"] or policy["inception_date"] > as_of:
            continue
        number = policy["agent_number"]
        last[number] = max(last.get(number, date.min), policy["inception_date"])
    back = as_of.month - 1 - rulebook["match.seller_months"]
    edge = date(as_of.year + back // 12, back % 12 + 1, as_of.day)
    ranked = sorted(last, key=lambda number: (-last[number].toordinal(), number))
    recent = [number for number in ranked if last[number] >= edge]
    return ranked[: len(recent) + 1]


def deal(customers: list[Holder], people: list[Hand], order: str) -> dict[str, str | None]:
    """Holder → agent after the named receivers and the own group; None = waits for other groups' surplus."""
    hands_by_number = {hand.staff_number: hand for hand in people}
    result: dict[str, str | None] = {}
    for customer in customers:
        result[customer.number] = None
        for number in customer.by_name:
            hand = hands_by_number.get(number)
            if hand is not None and hand.room >= customer.pieces:
                hand.room -= customer.pieces
                result[customer.number] = number
                break
    for team in sorted({hand.team for hand in people if hand.team is not None}):
        turns = {True: 0, False: 0}
        for customer in customers:
            if customer.team != team or result[customer.number] is not None:
                continue
            for best in (True, False):
                seats = [hand for hand in people if hand.team == team and hand.best == best]
                chosen = _next(seats, customer.pieces, order, turns, best)
                if chosen is not None:
                    chosen.room -= customer.pieces
                    result[customer.number] = chosen.staff_number
                    break
    return result


def _next(seats: list[Hand], pieces: int, order: str, turns: dict[bool, int], best: bool) -> Hand | None:
    round_trip = seats + seats[::-1] if order == "snake" else seats
    first = 0 if order == "block" else turns[best]
    for step in range(len(round_trip)):
        place = (first + step) % len(round_trip)
        if round_trip[place].room >= pieces:
            turns[best] = (place + 1) % len(round_trip)
            return round_trip[place]
    return None


def cheapest(pieces: list[int], prices: list[list[int]], room: list[int], nobody: int) -> int:
    """The least tier cost of whole customers, by trying every placing: prices[customer][agent]."""
    best = nobody * sum(pieces)
    for choice in product(range(-1, len(room)), repeat=len(pieces)):
        left, cost = list(room), 0
        for customer, agent in enumerate(choice):
            cost += pieces[customer] * (nobody if agent < 0 else prices[customer][agent])
            if agent >= 0:
                left[agent] -= pieces[customer]
        if min(left, default=0) >= 0:
            best = min(best, cost)
    return best


def _months_before(as_of: date, count: int) -> list[date]:
    """First days of the months before, the nearest first."""
    found, day = [], as_of.replace(day=1)
    for _ in range(count):
        day = date(day.year - 1, 12, 1) if day.month == 1 else date(day.year, day.month - 1, 1)
        found.append(day)
    return found


def _serves(person: Row, as_of: date) -> bool:
    left = person["left_date"]
    return bool(left is None or left > as_of)


def _fact(book: Book, number: str, key: str, month: date) -> int | None:
    value = None
    for row in book.facts.to_dicts():
        if (row["subject"], row["key"], row["month"]) == (number, key, month):
            value = row["value"]
    return value


def _held(book: Book, number: str) -> int:
    orphans = set(book.classified.filter("orphan")["policy_number"])
    return sum(
        row["receiver"] == number and row["relation"] == "custody" and row["number"] in orphans
        for row in book.held.to_dicts()
    )
