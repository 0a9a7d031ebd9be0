"""The resource centre told slowly: what `core.centre` must give on any book, one customer and one pick at a time.

In: a book, the plan's day, the rulebook; the grid of a plan (which pieces are rounded up is the flow's choice). Out:
categories, points, quotas and who gets whom, as dictionaries. Never: used by the product; an import of `core.centre`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from tuogu.core.dues import next_due_dates
from tuogu.core.rulebook import Rulebook
from tuogu.core.tables import Book

Row = dict[str, Any]
LONGEST_MONTH = 31  # days: from a first of a month, they lead into the next
SHORTEST_MONTH = 28  # days that every month has


def category_of(policy: Row, due: date | None, as_of: date, rules: Rulebook) -> set[str]:
    """Every category that one main policy qualifies for; `due` is its first premium day from the renewal month on."""
    found = set()
    end, state = policy["end_date"], policy["state"]
    if end is not None and not policy["protection"]:
        released = end - timedelta(days=rules["centre.maturity_lead_days"])
        if state in rules["centre.maturity_states"] and (released.year, released.month) == (
            as_of.year,
            as_of.month,
        ):
            found.add("maturity")
        if policy["premium_mode"] == "single":
            if state in rules["centre.old_states"] and end.year < as_of.year:
                found.add("old")
            if state == "in_force" and as_of < end <= within(as_of, rules["centre.horizon_months"]):
                found.add("not_yet_due")
    months = (due.year - as_of.year) * 12 + due.month - as_of.month if due else None
    if state == "in_force" and months == rules["centre.renewal_months_ahead"]:
        found.add("renewal")
    if state in rules["centre.other_states"]:
        found.add("other")
    return found


def within(day: date, months: int) -> date:
    """The last day of the horizon: the same day of the month, or the last that the month has."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    for last in range(day.day, SHORTEST_MONTH - 1, -1):
        try:
            return date(year, month + 1, last)
        except ValueError:
            continue
    return date(year, month + 1, day.day)


def resources(book: Book, as_of: date, rules: Rulebook) -> dict[str, Row]:
    """number → category, amount, barred, times of every customer who is nobody's."""
    renewal_first = as_of.replace(day=1)
    for _ in range(rules["centre.renewal_months_ahead"]):
        renewal_first = (renewal_first + timedelta(days=LONGEST_MONTH)).replace(day=1)
    dues = dict(next_due_dates(book.books.policies, renewal_first).iter_rows())
    classes = {row["policy_number"]: row for row in book.classified.iter_rows(named=True)}
    staff = {
        row["staff_number"]
        for row in book.books.people.iter_rows(named=True)
        if row["left_date"] is None or row["left_date"] > as_of
    }
    held = {
        row["number"]: row
        for row in book.held.iter_rows(named=True)
        if (row["relation"], row["kind"]) == ("development", "customer")
    }
    policies: dict[str, list[Row]] = {}
    for row in book.books.policies.iter_rows(named=True):
        if row["kind"] == "main" and row["holder_number"] is not None:
            policies.setdefault(row["holder_number"], []).append(row)
    found = {}
    for number, own in policies.items():
        kinds = {p["policy_number"]: category_of(p, dues.get(p["policy_number"]), as_of, rules) for p in own}
        category = next(
            (c for c in rules["centre.category_order"] if any(c in k for k in kinds.values())), None
        )
        served = any(
            p["state"] in rules["centre.other_states"] and not classes[p["policy_number"]]["orphan"]
            for p in own
        )
        if category is None or (served and rules["centre.nobody_by"] == "orphan"):
            continue
        if held.get(number, {}).get("receiver") in staff:
            continue
        natures = {classes[p["policy_number"]]["nature"] for p in own}
        column = (
            rules["centre.maturity_amount"]
            if category in {"maturity", "old", "not_yet_due"}
            else "premium_fen"
        )
        counted = [p for p in own if category in kinds[p["policy_number"]]]
        found[number] = {
            "category": category,
            "amount": sum(p[column] or 0 for p in counted),
            "barred": next((n for n in ("problem", "hard") if n in natures), None),
            "times": held.get(number, {}).get("times", 0),
        }
    return found


def available(stock: Mapping[str, int], wanted: int | None, rules: Rulebook) -> dict[str, int]:
    """Pieces of each category that are handed out."""
    order, shares = rules["centre.category_order"], rules["centre.shares_bp"]
    there = {c: stock.get(c, 0) for c in order}
    total = sum(there.values()) if wanted is None else min(wanted, sum(there.values()))
    given = {c: min(target, there[c]) for c, target in hamilton(total, shares).items()}
    if rules["centre.leftover_rule"] == "carried":
        for c in rules["centre.leftover_order"]:
            while sum(given.values()) < total and given[c] < there[c]:
                given[c] += 1
    return given


def hamilton(total: int, weights: Mapping[str, int]) -> dict[str, int]:
    """Largest remainder; equal remainders to the larger weight, then the smaller key (tests keep these apart)."""
    whole = sum(weights.values())
    quotas = {key: Fraction(total * weight, whole) for key, weight in weights.items()}
    counts = {key: quota.__floor__() for key, quota in quotas.items()}
    by_remainder = sorted(quotas, key=lambda key: (counts[key] - quotas[key], -weights[key], key))
    for key in by_remainder[: total - sum(counts.values())]:
        counts[key] += 1
    return counts


def sequence(counts: Mapping[str, int], weights: Mapping[str, int], standing: Mapping[str, int]) -> list[str]:
    """Who picks first, second, …: always the one whose next signpost (k-1)/weight is the lowest. In odd rounds the
    smaller standing goes first where signposts coincide, in even rounds the larger.
    """
    taken = dict.fromkeys(counts, 0)
    order: list[str] = []
    while len(order) < sum(counts.values()):
        order.append(
            min(
                (name for name in counts if taken[name] < counts[name]),
                key=lambda name: (
                    Fraction(taken[name], weights[name]),
                    standing[name] if taken[name] % 2 == 0 else -standing[name],
                ),
            )
        )
        taken[order[-1]] += 1
    return order


def envy(worth: Mapping[str, Sequence[int]], weights: Mapping[str, int]) -> dict[str, Fraction]:
    """The WEF1 margin of each receiver, pair by pair; empty for a single one."""
    return {
        i: min(
            Fraction(sum(worth[i]))
            - Fraction(weights[i], weights[j]) * (sum(worth[j]) - max(worth[j], default=0))
            for j in worth
            if j != i
        )
        for i in worth
        if len(worth) > 1
    }
