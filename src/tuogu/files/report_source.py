"""What the report draws: a plan's tables brought into the shape of people, communities, months.

In: a plan, its book, the rulebook, staff names. Out: frames without any customer. Never: personal data of a
customer (policies are counted, never listed), a home more exact than its community.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import polars as pl

from tuogu.core.rulebook import Rulebook
from tuogu.core.tables import MONTH_COLUMNS, Book, Plan

NO_TEAM = "未分组"


@dataclass(frozen=True)
class ReportSource:
    """`names` maps staff numbers to names; an unknown number is shown as it is."""

    plan: Plan
    book: Book
    rulebook: Rulebook
    names: Mapping[str, str]

    def name(self, staff_number: str) -> str:
        """How a person is written."""
        return self.names.get(staff_number, staff_number)

    @cached_property
    def managers(self) -> pl.DataFrame:
        """Everybody with a load, by team, then staff number: staff_number, name, team_code, team, supervisor,
        home (community code), held, communities, year, least, most, m01..m12."""
        held = self.plan.assignments.group_by("staff_number").agg(
            held=pl.len().cast(pl.Int64), communities=pl.col("community_code").n_unique().cast(pl.Int64)
        )
        due = pl.col("due")
        months = self.plan.loads.group_by("staff_number").agg(
            *[
                due.filter(pl.col("month") == number).sum().alias(name)
                for number, name in enumerate(MONTH_COLUMNS, 1)
            ]
        )
        people = self.book.books.people.select("staff_number", "team_code", "supervisor")
        teams = self.book.books.institutions.select(team_code="institution_code", team="name")
        homes = self.book.homes.select(staff_number="key", home="community_code")
        frame = (
            months.join(held, on="staff_number", how="left")
            .join(people, on="staff_number", how="left")
            .join(teams, on="team_code", how="left")
            .join(homes, on="staff_number", how="left")
        )
        return frame.with_columns(
            pl.col("held", "communities").fill_null(0),
            team=pl.coalesce("team", "team_code", pl.lit(NO_TEAM)),
            team_code=pl.col("team_code").fill_null(""),
            supervisor=pl.col("supervisor").fill_null(False),
            name=pl.col("staff_number").replace_strict(
                list(self.names),
                list(self.names.values()),
                default=pl.col("staff_number"),
                return_dtype=pl.String,
            ),
            year=pl.sum_horizontal(MONTH_COLUMNS),
            least=pl.min_horizontal(MONTH_COLUMNS),
            most=pl.max_horizontal(MONTH_COLUMNS),
        ).sort("team_code", "staff_number")

    @cached_property
    def communities(self) -> pl.DataFrame:
        """Communities that hold planned policies, by code: COMMUNITIES, policies, and who serves them as
        lists `staff` and `shares` (policies each), the largest first."""
        served = self.plan.assignments.group_by("community_code", "staff_number").agg(
            n=pl.len().cast(pl.Int64)
        )
        served = served.sort("community_code", "n", "staff_number", descending=[False, True, False])
        lists = served.group_by("community_code", maintain_order=True).agg(
            staff="staff_number", shares="n", policies=pl.col("n").sum()
        )
        return lists.join(self.book.communities, on="community_code", how="left").sort("community_code")

    @cached_property
    def placed(self) -> pl.DataFrame:
        """The communities that have coordinates."""
        return self.communities.filter(pl.col("x_m").is_not_null() & pl.col("y_m").is_not_null())

    @property
    def synthetic(self) -> bool:
        """Whether any coordinate is invented, which the map must say."""
        return bool((self.book.books.coordinates["source"] == "synthetic").any())
