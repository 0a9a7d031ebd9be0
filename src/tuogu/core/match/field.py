"""The receiving agents as arrays: who sits in which group, class and segment, with how much room.

In: eligible agents, the groups that customers come from. Out: `Field`, `Agents`. Never: an order of agents by staff number:
by last month's productivity, unknown last, ties by keyed hash (S4-13).

A segment is one group's agents of one level (P-16) and one class of people (A-39), in the order in which they are dealt to.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tuogu.core.rulebook import Rulebook
from tuogu.core.tables import Book
from tuogu.core.ties import tie_rank

Ints = NDArray[np.int64]
CLASSES = ("绩优", "其他")  # the two classes of people, dealt to one after the other
UNKNOWN_ORIGIN, WITHOUT_GROUP = "", "-"  # a customer whose group nobody knows is nobody's own


class Field(NamedTuple):
    """Agents by segment. `room` is what the cap leaves, `quota` what one allocation may give, `load` what is held;
    `turn` is where a segment's dealing stands; `refused` the smallest customer that a group can no longer take.
    """

    segment_start: Ints  # (groups * levels * 2 + 1,)
    room: Ints
    quota: Ints
    load: Ints
    turn: Ints
    refused: Ints  # (groups * levels,)

    def copy(self) -> Field:
        return Field(*(part.copy() for part in self))


@dataclass(frozen=True)
class Agents:
    """`frame` in dealing order with team, level and class columns; `teams` in keyed order; `near` is the number of the
    unit above each team (-1 = none).
    """

    frame: pl.DataFrame
    teams: tuple[str, ...]
    near: Ints
    levels: int
    field: Field

    @property
    def room_by_team(self) -> Ints:
        """(teams, levels) pieces that the agents of a group and level can still take."""
        return self.room_of(self.field)

    def room_of(self, field: Field) -> Ints:
        """The same for a field in another state."""
        cell = (self.frame["team"] * self.levels + self.frame["level"]).to_numpy()
        allowed = np.maximum(np.minimum(field.room, field.quota), 0)
        sums = np.bincount(cell, allowed, len(self.teams) * self.levels)
        return sums.astype(np.int64).reshape(len(self.teams), self.levels)


def build(
    eligible: pl.DataFrame,
    origin_teams: pl.Series,
    book: Book,
    rulebook: Rulebook,
    as_of: date,
    seed: int,
    *,
    quota: int,
    levels: bool,
) -> Agents:
    """`eligible`: rows of the eligibility frame that may receive. `quota`: most pieces that one plan may give a person."""
    own = eligible["team_code"].fill_null(WITHOUT_GROUP)
    names = pl.concat([origin_teams.fill_null(UNKNOWN_ORIGIN), own]).unique()
    ranks = pl.DataFrame({"team_code": names, "team": tie_rank(seed, "match.teams", names)}).sort("team")
    starts = rulebook["match.group_months"] if levels else [0]
    frame = (
        eligible.with_columns(team_code=own)
        .join(ranks, on="team_code")
        .with_columns(
            level=_level(starts, as_of),
            people_class=(pl.col("productivity_fen").fill_null(-1) < rulebook["match.best_min_fen"]).cast(pl.Int64),
            tie=tie_rank(seed, "match.agents", eligible["staff_number"]),
        )
        .sort(
            "team", "level", "people_class", pl.col("productivity_fen"), "tie",
            descending=[False, False, False, True, False], nulls_last=True,
        )
        .drop("tie")
        .with_row_index("agent")
        .with_columns(pl.col("agent").cast(pl.Int64))
    )  # fmt: skip
    limits = [rulebook["match.best_quota"] or quota, rulebook["match.other_quota"] or quota]
    segments = (frame["team"] * len(starts) + frame["level"]) * 2 + frame["people_class"]
    count = len(ranks) * len(starts)
    field = Field(
        segment_start=np.searchsorted(segments.to_numpy(), np.arange(count * 2 + 1)).astype(np.int64),
        room=frame["room"].to_numpy().astype(np.int64),
        quota=np.minimum(np.array(limits, dtype=np.int64)[frame["people_class"].to_numpy()], quota),
        load=frame["held"].to_numpy().astype(np.int64),
        turn=np.zeros(count * 2, dtype=np.int64),
        refused=np.full(count, np.iinfo(np.int64).max),
    )
    teams = tuple(ranks["team_code"])
    return Agents(frame, teams, _near(teams, book, rulebook), len(starts), field)


def _level(starts: list[int], as_of: date) -> pl.Expr:
    """0-based receiver group by months in post (P-16); a person without a hiring date is in the lowest."""
    later = [
        (pl.col("hired_date").dt.offset_by(f"{months}mo") <= as_of).fill_null(False).cast(pl.Int64)
        for months in starts[1:]
    ]
    return pl.sum_horizontal(later) if later else pl.lit(0, pl.Int64)


def _near(teams: tuple[str, ...], book: Book, rulebook: Rulebook) -> Ints:
    """Number of the unit that makes two groups near (S4-12): the first of `match.near_levels` above the group that there
    is; else the institution that its people belong to; -1 for a group of which nothing is known."""
    institutions = book.books.institutions.select("institution_code", "parent_code", "level")
    climb = pl.DataFrame({"team_code": teams, "at": teams}, schema={"team_code": pl.String, "at": pl.String})
    found = []
    for _ in range(len(book.books.institutions["level"].unique()) + 1):  # no house is deeper than its levels
        climb = climb.join(institutions, left_on="at", right_on="institution_code")
        found.append(climb.select("team_code", "level", unit="at"))
        climb = climb.select("team_code", at="parent_code").drop_nulls()
    above = pl.concat(found)
    ranks = {level: rank for rank, level in enumerate(rulebook["match.near_levels"])}
    above = above.filter(pl.col("level").is_in(list(ranks))).with_columns(
        rank=pl.col("level").replace_strict(ranks, return_dtype=pl.Int64)
    )
    best = above.sort("team_code", "rank", "unit").unique("team_code", keep="first", maintain_order=True)
    of_people = book.books.people.group_by("team_code").agg(home=pl.col("institution_code").min())
    frame = (
        pl.DataFrame({"team_code": teams}, schema={"team_code": pl.String})
        .join(best.select("team_code", "unit"), on="team_code", how="left", maintain_order="left")
        .join(of_people, on="team_code", how="left", maintain_order="left")
    )
    unit = frame.select(pl.coalesce("unit", "home")).to_series()
    known = pl.DataFrame({"unit": unit.drop_nulls().unique().sort()}).with_row_index("near")
    numbers = pl.DataFrame({"unit": unit}).join(known, on="unit", how="left", maintain_order="left")["near"]
    return numbers.cast(pl.Int64).fill_null(-1).to_numpy()
