"""Capacity by the day: what thirty days may bring is taken a thirtieth at a time (P-06).

In: the capacity of thirty days (rulebook), what was received of it, how many of the days the person is in post. Out: whole
pieces. Never: a negative room, a day that brings what thirty were meant for, anything for somebody who is away.
"""

from __future__ import annotations

from tuogu.core.rulebook import Rulebook

WINDOW_DAYS = 30  # the capacity is said per thirty days: the word, not a rule


def capacity_of(rulebook: Rulebook, series: str | None) -> int:
    """What thirty days may bring somebody of this series; 0 for a series that receives nothing."""
    return int(rulebook["people.capacity_per_30_days"].get(series or "", 0))


def daily_quota(capacity: int, present_days: int = WINDOW_DAYS) -> int:
    """What one day may bring: a thirtieth of the capacity, rounded up so that a small one is not nothing; 0 for somebody
    who is in post on none of the window's days."""
    if capacity < 0 or not 0 <= present_days <= WINDOW_DAYS:
        raise ValueError("capacity and present days must not be negative, nor more days than the window has")
    return -(-capacity // WINDOW_DAYS) if present_days else 0


def room_today(
    capacity: int, received_last_30: int, received_today: int, present_days: int = WINDOW_DAYS
) -> int:
    """How many more pieces this person may receive today.

    `received_last_30`: in the window that ends today, today's included. Days away bring no capacity: of the thirty days only
    `present_days` count, rounded down.
    """
    if received_today > received_last_30:
        raise ValueError("what came today is part of what came in thirty days")
    whole = capacity * present_days // WINDOW_DAYS
    return max(0, min(daily_quota(capacity, present_days) - received_today, whole - received_last_30))
