"""What a revised plan is worth in the unit of its metric: the objective of each strategy, counted from the placements.

In: the revised Plan, the plan before, its Book and Rulebook. Out: an integer in the metric's unit, or KEPT where this way to
allocate can only be valued while it is being made. Never: a value carried over without saying so.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Final

import polars as pl

from tuogu.core import adjust_territory
from tuogu.core.campaign.quotas import millionths
from tuogu.core.centre.certificate import rounding_error
from tuogu.core.dues import due_months
from tuogu.core.match.value import tier_value
from tuogu.core.rulebook import Rulebook
from tuogu.core.tables import MONTH_COLUMNS, Book, Plan

KEPT: Final = None
Value = Callable[[Plan, Plan, Book, Rulebook], int | None]


def revalued(changed: Plan, before: Plan, book: Book, rulebook: Rulebook) -> int | None:
    """The objective of `changed`; KEPT where it cannot be counted from what is stored."""
    return _VALUES[changed.strategy](changed, before, book, rulebook)


def _territory(changed: Plan, _before: Plan, book: Book, rulebook: Rulebook) -> int:
    return adjust_territory.objective(changed, book, rulebook)


def _shares(changed: Plan, _before: Plan, _book: Book, _rulebook: Rulebook) -> int:
    """Σ |count - exact quota| over the receivers that have a quota."""
    counts = dict(changed.placements.group_by("receiver").len().iter_rows())
    quotas = changed.tables["rounding"].select("key", "quota").iter_rows()
    return millionths(sum((abs(counts.get(key, 0) - mixed(quota)) for key, quota in quotas), Fraction(0)))


def mixed(text: str) -> Fraction:
    """An exact number as tables write it: '17 7386989/12019683', '-1/3', '12.5'."""
    whole, _space, part = text.strip().rpartition(" ")
    if not whole:
        return Fraction(part)
    sign = -1 if whole.startswith("-") else 1
    return Fraction(whole) + sign * Fraction(part)


def _grid(changed: Plan, _before: Plan, _book: Book, _rulebook: Rulebook) -> int:
    """Σ |whole - exact| over planner and category; the category is the lever that the program gave."""
    former = changed.adjusted.select("number", "former_lever")
    rows = changed.placements.join(former, on="number", how="left")
    rows = rows.with_columns(category=pl.coalesce("former_lever", "lever"))
    cells = {(name, c): n for name, c, n in rows.group_by("receiver", "category").len().iter_rows()}
    return rounding_error(cells)[0]


def _band(table: str) -> Value:
    """Pieces outside the month band, from the strategy's table of months and what hands moved."""

    def value(changed: Plan, before: Plan, book: Book, rulebook: Rulebook) -> int:
        low, high = rulebook["territory.month_load_min"], rulebook["territory.month_load_max"]

        def outside(due: pl.Expr) -> pl.Expr:
            return pl.max_horizontal(due - high, low - due, pl.lit(0))

        shift = _shift(changed, before, book)
        rows = changed.tables[table].select("receiver", "month", "after").unique(["receiver", "month"])
        rows = rows.join(shift, on=["receiver", "month"], how="left").with_columns(
            pl.col("more").fill_null(0)
        )
        now = rows.select((outside(pl.col("after") + pl.col("more")) - outside(pl.col("after"))).sum()).item()
        return before.certificate.objective + int(now or 0)

    return value


def _shift(changed: Plan, before: Plan, book: Book) -> pl.DataFrame:
    """receiver, month, more: pieces due that hands took from or gave to somebody between the two plans."""
    to = changed.placements.select("number", "receiver")
    moved = before.placements.select("number", giver="receiver").join(to, on="number")
    moved = moved.filter(pl.col("giver") != pl.col("receiver"))
    policies = book.books.policies.join(moved, left_on="policy_number", right_on="number", how="semi")
    due = due_months(policies, changed.as_of).unpivot(
        MONTH_COLUMNS, index="policy_number", variable_name="name", value_name="due"
    )
    due = due.with_columns(month=pl.col("name").str.slice(1).cast(pl.Int64))
    rows = moved.join(due, left_on="number", right_on="policy_number")
    sides = [
        rows.select("receiver", "month", more="due"),
        rows.select(pl.col("giver").alias("receiver"), "month", more=-pl.col("due")),
    ]
    return pl.concat(sides).group_by("receiver", "month").agg(pl.col("more").sum())


def _heaviest(changed: Plan, _before: Plan, _book: Book, _rulebook: Rulebook) -> int:
    """The most that one specialist of each branch supervises, summed."""
    given = changed.placements.group_by("receiver").agg(newly=pl.len().cast(pl.Int64))
    people = changed.tables["specialists"].select("receiver", "branch_code", "before")
    people = people.join(given, on="receiver", how="left").with_columns(pl.col("newly").fill_null(0))
    top = people.group_by("branch_code").agg(n=(pl.col("before") + pl.col("newly")).max())
    return int(top["n"].sum())


def _same(_changed: Plan, before: Plan, _book: Book, _rulebook: Rulebook) -> int:
    """Who receives does not count in this metric: what is placed, or drawn, does."""
    return before.certificate.objective


_VALUES: dict[str, Value] = {
    "territory": _territory,
    "match": tier_value,
    "campaign": _shares,
    "department": _shares,
    "redistribute": _shares,
    "centre": _grid,
    "arrivals": _band("room"),
    "block": _band("neighbours"),
    "supervise": _heaviest,
    "map": _same,
    "reclaim": _same,
}
