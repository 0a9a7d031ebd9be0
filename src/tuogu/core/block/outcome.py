"""From units with their receivers to the frames of a block plan.

In: what moves, who receives, what is due before and after. Out: placements, candidates, the tables of `sheets`. Never: a
unit whose policies go to two people, a neighbour without the twelve months.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from tuogu.core.arrivals.room import Room
from tuogu.core.arrivals.smoothing import Groups, Smoothed
from tuogu.core.arrivals.standing import Standing
from tuogu.core.block import sheets
from tuogu.core.proposal import Request
from tuogu.core.tables import CANDIDATES, MONTH_COLUMNS, PLACEMENTS, UNPLACED, conform


@dataclass(frozen=True)
class Stays:
    """The managers who stay (rows of PEOPLE, by column) and what they have due."""

    staff: pl.DataFrame
    room: Room


def given(units: pl.DataFrame, staff: pl.DataFrame, groups: Groups, found: Smoothed | None) -> pl.DataFrame:
    """`units` with receiver (null where nobody has room below the yearly cap)."""
    if found is None:
        return units.with_columns(receiver=pl.lit(None, pl.String))
    way = np.flatnonzero(found.amount)
    taken = pl.DataFrame(
        {"row": groups.group[way], "receiver": staff["staff_number"].gather(groups.taker[way])},
        schema={"row": pl.Int64, "receiver": pl.String},
    )
    return units.join(taken, on="row", how="left", maintain_order="left")


@dataclass(frozen=True)
class Tables:
    """Everything that the plan's frames are made from. `without`: what those who stay have before they receive."""

    request: Request
    today: Standing
    moving: pl.DataFrame
    units: pl.DataFrame
    allowed: pl.Series
    stays: Stays
    without: Room

    def placements(self) -> pl.DataFrame:
        """PLACEMENTS of every policy of the units, in one instalment: one release, one batch."""
        to = self.units.select("block", "giver", to="receiver")
        rows = self.moving.join(to, left_on=["block", "receiver"], right_on=["block", "giver"])
        rows = rows.filter(pl.col("to").is_not_null()).select(
            "holder_number",
            "unit_code",
            number="policy_number",
            receiver="to",
            instalment=pl.lit(1, pl.Int64),
            lever=pl.lit("block"),
            place=pl.lit(None, pl.Int64),
        )
        return conform(rows.sort("number"), PLACEMENTS)

    def unplaced(self) -> pl.DataFrame:
        """UNPLACED: units that fit nobody stay where they are."""
        stuck = self.units.filter(pl.col("receiver").is_null()).select("block", "giver")
        rows = self.moving.join(stuck, left_on=["block", "receiver"], right_on=["block", "giver"])
        held = pl.col("basis") == "held"
        rows = rows.select(
            "policy_number",
            reason=pl.lit("no_capacity"),
            detail=pl.lit("接收人均已达年度上限，本单元未移交"),
            custodian=pl.when(held).then("receiver").otherwise(pl.lit("buffer")),
        )
        return conform(rows.sort("policy_number"), UNPLACED)

    def candidates(self) -> pl.DataFrame:
        """CANDIDATES of every unit: each permitted receiver with the fullest month that the unit would give him."""
        staff = self.stays.staff.select(receiver="staff_number").with_row_index("column")
        people = staff.filter(pl.col("receiver").is_in(self.allowed.implode()))
        rows = self.units.rename({"receiver": "chosen"}).join(people, how="cross").sort("row", "column")
        own = (rows["chosen"] == rows["receiver"]).fill_null(False)
        months = rows.select(MONTH_COLUMNS).to_numpy().astype(np.int64).reshape(-1, 12)
        due = self.stays.room.due[rows["column"].to_numpy()] + np.where(own.to_numpy()[:, None], 0, months)
        high = self.request.rulebook["territory.month_load_max"]
        frame = rows.with_columns(
            is_chosen=own,
            month=pl.Series(due.argmax(axis=1) + 1, dtype=pl.Int64) if len(due) else pl.lit(0),
            fullest=pl.Series(due.max(axis=1), dtype=pl.Int64) if len(due) else pl.lit(0),
        )
        verdict = (
            pl.when("is_chosen")
            .then(pl.lit("chosen"))
            .when(pl.col("fullest") > high)
            .then(pl.lit("month_band"))
            .otherwise(pl.lit("less_room"))
        )
        word = (
            pl.when("is_chosen")
            .then(pl.lit("选定"))
            .otherwise(pl.lit("改由此人承接则全局越界件数或路程更多"))
        )
        detail = pl.format(
            f"{{}}在{{}}月将达{{}}件（上限{high}件）；{{}}", "receiver", "month", "fullest", word
        )
        frame = frame.with_columns(verdict=verdict, detail=detail).sort(
            "row", pl.col("is_chosen").not_(), "fullest", "receiver"
        )
        rank = pl.int_range(1, pl.len() + 1).over("row")
        return conform(
            frame.with_columns(
                unit_code="block",
                policy_number=pl.lit(None, pl.String),
                rank=rank,
                staff_number="receiver",
                cost_m=pl.lit(0, pl.Int64),
            ),
            CANDIDATES,
        )

    def own(self) -> dict[str, pl.DataFrame]:
        """The strategy's tables by name, each with the schema of its sheet."""
        found = {
            "units": self._units(),
            "neighbours": self._neighbours(),
            "standing": self.today.pieces.rename({"policy_number": "number"}).sort("number"),
        }
        return {sheet.name: conform(found[sheet.name], sheet.schema) for sheet in sheets.SHEETS}

    def _units(self) -> pl.DataFrame:
        moved = pl.format("整块由{}移交{}", "giver", "receiver")
        detail = (
            pl.when(pl.col("receiver").is_null())
            .then(pl.lit("未移交：接收人均已达年度上限"))
            .otherwise(moved)
        )
        return self.units.with_columns(unit_code="block", detail=detail)

    def _neighbours(self) -> pl.DataFrame:
        """Twelve months of givers, receivers and everybody who touches the block."""
        givers, receivers = self.units["giver"].unique(), self.units["receiver"].drop_nulls().unique()
        people = pl.concat([givers, receivers, self.allowed]).unique().sort()
        role = (
            pl.when(pl.col("receiver").is_in(givers.implode()))
            .then(pl.lit("移出人"))
            .when(pl.col("receiver").is_in(receivers.implode()))
            .then(pl.lit("接收人"))
            .otherwise(pl.lit("相邻"))
        )
        before = _by_month(self.today.pieces, "before")
        to = self.units.filter(pl.col("receiver").is_not_null())
        lost = _by_month(to.drop("receiver").rename({"giver": "receiver"}), "lost")
        gained = _by_month(to, "gained")
        frame = people.to_frame("receiver").join(pl.DataFrame({"month": range(1, 13)}), how="cross")
        for part in (before, lost, gained):
            frame = frame.join(part, on=["receiver", "month"], how="left")
        after = pl.col("before") - pl.col("lost") + pl.col("gained")
        low, high = (self.request.rulebook[f"territory.month_load_{end}"] for end in ("min", "max"))
        frame = frame.with_columns(pl.col("before", "lost", "gained").fill_null(0)).with_columns(
            after=after, role=role
        )
        return frame.with_columns(inside=pl.col("after").is_between(low, high)).sort("receiver", "month")


def _by_month(frame: pl.DataFrame, name: str) -> pl.DataFrame:
    """receiver, month and the sums of the months as column `name`."""
    sums = frame.group_by("receiver").agg(pl.col(month).sum() for month in MONTH_COLUMNS)
    long = sums.unpivot(MONTH_COLUMNS, index="receiver", variable_name="_month", value_name=name)
    return long.select("receiver", name, month=pl.col("_month").str.slice(1).cast(pl.Int64))
