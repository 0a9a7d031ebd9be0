"""The fairness account in exact fractions, one person and one measure after the other.

In: rows of (staff number, month, amount), rows of (staff number, month, equals). Out: what core.fairness gives for that
measure, without rounding. Never: a look at core.fairness.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from fractions import Fraction

Row = tuple[str, date, int]
Member = tuple[str, date, str]


def standing(
    amounts: Sequence[Row], members: Sequence[Member]
) -> dict[tuple[str, date], tuple[int, Fraction | None]]:
    """(person, month) → running total, and the total ÷ what equals had (None where they had nothing)."""
    found: dict[tuple[str, date], tuple[int, Fraction | None]] = {}
    for person in {staff for staff, _month, _equals in members}:
        total, had = 0, Fraction(0)
        for _staff, month, equals in sorted(member for member in members if member[0] == person):
            group = {staff for staff, when, who in members if when == month and who == equals}
            of_group = sum(amount for staff, when, amount in amounts if staff in group and when == month)
            total += sum(amount for staff, when, amount in amounts if staff == person and when == month)
            had += Fraction(of_group, len(group))
            found[person, month] = total, Fraction(total) / had if had else None
    return found


def evenness(ratios: Sequence[Fraction | None]) -> Fraction | None:
    """Jain's index of those ratios that there are."""
    known = [ratio for ratio in ratios if ratio is not None]
    squares = sum(ratio * ratio for ratio in known)
    return sum(known) ** 2 / (len(known) * squares) if squares else None
