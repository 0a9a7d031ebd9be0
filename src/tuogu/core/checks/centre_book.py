"""What the book says about a resource centre's plan: resources, stock, scores, weights; read anew for the checker.

In: Plan, Book, Rulebook. Out: `Centre`. Never: an import of `core.centre`; a figure of the plan.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Any

import polars as pl

from tuogu.core.dues import due_months
from tuogu.core.labels import RESOURCE_CATEGORIES
from tuogu.core.rulebook import Rulebook
from tuogu.core.tables import Book, Plan

LONGEST_MONTH = 31  # days: from a first of a month, they lead into the next
Facts = dict[tuple[str, str], tuple[int | None, str | None]]  # (subject, key) → (value, text)


@dataclass(frozen=True)
class Centre:
    """A plan under examination, with what the book says about it."""

    plan: Plan
    book: Book
    rulebook: Rulebook

    @cached_property
    def resources(self) -> pl.DataFrame:
        """number, category, amount_fen, barred, times of every customer who is nobody's."""
        book, rules = self.book, self.rulebook
        mains = book.books.policies.filter((pl.col("kind") == "main") & pl.col("holder_number").is_not_null())
        classes = book.classified.select("policy_number", "orphan", "nature")
        flagged = _with_categories(
            mains.join(classes, on="policy_number", how="left"), self.plan.as_of, rules
        )
        people = book.books.people.filter(
            pl.col("left_date").is_null() | (pl.col("left_date") > self.plan.as_of)
        )
        staff = people["staff_number"].implode()
        held = book.held.filter((pl.col("relation") == "development") & (pl.col("kind") == "customer"))
        counted = pl.col("state").is_in(rules["centre.other_states"])
        order = rules["centre.category_order"]
        per_holder = flagged.group_by("holder_number").agg(
            *(pl.col(c).any().alias(c) for c in order),
            *(pl.col("_fen_" + c).filter(pl.col(c)).sum().alias("_fen_" + c) for c in order),
            served=(counted & ~pl.col("orphan").fill_null(True)).any(),
            problem=(pl.col("nature") == "problem").any(),
            hard=(pl.col("nature") == "hard").any(),
        )
        category = pl.coalesce(pl.when(c).then(pl.lit(c)) for c in order)
        amount = pl.coalesce(pl.when(c).then("_fen_" + c) for c in order)
        owned = pl.col("served") & (rules["centre.nobody_by"] == "orphan")
        frame = per_holder.join(held, left_on="holder_number", right_on="number", how="left").select(
            number="holder_number",
            category=category,
            amount_fen=amount.fill_null(0),
            barred=pl.when(pl.col("holder_number").is_in(book.refused["customer_number"].implode()))
            .then(pl.lit("refused_marketing"))
            .when("problem")
            .then(pl.lit("problem"))
            .when("hard")
            .then(pl.lit("hard")),
            times=pl.col("times").fill_null(0),
            keeps=owned | pl.col("receiver").is_in(staff).fill_null(False),
        )
        return frame.filter(pl.col("category").is_not_null() & ~pl.col("keeps")).drop("keeps").sort("number")

    def table(self, name: str) -> pl.DataFrame:
        """A table of the plan with the codes of its categories in the place of their words."""
        frame = self.plan.tables[name]
        if "category" not in frame.columns:
            return frame
        codes = {word: code for code, word in RESOURCE_CATEGORIES.items()}
        return frame.with_columns(pl.col("category").replace_strict(codes, default=pl.col("category")))

    @cached_property
    def stock(self) -> pl.DataFrame:
        return self.resources.filter(pl.col("barred").is_null())

    @cached_property
    def stock_counts(self) -> dict[str, int]:
        counts = dict(self.stock.group_by("category").len().iter_rows())
        return {category: counts.get(category, 0) for category in self.rulebook["centre.category_order"]}

    @cached_property
    def handed_out(self) -> pl.DataFrame:
        """receiver, category, amount_fen of every placed customer, amount and category from the book."""
        true = self.resources.select("number", "category", "amount_fen")
        return self.plan.placements.select("number", "receiver").join(true, on="number")

    @property
    def handed_out_total(self) -> int:
        """Pieces to hand out this month: the stock, or fewer when the planner asked for fewer."""
        stock, wanted = len(self.stock), dict(self.plan.options).get("pieces", "")
        return min(int(wanted), stock) if wanted else stock

    @cached_property
    def scores(self) -> dict[str, tuple[int, ...]]:
        """The five parts of every planner in post, in hundredths of a point."""
        rules = self.rulebook
        people = self.book.books.people.filter(pl.col("series").is_in(rules["centre.planner_series"]))
        facts = self._facts(_previous(self.plan.as_of))
        return {
            person["staff_number"]: (
                _rank_points(person, facts, rules),
                *(
                    _rate_points(
                        facts.get((person["staff_number"], key), (None, None))[0],
                        rules[f"centre.score.{key}"],
                    )
                    for key in ("task_completion", "attendance")
                ),
                _log_points(person["staff_number"], facts, rules),
                facts.get((person["staff_number"], "discretion"), (0, None))[0] or 0,
            )
            for person in people.iter_rows(named=True)
            if person["left_date"] is None or person["left_date"] > self.plan.as_of
        }

    @cached_property
    def weights(self) -> dict[str, int]:
        """Score of every planner in post; 0 for who is withheld this month (S1-35)."""
        now = self._facts(self.plan.as_of.replace(day=1))
        return {
            name: 0 if (now.get((name, "withheld"), (0, None))[0] or 0) > 0 else sum(parts)
            for name, parts in self.scores.items()
        }

    def _facts(self, month: date) -> Facts:
        """(subject, key) → (value, text) of one month; the last row wins."""
        rows = self.book.facts.filter(pl.col("month") == month).select("subject", "key", "value", "text")
        return {(subject, key): (value, text) for subject, key, value, text in rows.iter_rows()}


