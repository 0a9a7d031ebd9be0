"""The numbers of the rulebook that this room goes by, read once where a rulebook is at hand."""

from __future__ import annotations

from dataclasses import dataclass

from tuogu.core.rulebook import Rulebook


@dataclass(frozen=True)
class Limits:
    """See [exports] of the rulebook for what each means and why it is what it is."""

    approve_above_rows: int
    at_once_rows: int
    rows_max: int
    rows_per_day: int
    kept_days: int
    canary_from_rows: int
    canary_rows: int
    canary_range: int
    reason_letters_min: int

    @classmethod
    def of(cls, rulebook: Rulebook) -> Limits:
        """As the rulebook has them."""
        return cls(
            approve_above_rows=rulebook["exports.approve_above_rows"],
            at_once_rows=rulebook["exports.at_once_rows"],
            rows_max=rulebook["lists.export_rows_max"],
            rows_per_day=rulebook["exports.rows_per_day"],
            kept_days=rulebook["exports.kept_days"],
            canary_from_rows=rulebook["exports.canary_from_rows"],
            canary_rows=rulebook["exports.canary_rows"],
            reason_letters_min=rulebook["exports.reason_letters_min"],
            canary_range=rulebook["exports.canary_range"],
        )
