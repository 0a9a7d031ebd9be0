"""A motor book beside what is stored: which rows are new, newer, changed or stale, and which policy renews which.

In: MOTOR rows, the day they speak of, a business day. Out: lots, pairs of renewal, the counts of an import, also in advance.
Never: a write, a difference between the count in advance and the import's own while nobody else writes.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import polars as pl

from tuogu.core.motor.limits import Limits
from tuogu.core.motor.tables import MOTOR
from tuogu.core.tables import conform
from tuogu.renewals import renewed, successors
from tuogu.renewals.stored_rows import beside
from tuogu.renewals.typed import typed_pairs
from tuogu.rules import queries as rules

COMPARED = tuple(column for column in MOTOR if column != "policy_number")
_C = pl.col


@dataclass(frozen=True)
class Compared:
    """`rows`: MOTOR with `lot`; `stored`: what is stored beside them; `known`: all of it as it will be; `links`: pairs."""

    rows: pl.DataFrame
    stored: pl.DataFrame
    known: pl.DataFrame
    links: pl.DataFrame
    limits: Limits

    def lot(self, name: str) -> pl.DataFrame:
        """MOTOR of the rows of a lot."""
        return self.rows.filter(lot=name).select(*MOTOR)

    def counts(self, *, renewed: int, buffer: int) -> dict[str, int]:
        """As an import names them."""
        lots = dict(self.rows.group_by("lot").len().iter_rows())
        return {
            "motor_new": lots.get("new", 0), "motor_updated": lots.get("updated", 0),
            "motor_same": lots.get("same", 0) + lots.get("newer", 0), "motor_stale": lots.get("stale", 0),
            "motor_renewed": renewed, "motor_buffer": buffer,
        }  # fmt: skip


def compare(frame: pl.DataFrame, *, data_date: date, on: date) -> Compared:
    """MOTOR rows of a data date beside what is stored, by the rules of a business day."""
    rows, limits = conform(frame, MOTOR), Limits.of(rules.applicable(on))
    stored = beside(pl.concat([rows["policy_number"], rows["previous_number"]]), rows["holder_number"])
    lots = _sorted_out(rows, stored, data_date)
    written = lots.filter(_C("lot").is_in(["new", "updated"])).select(*MOTOR)
    known = pl.concat([stored.select(*MOTOR).join(written, on="policy_number", how="anti"), written])
    typed = typed_pairs(written["policy_number"])
    links = successors.pairs(written, known, days=limits.successor_days, typed=typed)
    return Compared(lots, stored, known, links, limits)


def motor_forecast(frame: pl.DataFrame, *, data_date: date, on: date, in_post: pl.Series) -> dict[str, int]:
    """The counts of an import of these rows on a day; `in_post`: staff numbers that may receive once it is stored."""
    if frame.is_empty():
        return {}
    seen = compare(frame, data_date=data_date, on=on)
    stored = seen.stored.select("subject_id", predecessor="policy_number")
    olds = seen.links.join(stored, on="predecessor")  # those of the same file have not ended
    ending = seen.links.height - olds.height + renewed.not_ended(olds).height
    to_buffer = seen.lot("new").filter(~_C("agent_number").is_in(in_post.implode()).fill_null(False)).height
    return seen.counts(renewed=ending, buffer=to_buffer)


def _sorted_out(rows: pl.DataFrame, stored: pl.DataFrame, data_date: date) -> pl.DataFrame:
    """The rows with `lot`: new | same | newer (the same, of a later day) | updated | stale."""
    both = rows.join(stored, on="policy_number", how="left", suffix="_old", maintain_order="left")
    same = pl.all_horizontal(_C(c).eq_missing(_C(f"{c}_old")) for c in COMPARED)
    lot = (
        pl.when(_C("subject_id").is_null()).then(pl.lit("new"))
        .when(same & (_C("data_date") < data_date)).then(pl.lit("newer"))
        .when(same).then(pl.lit("same"))
        .when(_C("data_date") < data_date).then(pl.lit("updated"))
        .otherwise(pl.lit("stale"))
    )  # fmt: skip
    return both.with_columns(lot=lot)
