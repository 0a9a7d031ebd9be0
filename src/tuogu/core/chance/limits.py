"""The numbers of chances as one version of the rulebook gives them.

In: a rulebook. Out: ChanceLimits, one field a key of [advice]. Never: a number of our own.
"""

from __future__ import annotations

from dataclasses import dataclass

from tuogu.core.rulebook import Rulebook


@dataclass(frozen=True, kw_only=True)
class ChanceLimits:
    """Fields are called as the keys are."""

    rows_min: int
    positives_min: int
    held_out_months: int
    calibration_months: int
    calibration: str  # sigmoid | isotonic
    smoothing: int
    classes: int
    word_rows_min: int
    curve_points: int
    gain_errors_min: int
    settle_days: int
    repurchase_days: int
    look_back_days: int
    chain_max: int

    @classmethod
    def of(cls, rulebook: Rulebook) -> ChanceLimits:
        """What this version says."""
        return cls(
            rows_min=int(rulebook["advice.rows_min"]),
            positives_min=int(rulebook["advice.positives_min"]),
            held_out_months=int(rulebook["advice.held_out_months"]),
            calibration_months=int(rulebook["advice.calibration_months"]),
            calibration=str(rulebook["advice.calibration"]),
            smoothing=int(rulebook["advice.smoothing"]),
            classes=int(rulebook["advice.classes"]),
            word_rows_min=int(rulebook["advice.word_rows_min"]),
            curve_points=int(rulebook["advice.curve_points"]),
            gain_errors_min=int(rulebook["advice.gain_errors_min"]),
            settle_days=int(rulebook["advice.settle_days"]),
            repurchase_days=int(rulebook["advice.repurchase_days"]),
            look_back_days=int(rulebook["advice.look_back_days"]),
            chain_max=int(rulebook["advice.chain_max"]),
        )