def _with_categories(mains: pl.DataFrame, as_of: date, rules: Rulebook) -> pl.DataFrame:
    """One column for each category, and the money that counts in it."""
    savings = ~pl.col("protection").fill_null(False)
    single, state, end = pl.col("premium_mode") == "single", pl.col("state"), pl.col("end_date")
    lead = timedelta(days=rules["centre.maturity_lead_days"])
    first, after = as_of.replace(day=1), _month_later(as_of, 1)
    due_first = _month_later(as_of, rules["centre.renewal_months_ahead"])
    due = due_months(mains, due_first).select("policy_number", due=pl.col(f"m{due_first.month:02d}") > 0)
    last = _anniversary(as_of, rules["centre.horizon_months"])
    flags = {
        "maturity": savings
        & state.is_in(rules["centre.maturity_states"])
        & (end >= first + lead)
        & (end < after + lead),
        "renewal": (state == "in_force") & (pl.col("premium_mode") == "regular") & pl.col("due"),
        "old": savings & single & state.is_in(rules["centre.old_states"]) & (end.dt.year() < as_of.year),
        "not_yet_due": savings & single & (state == "in_force") & (end > as_of) & (end <= last),
        "other": state.is_in(rules["centre.other_states"]),
    }
    matured = pl.col(rules["centre.maturity_amount"])
    money = dict.fromkeys(flags, matured) | {"renewal": pl.col("premium_fen"), "other": pl.col("premium_fen")}
    return mains.join(due, on="policy_number", how="left").with_columns(
        *(flag.fill_null(False).alias(name) for name, flag in flags.items()),
        *(money[name].alias("_fen_" + name) for name in flags),
    )


def _rank_points(person: dict[str, Any], facts: Facts, rules: Rulebook) -> int:
    name = person["staff_number"]
    rank = facts.get((name, "rank"), (None, None))[1] or person["rank"]
    probation = facts.get((name, "extended_probation_months"), (0, None))[0] or 0
    if rank is None or probation >= rules["centre.score.probation_from_month"]:
        return 0
    ladders = {"管理": rules["centre.score.rank_management"], "销售": rules["centre.score.rank_sales"]}
    plain = rank.replace("系列", "", 1)
    if plain[:2] in ladders:
        return int(ladders[plain[:2]].get(plain[2:], 0))
    own, other = ("管理", "销售") if person["supervisor"] else ("销售", "管理")
    return int(ladders[own].get(plain, ladders[other].get(plain, 0)))


def _log_points(name: str, facts: Facts, rules: Rulebook) -> int:
    """The pass rate's points less what inspections took (S1-19)."""
    points = _rate_points(
        facts.get((name, "log_pass_rate"), (None, None))[0], rules["centre.score.log_pass_rate"]
    )
    return max(0, points - (facts.get((name, "log_deduction"), (None, None))[0] or 0))


def _rate_points(rate_bp: int | None, steps: list[list[int]]) -> int:
    return 0 if rate_bp is None else max((worth for start, worth in steps if start <= rate_bp), default=0)


def _previous(day: date) -> date:
    return (day.replace(day=1) - timedelta(days=1)).replace(day=1)


def _month_later(day: date, months: int) -> date:
    first = day.replace(day=1)
    for _ in range(months):
        first = (first + timedelta(days=LONGEST_MONTH)).replace(day=1)
    return first


def _anniversary(day: date, months: int) -> date:
    """The same day so many months later, or the last of that month."""
    target = _month_later(day, months)
    length = (_month_later(target, 1) - target).days
    return target + timedelta(days=min(day.day, length) - 1)
