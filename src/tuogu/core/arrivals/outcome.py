"""From levels and moves to the frames of a plan: placements, candidates and the tables of `sheets`.

In: the request, who serves what today, the levels' answer, the moves. Out: frames in canonical order. Never: a placement
that stands in no table with its reason, a rejected candidate without figures (N-03).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl

from tuogu.core.arrivals import sheets
from tuogu.core.arrivals.keywords import KINDS, matched
from tuogu.core.arrivals.levels import LEVELS, Levels
from tuogu.core.arrivals.rejected import candidates
from tuogu.core.arrivals.room import Ints, Room
from tuogu.core.arrivals.standing import Standing
from tuogu.core.arrivals.written import SINGLES_VERDICTS
from tuogu.core.ascription import ASCRIPTIONS, exceptions, found_in_book
from tuogu.core.labels import LEVERS
from tuogu.core.proposal import Request
from tuogu.core.tables import MONTH_COLUMNS, PLACEMENTS, conform

_SOURCES = {"learnt": "学得", "written": "人工"}
_KIND_WORDS = KINDS | {"written": "人工"}


@dataclass(frozen=True)
class Tables:
    """Everything that the plan's frames are made from. `moves`: policy_number, lever, giver, receiver."""

    request: Request
    today: Standing
    levels: Levels
    moves: pl.DataFrame
    before: Room
    unplaced: pl.DataFrame

    @cached_property
    def final(self) -> pl.DataFrame:
        """policy_number, home (by level), lever (of the level), receiver, evidence, ascription of each new orphan."""
        redirected = self.moves.filter(pl.col("lever") == "new").select("policy_number", to="receiver")
        frame = self.levels.chosen.rename({"receiver": "home"}).join(
            redirected, on="policy_number", how="left"
        )
        frame = frame.join(self.today.arriving.select("policy_number", "ascription"), on="policy_number")
        manual = pl.when(pl.col("lever") == "single").then(pl.lit("manual")).otherwise("ascription")
        return frame.with_columns(receiver=pl.coalesce("to", "home"), ascription=manual).sort("policy_number")

    @cached_property
    def room_after(self) -> Room:
        """What everybody has due once the moves are made."""
        room = self.levels.room
        columns = {number: column for column, number in enumerate(self.today.managers["staff_number"])}
        every = pl.concat([self.today.pieces, self.today.arriving], how="diagonal_relaxed")
        moved = self.moves.join(every.select("policy_number", *MONTH_COLUMNS), on="policy_number")
        months = moved.select(MONTH_COLUMNS).to_numpy().astype(np.int64).reshape(-1, 12)
        due, held = room.due.copy(), room.held.copy()
        for side, sign in (("giver", -1), ("receiver", 1)):
            column = moved[side].replace_strict(columns, return_dtype=pl.Int64).to_numpy().astype(np.int64)
            np.add.at(due, column, sign * months)
            np.add.at(held, column, sign)
        return Room(due, held, room.month_max, room.held_cap)

    def placements(self) -> pl.DataFrame:
        """PLACEMENTS: new orphans with their level, or `new` where redirected; handed-over pieces as `adjacent`."""
        fixed = {"instalment": pl.lit(1, pl.Int64), "place": pl.lit(None, pl.Int64)}
        new = self.final.select(
            "policy_number",
            "receiver",
            lever=pl.when(pl.col("to").is_not_null()).then(pl.lit("new")).otherwise("lever"),
        )
        adjacent = self.moves.filter(pl.col("lever") == "adjacent").select(
            "policy_number", "receiver", "lever"
        )
        holders = pl.concat(
            [
                frame.select("policy_number", "holder_number")
                for frame in (self.today.pieces, self.today.arriving)
            ]
        )
        rows = pl.concat([new, adjacent]).join(holders, on="policy_number")
        rows = rows.rename({"policy_number": "number"}).with_columns(
            unit_code=pl.lit(None, pl.String), **fixed
        )
        return conform(rows.sort("number"), PLACEMENTS)

    def candidates(self, reached: pl.DataFrame) -> pl.DataFrame:
        """CANDIDATES of every new orphan."""
        return candidates(self.request, self.today, self.final, reached, self.room_after)

    def own(self) -> dict[str, pl.DataFrame]:
        """The strategy's tables by name, each with the schema of its sheet."""
        found = {
            "levels": self._levels(),
            "evidence": self._evidence(),
            "keywords": self._keywords(),
            "singles": self._singles(),
            "moves": self._moves(),
            "room": self._room(),
            "exceptions": self._exceptions(),
            "standing": self.today.pieces.rename({"policy_number": "number"}).sort("number"),
        }
        return {sheet.name: conform(found[sheet.name], sheet.schema) for sheet in sheets.SHEETS}

    def _levels(self) -> pl.DataFrame:
        order = pl.DataFrame({"lever": LEVELS, "level": range(1, len(LEVELS) + 1)})
        count = self.final.group_by("lever").agg(
            placed=pl.len().cast(pl.Int64),
            receivers=pl.col("receiver").n_unique().cast(pl.Int64),
            redirected=pl.col("to").is_not_null().sum().cast(pl.Int64),
        )
        rows = order.join(count, on="lever", how="left").sort("level")
        return rows.with_columns(level_name=_words("lever", LEVERS)).fill_null(0)

    def _evidence(self) -> pl.DataFrame:
        level = pl.col("lever").replace_strict(
            {name: i for i, name in enumerate(LEVELS, 1)}, return_dtype=pl.Int64
        )
        word = _words("ascription", ASCRIPTIONS)
        return self.final.rename({"policy_number": "number"}).with_columns(level=level, ascription=word)

    def _keywords(self) -> pl.DataFrame:
        by_word = self.final.filter(pl.col("lever") == "keyword").select("policy_number")
        book, rulebook = self.request.book, self.request.rulebook
        used = (
            matched(by_word, self.levels.keywords, book, rulebook).group_by("word", "receiver").len("placed")
        )
        rows = self.levels.keywords.join(used, on=["word", "receiver"], how="left")
        return rows.with_columns(
            kind=_words("kind", _KIND_WORDS),
            source=_words("source", _SOURCES),
            placed=pl.col("placed").fill_null(0).cast(pl.Int64),
        )

    def _singles(self) -> pl.DataFrame:
        return self.levels.singles.with_columns(verdict=_words("verdict", SINGLES_VERDICTS)).sort("line")

    def _moves(self) -> pl.DataFrame:
        detail = (
            pl.when(pl.col("lever") == "new")
            .then(pl.format("新产生保单直接交给相邻片区的{}，不归{}", "receiver", "giver"))
            .otherwise(pl.format("相邻区件：由{}交给相邻片区的{}", "giver", "receiver"))
        )
        return self.moves.rename({"policy_number": "number"}).with_columns(detail=detail)

    def _room(self) -> pl.DataFrame:
        staff = self.today.managers["staff_number"]
        low = self.request.rulebook["territory.month_load_min"]
        frame = pl.DataFrame(
            {
                "receiver": staff.gather(np.repeat(np.arange(len(staff)), 12)),
                "month": np.tile(np.arange(1, 13), len(staff)),
                "before": _cells(self.before),
                "placed": _cells(self.levels.room),
                "after": _cells(self.room_after),
            }
        )
        return frame.with_columns(inside=pl.col("after").is_between(low, self.levels.room.month_max))

    def _exceptions(self) -> pl.DataFrame:
        scope = pl.concat([self.today.arriving["policy_number"], self.unplaced["policy_number"]])
        policies = self.request.book.books.policies.filter(pl.col("policy_number").is_in(scope.implode()))
        gone = self.today.arriving.filter(pl.col("left").is_not_null()).select(
            number="policy_number",
            reason=pl.lit("collector_left"),
            detail=pl.format("原服务人{}已离司，重新安置", "left"),
        )
        nobody = self.unplaced.filter(pl.col("reason") == "no_collector").select(
            number="policy_number", reason="reason", detail="detail"
        )
        uncoded = self.unplaced.filter(pl.col("reason") == "no_address_code").select(
            number="policy_number", reason=pl.lit("data_fault"), detail=pl.lit("地址未编码到社区")
        )
        found = pl.concat([found_in_book(policies, self.request.book), gone, nobody, uncoded])
        return exceptions(found, self.final["policy_number"])


def _cells(room: Room) -> Ints:
    return room.due.ravel()


def _words(column: str, words: dict[str, str]) -> pl.Expr:
    return pl.col(column).replace_strict(words, return_dtype=pl.String)
