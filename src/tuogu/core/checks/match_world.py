"""A matching under examination, beside what the book says: who qualifies, who is named, who has room left.

In: Plan, Book, Rulebook. Out: `World`. Never: code of `core.match`, a figure of the plan but who got what in which release.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import polars as pl

from tuogu.core.basis import policy_communities
from tuogu.core.capacity import RELEASES, CapacityReport, check_capacity, held_max, release_dates
from tuogu.core.checks import match_people as people
from tuogu.core.rulebook import Rulebook
from tuogu.core.tables import LIVE_STATES, Book, Plan
from tuogu.core.ties import tie_rank

_AREA = {"community": "community_code", "street": "street_code", "district": "district_code"}


@dataclass(frozen=True)
class World:
    """A matching and its book."""

    plan: Plan
    book: Book
    rulebook: Rulebook

    @property
    def to_collectors(self) -> bool:
        return self._option("to") == "collection"

    @property
    def reach(self) -> bool:
        return self._option("surplus") != "own_team"

    @property
    def before(self) -> bool:
        return not self.to_collectors and bool(self.rulebook["match.cap_counts"] == "before")

    @property
    def levels(self) -> int:
        return len(self.rulebook["match.group_months"]) if self._option("groups") == "complexity" else 1

    @property
    def releases(self) -> int:
        return int(self.rulebook["territory.instalments"])

    @property
    def cap(self) -> int:
        if self.to_collectors:
            return 12 * int(self.rulebook["territory.month_load_max"])
        return int(self.rulebook["holding.marketing_orphans_max"])

    def _option(self, name: str) -> str:
        return dict(self.plan.options).get(name, "")

    # --- what is to be matched -------------------------------------------------------------------------------------

    @cached_property
    def serving(self) -> pl.DataFrame:
        """PEOPLE in post on the plan's day."""
        gone = pl.col("left_date").is_not_null() & (pl.col("left_date") <= self.plan.as_of)
        return self.book.books.people.filter(~gone)

    @cached_property
    def orphans(self) -> pl.DataFrame:
        """Live orphan main policies with who in post holds them."""
        mains = (pl.col("kind") == "main") & pl.col("state").is_in(LIVE_STATES)
        facts = ("nature", "service_class", "orphan_type", "non_pure")
        classes = self.book.classified.filter(pl.col("orphan")).select("policy_number", *facts)
        custody = self.book.held.filter((pl.col("relation") == "custody") & (pl.col("kind") == "policy"))
        kept = custody.filter(pl.col("receiver").is_in(self.serving["staff_number"].implode()))
        return (
            self.book.books.policies.filter(mains)
            .join(classes, on="policy_number")
            .join(kept.select(policy_number="number", keeper="receiver"), on="policy_number", how="left")
        )

    @cached_property
    def pool(self) -> pl.DataFrame:
        """Those that no person in post holds: each must be placed or listed."""
        return self.orphans.filter(pl.col("keeper").is_null())

    @cached_property
    def matched(self) -> pl.DataFrame:
        """The pool without what the plan sets aside for its nature or size (checked apart)."""
        aside = self.plan.unplaced.filter(~pl.col("reason").is_in(["no_receiver", "no_address_code"]))
        return self.pool.join(aside, on="policy_number", how="anti")

    @cached_property
    def placed(self) -> pl.DataFrame:
        return self.plan.placements.rename({"number": "policy_number"})

    @cached_property
    def customers(self) -> pl.DataFrame:
        """holder_number, pieces, type_rank, non_pure, seller, level, community_code, team_code, near."""
        order = self.rulebook["orphan.type_order"]
        worth = (
            pl.when(pl.col("premium_mode") == "single")
            .then(pl.col("premium_fen") * self.rulebook["match.single_value_bp"] // 10_000)
            .otherwise(pl.col("premium_fen") * pl.col("payments_per_year").fill_null(1))
        )
        ranks = pl.DataFrame(
            {"kind_name": order, "type_rank": range(len(order))}, schema_overrides={"type_rank": pl.Int64}
        )
        frame = self.matched.with_columns(
            kind_name=pl.col("orphan_type").fill_null(order[-1]), worth=worth.fill_null(0)
        )
        points = self.rulebook["match.complexity_points"]
        hard = pl.lit(points["piece"]) + pl.when(pl.col("kind_name") == "combination").then(
            points["combination"]
        ).otherwise(0)
        hard = hard + pl.when(pl.col("state") == "lapsed").then(points["lapsed"]).otherwise(0)
        places = policy_communities(frame, self.book.located, self.rulebook["territory.address_basis"])
        frame = frame.join(ranks, on="kind_name").join(places, on="policy_number").with_columns(points=hard)
        same = frame.filter(pl.len().over("holder_number", "type_rank", "worth") > 1)["policy_number"]
        chance = pl.DataFrame(
            {"policy_number": same, "chance": tie_rank(self.plan.seed, "match.best_policy", same)}
        )
        frame = frame.join(chance, on="policy_number", how="left").sort(
            "type_rank", "worth", "chance", descending=[False, True, False]
        )
        found = frame.group_by("holder_number", maintain_order=True).agg(
            pl.len().cast(pl.Int64).alias("pieces"),
            pl.col("type_rank", "agent_number", "community_code").first(),
            pl.col("non_pure").fill_null(False).any(),
            pl.col("points").sum(),
        )
        starts = self.rulebook["match.complexity_levels"] if self.levels > 1 else [0]
        level = sum(((pl.col("points") >= start).cast(pl.Int64) for start in starts[1:]), pl.lit(0, pl.Int64))
        teams = self.book.books.people.select(agent_number="staff_number", team_code="team_code")
        found = found.with_columns(level=level).join(teams, on="agent_number", how="left")
        return found.join(self.near, on="team_code", how="left").rename({"agent_number": "seller"})

    @cached_property
    def fates(self) -> pl.DataFrame:
        """Customers with receiver, lever and where the receiver sits; null = with nobody."""
        got = self.placed.unique("holder_number", keep="first").select("holder_number", "receiver", "lever")
        frame = self.customers.join(got, on="holder_number", how="left")
        if self.to_collectors:
            area = self._area_of("community_code", "area")
            homes = self.receivers.select(receiver="staff_number", receiver_area="area")
            return frame.join(area, on="community_code", how="left").join(homes, on="receiver", how="left")
        seats = self.receivers.select(
            receiver="staff_number", receiver_team="team_code", receiver_near="near", receiver_level="level"
        )
        return frame.join(seats, on="receiver", how="left")

    def _area_of(self, key: str, name: str) -> pl.DataFrame:
        column = _AREA[self.rulebook["match.collector_area"]]
        codes = self.book.communities
        return pl.DataFrame({key: codes["community_code"], name: codes[column]})

    # --- who may receive, who is named ---------------------------------------------------------------------------

    @cached_property
    def near(self) -> pl.DataFrame:
        """team_code, near: the unit above each group."""
        return people.units_above(self.book, self.rulebook)

    @cached_property
    def receivers(self) -> pl.DataFrame:
        """Everybody who may receive: staff_number, team_code, near, level, held, quota, area."""
        held = (
            self.orphans.filter(pl.col("keeper").is_not_null())
            .group_by(staff_number="keeper")
            .agg(held=pl.len().cast(pl.Int64))
        )
        series = self.rulebook["match.collector_series" if self.to_collectors else "match.series"]
        staff = self.serving.filter(pl.col("series").is_in(series)).join(held, on="staff_number", how="left")
        staff = staff.with_columns(pl.col("held").fill_null(0)).join(self.near, on="team_code", how="left")
        if self.to_collectors:
            homes = self.book.homes.select(staff_number="key", home="community_code")
            staff = staff.join(homes, on="staff_number").join(self._area_of("home", "area"), on="home")
            return staff.with_columns(level=pl.lit(0, pl.Int64), quota=pl.lit(self._most, pl.Int64))
        staff = staff.filter(pl.col("held") < self.cap + (1 if self.before else 0))
        staff = people.qualified(staff, self.book.facts, self.rulebook, self.plan.as_of)
        starts = self.rulebook["match.group_months"] if self.levels > 1 else [0]
        quota = people.quota(self.book.facts, self.rulebook, self.plan.as_of, self._most)
        return staff.with_columns(level=people.reached(starts, self.plan.as_of), quota=quota)

    @cached_property
    def _most(self) -> int:
        """Most pieces of one plan that the releases always hold."""
        per = held_max(self.plan.as_of, self.rulebook) // self.releases
        seen = self.customers
        if self.to_collectors:
            seen = seen.filter(pl.col("community_code").is_not_null())
        largest = int(seen["pieces"].to_numpy().max(initial=1))
        return self.releases * per - (self.releases - 1) * (largest - 1)

    @cached_property
    def named(self) -> pl.DataFrame:
        """holder_number, rank, staff_number, ground: every named receiver, qualified or not (S4-06, S4-08)."""
        series = self.serving.filter(pl.col("series").is_in(self.rulebook["match.series"]))
        both = pl.concat(
            [
                people.of_the_leaver(self.customers, self.book, series),
                people.sellers(self.customers, self.book, series, self.rulebook, self.plan.as_of),
            ]
        )
        return both.sort("holder_number", "rank").unique(
            ["holder_number", "staff_number"], keep="first", maintain_order=True
        )

    @cached_property
    def received(self) -> pl.DataFrame:
        """Receivers with received, largest customer, free pieces; free had the largest guest or the largest own-group
        customer of type rank r or later not come."""
        sizes = self.fates.filter(pl.col("receiver").is_not_null())
        if self.to_collectors:
            guests, own = sizes.clear(), sizes.clear()
        else:
            guests = sizes.filter(pl.col("lever").is_in(["near_team", "other_team"]))
            own = sizes.filter(pl.col("lever") == "own_team")
        total = sizes.group_by(staff_number="receiver").agg(
            received=pl.col("pieces").sum(), largest=pl.col("pieces").max()
        )
        guest = guests.group_by(staff_number="receiver").agg(guest=pl.col("pieces").max())
        frame = self.receivers.join(total, on="staff_number", how="left").join(
            guest, on="staff_number", how="left"
        )
        names = []
        for rank in range(1, len(self.rulebook["orphan.type_order"])):
            part = own.filter(pl.col("type_rank") == rank).group_by(staff_number="receiver")
            frame = frame.join(
                part.agg(pl.col("pieces").max().alias(f"own_{rank}")), on="staff_number", how="left"
            )
            names.append(f"own_{rank}")
        frame = frame.with_columns(pl.col("received", "largest").fill_null(0))
        without = [
            pl.when(pl.col(name) > 0)
            .then(self._free(pl.col(name)))
            .otherwise(0)
            .fill_null(0)
            .alias(f"free_without_{name}")
            for name in ("guest", *names)
        ]
        return frame.with_columns(self._free(pl.lit(0)).alias("free"), *without)

    def _free(self, back: pl.Expr) -> pl.Expr:
        """Largest customer that would fit if `back` pieces had not come."""
        left = pl.col("quota") - pl.col("received") + back
        if self.before:
            open_seat = pl.col("held") + pl.col("received") - back <= self.cap
            return pl.when(open_seat).then(left).otherwise(0).clip(lower_bound=0)
        room = self.cap - pl.col("held") - pl.col("received") + back
        return pl.min_horizontal(left, room).clip(lower_bound=0)

    # --- visits ----------------------------------------------------------------------------------------------------

    @cached_property
    def capacity(self) -> CapacityReport | None:
        """The visits of every person and release; None when nothing is placed."""
        days = pl.DataFrame(
            {
                "instalment": range(1, self.releases + 1),
                "release_date": release_dates(self.plan.as_of, self.rulebook),
            },
            schema={"instalment": pl.Int64, "release_date": pl.Date},
        )
        given = (
            self.placed.join(days, on="instalment")
            .group_by(pl.col("receiver").alias("staff_number"), "release_date")
            .agg(
                policies=pl.len().cast(pl.Int64), customers=pl.col("holder_number").n_unique().cast(pl.Int64)
            )
        )
        return check_capacity(given.select(*RELEASES), self.rulebook) if len(given) else None
