"""Has everybody been visited, has every policy been checked (S4-17, S4-19)? Shares for each person, and who is missing.

In: STANDING, who holds each subject, the rulebook. Out: SHARES for each person; GAPS, the subjects with nothing done.
Never: a share rounded up to what is required; a subject that nobody holds.
"""

from __future__ import annotations

import polars as pl

from tuogu.core.rulebook import Rulebook
from tuogu.core.tables import I, S, Schema, conform

HOLDERS: Schema = {"subject_id": I, "holder": S}
SHARES: Schema = {
    "holder": S,
    "obligation": S,
    "owed": I,  # subjects that the duty is owed for
    "done": I,  # of these, with at least one record that meets it
    "share_bp": I,  # rounded down
    "required_bp": I,
    "enough": pl.Boolean,
}
GAPS: Schema = {"holder": S, "obligation": S, "subject_id": I}
_WHOLE_BP = 10_000  # the unit itself


def required(rulebook: Rulebook) -> dict[str, int]:
    """Duty → which share of those it is owed for must have had it at least once."""
    return {
        "first_visits": rulebook["service.home_visits_bp"],
        "check_up": rulebook["service.check_ups_bp"],
        "year_visits": rulebook["service.normal_face_visits_bp"],
    }


def shares(standing: pl.DataFrame, holders: pl.DataFrame, rulebook: Rulebook) -> pl.DataFrame:
    """SHARES by person and duty. A subject counts once, however often the duty was owed in these rows."""
    wanted = pl.DataFrame(list(required(rulebook).items()), {"obligation": S, "required_bp": I}, orient="row")
    counted = (
        _once(standing, holders, rulebook)
        .group_by("holder", "obligation")
        .agg(owed=pl.len().cast(pl.Int64), done=pl.col("touched").sum().cast(pl.Int64))
        .join(wanted, on="obligation")
        .with_columns(
            share_bp=pl.col("done") * _WHOLE_BP // pl.col("owed"),
            enough=pl.col("done") * _WHOLE_BP >= pl.col("required_bp") * pl.col("owed"),
        )
    )
    return conform(counted.sort("holder", "obligation"), SHARES)


def gaps(standing: pl.DataFrame, holders: pl.DataFrame, rulebook: Rulebook) -> pl.DataFrame:
    """GAPS: the subjects for which nothing has been done yet, by person and duty."""
    missing = _once(standing, holders, rulebook).filter(~pl.col("touched"))
    return conform(missing.sort("holder", "obligation", "subject_id"), GAPS)


def _once(standing: pl.DataFrame, holders: pl.DataFrame, rulebook: Rulebook) -> pl.DataFrame:
    """holder, obligation, subject_id, touched: every subject with a duty that must reach everybody."""
    owed = standing.filter(pl.col("obligation").is_in(list(required(rulebook))))
    touched = owed.group_by("subject_id", "obligation").agg(touched=(pl.col("done") > 0).any())
    return touched.join(conform(holders, HOLDERS), on="subject_id")
