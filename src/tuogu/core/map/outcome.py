"""From matches of pieces and lines to the frames of a map plan.

In: the scope's pieces, the lines, which lines cover what, what was placed. Out: placements, candidates, the tables of
`sheets`. Never: a piece of a gap that is not counted, an overlap of two persons that is not listed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import polars as pl

from tuogu.core.ascription import ASCRIPTIONS, exceptions, found_in_book
from tuogu.core.map import sheets
from tuogu.core.map.lines import KINDS
from tuogu.core.tables import CANDIDATES, PLACEMENTS, Book, conform

FAULTS: Final = {
    "malformed": "格式不对，应为 代码=工号",
    "unknown_code": "代码既不是本账的区划，也不是机构；邮政编码前请写“邮编”",
    "conflict": "同一代码写了不同的人，均不采用",
    "twice": "同一行写了两次，后写的不采用",
    "not_in_post": "工号不在职，或系列不在 map.series 之内",
}
_NAMES: Final = {
    "malformed": "格式", "unknown_code": "未知代码", "conflict": "重叠", "twice": "重复", "not_in_post": "人员不在职",
}  # fmt: skip


@dataclass(frozen=True)
class Tables:
    """`found`: all matches by piece, finest first; `finest`: the first of each; `placed`: those that are used."""

    pieces: pl.DataFrame
    policies: pl.DataFrame
    table: pl.DataFrame
    found: pl.DataFrame
    finest: pl.DataFrame
    placed: pl.DataFrame
    unplaced: pl.DataFrame
    book: Book

    def placements(self) -> pl.DataFrame:
        """PLACEMENTS of what the map decides."""
        rows = self.placed.select(
            "number",
            "holder_number",
            "receiver",
            instalment=pl.lit(1, pl.Int64),
            unit_code=pl.lit(None, pl.String),
            lever=pl.lit("map"),
            place=pl.lit(None, pl.Int64),
        )
        return conform(rows.sort("number"), PLACEMENTS)

    def candidates(self) -> pl.DataFrame:
        """CANDIDATES: the line that decides, then the coarser lines of other persons."""
        chosen = self.placed.select("number", chosen="receiver")
        rows = self.found.join(chosen, on="number").filter(pl.col("verdict") == "used")
        rows = rows.unique(["number", "receiver"], keep="first", maintain_order=True).sort(
            "number", "rank", "line"
        )
        kind = pl.col("kind").replace_strict(KINDS, return_dtype=pl.String)
        own = pl.col("receiver") == pl.col("chosen")
        detail = pl.format("第{}行：{}{}归{}", "line", kind, "code", "receiver")
        frame = rows.with_columns(
            unit_code=pl.lit(None, pl.String),
            cost_m=pl.lit(0, pl.Int64),
            verdict=pl.when(own).then(pl.lit("chosen")).otherwise(pl.lit("longer_code")),
            detail=pl.when(own).then(detail).otherwise(pl.format("{}；另有更细的代码", detail)),
            rank=pl.int_range(1, pl.len() + 1).over("number"),
        )
        return conform(frame.rename({"number": "policy_number", "receiver": "staff_number"}), CANDIDATES)

    def own(self) -> dict[str, pl.DataFrame]:
        """The strategy's tables by name, each with the schema of its sheet."""
        # A place that no line names has, as far as this map goes, nobody who collects there: cause 3 of P-15.
        cause = pl.col("reason").replace({"not_mapped": "no_collector"})
        nobody = pl.col("reason").is_in(["not_mapped", "collector_left"])
        left = self.unplaced.filter(nobody).select(cause, "detail", number="policy_number")
        clash = self.unplaced.filter(pl.col("reason") == "map_conflict").select(
            "detail", number="policy_number", reason=pl.lit("data_fault")
        )
        causes = pl.concat(
            [
                found_in_book(self.policies, self.book),
                *(f.select("number", "reason", "detail") for f in (left, clash)),
            ]
        )
        found = {
            "map_lines": self._lines(),
            "map_faults": self._faults(),
            "ascribed": self.placed.with_columns(
                ascription=pl.col("ascription").replace_strict(ASCRIPTIONS, return_dtype=pl.String)
            ),
            "exceptions": exceptions(causes, self.placed["number"]),
        }
        return {sheet.name: conform(found[sheet.name], sheet.schema) for sheet in sheets.SHEETS}

    def _lines(self) -> pl.DataFrame:
        covered = self.found.group_by("line").agg(covered=pl.len().cast(pl.Int64))
        placed = self.placed.group_by("line").agg(placed=pl.len().cast(pl.Int64))
        rows = (
            self.table.join(covered, on="line", how="left").join(placed, on="line", how="left").sort("line")
        )
        return rows.with_columns(
            pl.col("covered", "placed").fill_null(0),
            kind=pl.col("kind").replace_strict(KINDS, return_dtype=pl.String),
            used=pl.col("verdict") == "used",
        )

    def _faults(self) -> pl.DataFrame:
        parts = [self._refused(), self._idle(), self._overlaps(), self._gaps()]
        frames = [conform(part, sheets.FAULTS.schema) for part in parts]
        return pl.concat(frames).sort("fault", "line", "code", nulls_last=True)

    def _refused(self) -> pl.DataFrame:
        bad = self.table.filter(pl.col("verdict") != "used")
        hit = self.finest.group_by("line").agg(pieces=pl.len().cast(pl.Int64))
        return bad.join(hit, on="line", how="left").with_columns(
            fault=pl.col("verdict").replace_strict(_NAMES, return_dtype=pl.String),
            code=pl.coalesce("code", "written"),
            pieces=pl.col("pieces").fill_null(0),
            detail=pl.col("verdict").replace_strict(FAULTS, return_dtype=pl.String),
        )

    def _idle(self) -> pl.DataFrame:
        """Usable lines that decide nothing: no piece there, or every piece has a finer line."""
        covered = self.found.group_by("line").agg(covered=pl.len().cast(pl.Int64))
        idle = self.table.filter(pl.col("verdict") == "used").join(
            self.placed.select("line"), on="line", how="anti"
        )
        idle = idle.join(covered, on="line", how="left").with_columns(pieces=pl.col("covered").fill_null(0))
        word = (
            pl.when(pl.col("pieces") > 0)
            .then(pl.lit("全部保单另有更细的代码"))
            .otherwise(pl.lit("范围内没有保单"))
        )
        return idle.with_columns(fault=pl.lit("未起作用"), detail=word)

    def _overlaps(self) -> pl.DataFrame:
        """Business unit, postcode and region that name different persons for the same pieces."""
        order = pl.col("kind").replace_strict(
            {"postcode": "postcode", "institution": "institution"}, default="region", return_dtype=pl.String
        )
        every = self.found.filter(pl.col("verdict") == "used").with_columns(book=order)
        first = self.placed.select("number", "line", "receiver", winner_kind="kind").rename(
            {"line": "winner_line", "receiver": "winner"}
        )
        first = first.with_columns(
            winner_book=pl.col("winner_kind").replace_strict(
                {"postcode": "postcode", "institution": "institution"},
                default="region",
                return_dtype=pl.String,
            )
        )
        both = every.join(first, on="number").filter(
            (pl.col("book") != pl.col("winner_book")) & (pl.col("receiver") != pl.col("winner"))
        )
        grouped = both.group_by("line", "code", "receiver", "winner_line", "winner").agg(
            pieces=pl.len().cast(pl.Int64)
        )
        detail = pl.format("这些保单按第{}行归{}，本行指另一人", "winner_line", "winner")
        return grouped.with_columns(fault=pl.lit("重叠"), detail=detail).sort("line", "winner_line")

    def _gaps(self) -> pl.DataFrame:
        """Communities (or business units where the address is not coded) with pieces that no line covers."""
        bare = self.pieces.join(self.found.select("number").unique(), on="number", how="anti")
        code = pl.coalesce("community_code", "institution_code", pl.lit("未编码"))
        grouped = bare.group_by(code=code).agg(pieces=pl.len().cast(pl.Int64))
        return grouped.with_columns(
            fault=pl.lit("缺口"),
            line=pl.lit(None, pl.Int64),
            receiver=pl.lit(None, pl.String),
            detail=pl.lit("没有任何一行覆盖这里的保单"),
        )
